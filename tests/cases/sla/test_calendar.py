"""The shipped calendar against its source, and opening time as exact arithmetic."""

import csv
import datetime as dt
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.sla.calendar import (
    DEFAULT,
    OFFICE_HOURS,
    OFFICE_WEEK,
    Calendar,
    Day,
    OutOfCalendar,
    shipped_days,
    statutory_holidays,
)
from tests.cases.sla.oracle import Paper
from tests.cases.sla.strategies import calendars, instants, local, minutes, papers

SOURCE = Path(__file__).resolve().parents[4] / "shared" / "data" / "cn_workdays_2018_2026.csv"
NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
}
KINDS = {"holiday": "holiday", "make_up_workday": "makeup"}
TWO_AT_ONCE = {dt.date(2020, 10, 1): "国庆节、中秋节"}  # the source names one of the two


def source_rows():
    if not SOURCE.exists():
        pytest.skip(f"the source of workdays.csv is not here: {SOURCE.name} (one row per date, 2018 to 2026)")
    with SOURCE.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_the_shipped_days_are_the_named_days_of_the_source():
    """workdays.csv = every row of the source whose kind is holiday or make_up_workday: date, kind, name."""
    derived = {}
    for row in source_rows():
        if row["kind"] in KINDS:
            date = dt.date.fromisoformat(row["date"])
            derived[date] = (KINDS[row["kind"]], TWO_AT_ONCE.get(date, NAMES[row["holiday"]]))
    assert {date: (day.kind, day.name) for date, day in shipped_days().items()} == derived
    assert len(derived) == 322


def test_every_date_of_the_source_is_a_workday_or_not_as_it_says():
    rows = source_rows()
    assert len(rows) == 3287
    for row in rows:
        assert DEFAULT.is_workday(dt.date.fromisoformat(row["date"])) is (row["is_workday"] == "1"), row


def test_make_up_days_of_2026_are_working_days():
    for month, day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)):
        date = dt.date(2026, month, day)
        assert date.weekday() >= 5
        assert DEFAULT.day(date).kind == "makeup"
        assert [
            (start.strftime("%H:%M"), end.strftime("%H:%M")) for start, end in DEFAULT.intervals(date)
        ] == [
            ("08:30", "12:00"),
            ("13:30", "17:30"),
        ]


def test_holidays_of_2026():
    closed = [date for date, day in shipped_days().items() if date.year == 2026 and day.kind == "holiday"]
    assert len(closed) == 3 + 9 + 3 + 5 + 3 + 3 + 7
    assert sum(DEFAULT.is_workday(dt.date(2026, 1, 1) + dt.timedelta(n)) for n in range(365)) == 248


def test_unpublished_years_have_the_statutory_days_and_nothing_else():
    assert statutory_holidays(2027) == {
        dt.date(2027, 1, 1): "元旦",
        **{dt.date(2027, 2, day): "春节" for day in (5, 6, 7, 8)},
        dt.date(2027, 4, 5): "清明节",
        dt.date(2027, 5, 1): "劳动节",
        dt.date(2027, 5, 2): "劳动节",
        dt.date(2027, 6, 9): "端午节",
        dt.date(2027, 9, 15): "中秋节",
        **{dt.date(2027, 10, day): "国庆节" for day in (1, 2, 3)},
    }
    assert statutory_holidays(2028)[dt.date(2028, 10, 3)] == "中秋节、国庆节"
    # 2017 was moved about by a notice (04-01 worked, 04-03 free); without that notice it is not
    assert DEFAULT.is_workday(dt.date(2017, 4, 3)) and not DEFAULT.is_workday(dt.date(2017, 4, 1))
    assert not DEFAULT.is_workday(dt.date(2027, 10, 1)) and DEFAULT.is_workday(dt.date(2027, 2, 9))


def test_what_touches_a_year_without_a_notice():
    assert not DEFAULT.touches_unpublished(dt.date(2018, 1, 1), dt.date(2026, 12, 31))
    assert DEFAULT.touches_unpublished(dt.date(2017, 12, 31), dt.date(2018, 1, 1))
    assert DEFAULT.touches_unpublished(local(2026, 12, 31, 12), local(2027, 1, 1, 0, 1))
    # 24:00 of the last published day is still that day
    assert not DEFAULT.touches_unpublished(local(2026, 12, 31, 12), local(2027, 1, 1))


def test_boundaries_of_a_day():
    seconds = DEFAULT.opening_seconds
    assert seconds(local(2026, 9, 30), local(2026, 10, 1)) == 7.5 * 3600
    assert seconds(local(2026, 9, 30, 12), local(2026, 9, 30, 13, 30)) == 0
    assert seconds(local(2026, 9, 30, 17, 30), local(2026, 10, 8, 8, 30)) == 0
    assert seconds(local(2026, 9, 30, 8, 29, 59), local(2026, 9, 30, 8, 30, 1)) == 1
    assert seconds(local(2026, 10, 8, 9), local(2026, 9, 30, 17)) == -3600
    # 3.5 hours from the opening end with the morning, not with the lunch break
    assert DEFAULT.add_opening(local(2026, 9, 30, 8, 30), 3.5 * 3600) == local(2026, 9, 30, 12)
    assert DEFAULT.add_opening(local(2026, 9, 30, 12), 1) == local(2026, 9, 30, 13, 30, 1)
    assert DEFAULT.add_opening(local(2026, 9, 30, 12), 0) == local(2026, 9, 30, 12)
    assert DEFAULT.add_opening(local(2026, 10, 8, 9), -3600) == local(2026, 9, 30, 17)


def test_far_dates_and_their_end():
    workdays = DEFAULT.nth_workday_after(dt.date(1990, 1, 1), 27_000)
    assert workdays.year < 2100
    assert DEFAULT.opening_seconds(local(1990, 1, 1), local(2100, 12, 31)) > 0
    for refused in (
        lambda: DEFAULT.add_opening(local(2100, 12, 31), 10**6),
        lambda: DEFAULT.opening_seconds(local(1989, 12, 31, 23), local(2000, 1, 1)),
        lambda: DEFAULT.nth_workday_after(dt.date(2100, 12, 31), 1),
        lambda: DEFAULT.add_opening(local(1990, 1, 1, 9), -1e6),
    ):
        with pytest.raises(OutOfCalendar, match="1990 to 2100"):
            refused()
    with pytest.raises(OutOfCalendar):
        Calendar({}).add_opening(local(2026, 1, 1), 1)  # an office that never opens
    with pytest.raises(ValueError, match="naive"):
        DEFAULT.add_opening(dt.datetime(2026, 1, 1), 1)


def test_long_spans_do_not_cost_more_than_short_ones():
    start, end = local(2018, 1, 1), local(2026, 12, 31)
    DEFAULT.opening_seconds(start, end)  # lays the years out
    began = time.perf_counter()
    for _ in range(2000):
        assert DEFAULT.add_opening(start, DEFAULT.opening_seconds(start, end)) <= end
    assert time.perf_counter() - began < 2


def test_hours_that_make_no_sense_are_refused():
    nine, ten, eleven = dt.time(9), dt.time(10), dt.time(11)
    for spans in (
        ((ten, nine),),
        ((nine, eleven), (ten, eleven)),
        ((nine, nine),),
        ((nine, dt.time()), (ten, eleven)),
    ):
        with pytest.raises(ValueError, match="overlap or run backwards"):
            Calendar({0: spans})


def test_half_days_and_changed_hours():
    half = Day("half", (OFFICE_HOURS[0],), "除夕前半天")
    cal = Calendar(
        OFFICE_WEEK, {dt.date(2026, 9, 30): half, dt.date(2026, 10, 8): ((dt.time(10), dt.time()),)}
    )
    assert cal.close_of_nth_workday_after(dt.date(2026, 9, 29), 1) == local(2026, 9, 30, 12)
    assert cal.day(dt.date(2026, 10, 8)).kind == "hours"
    assert cal.opening_seconds(local(2026, 10, 8), local(2026, 10, 9)) == 14 * 3600
    assert cal.close_of_nth_workday_after(dt.date(2026, 10, 7), 1) == local(2026, 10, 9)


def test_summer_time_elsewhere():
    """An office that is open while the wall clock jumps is open for the time that really passes."""
    boston = ZoneInfo("America/New_York")
    always = Calendar({day: ((dt.time(), dt.time()),) for day in range(7)}, tz=boston)
    spring, autumn = dt.date(2026, 3, 8), dt.date(2026, 11, 1)
    day = dt.timedelta(days=1)
    assert always.opening_seconds(always.midnight(spring), always.midnight(spring + day)) == 23 * 3600
    assert always.opening_seconds(always.midnight(autumn), always.midnight(autumn + day)) == 25 * 3600
    gap = Calendar({6: ((dt.time(1), dt.time(2, 50)), (dt.time(3), dt.time(4)))}, tz=boston)
    assert gap.opening_seconds(gap.midnight(spring), gap.midnight(spring + day)) <= 3 * 3600


# -- properties


@given(cal=calendars, at=instants, seconds=st.integers(-200 * 3600, 200 * 3600))
def test_laying_out_and_measuring_are_inverse(cal, at, seconds):
    laid = cal.lay_out(at, seconds * 1_000_000)
    assert cal.opening(at, laid) == seconds * 1_000_000
    if seconds:
        # it is the first such instant: a moment earlier, less has passed
        assert cal.opening(laid - dt.timedelta(microseconds=1), laid) == 1


@given(cal=calendars, points=st.lists(instants, min_size=3, max_size=3))
def test_splitting_an_interval_never_changes_the_sum(cal, points):
    first, middle, last = points
    assert cal.opening(first, middle) + cal.opening(middle, last) == cal.opening(first, last)


@given(
    cal=calendars,
    at=instants,
    later=instants,
    amount=st.integers(-(10**11), 10**11),
    more=st.integers(0, 10**11),
)
def test_monotone_in_anchor_and_amount(cal, at, later, amount, more):
    first, second = sorted((at, later))
    assert cal.lay_out(at, amount) <= cal.lay_out(at, amount + more)
    if amount:
        assert cal.lay_out(first, amount) <= cal.lay_out(second, amount)


@settings(max_examples=60, deadline=None)
@given(paper=papers(), start=minutes, length=st.integers(0, 20 * 1440))
def test_opening_time_equals_counting_the_minutes(paper, start, length):
    end = start + dt.timedelta(minutes=length)
    weekly, days = paper
    counted = Paper(weekly, days).open_minutes(start.replace(tzinfo=None), end.replace(tzinfo=None))
    assert Calendar(weekly, days).opening(start, end) == counted * 60 * 1_000_000
