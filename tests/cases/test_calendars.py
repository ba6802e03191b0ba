"""Calendars as of any entry: what changes later never changes what was counted before."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import calendar_edits, calendars, rulebook
from cases.models import Calendar, CalendarDay
from cases.sla import calendar as opening
from tests import town as places

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 12, 1)  # a Tuesday


@pytest.fixture
def default(town):
    return Calendar.objects.get(code="default")


def close(default, date: dt.date = DAY) -> None:
    calendar_edits.set_day(
        by=places.SYSTEM, at=places.MONDAY, calendar=default, date=date, kind="holiday", intervals=None
    )


def test_an_old_reference_reads_the_old_calendar(default):
    before = rulebook.ref_for(None)
    close(default)
    after = rulebook.ref_for(None)
    assert before != after
    assert rulebook.calendar(before).is_workday(DAY) and not rulebook.calendar(after).is_workday(DAY)
    calendar_edits.remove_day(by=places.SYSTEM, at=places.MONDAY, calendar=default, date=DAY)
    assert rulebook.calendar(rulebook.ref_for(None)).is_workday(DAY)
    assert not rulebook.calendar(after).is_workday(DAY)
    assert rulebook.calendar(before).is_workday(DAY)


def test_hours_and_zone_are_kept_too(default):
    before = rulebook.ref_for(None)
    week = {day: [["09:00", "12:00"]] for day in range(7)}
    calendar_edits.set_week(
        by=places.SYSTEM, at=places.MONDAY, calendar=default, weekly=week, tz="Asia/Tokyo"
    )
    old, new = rulebook.calendar(before), rulebook.calendar()
    assert old.weekly[0] == opening.OFFICE_HOURS and not old.weekly[6] and str(old.tz) == "Asia/Shanghai"
    assert new.weekly[6] == ((dt.time(9), dt.time(12)),) and str(new.tz) == "Asia/Tokyo"


def test_a_change_above_is_seen_below_and_dated(default, town):
    unit = calendar_edits.open_calendar(by=places.SYSTEM, at=places.MONDAY, organisation=town.org("GV24"))
    before = calendars.ref_for(town.org("GV24").pk)
    assert calendars.code_of(before) == unit.code
    close(default)
    assert not calendars.calendar(calendars.ref_for(town.org("GV24").pk)).is_workday(DAY)
    assert calendars.calendar(before).is_workday(DAY)


def test_a_calendar_put_between_is_dated_as_well(default, town):
    calendar_edits.open_calendar(by=places.SYSTEM, at=places.MONDAY, organisation=town.org("GV24"))
    before = calendars.ref_for(town.org("GV24").pk)
    district = calendar_edits.open_calendar(
        by=places.SYSTEM, at=places.MONDAY, place=town.place(town.DISTRICT)
    )
    close(district)
    assert [row.code for row in calendars.line(calendars.code_of(before))] == [
        "GV24",
        town.DISTRICT,
        "default",
    ]
    assert not calendars.calendar("GV24").is_workday(DAY)
    assert calendars.calendar(before).is_workday(DAY)


def test_whose_calendar(default, town):
    gv24, desk = town.org("GV24"), town.org(f"ZX-{town.STREET}")
    street = town.place(town.STREET)
    assert calendars.code_for(gv24.pk, street.path) == "default"
    calendar_edits.open_calendar(by=places.SYSTEM, at=places.MONDAY, place=street)
    assert calendars.code_for(gv24.pk, street.path) == town.STREET
    assert calendars.code_for(desk.pk, town.place(town.OTHER_STREET).path) == "default"
    calendar_edits.open_calendar(by=places.SYSTEM, at=places.MONDAY, organisation=gv24)
    assert calendars.code_for(gv24.pk, street.path) == "GV24"
    assert calendars.code_for(None, street.path) == town.STREET


def test_the_same_again_is_no_change(default):
    close(default)
    before = calendars.revision("default")
    close(default)
    assert calendars.revision("default") == before
    assert CalendarDay.objects.filter(date=DAY).count() == 1


def test_reading_costs_nothing_twice(default, django_assert_num_queries):
    ref = rulebook.ref_for(None)
    rulebook.calendar(ref)
    with django_assert_num_queries(0):
        rulebook.calendar(ref)
        rulebook.ref_for(None, "/1/")


def test_a_reference_that_says_nothing_gets_the_root(default):
    for ref in ("default", "default@x", "nobody", "nobody@3", ""):
        assert rulebook.calendar(ref) is rulebook.calendar()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=5))
def test_every_reference_reads_for_ever_what_it_read_first(default, acts):
    seen = {}
    for offset, closed in acts:
        date = DAY + dt.timedelta(days=offset)
        if closed:
            close(default, date)
        elif date in calendars.own_days("default"):
            calendar_edits.remove_day(by=places.SYSTEM, at=places.MONDAY, calendar=default, date=date)
        ref = rulebook.ref_for(None)
        days = [DAY + dt.timedelta(days=n) for n in range(21)]
        seen[ref] = [rulebook.calendar(ref).is_workday(day) for day in days]
        for old, read in seen.items():
            assert [rulebook.calendar(old).is_workday(day) for day in days] == read
