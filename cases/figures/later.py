"""What changed the figures of a period after it was over, entry by entry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q

from cases import pasts
from cases.figures.asking import Period, Subject
from cases.figures.catalogue import BY_STAGE
from cases.figures.past import THE_CLOCK
from cases.models.case import Case
from cases.models.clock import Clock
from cases.models.past import CasePast, ClockPast
from cases.pasts import Stood

MOST = 200
Key = tuple[int, str, int, int]
DATES = ("received_at", "promised_at", "resolved_at", "first_resolved_at")


@dataclass
class Later:
    """One entry. `clocks`: for each figure it changed (code, round was in time before or None where it did not count,
    and after); `case`: which of its facts are not what they were."""

    case: Case
    at: dt.datetime
    event: str
    seq: int
    clocks: list[tuple[str, bool | None, bool | None]] = field(default_factory=list)
    case_facts: list[str] = field(default_factory=list)


def changes(subject: Subject, period: Period) -> list[Later]:
    """The newest first, at most MOST; four statements whatever their number. A clock is of the period if it was due in
    it before the change or is now; a case, if one of its dates lies in it."""
    kept = ClockPast.objects.filter(until__gte=period.until)
    same = {name: OuterRef(name) for name in THE_CLOCK}
    now_here = Clock.objects.filter(subject.of_clocks(), period.holds("due_at"), **same)
    clocks = list(
        kept.filter((subject.of_clocks() & period.holds("due_at")) | Exists(now_here)).order_by(
            "-until", "-id"
        )[:MOST]
    )
    dated = Q()
    for column in DATES:
        dated |= period.holds(column)
    cases = list(
        CasePast.objects.filter(subject.of_cases("case_id"), dated, until__gte=period.until).order_by(
            "-until", "-id"
        )[:MOST]
    )
    live = {_key(row): row for row in Clock.objects.filter(case_id__in={past.case_id for past in clocks})}
    owners = Case.objects.in_bulk({past.case_id for past in (*clocks, *cases)})
    found: dict[tuple[int, int], Later] = {}

    def entry(past: ClockPast | CasePast) -> Later:
        key = (past.case_id, past.seq)
        return found.setdefault(key, Later(owners[past.case_id], past.until, past.event, past.seq))

    following = _following(clocks, live)
    for past in clocks:
        figure = BY_STAGE.get(past.stage)
        if figure is None:
            continue
        before = pasts.verdict(_columns(past), past.until)
        after = pasts.verdict(following[_key(past), past.seq], past.until)
        entry(past).clocks.append((figure.code, before and before[0], after and after[0]))
    for past in cases:
        now = owners[past.case_id]
        facts = [name for name in pasts.COUNTS if getattr(past, name) != getattr(now, name)]
        if (past.status in pasts.OUT) != (now.status in pasts.OUT):
            facts.append("status")
        if facts:
            entry(past).case_facts = facts
    return sorted(found.values(), key=lambda one: (one.at, one.seq), reverse=True)[:MOST]


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
