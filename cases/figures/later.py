"""What changed the figures of a period after it was over, entry by entry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet

from cases import pasts
from cases.figures.asking import Period, Subject
from cases.figures.catalogue import BY_STAGE, STAGES
from cases.figures.past import THE_CLOCK
from cases.models.case import Case
from cases.models.clock import Clock
from cases.models.past import CasePast, ClockPast, VoicePast
from cases.pasts import Stood
from ledger.models import Entry

Key = tuple[int, str, int, int]
RATED = "case.rated"
VOICES = ("told_at", "rated_at")
DATES = ("received_at", "promised_at", "resolved_at", "first_resolved_at")


@dataclass
class Later:
    """One entry. `clocks`: for each figure it changed (code, round was in time before or None where it did not count,
    and after); `case_facts`: which of the case's facts are not what they were, and of what its callers heard or said."""

    case: Case
    at: dt.datetime
    event: str
    clocks: list[tuple[str, bool | None, bool | None]] = field(default_factory=list)
    case_facts: list[str] = field(default_factory=list)


def entries(subject: Subject, period: Period) -> QuerySet[Entry]:
    """Every entry after the period that changed its figures. A clock is of the period if it was due in it before the
    change or is now; a case and a voice, if one of its dates lies in it. Who is told or speaks for the first time
    changes no period but those of that day and of the answer."""
    clocks = ClockPast.objects.filter(_counted(subject, period), until__gte=period.until, stage__in=STAGES)
    dated, differs = Q(), Q(status__in=pasts.OUT) ^ Q(case__status__in=pasts.OUT)
    for column in DATES:
        dated |= period.holds(column)
    for column in pasts.COUNTS:
        differs |= ~Q(**{column: F(f"case__{column}")})
    cases = CasePast.objects.filter(subject.of_cases("case_id"), dated, differs, until__gte=period.until)
    heard = Q()
    for column in VOICES:
        heard |= period.holds(column)
    voices = VoicePast.objects.filter(subject.of_clocks(), heard, until__gte=period.until)
    found = (rows.values("id") for rows in (clocks, cases, voices))
    return Entry.objects.filter(reduce(or_, (Q(pk__in=ids) for ids in found)))


def _counted(subject: Subject, period: Period) -> Q:
    """Kept rows of clocks that were of the period, or are now."""
    same = {name: OuterRef(name) for name in THE_CLOCK}
    now_here = Clock.objects.filter(subject.of_clocks(), period.holds("due_at"), **same)
    return (subject.of_clocks() & period.holds("due_at")) | Q(Exists(now_here))


def explained(subject: Subject, period: Period, found: Sequence[Entry], cases: QuerySet[Case]) -> list[Later]:
    """What each of these changed; five statements whatever their number. `cases` is where their cases are read."""
    pks, whose = [entry.pk for entry in found], {entry.subject_id for entry in found}
    owners = {case.pk: case for case in cases.filter(pk__in=whose)}
    told = {entry.pk: Later(owners[entry.subject_id], entry.at, entry.event) for entry in found}
    live = {_key(row): row for row in Clock.objects.filter(case_id__in=whose, stage__in=STAGES)}
    kept = ClockPast.objects.filter(case_id__in=whose, stage__in=STAGES)
    here = ExpressionWrapper(_counted(subject, period), output_field=BooleanField())
    rows = list(kept.annotate(here=here).order_by("-until", "-id"))
    following = _following(rows, live)
    for past in rows:
        if past.pk in told and past.here:
            after = following[_key(past), past.seq]
            verdicts = (pasts.verdict(_columns(past), past.until), pasts.verdict(after, past.until))
            before, now = (verdict and verdict[0] for verdict in verdicts)
            told[past.pk].clocks.append((BY_STAGE[past.stage].code, before, now))
    for past in CasePast.objects.filter(pk__in=pks):
        now_case = owners[past.case_id]
        facts = [name for name in pasts.COUNTS if getattr(past, name) != getattr(now_case, name)]
        if (past.status in pasts.OUT) != (now_case.status in pasts.OUT):
            facts.append("status")
        told[past.pk].case_facts = facts
    for pk in VoicePast.objects.filter(pk__in=pks).values_list("pk", flat=True).distinct():
        told[pk].case_facts.append("rated" if told[pk].event == RATED else "told")
    return [told[entry.pk] for entry in found]


def _columns(row: ClockPast | Clock) -> Stood:
    return {name: getattr(row, name) for name in pasts.OF_CLOCK}


def _key(row: ClockPast | Clock) -> Key:
    return row.case_id, row.stage, row.part, row.round


def _following(rows: list[ClockPast], live: Mapping[Key, Clock]) -> dict[tuple[Key, int], Mapping[str, Any]]:
    """What each kept row became: the next kept one of the same clock, else the clock."""
    found: dict[tuple[Key, int], Mapping[str, Any]] = {}
    newer: dict[Key, Mapping[str, Any]] = {}
    for row in rows:  # the newest first
        key = _key(row)
        found[key, row.seq] = newer.get(key, _columns(live[key]))
        newer[key] = _columns(row)
    return found
