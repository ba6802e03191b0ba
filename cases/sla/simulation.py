"""What a past clock would have come to under other policies or another calendar (SPEC §6). Pure: nothing is written.

A clock is replayed as it really ran: its anchor, stops, pauses, voided stops and extensions are those of its
segments. What changes is how long it had and which days counted. A clock that no change speaks of keeps its own
deadline, so a scenario without changes gives exactly the present figures.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from cases.sla import clock as sla
from cases.sla import policy, units
from cases.sla.calendar import Calendar

ON_TIME, MISSED, LEFT, OPEN = ("on_time", "missed", "left", "open")


@dataclass(frozen=True, slots=True)
class Past:
    """One clock as it stands now, with what a policy may ask of its case."""

    stage: str
    state: str
    outcome: str
    stopped_at: dt.datetime | None
    anchor: dt.datetime
    started_at: dt.datetime
    called_at: dt.datetime
    due_at: dt.datetime
    rule: Mapping[str, Any]
    segments: Sequence[Mapping[str, Any]]
    facts: policy.Facts


class Scenario:
    """`rows` are policies taken as if they had always been in force, beside the `standing` ones; `calendar` takes
    the place of every clock's own."""

    def __init__(
        self,
        rows: Iterable[policy.Row] = (),
        calendar: Calendar | None = None,
        standing: Iterable[policy.Row] = (),
    ) -> None:
        self.calendar = calendar
        self._asked: dict[str, list[policy.Row]] = {}
        self._standing: dict[str, list[policy.Row]] = {}
        for row in rows:
            self._asked.setdefault(row.stage, []).append(replace(row, since=None, until=None))
        for row in standing:
            self._standing.setdefault(row.stage, []).append(row)

    def row_for(self, past: Past) -> policy.Row | None:
        """The row of the scenario that would have ruled this clock; None where it keeps its own rule. A limit given
        from outside is nobody's policy."""
        stage = past.rule["stage"]  # "reaccept" where a case is accepted for the second time
        asked = self._asked.get(stage)
        if not asked or past.rule["unit"] == units.UNTIL:
            return None
        proposed: list[policy.Row] = policy.ranked(stage, past.facts, asked, past.started_at)
        if not proposed:
            return None
        standing = policy.fitting(stage, past.facts, self._standing.get(stage, ()), past.started_at)
        if standing and policy.names(standing[0]) > policy.names(proposed[0]):
            return None
        return proposed[0]


def due_under(past: Past, scenario: Scenario, calendar: Calendar) -> dt.datetime:
    """The deadline under the scenario; `calendar` is the clock's own."""
    row = scenario.row_for(past)
    moved = scenario.calendar is not None and by_calendar(past, row)
    if row is None and not moved:
        return past.due_at
    cal = scenario.calendar or calendar
    rule, anchor = sla.rule_from_json(dict(past.rule)), past.anchor
    if row is not None:
        if row.anchor != rule.anchor:
            anchor = past.called_at if row.anchor == "call" else past.started_at
        rule = replace(rule, amount=row.amount, unit=row.unit, anchor=row.anchor)
    segments = sla.segments_from_json([dict(one) for one in past.segments])
    return sla.rebuild(rule, anchor, segments, cal).due_at


def by_calendar(past: Past, row: policy.Row | None) -> bool:
    """Can a calendar move this clock: by its unit, by an extension or by a floor in opening time?"""
    unit = row.unit if row is not None else past.rule["unit"]
    return unit in units.BY_CALENDAR or any(one.get("unit") in units.BY_CALENDAR for one in past.segments)


def verdict(past: Past, due_at: dt.datetime, at: dt.datetime) -> str:
    """How the figures judge a clock with this deadline: stop against due, nothing else."""
    if past.outcome == "cancelled" or past.state == "paused":
        return LEFT
    if past.state == "stopped" and past.stopped_at is not None:
        if past.stopped_at <= due_at:
            return ON_TIME if past.outcome == "met" else LEFT if past.outcome == "ended" else MISSED
        return MISSED
    return MISSED if due_at < at else OPEN


@dataclass
class Side:
    """One side of the comparison for one stage."""

    on_time: int = 0
    missed: int = 0

    @property
    def total(self) -> int:
        return self.on_time + self.missed

    @property
    def rate(self) -> float | None:
        return self.on_time / self.total if self.total else None


@dataclass
class Tally:
    """Both sides of one stage, and how many clocks changed side."""

    now: Side = field(default_factory=Side)
    then: Side = field(default_factory=Side)
    better: int = 0
    worse: int = 0
    moved: int = 0  # deadlines that fell elsewhere
    seen: int = 0

    def add(self, before: str, after: str, moved: bool) -> None:
        self.seen += 1
        self.moved += moved
        for side, found in ((self.now, before), (self.then, after)):
            side.on_time += found == ON_TIME
            side.missed += found == MISSED
        self.better += before == MISSED and after != MISSED
        self.worse += after == MISSED and before != MISSED
