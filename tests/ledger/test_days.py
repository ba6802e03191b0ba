"""A typed day is one that can be reckoned with, or a sentence."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import clock, days


@given(st.dates(days.FIRST, days.LAST))
def test_what_is_let_in_has_a_midnight_on_either_side(day):
    assert days.read(day.isoformat()) == day
    one, other = clock.local_midnight(day), clock.local_midnight(day + dt.timedelta(days=1))
    assert one < other and clock.local_date(one) == day
    day.replace(year=day.year - 1, day=1)


@given(
    st.one_of(
        st.dates(max_value=days.FIRST - dt.timedelta(1)), st.dates(min_value=days.LAST + dt.timedelta(1))
    )
)
def test_what_no_clock_can_reckon_with_is_said_to_be_out_of_range(day):
    with pytest.raises(days.NoDay) as wrong:
        days.read(day.isoformat())
    assert "1900" in wrong.value.sentence and "2200" in wrong.value.sentence


@given(
    st.one_of(
        st.none(), st.integers(), st.text(alphabet="昨天-/:\0月日T", max_size=12), st.just("2026-02-30")
    )
)
def test_anything_else_is_no_day(typed):
    with pytest.raises(days.NoDay):
        days.read(typed)
