"""离岗与代办: one's own absence, that of one's people, and for whom one stands in."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from cases.queries import absences as shown
from cases.queries import lists
from cases.web.answers import go, page, params, plain
from ledger import clock
from parties import absences as away
from parties import commands
from parties.errors import PartiesRefused
from parties.gate import signed_in
from parties.models import Absence, Account
from parties.models.absences import REASONS

KEPT = ("since", "until", "reason", "substitute")
LONG = dt.timedelta(days=7)  # when nothing was said yet


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def absences(request: HttpRequest) -> HttpResponse:
    """Who is away; a form for oneself, or with `?person=` for one of one's people. What falls due meanwhile is shown
    before it is entered."""
    by, at = request.actor, clock.now()
    asked = request.POST if request.method == "POST" else params(request)
    account = shown.account_asked(by, plain(asked.get("person", ""), 64), at)
    if request.method != "POST":
        return _page(request, account, at)
    try:
        sent = _read(request, at)
        if request.POST.get("action") != "set":
            return _page(request, account, at, sent=sent)
        substitute = shown.substitute_named(plain(request.POST.get("substitute", ""), 64))
        commands.set_absence(by=by, at=at, account=account, substitute=substitute, **sent)
    except PartiesRefused as refused:
        return _page(request, account, at, refused=refused)
    messages.success(
        request, _("已登记离岗。到期自动返岗，期间工单由代办人看到。") if substitute else _("已登记离岗。")
    )
    return go(request, reverse("cases:absences"))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def absence(request: HttpRequest, pk: int) -> HttpResponse:
    """Other days, another substitute, or back earlier."""
    by, at = request.actor, clock.now()
    row = shown.find(by, pk, at)
    if request.method != "POST":
        return _page(request, row.account, at, row=row)
    try:
        if request.POST.get("action") == "end":
            commands.end_absence(by=by, at=at, absence=row)
            messages.success(request, _("已返岗，工单都回到本人手上。"))
        else:
            sent, substitute = (
                _read(request, at),
                shown.substitute_named(plain(request.POST.get("substitute", ""), 64)),
            )
            commands.change_absence(by=by, at=at, absence=row, substitute=substitute, **sent)
            messages.success(request, _("离岗已改好。"))
    except PartiesRefused as refused:
        return _page(request, row.account, at, row=row, refused=refused)
    return go(request, reverse("cases:absences"))


def _read(request: HttpRequest, at: dt.datetime) -> dict[str, Any]:
    """Whole days, the last one included."""
    found: dict[str, dt.date] = {}
    for name in ("since", "until"):
        try:
            day = parse_date(request.POST.get(name, ""))
        except ValueError:
            day = None
        if day is None or not dt.date(2000, 1, 1) < day < dt.date(9000, 1, 1):
            raise PartiesRefused(_("请填离岗的起止日期。"), status=422, fields={name: _("请填日期。")})
        found[name] = day
    until = clock.local_midnight(found["until"] + dt.timedelta(days=1))
    since = clock.local_midnight(found["since"])
    if until <= max(since, at):
        raise PartiesRefused(
            _("离岗的最后一天不能早于今天，也不能早于第一天。"), fields={"until": _("请改日期。")}
        )
    return {"since": since, "until": until, "reason": plain(request.POST.get("reason", ""), 12)}


def _page(
    request: HttpRequest,
    account: Account,
    at: dt.datetime,
    *,
    row: Absence | None = None,
    sent: dict[str, Any] | None = None,
    refused: PartiesRefused | None = None,
) -> HttpResponse:
    by, own = request.actor, account.pk == request.actor.id
    since, until = (row.since, row.until) if row else (at, at + LONG)
    if sent:
        since, until = sent["since"], sent["until"]
    due = list(shown.due_between(by, account, since, until, at)[: shown.SHOWN + 1]) if sent else []
    found = list(shown.seen(by, at))
    people = away.candidates(account, since, until, at)
    context = {
        "person": {"username": account.username, "name": account.person.name, "own": own},
        "row": {"id": row.pk, "begun": row.since <= at} if row else None,
        "fields": _fields(row, people),
        "check": {
            "kept": [(name, plain(request.POST.get(name, ""), 64)) for name in KEPT],
            "days": _("%(since)s 至 %(until)s")
            % {
                "since": clock.local_date(since),
                "until": clock.local_date(until - dt.timedelta(microseconds=1)),
            },
            "due": lists.rows_of(by, due[: shown.SHOWN], at),
            "count": shown.due_between(by, account, since, until, at).count() if sent else 0,
            "substitute": next(
                (one.person.name for one in people if one.username == request.POST.get("substitute")), ""
            ),
        }
        if sent
        else None,
        "rows": shown.rows(by, found, at),
        "nobody": not people,
        "posted": request.POST if request.method == "POST" else None,
        "refusal": refused.sentence if refused else "",
        "faults": refused.fields if refused else {},
    }
    return page(request, "cases/desk/absences.html", context, refused.status if refused else 200)


def _fields(row: Absence | None, people: list[Account]) -> list[dict[str, Any]]:
    days = {"since": clock.local_date(row.since), "until": shown.last_day(row)} if row else {}
    return [
        {"field": "since", "type": "date", "label": _("第一天"), "required": True, "value": str(days.get("since", ""))},
        {"field": "until", "type": "date", "label": _("最后一天"), "required": True, "value": str(days.get("until", ""))},
        {
            "field": "reason", "type": "choice", "label": _("事由"), "required": True,
            "value": row.reason if row else "leave",
            "choices": [{"value": name, "label": str(label)} for name, label in REASONS.items()],
        },
        {
            "field": "substitute", "type": "choice", "label": _("代办人"), "required": False,
            "value": row.substitute.username if row and row.substitute else "",
            "empty": _("不设代办人"),
            "choices": [{"value": one.username, "label": one.person.name} for one in people],
            "hint": _("本单位职责相同、这段时间在岗的人。他看得到、办得了您的工单，记在他自己名下并注明代办。")
            if people
            else _("本单位现在没有职责相同的人可以代办；需要时请管理员设 AB 角，或由负责人把工单交接出去。"),
        },
    ]  # fmt: skip
