"""Deadlines by the hundred thousand against the minutes of a paper calendar.

`pytest tests/cases/sla/test_oracle.py -s` prints how many were compared and how long it took.
"""

from __future__ import annotations

import datetime as dt
import random
import time

import pytest

from cases import calendars
from cases.models import Calendar, CalendarDay
from cases.sla import clock as sla
from cases.sla import units
from cases.sla.calendar import DEFAULT, SHANGHAI, shipped_days
from ledger import versions
from tests.cases.sla.oracle import DAY, MINUTE, MinuteTable, Paper, Spans

MANY = 100_000
FIRST, LAST = dt.date(2018, 1, 1), dt.date(2026, 12, 31)
MORNING, AFTERNOON = (dt.time(8, 30), dt.time(12)), (dt.time(13, 30), dt.time(17, 30))
MOST = {"hour": 24 * 30, "day": 60, "work_hour": 200, "work_day": 40, "legal_day": 60}


def aware(at: dt.datetime) -> dt.datetime:
    return at.replace(tzinfo=SHANGHAI)


def test_a_hundred_thousand_random_deadlines_equal_the_oracle():
    """Anchors at any minute of 2018 to 2026, every unit, amounts that may end after the last notice too: there the
    oracle is not asked. The oracle reads nothing but which dates the notices name."""
    paper = Paper(
        dict.fromkeys(range(5), (MORNING, AFTERNOON)),
        {date: (MORNING, AFTERNOON) if day.kind == "makeup" else () for date, day in shipped_days().items()},
    )
    table = MinuteTable(paper, FIRST, LAST)
    chance = random.Random(20260930)
    start, span = dt.datetime.combine(FIRST, dt.time()), (LAST - FIRST).days * 1440
    compared, made_up, began = 0, 0, time.perf_counter()
    while compared < MANY:
        unit = chance.choice(units.UNITS)
        anchor = start + chance.randrange(span) * MINUTE
        amount = chance.randint(1, MOST[unit])
        counted = units.deadline(unit, amount, aware(anchor), DEFAULT)
        if counted > aware(dt.datetime.combine(LAST, dt.time()) + DAY):
            continue
        assert counted == aware(table.due(unit, amount, anchor)), (unit, amount, anchor)
        compared += 1
        day = shipped_days().get(DEFAULT.date_of_end(counted))
        made_up += day is not None and day.kind == "makeup"
    print(
        f"{compared:,} deadlines equal, {made_up:,} of them due on a make-up day, {time.perf_counter() - began:.1f} s"
    )
    assert made_up > 500


# -- random calendars, inherited


def spans(chance: random.Random, least: int = 0) -> Spans:
    """Up to three intervals; the last may run until midnight."""
    count = chance.randint(least, 3)
    marks = sorted(chance.sample(range(0, 1441, 5), 2 * count))
    return tuple(
        (dt.time(*divmod(marks[2 * n], 60)), dt.time(*divmod(marks[2 * n + 1] % 1440, 60)))
        for n in range(count)
    )


def plain(found: Spans) -> list[list[str]]:
    return [[f"{opens:%H:%M}", f"{closes:%H:%M}"] for opens, closes in found]


def grown(chance: random.Random) -> tuple[str, Paper]:
    """City, district and organisation as rows, each with a week of its own or its parent's and with holidays,
    make-up days, half-days and changed hours; and the same merged by hand on paper."""
    weekly: dict[int, Spans] = {}
    told: dict[dt.date, tuple[str, Spans | None]] = {}
    parent = None
    for code in ("city", "district", "unit"):
        own = None
        if parent is None or chance.random() < 0.4:
            own = {day: spans(chance) for day in range(7)}
            own[chance.randrange(7)] = spans(chance, least=1)
            weekly = own
        row = Calendar.objects.create(
            code=code,
            parent=parent,
            weekly=own and {str(day): plain(found) for day, found in own.items()},
            published_from=FIRST if parent is None else None,
            published_until=LAST if parent is None else None,
        )
        days = []
        for date in {FIRST + chance.randrange((LAST - FIRST).days) * DAY for _n in range(120)}:
            kind = chance.choice(["holiday", "makeup", "half", "hours"])
            hours = {"holiday": (), "makeup": None}.get(kind, spans(chance, least=1))
            told[date] = kind, hours
            intervals = None if hours is None else plain(hours)
            days.append(CalendarDay(calendar=row, date=date, kind=kind, intervals=intervals))
        CalendarDay.objects.bulk_create(days)
        parent = row
    ordinary = next(weekly[day] for day in range(7) if weekly[day])
    return "unit", Paper(
        weekly, {date: ordinary if hours is None else hours for date, (_kind, hours) in told.items()}
    )


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(12))
def test_inherited_calendars_of_every_sort_equal_the_oracle(seed):
    chance = random.Random(seed)
    code, paper = grown(chance)
    versions.clear_all()
    cal = calendars.calendar(code)
    first, last = dt.date(2024, 1, 1), LAST
    table = MinuteTable(paper, first, last)
    begin = dt.datetime.combine(first, dt.time())
    for _n in range(400):
        unit = chance.choice(units.UNITS)
        anchor = begin + chance.randrange(2 * 365 * 1440) * MINUTE
        amount = chance.randint(1, min(MOST[unit], 60))
        expected = table.due(unit, amount, anchor)
        assert units.deadline(unit, amount, aware(anchor), cal) == aware(expected), (unit, amount, anchor)
        clock = sla.start(sla.Rule("resolve", amount, unit), aware(anchor), aware(anchor), cal)
        since = anchor + chance.randrange(int((expected - anchor) / MINUTE)) * MINUTE
        until = since + chance.randrange(20 * 1440) * MINUTE
        again = sla.resume(sla.pause(clock, aware(since), cal), aware(until), cal)
        assert again.due_at == aware(after_pause(table, unit, amount, anchor, since, until)), (unit, since)


def after_pause(
    table: MinuteTable, unit: str, amount: int, anchor: dt.datetime, since: dt.datetime, until: dt.datetime
) -> dt.datetime:
    """SPEC §6 in the words of a clerk: what was left is laid out from the resumption in the unit's own base; for
    legal_day whole paused dates are added, the rest-day rule last, and nobody is late by resuming."""
    due = table.due(unit, amount, anchor)
    if unit in ("hour", "day"):
        return until + (due - since)
    if unit in ("work_hour", "work_day"):
        left = table.open_minutes(since, due)
        return table.after_open_minutes(until, left) if left else max(until, due)
    whole = [
        date
        for n in range(1 + (until.date() - since.date()).days)
        if since <= dt.datetime.combine(date := since.date() + n * DAY, dt.time())
        and dt.datetime.combine(date + DAY, dt.time()) <= until
    ]
    last = max(anchor.date() + (amount + len(whole)) * DAY, until.date())
    if not whole and last == anchor.date() + amount * DAY and due >= until:
        return due
    if not table.spans(last):
        last = table.next_workday(last)
    return dt.datetime.combine(last, dt.time()) + DAY


def test_the_published_make_up_days_of_2026_count():
    for month, day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)):
        date = dt.date(2026, month, day)
        before = aware(dt.datetime.combine(date - DAY, dt.time(23)))
        assert units.deadline("work_day", 1, before, DEFAULT) == aware(
            dt.datetime.combine(date, dt.time(17, 30))
        )
        assert units.deadline("work_hour", 1, before, DEFAULT) == aware(
            dt.datetime.combine(date, dt.time(9, 30))
        )
