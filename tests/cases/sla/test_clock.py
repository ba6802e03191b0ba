"""A clock's life: what moves the deadline, by how much, and what never does."""

import datetime as dt
import itertools
import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.sla import clock as sla
from cases.sla import units
from cases.sla.calendar import DEFAULT, OFFICE_WEEK, Calendar, Day, shipped_days
from tests.cases.sla.strategies import UNITS, calendars, instants, lives, local, rules

HOURS = 3600 * 1_000_000
MOMENT = dt.timedelta(microseconds=1)


def started(unit, amount, *anchor, **kept):
    at = local(*anchor)
    return sla.start(sla.Rule("resolve", amount, unit, **kept), at, at, DEFAULT)


def paused(clock, since, until):
    return sla.resume(sla.pause(clock, since, DEFAULT), until, DEFAULT)


# -- pausing keeps what remains in the unit's own base


@pytest.mark.parametrize(
    ("unit", "amount", "anchor", "since", "until", "expected"),
    [
        # elapsed time
        ("hour", 6, (2026, 9, 28, 9), (2026, 9, 28, 11), (2026, 9, 29, 20), (2026, 9, 30, 0)),
        ("day", 2, (2026, 9, 28, 9), (2026, 9, 29, 9), (2026, 10, 5, 3), (2026, 10, 6, 3)),
        # opening time: paused with 2 hours left, over National Day
        ("work_hour", 4, (2026, 9, 30, 9), (2026, 9, 30, 11), (2026, 10, 8, 8), (2026, 10, 8, 10, 30)),
        # due Wed 17:30 with 21 opening hours left; laid out from Thursday 10-08 09:00
        ("work_day", 2, (2026, 9, 28, 10), (2026, 9, 28, 10), (2026, 10, 8, 9), (2026, 10, 10, 16, 30)),
        # whole paused dates only: 09-29 and 09-30 of four touched ones; the last date 10-03 falls into the holiday
        ("legal_day", 5, (2026, 9, 26, 9), (2026, 9, 28, 10), (2026, 10, 1, 8), (2026, 10, 9)),
        ("legal_day", 5, (2026, 10, 8, 9), (2026, 10, 12, 10), (2026, 10, 12, 18), (2026, 10, 14)),
        ("legal_day", 5, (2026, 10, 8, 9), (2026, 10, 12, 10), (2026, 10, 13, 18), (2026, 10, 14)),
        ("legal_day", 5, (2026, 10, 8, 9), (2026, 10, 12, 0), (2026, 10, 13, 0), (2026, 10, 15)),
        ("legal_day", 5, (2026, 10, 8, 9), (2026, 10, 11, 23), (2026, 10, 14, 0), (2026, 10, 16)),
    ],
)
def test_pause_and_resume(unit, amount, anchor, since, until, expected):
    clock = paused(started(unit, amount, *anchor), local(*since), local(*until))
    assert clock.due_at == local(*expected)
    assert clock.state == "running"


def test_a_negative_remainder_stays_negative():
    hours = paused(started("hour", 2, 2026, 9, 28, 9), local(2026, 9, 28, 12), local(2026, 9, 30, 12))
    assert hours.due_at == local(2026, 9, 30, 11)
    work = started("work_hour", 2, 2026, 9, 28, 9)
    assert paused(work, local(2026, 9, 28, 14, 30), local(2026, 9, 29, 9)).due_at == local(2026, 9, 28, 16)
    assert hours.missed_at == local(2026, 9, 28, 11)


def test_late_outside_opening_time_is_late_after_the_pause():
    """Due at 12:00, paused at 12:30: no opening time was lost, but the deadline was."""
    clock = paused(
        started("work_hour", 3, 2026, 9, 28, 9), local(2026, 9, 28, 12, 30), local(2026, 9, 28, 15)
    )
    assert clock.due_at == local(2026, 9, 28, 14, 59, 59)
    assert sla.colour(clock, local(2026, 9, 28, 15)) == "red"
    assert clock.missed_at == local(2026, 9, 28, 12)


def test_a_rest_day_does_not_rescue_a_missed_legal_day():
    """Due Friday 24:00, paused on Saturday, resumed on Monday: Sunday is added, the rest-day rule is not."""
    clock = started("legal_day", 4, 2026, 10, 12, 9)
    assert clock.due_at == local(2026, 10, 17)
    clock = paused(clock, local(2026, 10, 17, 10), local(2026, 10, 19, 10))
    assert clock.due_at == local(2026, 10, 18)


def test_who_was_in_time_is_not_made_late_by_a_pause_that_covers_no_whole_date():
    """Due Tuesday 24:00, paused from Tuesday 00:01 to Wednesday 23:59: Wednesday is still theirs."""
    clock = started("legal_day", 1, 2026, 10, 12, 9)
    assert clock.due_at == local(2026, 10, 14)
    assert paused(clock, local(2026, 10, 13, 0, 1), local(2026, 10, 14, 23, 59)).due_at == local(2026, 10, 15)
    assert paused(clock, local(2026, 10, 13, 0, 1), local(2026, 10, 13, 23, 59)).due_at == local(2026, 10, 14)
    # the date of resumption is a Saturday: the rest-day rule comes last
    assert paused(clock, local(2026, 10, 13, 9), local(2026, 10, 17, 9)).due_at == local(2026, 10, 20)


def test_paused_exactly_at_due_nothing_is_left_and_nothing_is_missed():
    clock = paused(
        started("work_hour", 3, 2026, 9, 28, 9), local(2026, 9, 28, 12), local(2026, 9, 28, 12, 45)
    )
    assert clock.due_at == local(2026, 9, 28, 12, 45)
    assert clock.missed_at is None


def test_a_relief_may_pause_from_its_filing():
    clock = sla.pause(started("day", 2, 2026, 9, 28, 9), local(2026, 9, 28, 15), DEFAULT)
    assert clock.state == "paused" and sla.left(clock, local(2026, 12, 1), DEFAULT) == 42 * HOURS
    with pytest.raises(sla.ClockRefused, match="lies before"):
        sla.stop(clock, local(2026, 9, 28, 14))


def test_a_pause_that_was_over_before_it_began_took_no_time():
    clock = started("day", 2, 2026, 9, 28, 9)
    paused = sla.pause(clock, local(2026, 9, 28, 15), DEFAULT)
    again = sla.resume(paused, local(2026, 9, 28, 14), DEFAULT)
    assert again == sla.resume(paused, local(2026, 9, 28, 15), DEFAULT)
    assert (again.state, again.due_at, again.missed_at) == ("running", clock.due_at, None)


# -- extension, cap, another rule


def test_extension_is_the_amount_again_on_top():
    at = local(2026, 9, 28, 10)
    assert sla.extend(started("day", 2, 2026, 9, 28, 9), None, at, DEFAULT).due_at == local(2026, 10, 2, 9)
    assert sla.extend(started("work_day", 2, 2026, 9, 28, 9), None, at, DEFAULT).due_at == local(
        2026, 10, 9, 17, 30
    )
    assert sla.extend(started("legal_day", 2, 2026, 9, 28, 9), None, at, DEFAULT).due_at == local(2026, 10, 9)
    at = local(2026, 9, 30, 14)
    more = sla.extend(started("work_hour", 4, 2026, 9, 30, 13), 1, at, DEFAULT, unit="work_day")
    assert more.due_at == local(2026, 10, 8, 17, 30)
    assert more.allowance == 4 * HOURS + int(7.5 * HOURS)


def test_an_extension_granted_late_counts_from_its_filing():
    clock = sla.stop(started("day", 2, 2026, 9, 28, 9), local(2026, 10, 1, 9))
    assert clock.missed_at == local(2026, 9, 30, 9)
    granted = sla.extend(clock, 1, local(2026, 9, 29, 9), DEFAULT)
    assert granted.state == "stopped" and granted.due_at == local(2026, 10, 1, 9)
    assert granted.missed_at is None
    with pytest.raises(sla.ClockRefused):
        sla.extend(clock, 1, local(2026, 9, 1), DEFAULT)


def test_an_extension_while_paused_lengthens_what_remains():
    clock = sla.pause(started("day", 2, 2026, 9, 28, 9), local(2026, 9, 29, 9), DEFAULT)
    clock = sla.extend(clock, 1, local(2026, 9, 29, 12), DEFAULT)
    assert sla.resume(clock, local(2026, 10, 5, 9), DEFAULT).due_at == local(2026, 10, 7, 9)


def test_a_cap_only_ever_moves_the_deadline_earlier():
    clock = started("day", 2, 2026, 9, 28, 9)
    at = local(2026, 9, 28, 10)
    assert sla.cap(clock, local(2026, 9, 29, 9), at, DEFAULT).due_at == local(2026, 9, 29, 9)
    assert sla.cap(clock, local(2026, 10, 9, 9), at, DEFAULT) is clock


def test_a_cap_falls_away_alone_whatever_happened_since():
    free = started("day", 5, 2026, 9, 28, 9)
    first = (local(2026, 9, 30, 9), local(2026, 9, 28, 10))
    second = (local(2026, 9, 29, 9), local(2026, 9, 28, 11))

    def life(*caps):
        clock = free
        for cap in caps:
            clock = sla.cap(clock, *cap, DEFAULT)
        clock = paused(clock, local(2026, 9, 28, 12), local(2026, 9, 28, 15))
        clock = sla.extend(clock, 1, local(2026, 9, 28, 16), DEFAULT)
        return sla.stop(clock, local(2026, 9, 28, 17))

    both = life(first, second)
    assert sla.uncap(both, *first, DEFAULT) == life(second)
    assert sla.uncap(both, *second, DEFAULT) == life(first)
    assert sla.uncap(sla.uncap(both, *first, DEFAULT), *second, DEFAULT) == life()
    assert sla.uncap(life(first), *second, DEFAULT) == life(first)


def test_another_rule_takes_the_place_of_the_limit():
    clock = paused(started("day", 2, 2026, 9, 28, 9), local(2026, 9, 28, 12), local(2026, 9, 28, 15))
    longer = sla.Rule("resolve", 15, "work_day", policy="item")
    assert sla.rerule(clock, longer, DEFAULT).due_at > local(2026, 10, 20)
    assert sla.rerule(clock, longer, DEFAULT, never_later=True) is clock
    shorter = sla.Rule("resolve", 6, "hour")
    assert sla.rerule(clock, shorter, DEFAULT, never_later=True).due_at == local(2026, 9, 28, 18)


def test_a_clock_until_an_instant():
    until = local(2026, 10, 28, 9)
    clock = sla.start(
        sla.Rule("hold", 0, "until", until=until), local(2026, 9, 28, 9), local(2026, 9, 28, 9), DEFAULT
    )
    assert clock.due_at == until and clock.warn_at == local(2026, 10, 22, 9) and not clock.provisional
    assert sla.extend(clock, 1, local(2026, 10, 1), DEFAULT, unit="day").due_at == local(2026, 10, 29, 9)
    with pytest.raises(sla.ClockRefused, match="amount and a unit"):
        sla.extend(clock, None, local(2026, 10, 1), DEFAULT)
    with pytest.raises(sla.ClockRefused, match="needs the instant"):
        sla.Rule("hold", 0, "until")
    late = sla.start(
        sla.Rule("resolve", 0, "until", until=until), local(2026, 11, 1), local(2026, 11, 1), DEFAULT
    )
    assert (late.warn_at, sla.used_share(late, until, DEFAULT)) == (until, 1.0)


# -- a false resolve buys nothing


def test_a_voided_stop_runs_on_with_what_was_left():
    clock = sla.stop(started("day", 2, 2026, 9, 28, 9), local(2026, 9, 28, 21))
    clock = sla.void(clock, local(2026, 10, 12, 9), DEFAULT)
    assert clock.state == "running" and clock.stopped_at is None
    assert clock.due_at == local(2026, 10, 13, 21)  # 36 hours, more than 4 work_hour


def test_a_voided_stop_leaves_at_least_four_work_hours():
    almost = sla.stop(started("day", 2, 2026, 9, 28, 9), local(2026, 9, 30, 8, 59))
    clock = sla.void(almost, local(2026, 10, 12, 9), DEFAULT)
    assert clock.due_at == local(2026, 10, 12, 14, 30)
    assert sla.void(almost, local(2026, 10, 12, 9), DEFAULT, 0).due_at == local(2026, 10, 12, 9, 1)
    # before opening, over a holiday
    assert sla.void(almost, local(2026, 10, 1, 9), DEFAULT).due_at == local(2026, 10, 8, 14)


def test_a_late_stop_that_is_voided_stays_known_as_late():
    late = sla.stop(started("day", 2, 2026, 9, 28, 9), local(2026, 9, 30, 15))
    clock = sla.void(late, local(2026, 10, 12, 9), DEFAULT)
    assert clock.due_at == local(2026, 10, 12, 14, 30)
    assert clock.missed_at == local(2026, 9, 30, 9)
    assert sla.void(late, local(2026, 10, 12, 9), DEFAULT, 0).due_at == local(2026, 10, 12, 3)


def test_stopping_at_the_last_moment_again_and_again_gains_only_the_floor():
    clock = started("work_hour", 4, 2026, 9, 28, 8, 30)
    for day in (8, 9, 12, 13):
        clock = sla.stop(clock, clock.due_at)
        clock = sla.void(clock, local(2026, 10, day, 8, 30), DEFAULT)
        assert clock.due_at == local(2026, 10, day, 14)


def test_a_stop_undone_is_as_if_it_had_never_been():
    clock = started("day", 2, 2026, 9, 28, 9)
    assert sla.unstop(sla.stop(clock, local(2026, 9, 29, 9)), DEFAULT) == clock
    held = sla.pause(clock, local(2026, 9, 28, 12), DEFAULT)
    assert sla.unstop(sla.stop(held, local(2026, 9, 29, 9)), DEFAULT) == held
    assert sla.unstop(clock, DEFAULT) is clock


def test_what_cannot_apply_changes_nothing():
    clock, at = started("day", 2, 2026, 9, 28, 9), local(2026, 9, 28, 12)
    stopped, held = sla.stop(clock, at), sla.pause(clock, at, DEFAULT)
    assert sla.resume(clock, at, DEFAULT) is clock and sla.void(clock, at, DEFAULT) is clock
    assert sla.stop(stopped, at) is stopped and sla.pause(stopped, at, DEFAULT) is stopped
    assert sla.pause(held, at, DEFAULT) is held
    with pytest.raises(sla.ClockRefused):
        sla.stop(clock, local(2026, 9, 28, 8))
    with pytest.raises(ValueError, match="naive"):
        sla.stop(clock, dt.datetime(2026, 9, 28, 12))


# -- warning, silence, colour, the sweep


@pytest.mark.parametrize(
    ("unit", "amount", "anchor", "warn"),
    [
        ("hour", 10, (2026, 9, 28, 9), (2026, 9, 28, 17)),
        ("day", 1, (2026, 9, 28, 9), (2026, 9, 29, 4, 12)),
        ("work_hour", 4, (2026, 9, 28, 10), (2026, 9, 28, 14, 42)),
        ("work_hour", Decimal("4.375"), (2026, 9, 28, 8, 30), (2026, 9, 28, 12)),  # not in the lunch break
        ("work_day", 1, (2026, 9, 28, 17, 30), (2026, 9, 29, 16)),
        ("legal_day", 4, (2026, 10, 12, 0), (2026, 10, 16)),
    ],
)
def test_warning_when_a_fifth_is_left(unit, amount, anchor, warn):
    clock = started(unit, amount, *anchor)
    assert clock.warn_at == local(*warn)
    assert sla.used_share(clock, clock.warn_at, DEFAULT) == pytest.approx(0.8)


def test_colours():
    clock = started("hour", 10, 2026, 9, 28, 9)
    assert sla.colour(clock, local(2026, 9, 28, 16, 59, 59)) == "green"
    assert sla.colour(clock, local(2026, 9, 28, 17)) == "yellow"
    assert sla.colour(clock, local(2026, 9, 28, 19)) == "yellow"  # due itself is in time
    assert sla.colour(clock, local(2026, 9, 28, 19) + MOMENT) == "red"
    assert sla.colour(sla.pause(clock, local(2026, 9, 28, 10), DEFAULT), local(2027, 1, 1)) == "violet"
    assert sla.colour(sla.stop(clock, local(2026, 9, 28, 10)), local(2027, 1, 1)) == "grey"


def test_what_the_sweep_looks_for():
    clock = started("day", 1, 2026, 9, 28, 9, no_response_after=(1, "day"))
    assert clock.no_response_at == local(2026, 9, 30, 9)
    assert sla.next_at(clock, False, False, False) == clock.warn_at
    assert sla.next_at(clock, True, False, False) == clock.due_at
    assert sla.next_at(clock, True, True, False) == clock.no_response_at
    assert sla.next_at(clock, True, True, True) is None
    assert sla.next_at(started("day", 1, 2026, 9, 28, 9), True, True, False) is None
    assert sla.next_at(sla.pause(clock, local(2026, 9, 28, 10), DEFAULT), False, False, False) is None
    assert sla.next_at(sla.stop(clock, local(2026, 9, 28, 10)), False, False, False) is None


def test_half_of_a_stage():
    clock = started("work_hour", 4, 2026, 9, 28, 8, 30)
    assert sla.used_share(clock, local(2026, 9, 28, 10, 30), DEFAULT) == 0.5
    assert sla.used_share(clock, local(2026, 9, 28, 7), DEFAULT) == 0
    assert sla.used_share(clock, local(2026, 9, 28, 16), DEFAULT) == 1.5
    held = sla.pause(clock, local(2026, 9, 28, 9, 30), DEFAULT)
    assert sla.used_share(held, local(2026, 9, 30, 9), DEFAULT) == 0.25


# -- provisional, and planned again


def test_provisional_is_what_a_notice_could_still_move():
    assert started("work_day", 2, 2026, 12, 30, 9).provisional
    assert not started("work_day", 1, 2026, 12, 30, 9).provisional
    assert started("work_hour", 1, 2026, 12, 31, 18).provisional
    assert started("legal_day", 2, 2026, 12, 30, 9).provisional
    assert not started("legal_day", 1, 2026, 12, 30, 9).provisional  # 24:00 of 12-31
    assert not started("day", 30, 2026, 12, 30, 9).provisional  # no notice can move it
    assert started("work_day", 1, 2017, 12, 20, 9).provisional
    assert not started("work_day", 1, 2017, 12, 31, 9).provisional  # its own date is not counted
    held = paused(started("work_day", 1, 2026, 12, 29, 9), local(2026, 12, 29, 10), local(2027, 1, 6, 9))
    assert held.provisional
    voided = sla.void(
        sla.stop(started("day", 1, 2026, 12, 31, 9), local(2027, 1, 1, 8)), local(2027, 1, 3, 9), DEFAULT
    )
    assert voided.provisional  # the floor is laid out in opening time


def test_an_imported_notice_plans_a_provisional_deadline_again():
    notice = {dt.date(2027, 1, day): Day("holiday", (), "元旦") for day in (1, 2, 3, 4)}
    later = Calendar(OFFICE_WEEK, {**shipped_days(), **notice}, published_until=dt.date(2027, 12, 31))
    clock = started("work_day", 2, 2026, 12, 30, 9)
    assert clock.due_at == local(2027, 1, 4, 17, 30) and clock.provisional
    again = sla.replan(clock, later, at=local(2026, 12, 31, 9))
    assert again.due_at == local(2027, 1, 5, 17, 30) and not again.provisional
    assert [one.kind for one in again.segments] == ["run", "replan"]
    assert sla.replan(again, later) == again


# -- properties of any life


@given(life=lives())
@settings(max_examples=300, deadline=None)
def test_due_always_equals_the_recomputation(life):
    cal, told = life
    for clock in told:
        assert clock.due_at == sla.due(clock, cal)
        assert sla.rebuild(clock.rule, clock.anchor, clock.segments, cal) == clock
        assert sla.from_json(json.loads(json.dumps(sla.to_json(clock))), cal) == clock
        assert clock.warn_at <= clock.due_at
        tiles = [one for one in clock.segments if one.kind in ("run", "pause", "stop")]
        assert all(one.end == after.start for one, after in itertools.pairwise(tiles))
        assert tiles[-1].end is None
        assert list(clock.segments) == sorted(clock.segments, key=lambda one: one.start)


@given(cal=calendars, rule=rules(), times=st.tuples(instants, instants, instants))
@settings(max_examples=300, deadline=None)
def test_pausing_never_shortens_what_is_left(cal, rule, times):
    anchor, since, until = sorted(times)
    clock = sla.start(rule, anchor, anchor, cal)
    held = sla.pause(clock, since, cal)
    again = sla.resume(held, until, cal)
    assert again.due_at >= clock.due_at
    if rule.unit != "legal_day":  # there whole dates count, not hours
        before, after = sla.left(held, since, cal), sla.left(again, until, cal)
        late_in_closed_time = since > clock.due_at and before == 0
        assert after == before or late_in_closed_time
    # late stays late, in time stays in time
    assert (since > clock.due_at) == (until > again.due_at)


@given(
    cal=calendars,
    unit=st.sampled_from(UNITS),
    amount=st.integers(1, 20),
    times=st.lists(instants, min_size=4, max_size=4),
)
def test_a_pause_cut_in_two_is_the_same_pause(cal, unit, amount, times):
    anchor, since, middle, until = sorted(times)
    clock = sla.start(sla.Rule("resolve", amount, unit), anchor, anchor, cal)
    whole = sla.resume(sla.pause(clock, since, cal), until, cal)
    halves = sla.resume(sla.pause(clock, since, cal), middle, cal)
    halves = sla.resume(sla.pause(halves, middle, cal), until, cal)
    if clock.due_at >= since:  # a late one may lose a second at each resumption in closed time
        assert halves.due_at == whole.due_at


@given(cal=calendars, rule=rules(), times=st.tuples(instants, instants, instants))
def test_a_false_resolve_buys_nothing_but_the_floor(cal, rule, times):
    anchor, stopped, voided = sorted(times)
    clock = sla.start(rule, anchor, anchor, cal)
    again = sla.void(sla.stop(clock, stopped), voided, cal)
    honest = sla.resume(sla.pause(clock, stopped, cal), voided, cal)
    assert again.due_at == max(honest.due_at, units.deadline("work_hour", 4, voided, cal))


@given(cal=calendars, rule=rules(), at=instants, amount=st.integers(1, 10), more=st.integers(0, 10))
def test_extending_is_monotone(cal, rule, at, amount, more):
    clock = sla.start(rule, at, at, cal)
    short, long = (sla.extend(clock, n, at, cal) for n in (amount, amount + more))
    assert clock.due_at < short.due_at <= long.due_at
    assert clock.allowance < short.allowance or rule.unit == "legal_day"
