"""The five units of SPEC §6: exact cases, the oracle, and the properties."""

import datetime as dt
import random
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.sla import units
from cases.sla.calendar import DEFAULT, SHANGHAI, Calendar, OutOfCalendar, shipped_days
from tests.cases.sla.oracle import Paper
from tests.cases.sla.strategies import (
    UNITS,
    calendar_of,
    calendars,
    fractions,
    instants,
    local,
    minutes,
    papers,
)

MORNING, AFTERNOON = (dt.time(8, 30), dt.time(12)), (dt.time(13, 30), dt.time(17, 30))
OFFICE = Paper(
    dict.fromkeys(range(5), (MORNING, AFTERNOON)),
    {date: (MORNING, AFTERNOON) if day.kind == "makeup" else () for date, day in shipped_days().items()},
)


def due(unit, amount, *anchor):
    return units.deadline(unit, units.amount_of(unit, amount), local(*anchor), DEFAULT).astimezone(SHANGHAI)


# 2026: 09-30 is a Wednesday, 10-01 to 10-07 National Day, 10-10 a make-up Saturday
@pytest.mark.parametrize(
    ("unit", "amount", "anchor", "expected"),
    [
        ("hour", 1, (2026, 9, 30, 23, 30), (2026, 10, 1, 0, 30)),
        ("hour", "0.5", (2026, 9, 30, 12), (2026, 9, 30, 12, 30)),
        ("day", 2, (2026, 9, 30, 16), (2026, 10, 2, 16)),
        # the edges of opening time
        ("work_hour", 1, (2026, 9, 30, 12), (2026, 9, 30, 14, 30)),
        ("work_hour", 1, (2026, 9, 30, 13, 30), (2026, 9, 30, 14, 30)),
        ("work_hour", 1, (2026, 9, 30, 12, 45), (2026, 9, 30, 14, 30)),
        ("work_hour", 1, (2026, 9, 30, 17, 30), (2026, 10, 8, 9, 30)),
        ("work_hour", 1, (2026, 9, 30, 0, 0), (2026, 9, 30, 9, 30)),
        ("work_hour", 1, (2026, 10, 3, 15), (2026, 10, 8, 9, 30)),
        ("work_hour", "3.5", (2026, 9, 30, 8, 30), (2026, 9, 30, 12)),
        ("work_hour", "7.5", (2026, 9, 30, 8, 30), (2026, 9, 30, 17, 30)),
        ("work_hour", "0.01", (2026, 9, 30, 12), (2026, 9, 30, 13, 30, 36)),
        ("work_hour", 4, (2026, 10, 9, 16), (2026, 10, 10, 11)),  # Friday into the make-up Saturday
        # the anchor's own date is not counted, whatever its hour
        ("work_day", 1, (2026, 9, 29, 0, 0), (2026, 9, 30, 17, 30)),
        ("work_day", 1, (2026, 9, 29, 12), (2026, 9, 30, 17, 30)),
        ("work_day", 1, (2026, 9, 29, 13, 30), (2026, 9, 30, 17, 30)),
        ("work_day", 1, (2026, 9, 29, 17, 30), (2026, 9, 30, 17, 30)),
        ("work_day", 1, (2026, 9, 29, 23, 59, 59), (2026, 9, 30, 17, 30)),
        ("work_day", 1, (2026, 9, 30, 0, 0), (2026, 10, 8, 17, 30)),
        ("work_day", 2, (2026, 9, 30, 16), (2026, 10, 9, 17, 30)),
        ("work_day", 3, (2026, 9, 30, 16), (2026, 10, 10, 17, 30)),
        ("work_day", 4, (2026, 9, 30, 16), (2026, 10, 12, 17, 30)),
        ("work_day", 1, (2026, 10, 3, 10), (2026, 10, 8, 17, 30)),
        ("work_day", 1, (2026, 10, 10, 10), (2026, 10, 12, 17, 30)),
        # Civil Code art. 201 to 203: 24:00 of the last date, of the next working day after a rest day
        ("legal_day", 1, (2026, 9, 29, 10), (2026, 10, 1)),
        ("legal_day", 3, (2026, 9, 30, 16), (2026, 10, 9)),
        ("legal_day", 10, (2026, 9, 30, 0, 0), (2026, 10, 11)),  # 10-10 is a Saturday that works
        ("legal_day", 11, (2026, 9, 30, 23, 59), (2026, 10, 13)),  # 10-11 is a Sunday
        ("legal_day", 15, (2026, 2, 1, 9), (2026, 2, 25)),  # 02-16 inside Spring Festival, ends 02-23
        ("legal_day", 13, (2026, 2, 1, 9), (2026, 2, 15)),  # 02-14 is a make-up Saturday
        ("legal_day", 30, (2026, 12, 1, 9), (2027, 1, 1)),
    ],
)
def test_deadlines(unit, amount, anchor, expected):
    assert due(unit, amount, *anchor) == local(*expected)


@pytest.mark.parametrize("day", [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)])
def test_make_up_days_count(day):
    date = dt.date(2026, *day)
    before = date - dt.timedelta(days=1)
    anchor = dt.datetime.combine(before, dt.time(12), SHANGHAI)
    assert units.deadline("work_day", 1, anchor, DEFAULT) == dt.datetime.combine(
        date, dt.time(17, 30), SHANGHAI
    )
    assert units.deadline("legal_day", 1, anchor, DEFAULT) == DEFAULT.midnight(date + dt.timedelta(days=1))


def test_amounts():
    assert units.amount_of("work_hour", "2.50") == Decimal("2.5")
    assert units.amount_of("work_day", 2.0) == 2 and isinstance(units.amount_of("work_day", "2.0"), int)
    assert units.hours_in_micros(Decimal("0.1")) == 360_000_000
    for unit, amount in [
        ("week", 1),
        ("until", 1),
        ("day", 0),
        ("day", -1),
        ("work_day", 1.5),
        ("legal_day", "0.5"),
        ("hour", "NaN"),
        ("hour", float("inf")),
        ("hour", "two"),
        ("hour", None),
        ("hour", True),
        ("hour", [1]),
        ("hour", 10**7),
    ]:
        with pytest.raises(units.NotAnAmount):
            units.amount_of(unit, amount)


def test_outside_the_years_of_a_calendar():
    for unit in UNITS:
        for amount, anchor in ((1, (1989, 12, 31, 12)), (200_000, (2026, 1, 1)), (1, (2101, 1, 2))):
            if unit in ("hour", "work_hour") and amount > 1:
                amount = 1_000_000
            with pytest.raises(OutOfCalendar):
                units.deadline(unit, amount, local(*anchor), DEFAULT)
    assert due("work_day", 1, 2100, 12, 30) == local(2100, 12, 31, 17, 30)
    assert due("hour", 1, 1990, 1, 1) == local(1990, 1, 1, 1)


# -- the oracle


@settings(max_examples=150, deadline=None)
@given(paper=papers(), unit=st.sampled_from(UNITS), amount=st.integers(1, 30), anchor=minutes)
def test_equal_to_the_minute_by_minute_oracle(paper, unit, amount, anchor):
    expected = Paper(*paper).due(unit, amount, anchor.replace(tzinfo=None)).replace(tzinfo=SHANGHAI)
    assert units.deadline(unit, amount, anchor, calendar_of(paper)) == expected


def test_random_deadlines_over_the_shipped_years_equal_the_oracle():
    chance = random.Random(20260930)
    start = dt.datetime(2018, 1, 1)
    for _ in range(400):
        anchor = start + dt.timedelta(minutes=chance.randrange(9 * 365 * 1440 - 90 * 1440))
        unit = chance.choice(UNITS)
        amount = chance.randint(1, 30)
        counted = units.deadline(unit, amount, anchor.replace(tzinfo=SHANGHAI), DEFAULT)
        assert counted == OFFICE.due(unit, amount, anchor).replace(tzinfo=SHANGHAI), (unit, amount, anchor)


# -- properties

AMOUNTS = {unit: fractions if unit in units.FRACTIONAL else st.integers(1, 40) for unit in UNITS}


@given(data=st.data(), cal=calendars, unit=st.sampled_from(UNITS), one=instants, other=instants)
def test_monotone_in_anchor_and_amount(data, cal, unit, one, other):
    first, second = sorted((one, other))
    less, more = sorted((data.draw(AMOUNTS[unit]), data.draw(AMOUNTS[unit])))
    assert units.deadline(unit, less, first, cal) <= units.deadline(unit, less, second, cal)
    assert units.deadline(unit, less, first, cal) <= units.deadline(unit, more, first, cal)
    assert units.deadline(unit, less, first, cal) > first


@given(cal=calendars, at=instants, first=st.integers(1, 300), second=st.integers(1, 300))
def test_work_hours_add_up(cal, at, first, second):
    """Counting on from where one stopped is counting all at once."""
    hours, more = Decimal(first) / 10, Decimal(second) / 10
    halfway = units.deadline("work_hour", hours, at, cal)
    assert units.deadline("work_hour", more, halfway, cal) == units.deadline(
        "work_hour", hours + more, at, cal
    )


@given(cal=calendars, at=instants, first=st.integers(1, 15), second=st.integers(1, 15))
def test_work_days_added_on_top_are_the_days_after(cal, at, first, second):
    reached = units.deadline("work_day", first, at, cal)
    assert units.added("work_day", second, reached, cal) == units.deadline(
        "work_day", first + second, at, cal
    )


@given(cal=calendars, at=instants, unit=st.sampled_from(UNITS), amount=st.integers(1, 30))
def test_what_is_left_at_the_anchor_laid_out_is_the_deadline(cal, at, unit, amount):
    reached = units.deadline(unit, amount, at, cal)
    assert units.lay_out(unit, at, units.left(unit, at, reached, cal), cal) == reached


def test_a_calendar_of_another_zone_counts_its_own_dates():
    paper = ({day: ((dt.time(9), dt.time(17)),) for day in range(7)}, {})
    west = Calendar(*paper, tz=dt.timezone(dt.timedelta(hours=-5)))
    anchor = dt.datetime(2026, 1, 2, 3, tzinfo=dt.UTC)  # still the 1st there
    assert units.deadline("work_day", 1, anchor, west) == dt.datetime(2026, 1, 2, 22, tzinfo=dt.UTC)
