"""People and postings for who looks after them: the list, one account, and what may be done with both."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from grid.paging import BadPage
from ledger import clock
from parties import people_pages, staffing
from parties.errors import PartiesRefused
from parties.gate import NOT_FOUND, NotYours, OutOfScope, signed_in
from parties.reading import Field
from parties.staffing import ON_ACCOUNT, ON_POSTING, PERSON, Act, Outcome
from parties.web.pages import need, page, params

TABS = {
    "standing": gettext_lazy("在任"),
    "waiting": gettext_lazy("待确认"),
    "duty": gettext_lazy("值班"),
    "ending": gettext_lazy("将到期"),
    "substituted": gettext_lazy("有 AB 角"),
    "ended": gettext_lazy("已结束"),
}
FILTERS = (
    Field("q", gettext_lazy("姓名或用户名")),
    Field("role", gettext_lazy("角色"), "role"),
    Field("place", gettext_lazy("地点")),
)


def _look(request: HttpRequest) -> None:
    if not staffing.may_look(request.actor):
        raise NotYours(_("您不能管理账号和任职。"))


@signed_in
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Who is posted where, in reach."""
    _look(request)
    asked, at = params(request), clock.now()
    tab = asked.get("tab", "")
    tab = tab if tab in TABS else "standing"
    rows = people_pages.asked(request.actor, asked)
    numbers = people_pages.numbers(rows, at)
    try:
        found, pager = people_pages.listed(rows.filter(people_pages.tabs(at)[tab]), asked)
    except BadPage:
        return redirect("parties:people")
    kept = {name: asked[name] for name in ("q", "role", "place") if asked.get(name)}
    context = {
        "tabs": [
            {
                "label": label,
                "url": f"?{urlencode({**kept, 'tab': name})}",
                "count": numbers[name],
                "late": name in ("waiting", "ending"),
                "current": name == tab,
            }
            for name, label in TABS.items()
        ],
        "tab": tab,
        "filters": [{**need(field, asked.get(field.name)), "empty": _("全部")} for field in FILTERS],
        "filtered": bool(kept),
        "rows": found,
        "page": {
            "words": _("共 %(n)s 项") % {"n": numbers[tab]},
            "next": f"?{pager.next}" if pager.next else None,
            "previous": f"?{pager.previous}" if pager.previous else None,
        },
        "may": request.actor.may("accounts"),
    }
    return page(request, "parties/people.html", context)


@signed_in
def new(request: HttpRequest) -> HttpResponse:
    """Open an account for somebody new; the password is shown once."""
    staffing.must_post(request.actor)
    refusal: dict[str, Any] | None = None
    if request.method == "POST":
        sent = _sent(request)
        try:
            outcome = staffing.open_account(sent=sent, by=request.actor, at=clock.now())
        except PartiesRefused as refused:
            refusal = _refusal(refused, "new", sent)
        else:
            return _person(request, outcome.account.username, shown=("password", outcome.secret))
    context = {"fields": [need(field) for field in PERSON], "refusal": refusal}
    return page(request, "parties/person_new.html", context, refusal["status"] if refusal else 200)


@signed_in
@require_safe
def person(request: HttpRequest, username: str) -> HttpResponse:
    """One account, its postings and its history."""
    _look(request)
    return _person(request, username)


@signed_in
@require_POST
def account_act(request: HttpRequest, username: str, act: str) -> HttpResponse:
    """Post, reset the password, show the phone, close."""
    _look(request)
    if act not in ON_ACCOUNT:
        raise OutOfScope(NOT_FOUND)
    staffing.find_account(request.actor, username, clock.now())
    return _act(
        request, ON_ACCOUNT[act], username, lambda **asked: staffing.on_account(username=username, **asked)
    )


@signed_in
@require_POST
def posting_act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Confirm, end, on duty, AB角."""
    _look(request)
    if act not in ON_POSTING:
        raise OutOfScope(NOT_FOUND)
    username = staffing.find_posting(request.actor, pk).account.username
    return _act(request, ON_POSTING[act], username, lambda **asked: staffing.on_posting(pk=pk, **asked), pk)


def _act(request: HttpRequest, act: Act, username: str, run: Any, pk: int | None = None) -> HttpResponse:
    sent = _sent(request)
    checking = act.checks and sent.pop("step", "") != "apply"
    try:
        outcome: Outcome = run(act=act, sent=sent, by=request.actor, at=clock.now(), dry_run=checking)
    except PartiesRefused as refused:
        name = act.name if pk is None else f"{act.name}-{pk}"
        return _person(request, username, refusal=_refusal(refused, name, sent))
    if checking:
        return _check(request, act, outcome, sent)
    if outcome.secret:
        return _person(request, username, shown=(act.name, outcome.secret))
    messages.success(request, _("已办：%(what)s。") % {"what": act.label})
    if not staffing.accounts(request.actor, clock.now()).filter(username=username).exists():
        return redirect("parties:people")  # the last seat in reach is gone
    return redirect("parties:person", username=username)


def _check(request: HttpRequest, act: Act, outcome: Outcome, sent: dict[str, str]) -> HttpResponse:
    account, posting = outcome.account, outcome.posting
    row = people_pages.posting_rows([posting])[0] if posting is not None else None
    check = {
        "title": f"{act.label} · {account.person.name}",
        "changes": [{"label": row["role_label"], "before": "", "after": row["where"]}] if row else [],
        "impacts": outcome.impacts,
        "blocked": "",
        "action": request.path,
        "hidden": list(sent.items()),
        "confirm": act.label,
        "danger": act.danger,
        "back": reverse("parties:person", args=[account.username]),
    }
    crumb = {"url": reverse("parties:people"), "label": _("人员与任职")}
    return page(request, "parties/check.html", {"check": check, "here": "people", "crumb": crumb})


def _person(
    request: HttpRequest,
    username: str,
    *,
    refusal: dict[str, Any] | None = None,
    shown: tuple[str, str] | None = None,
) -> HttpResponse:
    account = staffing.find_account(request.actor, username, clock.now())
    known = people_pages.account_page(request.actor, account, clock.now())
    may = request.actor.may("accounts") and account.is_active
    for row in known["postings"]:
        row["acts"] = [
            _form(act, ("posting_act", row["id"]), f"{act.name}-{row['id']}") for act in row["acts"]
        ]
        if not may:
            row["acts"] = []
    acts = [act for act in ON_ACCOUNT.values() if act.name != "reveal" or known["has_phone"]]
    context = {
        "person": known,
        "acts": [_form(act, ("account_act", username), act.name) for act in acts] if may else [],
        "refusal": refusal,
        "shown": {"what": shown[0], "secret": shown[1]} if shown else None,
    }
    return page(request, "parties/person.html", context, refusal["status"] if refusal else 200)


def _form(act: Act, at: tuple[str, Any], name: str) -> dict[str, Any]:
    return {
        "name": name,
        "label": act.label,
        "icon": act.icon,
        "key": "",
        "danger": act.danger,
        "at_once": not act.checks,
        "url": reverse(f"parties:{at[0]}", args=[at[1], act.name]),
        "fields": [need(field) for field in act.fields],
    }


def _refusal(refused: PartiesRefused, name: str, sent: dict[str, str]) -> dict[str, Any]:
    return {
        "status": refused.status,
        "sentence": refused.sentence,
        "move": name,
        "fields": refused.fields,
        "posted": sent,
        "lone": next(iter(refused.fields)) if list(refused.fields.values()) == [refused.sentence] else "",
    }


def _sent(request: HttpRequest) -> dict[str, str]:
    return {name: value for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}
