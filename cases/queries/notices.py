"""The inbox: what happened that concerns this person, in sentences made when it is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.kinds import STATUSES
from cases.models import Notice
from cases.notices import quiet
from cases.notices.kinds import KINDS
from cases.notices.messages import sentence
from cases.queries.addresses import address
from cases.queries.masking import title_for
from cases.scope import covers
from grid import paging
from grid.paging import Key
from ledger.actor import Actor
from parties.models import Account

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
    "endpoint.paused": ("alert-triangle", "red"),
    "account.handed_work": ("arrows-exchange", ""),
    "account.absence_set": ("calendar", ""),
    "account.absence_changed": ("calendar", ""),
    "account.absence_ended": ("calendar", ""),
    "draft.published": ("map-2", ""),
    "draft.failed": ("alert-triangle", "yellow"),
    "unit_draft.published": ("sitemap", ""),
    "unit_draft.failed": ("alert-triangle", "yellow"),
    "case.declined": ("arrow-back", ""),
    "case.reworked": ("rotate", ""),
    "case.noted": ("message", ""),
    "case.urged": ("bell-ringing", ""),
    "case.instructed": ("pencil", "yellow"),
    "case.word_due": ("pencil", "yellow"),
    "case.word_late": ("pencil", "red"),
    "case.instruction_answered": ("message-check", ""),
    "case.asked": ("message-question", ""),
    "case.supplied": ("message-plus", ""),
    "case.resolved": ("circle-check", ""),
    "case.settled": ("circle-check", ""),
    "case.answered": ("message-check", ""),
    "case.missed": ("alert-triangle", "yellow"),
    "case.interim_missed": ("alert-triangle", "yellow"),
}

ELSEWHERE = {
    "account.handed_work": "cases:queue",
    "account.absence_set": "cases:absences",
    "account.absence_changed": "cases:absences",
    "account.absence_ended": "cases:absences",
    "draft.failed": "cases:tree_draft",
    "unit_draft.failed": "parties:unit_draft",
    "endpoint.paused": "cases:failures",
}  # where a notice without a case leads
PUBLICATIONS = {
    "draft.published": "cases:tree_publication",
    "unit_draft.published": "parties:unit_publication",
}


def of(actor: Actor) -> QuerySet[Notice]:
    return Notice.objects.filter(account_id=actor.id)


def unread(actor: Actor) -> QuerySet[Notice]:
    return of(actor).filter(read_at__isnull=True)


def alerting(actor: Actor, at: dt.datetime) -> QuerySet[Notice]:
    """What the bell counts: unread, and not in quiet hours."""
    return unread(actor).filter(quiet.alerting(at))


def asked_for(actor: Actor, asked: Mapping[str, str]) -> QuerySet[Notice]:
    """One's own, narrowed: `unread`, a `kind`, a `case` by its number. What it cannot be is left out of account."""
    rows = of(actor)
    if asked.get("unread") in ("1", "true"):
        rows = rows.filter(read_at__isnull=True)
    if kind := KINDS.get(asked.get("kind", "")):
        rows = rows.filter(event__in=kind.events)
    if number := asked.get("case", ""):
        rows = rows.filter(case__number=number)
    return rows


def page(actor: Actor, asked: Mapping[str, str]) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """One page, newest first, what concerns one case together; one statement. What one may no longer see keeps its
    line without the matter."""
    rows = asked_for(actor, asked).select_related("case")
    kept = {
        name: value for name, value in asked.items() if name in ("cursor", "unread", "kind", "case") and value
    }
    kept |= {"page_size": str(SIZE)}
    try:
        found = paging.page(rows, (Key("id", descending=True),), kept)
    except paging.BadPage:
        kept.pop("cursor", None)
        found = paging.page(rows, (Key("id", descending=True),), kept)
    links = {
        "words": _("%(n)s 条") % {"n": len(found.rows)},
        "next": f"?{found.next}" if found.next else "",
        "previous": f"?{found.previous}" if found.previous else "",
    }
    return _grouped(actor, found.rows), links


def _grouped(actor: Actor, rows: Sequence[Notice]) -> list[dict[str, Any]]:
    """The newest of a case with the earlier ones of it on this page beneath."""
    name_people(rows)
    shown: list[dict[str, Any]] = []
    of_case: dict[int, dict[str, Any]] = {}
    for row in rows:
        line = _line(actor, row)
        first = of_case.get(row.case_id) if row.case_id is not None else None
        if first is None:
            shown.append(line)
            if row.case_id is not None:
                of_case[row.case_id] = line
        else:
            first["earlier"].append(line)
            first["unread"] = first["unread"] or not line["read"]
    return shown


def name_people(rows: Iterable[Notice]) -> None:
    """Notices keep ids, for people can be erased; their names as of now into the facts in hand. One statement, none
    where no notice speaks of anybody."""
    rows = list(rows)
    spoken = {pk for row in rows for pk in (row.facts.get("who"), *row.facts.get("for", ())) if pk}
    if not spoken:
        return
    names = dict(Account.objects.filter(pk__in=spoken).values_list("pk", "person__name"))
    for row in rows:
        row.facts = {
            **row.facts,
            "who_name": names.get(row.facts.get("who")),
            "for_names": [names[pk] for pk in row.facts.get("for", ()) if pk in names],
        }


def opened(actor: Actor, notice: Notice, at: dt.datetime) -> str:
    """Mark it read, and what else of its case came no later; where it leads."""
    rows = unread(actor).filter(pk__lte=notice.pk)
    rows = rows.filter(case_id=notice.case_id) if notice.case_id is not None else rows.filter(pk=notice.pk)
    rows.update(read_at=at)
    return _address(actor, notice)


def mark_read(
    actor: Actor, at: dt.datetime, asked: Mapping[str, str], ids: Sequence[int] | None = None
) -> int:
    """Mark read what is asked for, or these of one's own; how many were not."""
    rows = asked_for(actor, {name: value for name, value in asked.items() if name != "unread"})
    rows = rows if ids is None else of(actor).filter(pk__in=ids)
    return rows.filter(read_at__isnull=True).update(read_at=at)


def _line(actor: Actor, notice: Notice) -> dict[str, Any]:
    case = notice.case
    seen = case is not None and covers(actor, case)
    title = title_for(actor, case) if seen else _("内容不公开")
    icon, colour = ICONS.get(notice.event, ("inbox", ""))
    return {
        "id": notice.pk,
        "at": notice.at,
        "title": sentence(notice.event, notice.facts, title),
        "words": f"{case.number} · {case.place_text} · {STATUSES[case.status]}" if seen else "",
        "url": reverse("cases:notice", args=[notice.pk]),
        "read": notice.read_at is not None,
        "unread": notice.read_at is None,
        "for": _("、").join(notice.facts.get("for_names", ())),
        "icon": icon,
        "colour": colour,
        "earlier": [],
    }


def _address(actor: Actor, notice: Notice) -> str:
    case = notice.case
    if notice.event in PUBLICATIONS and (draft := notice.facts.get("draft")):
        return reverse(PUBLICATIONS[notice.event], args=[draft])
    if case is None or not covers(actor, case):
        return reverse(ELSEWHERE.get(notice.event, "cases:notices"))
    finding = notice.facts.get("finding")
    return reverse("cases:finding", args=[finding]) if finding else address("detail", case.number)
