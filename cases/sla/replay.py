"""The deadline as the segments move it, one after the other (SPEC §6)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from cases.sla import units
from cases.sla.calendar import ONE_DAY, Calendar
from cases.sla.segments import CAP, EXTEND, REPLAN, RUN, STOP, TILES, Rule, Segment, Step, utc
from cases.sla.units import Amount

ONE_SECOND = dt.timedelta(seconds=1)


class Replay:
    """The deadline as the segments move it, one after the other."""

    def __init__(self, rule: Rule, anchor: dt.datetime, segments: Sequence[Segment], cal: Calendar) -> None:
        self.unit, self.cal = rule.unit, cal
        self.provisional = False
        self.spans: list[tuple[dt.date, dt.date]] = []  # the dates a calendar was asked about
        self.missed_at: dt.datetime | None = None
        self.halted: dt.datetime | None = None  # paused or stopped since
        self.rests: list[tuple[dt.datetime, dt.datetime]] = []
        self._begin(rule, utc(anchor))
        floor: Amount | None = None
        for segment in segments:
            if segment.kind == RUN:
                if self.halted is not None:
                    self._run_on(segment.start, floor)
                floor = None
            elif segment.kind in TILES:
                self._halt(segment)
                floor = segment.amount if segment.kind == STOP else None
            elif segment.kind == EXTEND:
                self._extend(segment)
            elif segment.kind == CAP:
                self._cap(segment)
            elif segment.kind == REPLAN:
                self.steps.append(Step(REPLAN, segment.start, self.due, segment.until))

    def touches(self, first: dt.date, last: dt.date) -> bool:
        """Was the deadline counted over any of these dates?"""
        return any(start <= last and end >= first for start, end in self.spans)

    def _begin(self, rule: Rule, anchor: dt.datetime) -> None:
        if rule.unit == units.UNTIL:
            self.due = rule.until or anchor
        else:
            self.due = units.deadline(rule.unit, rule.amount, anchor, self.cal)
        # the last date as counted, before the rest-day rule; only legal_day keeps it
        self.last_date = (
            units.end_of_legal_days(self.cal.local(anchor).date(), int(rule.amount))
            if rule.unit == units.LEGAL_DAY
            else None
        )
        self.allowance = units.left(rule.unit, anchor, self.due, self.cal)
        first = self.cal.local(anchor).date()
        self._touch(rule.unit, first if rule.unit == units.WORK_HOUR else first + ONE_DAY, self.due)
        self.given_back = 0  # whole dates, by the resumption that is being read
        self.steps = [
            Step("start", anchor, self.due, amount=rule.amount, unit=rule.unit, last=self.last_date)
        ]

    def _halt(self, segment: Segment) -> None:
        at = segment.start
        if self.halted is None:
            self._miss(at)
            self.halted = at
        left = units.left(self.unit, self.halted, self.due, self.cal)
        late = self.halted > self.due
        self.steps.append(Step(segment.kind, at, self.due, left=left, since=self.halted, late=late))

    def _run_on(self, at: dt.datetime, floor: Amount | None) -> None:
        """What was left when it halted is laid out from `at`; a negative remainder stays negative."""
        halted, before = self.halted or at, self.due
        late = halted > before
        self.given_back = 0
        left = units.left(self.unit, halted, before, self.cal)
        if self.last_date is None:
            laid = units.lay_out(self.unit, at, left, self.cal)
        else:
            laid = self._shift_dates(self.last_date, halted, at)
        if late and laid >= at:
            # overdue by nothing its base can measure (the office was closed): late all the same
            laid = at - ONE_SECOND
        self.due = max(before, laid)
        if laid != before or self.unit in units.IN_OPENING_TIME:
            self._touch(self.unit, min(halted, before), max(halted, before))
            self._touch(self.unit, at, self.due)
        floored = False
        if floor:
            least = units.deadline(units.WORK_HOUR, floor, at, self.cal)
            floored = least > self.due
            if floored:
                self._move_to(least)
                self._touch(units.WORK_HOUR, at, least)
        self.halted = None
        kind = "resume" if floor is None else "void"
        told = Step(kind, at, self.due, before, left, amount=floor, unit=units.WORK_HOUR, floored=floored)
        kept = None if floored else self.last_date
        self.steps.append(replace(told, since=halted, late=late, days=self.given_back, last=kept))

    def _shift_dates(self, last_date: dt.date, since: dt.datetime, until: dt.datetime) -> dt.datetime:
        """legal_day: as many dates later as rests covered whole, then the rest-day rule. Partly paused dates are
        not given back, but who was in time when it halted has at least the date of resumption."""
        whole = self._whole_dates()
        if self.rests and self.rests[-1][1] >= since:
            self.rests[-1] = (self.rests[-1][0], until)
        else:
            self.rests.append((since, until))
        days = self.given_back = self._whole_dates() - whole
        shifted = units.end_of_legal_days(last_date, days)
        if since > self.due:
            # a rest day must not lift a deadline already missed over the resumption
            self.last_date = shifted
            return self.cal.same_time(self.due, days)
        self.last_date = max(shifted, self.cal.local(until).date())
        if self.last_date == last_date and self.due >= until:
            return self.due
        return units.legal_end(self.last_date, self.cal)

    def _whole_dates(self) -> int:
        total = 0
        for since, until in self.rests:
            start, end = self.cal.local(since), self.cal.local(until)
            first = start.date() if start.time() == dt.time.min else start.date() + ONE_DAY
            total += max(0, (end.date() - first).days)
        return total

    def _extend(self, segment: Segment) -> None:
        self._miss(segment.start)
        before = self.due
        unit, amount = segment.unit, segment.amount or 0
        self._move_to(units.added(unit, amount, before, self.cal))
        if unit == units.LEGAL_DAY and self.last_date:
            self.last_date = units.end_of_legal_days(self.cal.date_of_end(before), int(amount))
        self.allowance += units.left(self.unit, before, self.due, self.cal)
        self._touch(unit, before, self.due)
        told = Step("extend", segment.start, self.due, before, amount=segment.amount, unit=segment.unit)
        self.steps.append(replace(told, last=self.last_date if unit == units.LEGAL_DAY else None))

    def _cap(self, segment: Segment) -> None:
        before = self.due
        if segment.until is not None and segment.until < before:
            self._move_to(segment.until)
            self.steps.append(Step("cap", segment.start, self.due, before))

    def _move_to(self, due: dt.datetime) -> None:
        self.due = due
        if self.last_date:
            self.last_date = self.cal.date_of_end(due)

    def _miss(self, at: dt.datetime) -> None:
        if self.halted is None and self.missed_at is None and at > self.due:
            self.missed_at = self.due

    def _touch(self, unit: str, first: dt.date | dt.datetime, last: dt.date | dt.datetime) -> None:
        if unit not in units.BY_CALENDAR:
            return
        start = first.astimezone(self.cal.tz).date() if isinstance(first, dt.datetime) else first
        end = self.cal.date_of_end(last) if isinstance(last, dt.datetime) else last
        self.spans.append((start, max(start, end)))
        if self.cal.touches_unpublished(start, end):
            self.provisional = True
