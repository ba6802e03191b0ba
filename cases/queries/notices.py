"""The inbox: what happened that concerns this person, in sentences made when it is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.kinds import STATUSES
from cases.models import Case, Notice
from cases.notices import quiet
from cases.notices.messages import sentence
from cases.queries.addresses import address
from cases.queries.masking import title_for
from cases.scope import covers
from grid import paging
from grid.paging import Key
from ledger.actor import Actor

SIZE = 30
ICONS = {
    "clock.warned": ("alarm", "yellow"),
    "clock.breached": ("alert-square", "red"),
    "clock.silent": ("alert-square", "red"),
    "clock.overdue": ("alert-square", "red"),
    "finding.drafted": ("gavel", "yellow"),
    "finding.stated": ("gavel", ""),
    "finding.confirmed": ("gavel", "red"),
    "finding.dropped": ("gavel", ""),
    "finding.withdrawn": ("gavel", ""),
    "draft.published": ("map-2", ""),
    "draft.failed": ("alert-triangle", "yellow"),
    "unit_draft.published": ("sitemap", ""),
    "unit_draft.failed": ("alert-triangle", "yellow"),
    "case.declined": ("arrow-back", ""),
    "case.reworked": ("rotate", ""),
    "case.urged": ("bell-ringing", ""),
    "case.asked": ("message-question", ""),
    "case.supplied": ("message-plus", ""),
    "case.resolved": ("circle-check", ""),
    "case.settled": ("circle-check", ""),
    "case.answered": ("message-check", ""),
}

ELSEWHERE = {
    "draft.failed": "cases:tree_draft",
    "unit_draft.failed": "parties:unit_draft",
}  # where a notice without a case leads


def of(actor: Actor) -> QuerySet[Notice]:
    return Notice.objects.filter(account_id=actor.id)


def unread(actor: Actor) -> QuerySet[Notice]:
    return of(actor).filter(read_at__isnull=True)


def alerting(actor: Actor, at: dt.datetime) -> QuerySet[Notice]:
    """What the bell counts: unread, and not in quiet hours."""
    return unread(actor).filter(quiet.alerting(at))


def page(actor: Actor, asked: Mapping[str, str]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """One page, newest first; one statement. What one may no longer see keeps its line without the matter."""
    rows = of(actor).select_related("case")
    kept = {name: value for name, value in asked.items() if name == "cursor"} | {"page_size": str(SIZE)}
    try:
        found = paging.page(rows, (Key("id", descending=True),), kept)
    except paging.BadPage:
        found = paging.page(rows, (Key("id", descending=True),), {"page_size": str(SIZE)})
    links = {
        "words": _("%(n)s 条") % {"n": len(found.rows)},
        "next": f"?{found.next}" if found.next else "",
        "previous": f"?{found.previous}" if found.previous else "",
    }
    return [_line(actor, notice) for notice in found.rows], links


def _line(actor: Actor, notice: Notice) -> dict[str, Any]:
    case = notice.case
    seen = case is not None and covers(actor, case)
    title = title_for(actor, case) if seen else _("内容不公开")
    icon, colour = ICONS.get(notice.event, ("inbox", ""))
    return {
        "at": notice.at,
        "title": sentence(notice.event, notice.facts, title),
        "words": f"{case.number} · {case.place_text} · {STATUSES[case.status]}" if seen else "",
        "url": _url(notice, case) if seen else reverse(ELSEWHERE.get(notice.event, "cases:notices")),
        "read": notice.read_at is not None,
        "icon": icon,
        "colour": colour,
    }


def _url(notice: Notice, case: Case) -> str:
    finding = notice.facts.get("finding")
    return reverse("cases:finding", args=[finding]) if finding else address("detail", case.number)
