"""The draft beside a tree that is edited: steps go in, it is checked, published, taken back. One desk for every tree."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from grid import drafts
from grid.commands.base import rehearsal
from grid.draft_base import DraftBase
from grid.errors import TreeRefused
from ledger import clock, days
from ledger.actor import Actor
from parties import gate
from parties.draft_cards import Frame, Wording, draft_of, names_of
from parties.roles import OUTDOORS
from parties.web.pages import page, plain, safe

MOST_AT_ONCE = 200
MOST_SHOWN = 50  # steps of one publication
MOST_LISTED = 30
Args = dict[str, Any]
Form = Callable[[QueryDict, Actor], Args]


@dataclass(frozen=True)
class Desk:
    """One tree's drafts on its pages. `wording`: a draft in words, for the templates of drafts/; `forms`: command →
    its arguments out of a form; `again`: the page a form came from, with the refusal."""

    model: type[DraftBase]
    frame: Frame
    wording: Wording
    forms: Mapping[str, Form]
    again: Callable[[HttpRequest, TreeRefused], HttpResponse]

    # -- pages

    def show(self, request: HttpRequest) -> HttpResponse:
        """GET: what publishing would do. POST: change the draft, or publish it."""
        if request.method != "POST":
            return self._checked(request)
        act = ACTS.get(request.POST.get("do", ""))
        if act is None:
            raise TreeRefused(_("表单不完整，请刷新页面再交一次。"), status=400)
        try:
            words = act(self, request.POST, request.actor, clock.now())
        except TreeRefused as refusal:
            if request.POST.get("as") == "card":
                return self._card(request, refusal)
            if request.POST.get("do") == "add":
                return self.again(request, refusal)
            if request.POST.get("do") == "publish":
                return self._checked(request, refusal)
            raise
        if (
            request.POST.get("as") == "card"
        ):  # the script has the tree on its screen and asks for the draft only
            return self._card(request)
        messages.success(request, words)
        return redirect(safe(request, request.POST.get("back", "")) or reverse(self.frame.home))

    def show_published(self, request: HttpRequest) -> HttpResponse:
        """What waits for its midnight and touches one's ground; what anybody published where one may change the tree, to be
        taken back; what waits for somebody to take it over. `?undo=`: what taking that one back would do, before it is
        done."""
        by = request.actor
        rows = drafts.of(by, self.model).filter(status=DraftBase.Status.PUBLISHED)
        found = list(rows.prefetch_related("undone_by").order_by("-changed_at")[:MOST_LISTED])
        asked = _number(request.GET.get("undo", ""))
        if asked:
            found = [self.one_of(by, str(asked))]
        names, left = names_of(found), [] if asked else drafts.left_behind(by, self.model)
        shown = [
            {"draft": row, "card": card, "undone": _is_undone(row), "author": names.get(row.author_id, "")}
            for row, card in zip(found, self.wording.cards(found, MOST_SHOWN), strict=True)
        ]
        waiting = [] if asked else self.wording.lines(drafts.scheduled_for(by, self.model), MOST_SHOWN)
        return page(
            request,
            "drafts/published.html",
            {
                "desk": self.frame.shown(),
                "rows": shown,
                "me": by.id,
                "waiting": waiting,
                "left": [
                    {"draft": row, "card": card}
                    for row, card in zip(left, self.wording.cards(left, MOST_SHOWN), strict=True)
                ],
                "undoing": self._undoing(found[0], by) if asked else None,
            },
        )

    def show_one(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What one publication changed, or will change at its midnight, as far as it concerns the reader."""
        by = request.actor
        seen = drafts.seen(by, pk, self.model)
        if seen is None:
            raise gate.OutOfScope(gate.NOT_FOUND)
        row, may = seen.draft, by.may(drafts.tree_of(self.model).capability)
        outdoors = bool(by.roles) and OUTDOORS.issuperset(by.roles)
        shown = {
            "layout": "layouts/field.html" if outdoors else "layouts/desk.html",
            "outdoors": outdoors,
            "desk": self.frame.shown(),
            "may": may,
            "line": self.wording.lines([seen], MOST_SHOWN)[0],
            "undone": _is_undone(row),
            "undoable": may and not _is_undone(row) and drafts.of(by, self.model).filter(pk=pk).exists(),
            "mine": row.author_id == by.id,
        }
        return page(request, "drafts/publication.html", shown)

    def _undoing(self, publication: Any, by: Actor) -> dict[str, Any]:
        """What would follow from taking it back, step by step, or why it cannot be: the real thing, rolled back."""
        at, refusal = clock.now(), ""
        with rehearsal():
            try:
                drafts.undo(publication, by=by, at=at)
            except TreeRefused as refused:
                refusal = refused.sentence
        steps = [step for step in publication.reverse if step is not None]
        with rehearsal():
            changes = list(drafts.attempts(drafts.tree_of(publication), steps[:MOST_SHOWN], by=by, at=at))
        return {"refusal": refusal, "changes": changes}

    def _card(self, request: HttpRequest, refusal: TreeRefused | None = None) -> HttpResponse:
        shown = {
            "desk": self.frame.shown(),
            "draft": self.wording.card(draft_of(request.actor, self.model)),
            "refusal": refusal,
        }
        return page(request, "drafts/card.html", shown, refusal.status if refusal else 200)

    def _checked(self, request: HttpRequest, refusal: TreeRefused | None = None) -> HttpResponse:
        by, at = request.actor, clock.now()
        found = draft_of(by, self.model)
        checked = drafts.check(found, by=by, at=at) if found is not None and found.steps else None
        shown = {
            "desk": self.frame.shown(),
            "draft": self.wording.card(found),
            "waiting": self.wording.lines(drafts.waiting_beside(found)) if found is not None else [],
            "left": len(drafts.left_behind(by, self.model)),
            "checked": checked,
            "refusal": refusal,
            "stale": bool(checked and any(one.status == 409 for one in checked.blocking)),
            "tomorrow": clock.local_date(at) + dt.timedelta(days=1),
        }
        return page(request, "drafts/check.html", shown, refusal.status if refusal else 200)

    # -- the drafts that a form speaks of

    def held(self, by: Actor) -> Any:
        found = draft_of(by, self.model)
        if found is None:
            raise TreeRefused(_("没有正在编辑的草稿。"), status=409)
        return found

    def one_of(self, by: Actor, typed: str) -> Any:
        return gate.find(drafts.of(by, self.model).prefetch_related("undone_by"), pk=_number(typed))

    def sent_steps(self, posted: QueryDict, by: Actor) -> list[tuple[str, Args]]:
        """Steps from the script (JSON), or the one that a form describes."""
        if "steps" not in posted:
            command = posted.get("command", "")
            return [(command, self.forms[command](posted, by) if command in self.forms else {})]
        try:
            sent = json.loads(posted["steps"])
            found = [(str(one["command"]), dict(one["args"])) for one in sent]
        except (ValueError, TypeError, KeyError, RecursionError):
            raise TreeRefused(_("表单不完整，请刷新页面再交一次。"), status=400) from None
        if not found or len(found) > MOST_AT_ONCE:
            raise TreeRefused(_("一次最多 {n} 处改动。").format(n=MOST_AT_ONCE))
        return found


# -- what a post may do: each gives the words to show afterwards


def _add(desk: Desk, posted: QueryDict, by: Actor, at: dt.datetime) -> str:
    wanted = desk.sent_steps(posted, by)
    with transaction.atomic():  # all of them or none
        held = draft_of(by, desk.model) or drafts.open_draft(by=by, at=at, model=desk.model)
        for command, args in wanted:
            held = drafts.add(held, command=command, args=args, by=by, at=at)
    return _("已存入草稿，还没有发布。")


def _drop(desk: Desk, posted: QueryDict, by: Actor, at: dt.datetime) -> str:
    drafts.drop(desk.held(by), _number(posted.get("n", "")), by=by, at=at)
    return _("已从草稿里去掉。")


def _amend(desk: Desk, posted: QueryDict, by: Actor, at: dt.datetime) -> str:
    _settle(desk.held(by), posted, by, at)
    return _("草稿已存。")


def _settle(held: DraftBase, posted: QueryDict, by: Actor, at: dt.datetime) -> DraftBase:
    """The basis and the day as the form has them."""
    typed = posted.get("effective_on", "").strip()
    try:
        day = days.read(typed) if typed else None
    except days.NoDay as wrong:
        raise TreeRefused(wrong.sentence, fields={"effective_on": _("格式不对")}) from None
    basis = plain(posted.get("basis", ""), 400)
    return drafts.amend(held, by=by, at=at, basis=basis, effective_on=day)


def _publish(desk: Desk, posted: QueryDict, by: Actor, at: dt.datetime) -> str:
    held = desk.held(by)
    if not plain(posted.get("basis", "")).strip():
        raise TreeRefused(_("请写明依据（文号或决定）。"), fields={"basis": _("必填")})
    if str(held.version) != posted.get("version"):
        raise TreeRefused(_("草稿在别的窗口改过，请再核对一遍。"), status=409)
    held = drafts.publish(_settle(held, posted, by, at), by=by, at=at)
    if held.status == DraftBase.Status.SCHEDULED:
        return _("已排定，%(day)s 零点生效。") % {"day": held.effective_on}
    return _("已发布，共 %(n)s 处改动。") % {"n": len(held.steps)}


def _discard(desk: Desk, posted: QueryDict, by: Actor, at: dt.datetime) -> str:
    drafts.discard(desk.held(by), by=by, at=at)
    return _("草稿已放弃。")


def _refresh(desk: Desk, posted: QueryDict, by: Actor, at: dt.datetime) -> str:
    drafts.refresh(desk.held(by), by=by, at=at)
    return _("已按现在的情况重新核对。")


def _recall(desk: Desk, posted: QueryDict, by: Actor, at: dt.datetime) -> str:
    drafts.recall(desk.one_of(by, posted.get("draft", "")), by=by, at=at)
    return _("已收回，还没有生效。")


def _undo(desk: Desk, posted: QueryDict, by: Actor, at: dt.datetime) -> str:
    found = desk.one_of(by, posted.get("draft", ""))
    basis = plain(posted.get("basis", ""), 400).strip()
    if not basis:
        raise TreeRefused(_("请写明依据（文号或决定）。"), fields={"basis": _("必填")})
    drafts.undo(found, by=by, at=at, basis=basis)
    return _("已撤回这次发布。")


def _adopt(desk: Desk, posted: QueryDict, by: Actor, at: dt.datetime) -> str:
    left = {draft.pk: draft for draft in drafts.left_behind(by, desk.model)}
    found = left.get(_number(posted.get("draft", "")))
    if found is None:
        raise gate.OutOfScope(gate.NOT_FOUND)
    drafts.adopt(found, by=by, at=at)
    return _("草稿已由您接手，请核对后再发布。")


ACTS: dict[str, Callable[[Desk, QueryDict, Actor, dt.datetime], str]] = {
    "add": _add,
    "drop": _drop,
    "amend": _amend,
    "publish": _publish,
    "discard": _discard,
    "refresh": _refresh,
    "recall": _recall,
    "undo": _undo,
    "adopt": _adopt,
}


def _is_undone(row: Any) -> bool:
    return any(one.status == DraftBase.Status.PUBLISHED for one in row.undone_by.all())


def _number(typed: str) -> int:
    return int(typed) if typed.isdecimal() and len(typed) < 10 else 0
