"""The draft beside the tree: adding steps, checking, publishing, taking back."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases.queries import place_tree
from cases.web.answers import page, plain, private, safe
from cases.web.tree import editor, forms
from grid import drafts
from grid.errors import TreeRefused
from grid.models import Draft
from ledger import clock
from ledger.actor import Actor
from parties import gate

MOST_AT_ONCE = 200
MOST_SHOWN = 50  # steps of one publication


@gate.needs("tree")
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest) -> HttpResponse:
    """GET: what publishing would do. POST: change the draft, or publish it."""
    if request.method != "POST":
        return _checked(request)
    act = ACTS.get(request.POST.get("do", ""))
    if act is None:
        raise TreeRefused(_("表单不完整，请刷新页面再交一次。"), status=400)
    try:
        words = act(request, request.actor, clock.now())
    except TreeRefused as refusal:
        if request.POST.get("do") == "add":
            return _again(request, refusal)
        if request.POST.get("do") == "publish":
            return _checked(request, refusal)
        raise
    if request.POST.get("as") == "card":  # the script has the tree on its screen and asks for the draft only
        return _card(request)
    messages.success(request, words)
    return redirect(safe(request, request.POST.get("back", "")) or reverse("cases:tree"))


def _card(request: HttpRequest, refusal: TreeRefused | None = None) -> HttpResponse:
    shown = place_tree.card(place_tree.draft_of(request.actor))
    return page(
        request,
        "grid/draft_card.html",
        {"draft": shown, "refusal": refusal},
        refusal.status if refusal else 200,
    )


def _again(request: HttpRequest, refusal: TreeRefused) -> HttpResponse:
    """The page it came from, with the sentence that says why not, and what was typed."""
    if request.POST.get("as") == "card":
        return _card(request, refusal)
    by = request.actor
    tops = editor.roots_of(by)
    chosen = editor.find_place(by, request.POST.get("place", "") or tops[0].code)
    shown = editor.context(request, tops, chosen, refusal=refusal, posted=request.POST)
    return page(request, "grid/tree.html", shown, refusal.status)


def _checked(request: HttpRequest, refusal: TreeRefused | None = None) -> HttpResponse:
    by, at = request.actor, clock.now()
    found = place_tree.draft_of(by)
    checked = drafts.check(found, by=by, at=at) if found is not None and found.steps else None
    shown = {
        "draft": place_tree.card(found),
        "checked": checked,
        "refusal": refusal,
        "stale": bool(checked and any(one.status == 409 for one in checked.blocking)),
        "tomorrow": clock.local_date(at) + dt.timedelta(days=1),
    }
    return private(page(request, "grid/draft.html", shown, refusal.status if refusal else 200))


@gate.needs("tree")
@require_safe
def published(request: HttpRequest) -> HttpResponse:
    """What one scheduled and published, to be recalled or taken back."""
    rows = [
        {"draft": row, "card": place_tree.card(row, MOST_SHOWN), "undone": any(row.undone_by.all())}
        for row in place_tree.published(request.actor)
    ]
    return page(request, "grid/published.html", {"rows": rows})


# -- what a post may do: each gives the words to show afterwards


def _add(request: HttpRequest, by: Actor, at: dt.datetime) -> str:
    wanted = _sent_steps(request.POST, by)
    with transaction.atomic():  # all of them or none
        held = place_tree.draft_of(by) or drafts.open_draft(by=by, at=at)
        for command, args in wanted:
            held = drafts.add(held, command=command, args=args, by=by, at=at)
    return _("已存入草稿，还没有发布。")


def _sent_steps(posted: QueryDict, by: Actor) -> list[tuple[str, forms.Args]]:
    """Steps from the script (JSON), or the one that a form describes."""
    if "steps" not in posted:
        command = posted.get("command", "")
        return (
            [(command, forms.READERS[command](posted, by))] if command in forms.READERS else [(command, {})]
        )
    try:
        sent = json.loads(posted["steps"])
        found = [(str(one["command"]), dict(one["args"])) for one in sent]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise TreeRefused(_("表单不完整，请刷新页面再交一次。"), status=400) from None
    if not found or len(found) > MOST_AT_ONCE:
        raise TreeRefused(_("一次最多 {n} 处改动。").format(n=MOST_AT_ONCE))
    return found


def _drop(request: HttpRequest, by: Actor, at: dt.datetime) -> str:
    drafts.drop(_held(by), _number(request.POST.get("n", "")), by=by, at=at)
    return _("已从草稿里去掉。")


def _amend(request: HttpRequest, by: Actor, at: dt.datetime) -> str:
    _settle(_held(by), request.POST, by, at)
    return _("草稿已存。")


def _settle(held: Draft, posted: QueryDict, by: Actor, at: dt.datetime) -> Draft:
    """The basis and the day as the form has them."""
    typed = posted.get("effective_on", "").strip()
    try:
        day = dt.date.fromisoformat(typed) if typed else None
    except ValueError:
        raise TreeRefused(_("请按“2026-11-21”的样子填写日期。")) from None
    basis = plain(posted.get("basis", ""), 400)
    return drafts.amend(held, by=by, at=at, basis=basis, effective_on=day)


def _publish(request: HttpRequest, by: Actor, at: dt.datetime) -> str:
    held = _held(by)
    if not plain(request.POST.get("basis", "")).strip():
        raise TreeRefused(_("请写明依据（文号或决定）。"), fields={"basis": _("必填")})
    if str(held.version) != request.POST.get("version"):
        raise TreeRefused(_("草稿在别的窗口改过，请再核对一遍。"), status=409)
    held = drafts.publish(_settle(held, request.POST, by, at), by=by, at=at)
    if held.status == Draft.Status.SCHEDULED:
        return _("已排定，%(day)s 零点生效。") % {"day": held.effective_on}
    return _("已发布，共 %(n)s 处改动。") % {"n": len(held.steps)}


def _discard(request: HttpRequest, by: Actor, at: dt.datetime) -> str:
    drafts.discard(_held(by), by=by, at=at)
    return _("草稿已放弃。")


def _refresh(request: HttpRequest, by: Actor, at: dt.datetime) -> str:
    drafts.refresh(_held(by), by=by, at=at)
    return _("已按现在的情况重新核对。")


def _recall(request: HttpRequest, by: Actor, at: dt.datetime) -> str:
    drafts.recall(_one_of(by, request.POST.get("draft", "")), by=by, at=at)
    return _("已收回，还没有生效。")


def _undo(request: HttpRequest, by: Actor, at: dt.datetime) -> str:
    drafts.undo(_one_of(by, request.POST.get("draft", "")), by=by, at=at)
    return _("已撤回这次发布。")


ACTS: dict[str, Callable[[HttpRequest, Actor, dt.datetime], str]] = {
    "add": _add,
    "drop": _drop,
    "amend": _amend,
    "publish": _publish,
    "discard": _discard,
    "refresh": _refresh,
    "recall": _recall,
    "undo": _undo,
}


def _held(by: Actor) -> Draft:
    found = place_tree.draft_of(by)
    if found is None:
        raise TreeRefused(_("没有正在编辑的草稿。"), status=409)
    return found


def _one_of(by: Actor, typed: str) -> Draft:
    return gate.find(Draft.objects.filter(author_id=by.id), pk=_number(typed))


def _number(typed: str) -> int:
    return int(typed) if typed.isdecimal() and len(typed) < 10 else 0
