"""Open clocks planned again, because a notice came or an admin says so (SPEC §6): first shown, then done.

A clock counts by the calendar as of one entry and by the rule it was given; nothing else moves it. What is
planned here gets the calendar (or the rule) of now and one entry each. Cases are locked before clocks, in
their order and a batch at a time, as people and the sweep do; what somebody works on is waited for at the end.
Running it again does what is left and nothing twice: a clock that stands under the calendar of now is done.
Terms and stopped clocks stay as they are, promises too.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from django.db import transaction
from django.db.models import QuerySet

from cases import calendars, effects, rulebook
from cases.models.case import Case
from cases.models.clock import TERMS, Clock
from cases.scope import visible_to
from cases.sla import clock as sla
from cases.sla.board import ClockBoard, pure
from cases.sla.calendar import Calendar
from cases.sla.segments import REPLAN
from cases.work import Work, clock_payload, locked, once_key, write_cases
from grid.queries import lineages
from ledger.actor import Actor

BATCH = 200  # cases in one transaction
EVENT = "clock.replanned"
Planner = Callable[[Clock, Case], "sla.Rule | None"]  # the rule a clock should have now; None: leave it


@dataclass(frozen=True)
class Moved:
    """One open clock that would be, or was, planned again."""

    clock: Clock
    old: sla.Clock
    new: sla.Clock

    @property
    def moves(self) -> bool:
        return self.new.due_at != self.old.due_at


@dataclass(frozen=True)
class Period:
    """The provisional clocks of some calendars that were counted over these dates."""

    codes: frozenset[str]
    first: dt.date
    last: dt.date


# -- what a notice touches


def touched(period: Period) -> Iterator[tuple[Clock, sla.Clock]]:
    """Every provisional open clock of the calendars that was counted over the period, by case."""
    rows = open_clocks().filter(provisional=True).select_related("case").order_by("case_id", "pk")
    for row in rows.iterator(chunk_size=2000):
        if (clock := _touches(row, period)) is not None:
            yield row, clock


def _touches(row: Clock, period: Period) -> sla.Clock | None:
    ref = row.rule.get("calendar", calendars.ROOT)
    if calendars.code_of(ref) not in period.codes:
        return None
    cal = calendars.calendar(ref)
    clock = pure(row, cal)
    return clock if sla.touches(clock, period.first, period.last, cal) else None


def would_move(period: Period, calendar: Callable[[str], Calendar]) -> list[Moved]:
    """What planning them again would do, if the calendars read as told."""
    kept: dict[str, Calendar] = {}
    found = []
    for row, clock in touched(period):
        code = calendars.code_of(clock.rule.calendar)
        if code not in kept:
            kept[code] = calendar(code)
        found.append(Moved(row, clock, sla.rebuild(clock.rule, clock.anchor, clock.segments, kept[code])))
    return found


def waiting(period: Period) -> list[int]:
    """Ids of the cases with clocks that a change already made has not reached yet."""
    return list(
        dict.fromkeys(row.case_id for row, clock in touched(period) if _is_behind(clock.rule.calendar))
    )


def newest_calendar(period: Period) -> Planner:
    """Every touched clock gets its own calendar as of now."""

    def plan(row: Clock, case: Case) -> sla.Rule | None:
        if not row.provisional or (clock := _touches(row, period)) is None:
            return None
        ref = clock.rule.calendar
        return replace(clock.rule, calendar=_pinned(ref)) if _is_behind(ref) else None

    return plan


def _pinned(ref: str) -> str:
    return calendars.pinned(calendars.code_of(ref))


def _is_behind(ref: str) -> bool:
    return ref != _pinned(ref)


# -- what an admin plans again


def open_clocks() -> QuerySet[Clock]:
    """The clocks that still run or are paused, terms left out."""
    return Clock.objects.filter(stopped_at__isnull=True).exclude(stage__in=TERMS)


def chosen(by: Actor, stage: str = "") -> QuerySet[Clock]:
    """The open clocks of the cases somebody sees, of one stage or all."""
    cases = Case.objects.filter(visible_to(by)) if not by.system else Case.objects.all()
    rows = open_clocks().filter(case__in=cases).select_related("case")
    return rows.filter(stage=stage) if stage else rows


def as_of_now(at: dt.datetime) -> Planner:
    """The rule and the calendar that the clock would be given if it started now, at the same anchor. Limits that
    came from outside or were promised (until an instant) stay."""

    def plan(row: Clock, case: Case) -> sla.Rule | None:
        before = sla.rule_from_json(row.rule)
        if before.unit == "until":
            return None
        name = "reaccept" if row.stage == "accept" and row.round > 1 else row.stage
        rule = effects.rule_if_any(name, case, at, row.organisation_id)
        if rule is None:
            return None
        rule = replace(rule, stage=before.stage)
        return None if _alike(rule, before) else rule

    return plan


def of_stage(stage: str, plan: Planner) -> Planner:
    """The same plan for the clocks of one stage alone."""
    return lambda row, case: plan(row, case) if row.stage == stage else None


def _alike(one: sla.Rule, other: sla.Rule) -> bool:
    def weight(rule: sla.Rule) -> tuple[object, ...]:
        return rule.amount, rule.unit, rule.calendar, rule.no_response_after

    return weight(one) == weight(other)


def preview(rows: Iterable[Clock], plan: Planner, most: int | None = None) -> list[Moved]:
    """What planning these again would change, in their order; not more than `most`."""
    return list(islice(_previewed(rows, plan), most))


def _previewed(rows: Iterable[Clock], plan: Planner) -> Iterator[Moved]:
    for row in rows:
        if (rule := plan(row, row.case)) is not None:
            old = pure(row, calendars.calendar(row.rule.get("calendar", calendars.ROOT)))
            new = sla.rebuild(rule, old.anchor, old.segments, rulebook.calendar(rule.calendar))
            yield Moved(row, old, new)


# -- doing it


@dataclass
class Done:
    """How many clocks were planned again, and how many cases are left for the next call."""

    clocks: int = 0
    left: int = 0


def apply(
    cases: Iterable[int], plan: Planner, *, by: Actor, at: dt.datetime, seconds: float | None = None
) -> Done:
    """Plan the clocks of these cases again, an entry each. With `seconds` it stops when they are over and says how
    many cases are left. Call it outside a transaction: each batch is one."""
    done = Done()
    busy: list[int] = []
    todo = sorted(set(cases))
    until = time.monotonic() + seconds if seconds is not None else None
    while todo:
        if until is not None and time.monotonic() > until:
            done.left = len(todo) + len(busy)
            return done
        batch, todo = todo[:BATCH], todo[BATCH:]
        taken, clocks = _batch(batch, plan, by, at, wait=False)
        busy += sorted(set(batch) - taken)
        done.clocks += clocks
    for pk in busy:  # somebody was at these: wait for each
        done.clocks += _batch([pk], plan, by, at, wait=True)[1]
    return done


def _batch(pks: list[int], plan: Planner, by: Actor, at: dt.datetime, *, wait: bool) -> tuple[set[int], int]:
    with transaction.atomic():
        found = Case.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        cases = list((locked() if wait else found).filter(pk__in=pks).order_by("pk"))
        if not cases:
            return set(), 0
        lines = lineages([case.path for case in cases])
        works, clocks = [], 0
        for board in ClockBoard.load_all(*cases):
            case = board.case
            work = Work(case, board, lines[case.path], by, max(at, case.last_at))
            count = sum(_replan(work, row, plan) for row in board.rows)
            if count:
                works.append(work)
                clocks += count
        if works:
            Work.write_clocks(works)
            write_cases(works)
        return {case.pk for case in cases}, clocks


def _replan(work: Work, row: Clock, plan: Planner) -> bool:
    if row.stopped_at is not None or row.stage in TERMS:
        return False
    rule = plan(row, work.case)
    if rule is None:
        return False
    before, was = row.due_at, row.rule.get("calendar", calendars.ROOT)
    work.board.replan(row, rule, work.at)
    times = sum(one["kind"] == REPLAN for one in row.segments)  # these stay, whatever a pause takes back
    kind = f"replan:{times}"
    payload = {
        **clock_payload(row),
        "old_due_at": before.isoformat(),
        "provisional": row.provisional,
        "calendar": [was, rule.calendar],
        "policy": rule.policy,
    }
    work.tell(EVENT, payload=payload, once=once_key(row, kind))
    return True
