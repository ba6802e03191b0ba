"""Past clocks under other rules: nothing changes by itself, and what changes is what was asked for."""

from hypothesis import given, settings
from hypothesis import strategies as st

from cases.sla import clock as sla
from cases.sla.calendar import DEFAULT, OFFICE_WEEK, Calendar
from cases.sla.policy import Facts, Row
from cases.sla.simulation import LEFT, MISSED, ON_TIME, OPEN, Past, Scenario, due_under, verdict
from tests.cases.sla.strategies import instants, lives, local

AT = local(2026, 12, 1, 9)
SIX_DAYS = Calendar({**OFFICE_WEEK, 5: OFFICE_WEEK[0]}, {}, name="six")


def past(clock, outcome="met", stage="resolve", **facts):
    return Past(
        stage=stage,
        state=clock.state,
        outcome=outcome if clock.state == "stopped" else "",
        stopped_at=clock.stopped_at,
        anchor=clock.anchor,
        started_at=clock.anchor,
        called_at=clock.anchor,
        due_at=clock.due_at,
        rule=sla.rule_to_json(clock.rule),
        segments=sla.segments_to_json(clock.segments),
        facts=Facts(**facts),
    )


def started(amount, unit, *at, **kept):
    anchor = local(*at)
    return sla.start(sla.Rule("resolve", amount, unit, **kept), anchor, anchor, DEFAULT)


def test_a_typed_limit_takes_the_place_of_the_default():
    clock = sla.stop(started(2, "day", 2026, 11, 2, 9), local(2026, 11, 4, 10))
    one = past(clock)
    assert verdict(one, one.due_at, AT) == MISSED
    longer = Scenario([Row("resolve", 3, "day", "call")])
    assert due_under(one, longer, DEFAULT) == local(2026, 11, 5, 9)
    assert verdict(one, due_under(one, longer, DEFAULT), AT) == ON_TIME
    assert due_under(one, Scenario([Row("accept", 3, "day", "call")]), DEFAULT) == one.due_at


def test_what_is_more_particular_stays():
    standing = [Row("resolve", 9, "work_day", "call", item="0601")]
    typed = Row("resolve", 1, "day", "call")
    clock = started(9, "work_day", 2026, 11, 2, 9)
    one = past(clock, item="0601")
    assert due_under(one, Scenario([typed], None, standing), DEFAULT) == one.due_at
    named = Row("resolve", 1, "day", "call", item="0601")
    assert due_under(one, Scenario([named], None, standing), DEFAULT) == local(2026, 11, 3, 9)
    assert due_under(past(clock, item="0602"), Scenario([named], None, standing), DEFAULT) == one.due_at


def test_a_given_deadline_is_nobodys_policy():
    until = local(2026, 11, 20)
    clock = sla.start(
        sla.Rule("resolve", 0, "until", until=until), local(2026, 11, 2, 9), local(2026, 11, 2, 9), DEFAULT
    )
    assert due_under(past(clock), Scenario([Row("resolve", 1, "day", "call")]), DEFAULT) == until


def test_stops_pauses_and_voids_are_those_that_were():
    clock = sla.pause(started(2, "work_day", 2026, 11, 2, 9), local(2026, 11, 3, 9), DEFAULT)
    clock = sla.resume(clock, local(2026, 11, 9, 9), DEFAULT)
    clock = sla.void(sla.stop(clock, local(2026, 11, 9, 17)), local(2026, 11, 11, 9), DEFAULT)
    one = past(clock)
    again = due_under(one, Scenario([Row("resolve", 4, "work_day", "call")]), DEFAULT)
    rule = sla.Rule("resolve", 4, "work_day", "call")
    assert again == sla.rebuild(rule, clock.anchor, clock.segments, DEFAULT).due_at > one.due_at


def test_another_calendar_moves_what_is_counted_by_one():
    one = past(started(2, "work_day", 2026, 11, 6, 9))
    assert due_under(one, Scenario(calendar=SIX_DAYS), DEFAULT) == local(2026, 11, 9, 17, 30)
    days = past(started(2, "day", 2026, 11, 6, 9))
    assert due_under(days, Scenario(calendar=SIX_DAYS), DEFAULT) == days.due_at


def test_the_second_acceptance_is_a_stage_of_its_own():
    rule = sla.Rule("reaccept", 4, "work_hour")
    clock = sla.start(rule, local(2026, 11, 2, 9), local(2026, 11, 2, 9), DEFAULT)
    one = past(clock, stage="accept")
    assert due_under(one, Scenario([Row("accept", 9, "day", "call")]), DEFAULT) == one.due_at
    assert due_under(one, Scenario([Row("reaccept", 1, "hour")]), DEFAULT) == local(2026, 11, 2, 10)


def test_verdicts():
    clock = started(2, "day", 2026, 11, 2, 9)
    assert verdict(past(clock), clock.due_at, AT) == MISSED
    assert verdict(past(clock), clock.due_at, local(2026, 11, 3)) == OPEN
    stopped = sla.stop(clock, local(2026, 11, 3, 9))
    assert verdict(past(stopped), clock.due_at, AT) == ON_TIME
    assert verdict(past(stopped, "ended"), clock.due_at, AT) == LEFT
    assert verdict(past(stopped, "ended"), local(2026, 11, 3), AT) == MISSED
    assert verdict(past(stopped, "cancelled"), local(2026, 11, 3), AT) == LEFT
    assert verdict(past(sla.pause(clock, local(2026, 11, 3), DEFAULT)), clock.due_at, AT) == LEFT


@settings(deadline=None, max_examples=200)
@given(life=lives())
def test_its_own_rule_and_calendar_give_its_own_deadline(life):
    """Tried with exactly what it had, a clock of any life comes to the deadline it has."""
    cal, told = life
    clock = told[-1]
    one = past(clock)
    assert due_under(one, Scenario(), cal) == one.due_at
    same = Row("resolve", clock.rule.amount, clock.rule.unit, clock.rule.anchor)
    assert due_under(one, Scenario([same], cal), DEFAULT) == one.due_at
    assert due_under(one, Scenario(calendar=cal), DEFAULT) == one.due_at


@settings(deadline=None, max_examples=150)
@given(
    life=lives(("hour", "day", "work_hour", "work_day", "legal_day"), most=0),
    at=instants,
    more=st.integers(0, 9),
)
def test_more_time_never_makes_anybody_late(life, at, more):
    cal, told = life
    clock = told[-1]
    clock = sla.stop(clock, max(at, clock.anchor))
    one = past(clock)
    longer = Row("resolve", clock.rule.amount + more, clock.rule.unit, clock.rule.anchor)
    due = due_under(one, Scenario([longer]), cal)
    assert due >= one.due_at
    assert not (verdict(one, one.due_at, AT) == ON_TIME and verdict(one, due, AT) == MISSED)
