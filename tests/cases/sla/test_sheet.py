"""The paper calendar: every day of the span once, and what the days count adds up to what was granted."""

import datetime as dt

from hypothesis import given, settings

from cases.sla import clock as sla
from cases.sla import sheet
from cases.sla.calendar import DEFAULT, OFFICE_WEEK, ONE_DAY, SECOND, Calendar, Day
from tests.cases.sla.strategies import lives, local


def started(unit, amount, at):
    return sla.start(sla.Rule("resolve", amount, unit), at, at, DEFAULT)


def cells_of(clock, cal=DEFAULT):
    return [cell for week in sheet.weeks(clock, cal) for cell in week.cells if cell is not None]


def test_national_day_on_paper():
    cells = cells_of(started("work_day", 3, local(2026, 9, 30, 16)))
    assert [(f"{cell.date:%m-%d}", cell.what, cell.counted) for cell in cells][:2] == [
        ("09-30", "办公", ""),
        ("10-01", "国庆节", ""),
    ]
    assert cells[0].marks == ["16:00 起"] and cells[-1].marks == ["17:30 止"]
    last = cells[-1]
    assert (last.what, last.counted, last.is_open) == ("调休上班", "第 3 日", True)


def test_a_pause_is_seen_and_not_counted():
    clock = started("work_hour", 4, local(2026, 9, 28, 9))
    clock = sla.resume(sla.pause(clock, local(2026, 9, 28, 10), DEFAULT), local(2026, 9, 30, 9), DEFAULT)
    cells = cells_of(clock)
    assert [cell.counted for cell in cells] == ["计 1:00", "", "计 3:00"]
    assert [cell.marks for cell in cells] == [["09:00 起", "10:00 停"], [], ["09:00 续", "12:00 止"]]


def test_a_legal_day_is_put_off_on_paper():
    cells = cells_of(started("legal_day", 3, local(2026, 9, 30, 16)))
    assert [cell.counted for cell in cells] == ["", "第 1 日", "第 2 日", "第 3 日", *["顺延"] * 5]
    assert cells[-1].marks == ["24:00 止"]


def test_a_year_is_shortened_in_the_middle():
    told = sheet.weeks(started("work_day", 200, local(2026, 1, 5, 9)), DEFAULT)
    assert len(told) == 8 and told[4].skipped > 20
    assert len(sheet.weeks(started("work_day", 30, local(2026, 10, 12, 9)), DEFAULT)) == 7


def test_other_hours_are_written_out_and_a_floor_counts_opening_time():
    half = Day("half", ((dt.time(8, 30), dt.time(12)),), "")
    cal = Calendar(OFFICE_WEEK, {dt.date(2026, 9, 29): half})
    clock = sla.start(sla.Rule("resolve", 1, "day"), local(2026, 9, 28, 9), local(2026, 9, 28, 9), cal)
    clock = sla.void(sla.stop(clock, local(2026, 9, 29, 8)), local(2026, 9, 29, 10), cal)
    cells = cells_of(clock, cal)
    assert [(cell.what, cell.counted) for cell in cells] == [
        ("办公", "计 15:00"),
        ("半天 08:30–12:00", "计 10:00"),  # eight hours of the night before the stop, two of the floor
        ("办公", "计 2:00"),
    ]


@settings(deadline=None, max_examples=200)
@given(life=lives(most=6))
def test_the_days_add_up_to_what_was_granted(life):
    cal, told = life
    clock = told[-1]
    found = sheet.weeks(clock, cal)
    cells = [cell for week in found for cell in week.cells if cell is not None]
    if not cells or any(week.skipped for week in found):
        return
    dates = [cell.date for cell in cells]
    first, last = cal.local(clock.anchor).date(), cal.date_of_end(clock.due_at)
    assert dates == [first + n * ONE_DAY for n in range((last - first).days + 1)]
    counted = sum(cell.amount for cell in cells)
    plain = all(one.kind in ("run", "extend", "replan") for one in clock.segments)
    if sheet.mixed(clock):
        assert counted == 0 or sheet.in_days(clock)
    elif plain and not sheet.in_days(clock) and clock.rule.unit != "legal_day":
        assert abs(counted - clock.allowance) < SECOND
    elif plain and sheet.in_days(clock):
        extra = sum(int(one.amount) for one in clock.segments if one.kind == "extend")
        assert counted == int(clock.rule.amount) + extra
    elif clock.rule.unit in ("hour", "day", "work_hour") and untouched(clock, cal):
        assert abs(counted - clock.allowance) < SECOND * len(clock.segments)


def untouched(clock, cal):
    """Only pauses in time: no floor, no cap, nothing missed, so that what counts is what was granted."""
    return (
        clock.missed_at is None
        and all(one.kind in ("run", "pause", "replan") for one in clock.segments)
        and clock.state != "paused"
        and all(step.due >= step.at for step in sla.steps(clock, cal))
    )
