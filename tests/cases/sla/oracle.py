"""Deadlines counted the slow way, minute by minute and date by date, from the words of SPEC §6.

Knows nothing of cases.sla: it reads plain dictionaries and the wall clock of a zone with a fixed offset.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Mapping

Spans = tuple[tuple[dt.time, dt.time], ...]
MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)


class Paper:
    """A paper calendar: weekly hours and dated exceptions. All times are naive local ones."""

    def __init__(self, weekly: Mapping[int, Spans], days: Mapping[dt.date, Spans]) -> None:
        self.weekly, self.days = weekly, days

    def spans(self, date: dt.date) -> Spans:
        return self.days[date] if date in self.days else self.weekly.get(date.weekday(), ())

    def is_open(self, minute: dt.datetime) -> bool:
        """Is the minute that begins here opening time?"""
        for start, end in self.spans(minute.date()):
            if start <= minute.time() and (end == dt.time.min or minute.time() < end):
                return True
        return False

    def open_minutes(self, start: dt.datetime, end: dt.datetime) -> int:
        total, minute = 0, start
        while minute < end:
            total += self.is_open(minute)
            minute += MINUTE
        return total

    def due(self, unit: str, amount: int, anchor: dt.datetime) -> dt.datetime:
        if unit == "hour":
            return anchor + amount * dt.timedelta(hours=1)
        if unit == "day":
            return anchor + amount * DAY
        if unit == "work_hour":
            return self.after_open_minutes(anchor, amount * 60)
        date = anchor.date()
        if unit == "work_day":
            for _ in range(amount):
                date = self.next_workday(date)
            end = self.spans(date)[-1][1]
            return (
                dt.datetime.combine(date, dt.time()) + DAY
                if end == dt.time.min
                else dt.datetime.combine(date, end)
            )
        assert unit == "legal_day"
        date += amount * DAY
        if not self.spans(date):
            date = self.next_workday(date)
        return dt.datetime.combine(date, dt.time()) + DAY

    def next_workday(self, date: dt.date) -> dt.date:
        date += DAY
        while not self.spans(date):
            date += DAY
        return date

    def after_open_minutes(self, anchor: dt.datetime, minutes: int) -> dt.datetime:
        minute = anchor
        while minutes:
            minutes -= self.is_open(minute)
            minute += MINUTE
        return minute


class MinuteTable(Paper):
    """The same paper with every open minute of some years written down one after the other, so that a great many
    deadlines can be looked up. A day's minutes are told open or closed one by one, once per sort of day."""

    def __init__(self, paper: Paper, first: dt.date, last: dt.date) -> None:
        super().__init__(paper.weekly, paper.days)
        self.open: list[dt.datetime] = []  # the minutes that begin in opening time
        self.workdays: list[dt.date] = []
        sorts: dict[Spans, list[dt.timedelta]] = {}
        date = first
        while date <= last:
            spans, midnight = self.spans(date), dt.datetime.combine(date, dt.time())
            if spans not in sorts:
                sorts[spans] = [n * MINUTE for n in range(1440) if self.is_open(midnight + n * MINUTE)]
            self.open += [midnight + passed for passed in sorts[spans]]
            self.workdays += [date] if spans else []
            date += DAY

    def open_minutes(self, start: dt.datetime, end: dt.datetime) -> int:
        return bisect_left(self.open, end) - bisect_left(self.open, start)

    def after_open_minutes(self, anchor: dt.datetime, minutes: int) -> dt.datetime:
        return self.open[bisect_left(self.open, anchor) + minutes - 1] + MINUTE

    def next_workday(self, date: dt.date) -> dt.date:
        return self.workdays[bisect_right(self.workdays, date)]
