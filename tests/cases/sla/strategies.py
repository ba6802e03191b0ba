"""Random calendars, rules and lives of clocks, for the property tests."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from hypothesis import strategies as st

from cases.sla import clock as sla
from cases.sla.calendar import SHANGHAI, Calendar

FIRST, LAST = dt.date(2025, 12, 1), dt.date(2026, 3, 31)  # where the random exceptions lie
UNITS = ("hour", "day", "work_hour", "work_day", "legal_day")


def local(*parts: int) -> dt.datetime:
    """A Shanghai wall time."""
    return dt.datetime(*parts, tzinfo=SHANGHAI)


@st.composite
def hours(draw, *, may_be_closed: bool = True):
    """Up to three opening intervals on whole minutes; the last may run until midnight."""
    least = 0 if may_be_closed else 1
    count = draw(st.integers(least, 3))
    marks = sorted(draw(st.sets(st.integers(0, 1440), min_size=2 * count, max_size=2 * count)))
    return tuple(
        (dt.time(*divmod(marks[2 * n], 60)), dt.time(*divmod(marks[2 * n + 1] % 1440, 60)))
        for n in range(count)
    )


@st.composite
def papers(draw):
    """Weekly hours with at least one open day, and dated exceptions: (weekly, days)."""
    weekly = {day: draw(hours()) for day in range(7)}
    weekly[draw(st.integers(0, 6))] = draw(hours(may_be_closed=False))
    days = draw(st.dictionaries(st.dates(FIRST, LAST), hours(), max_size=25))
    return weekly, days


def calendar_of(paper) -> Calendar:
    weekly, days = paper
    return Calendar(weekly, days)


calendars = papers().map(calendar_of)
minutes = st.integers(0, 100 * 1440).map(lambda n: local(2025, 12, 10) + dt.timedelta(minutes=n))
instants = st.integers(0, 100 * 86_400_000).map(lambda n: local(2025, 12, 10) + dt.timedelta(milliseconds=n))
fractions = st.decimals(Decimal("0.01"), Decimal("60"), places=2)


@st.composite
def rules(draw, units=UNITS):
    unit = draw(st.sampled_from(units))
    amount = draw(fractions) if unit in ("hour", "work_hour") else draw(st.integers(1, 25))
    silence = draw(st.sampled_from([None, (1, "day")]))
    return sla.Rule("resolve", amount, unit, no_response_after=silence)


@st.composite
def lives(draw, units=UNITS, most=8):
    """(calendar, the clocks of one life in order): a random sequence of everything that can happen."""
    cal = draw(calendars)
    at = draw(instants)
    clock = sla.start(draw(rules(units)), at, at, cal)
    told = [clock]
    for _ in range(draw(st.integers(0, most))):
        at += dt.timedelta(milliseconds=draw(st.integers(0, 6 * 86_400_000)))
        act = draw(st.sampled_from(["pause", "resume", "stop", "void", "unstop", "extend", "cap", "replan"]))
        if act in ("pause", "resume", "void"):
            clock = getattr(sla, act)(clock, at, cal)
        elif act == "stop":
            clock = sla.stop(clock, at)
        elif act == "unstop":
            clock = sla.unstop(clock, cal)
        elif act == "extend":
            clock = sla.extend(clock, draw(st.sampled_from([None, 1, 2])), at, cal)
        elif act == "cap":
            clock = sla.cap(clock, draw(instants), at, cal)
        else:
            clock = sla.replan(clock, cal, at)
        told.append(clock)
    return cal, told
