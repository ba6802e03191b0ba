"""The gaming list: what somebody may try when the deadline is near, and that it gains nothing.

A test each, with real commands on the real database. The honest path is the case left alone: resolve is due on
Wednesday the 25th at 09:00, feedback a day later."""

from __future__ import annotations

import datetime as dt

import pytest

from cases.figures.asking import Period, Subject, subject_of
from cases.figures.catalogue import BY_STAGE
from cases.figures.measuring import measure, summary
from cases.figures.values import Value
from cases.models import Case, Clock
from cases.sla import sweep
from parties import directory
from tests import town as small_town
from tests.builders import a_case, a_fact, a_move
from tests.cases.reliefs.filing import answered, asked, cannot, granted, in_hand
from tests.cases.walking import DAY, HOUR, MINUTE, clock, events, fresh, last, local, refused
from tests.house.invariants import faults

DUE, TOLD = local("25 09:00"), local("26 09:00")
EVE = local("25 08:30")  # half an hour before


def on_time(stage: str = "resolve") -> Value:
    """The district's rate of a stage, judged at the end of the month."""
    district = subject_of(small_town.place(small_town.DISTRICT).path)
    month = Period.of_days(dt.date(2026, 11, 1), dt.date(2026, 11, 30))
    code = BY_STAGE[stage].code
    return measure(district, month, local("30 23:59")).now[code]


def unmoved(case: Case) -> None:
    """Neither deadline is later than the honest path would have it."""
    assert clock(case, "resolve").due_at <= DUE
    assert clock(case, "feedback", n=1).due_at <= TOLD
    assert faults(fresh(case)) == []


def test_resolved_at_the_last_minute_and_reworked(town):
    """What was left when it was said to be done is left again, and no more than four working hours."""
    case = a_move(in_hand(), "resolve", when=DUE - MINUTE, by="bumen")
    case = a_move(case, "rework", when=local("25 15:00"), by="wangge")
    row = clock(case, "resolve")
    assert row.due_at == local("26 10:00")  # the floor of four working hours, not two days anew
    assert row.round == 1
    case = a_move(case, "resolve", when=local("26 10:01"), by="bumen")
    sweep.sweep(local("30 09:00"))
    assert on_time() == Value(0, 1)  # late, and once in the denominator


def test_a_second_false_resolve_gains_no_more(town):
    case = a_move(in_hand(), "resolve", when=DUE - MINUTE, by="bumen")
    case = a_move(case, "rework", when=local("25 15:00"), by="wangge")
    case = a_move(case, "resolve", when=local("26 09:59"), by="bumen")
    case = a_move(case, "rework", when=local("26 10:00"), by="wangge")
    assert clock(case, "resolve").due_at == local("26 15:30")
    assert faults(fresh(case)) == []


def test_resolved_late_and_reworked_stays_late(town):
    case = a_move(in_hand(), "resolve", when=local("25 10:00"), by="bumen")
    case = a_move(case, "rework", when=local("25 11:00"), by="wangge")
    row = clock(case, "resolve")
    assert row.due_at <= local("25 11:00")  # an hour late then, an hour late now
    a_move(case, "resolve", when=local("25 11:05"), by="bumen")
    assert on_time() == Value(0, 1)


def test_resolved_at_the_last_minute_and_reopened(town):
    case = a_move(in_hand(), "resolve", when=DUE - MINUTE, by="bumen")
    case = a_move(case, "answer", when=local("25 09:30"), by="bumen")
    case = a_move(case, "reopen", when=local("27 09:00"), by="zhiban")
    row = clock(case, "resolve")
    assert (row.round, row.due_at) == (1, local("27 14:30"))  # four working hours, however long it stood
    assert on_time() == Value(0, 1)


def test_a_case_cannot_be_asked_about_near_its_due(town):
    assert "一半" in refused("not_ready", in_hand(), "ask", by="bumen", when=local("24 09:00"))
    assert refused("not_ready", in_hand(), "ask", by="bumen", when=EVE)


def test_nor_by_passing_it_to_a_fresh_stage_first(town):
    """Called upward, a new stage begins; the work's own time is nearly over all the same."""
    case = a_move(a_case("accepted"), "escalate", when=EVE, by="jiedao")
    assert "一半" in refused("not_ready", case, "ask", by="quji", when=EVE + 5 * MINUTE)
    unmoved(case)


def test_the_wait_for_an_answer_is_one_working_day_at_most(town):
    """The pause gives back what was waited, no more; the other clocks run on."""
    case = a_move(in_hand(), "ask", when=local("23 11:00"), by="bumen")
    sweep.sweep(local("30 09:00"))
    case = fresh(case)
    assert case.status == "in_hand"
    waited = local("24 17:30") - local("23 11:00")
    assert clock(case, "resolve").due_at == DUE + waited
    assert clock(case, "feedback").due_at == TOLD
    assert "一次" in refused("not_ready", case, "ask", by="bumen", when=local("30 09:01"))


def test_nobody_puts_a_case_on_hold_alone(town):
    case = in_hand()
    for who in ("bumen", "fuzeren", "jiedao", "ducha"):
        assert refused(
            "not_yours" if who in ("bumen", "fuzeren") else "not_ready", case, "hold", by=who, when=EVE
        )
    unmoved(case)


@pytest.mark.parametrize("kind", ["extension", "hold", "exclusion"])
def test_a_relief_filed_after_the_deadline_is_refused(town, kind):
    case = in_hand()
    for when in (DUE, DUE + MINUTE, local("27 09:00")):
        assert "时限已过" in cannot(asked, case, kind, when=when)
    unmoved(case)


@pytest.mark.parametrize("answer", ["refuse", "withdraw"])
@pytest.mark.parametrize("kind", ["extension", "hold", "exclusion"])
def test_a_relief_that_is_not_granted_gives_no_time(town, kind, answer):
    """The clock ran meanwhile."""
    case = in_hand()
    relief = asked(case, kind, when=EVE)
    by = {"withdraw": "bumen", "refuse": "ducha" if kind == "exclusion" else "jiedao"}[answer]
    answered(relief, answer, by=by, when=local("25 16:00"))
    unmoved(case)
    a_move(fresh(case), "resolve", when=local("25 16:30"), by="bumen")
    assert on_time() == Value(0, 1)


def test_a_relief_nobody_answers_gives_no_time(town):
    case = in_hand()
    asked(case, when=EVE)
    sweep.sweep(local("30 20:00"))
    unmoved(case)
    assert on_time() == Value(0, 1)


def test_a_hold_filed_at_the_last_minute_leaves_the_last_minute(town):
    """Half an hour was left at the filing; half an hour is left when it resumes, not two days."""
    case = in_hand()
    relief = asked(case, "hold", when=EVE, until=local("30 09:00"))
    answered(relief, when=local("25 16:00"))
    sweep.sweep(local("30 09:00"))
    assert clock(case, "resolve").due_at == local("30 09:30")


def test_a_hold_ended_early_gives_back_no_more_than_it_lasted(town):
    case = in_hand()
    granted(case, "hold", when=local("24 09:00"), until=local("30 09:00"))
    case = a_move(fresh(case), "resume", when=local("24 12:00"), by="bumen")
    assert clock(case, "resolve").due_at == DUE + 3 * HOUR
    assert clock(case, "feedback").due_at == TOLD + 3 * HOUR


def test_a_hold_that_is_over_is_over_whoever_comes_late(town):
    """Resumed by hand a day after its end: the day is not given back."""
    case = in_hand()
    granted(case, "hold", when=local("24 09:00"), until=local("25 09:00"))
    case = a_move(fresh(case), "resume", when=local("26 09:00"), by="bumen")
    assert clock(case, "resolve").due_at == DUE + DAY


def test_an_extension_twice_is_not_to_be_had(town):
    case = in_hand()
    granted(case, when=local("23 10:00"))
    assert cannot(asked, case, when=local("27 08:00"))
    assert clock(case, "resolve").due_at == DUE + 2 * DAY


def test_another_item_with_a_longer_limit(town):
    """Reclassified near the due time to what may take longer: the running deadline stays."""
    case = in_hand()
    longer = a_case(item="0105", kind="wish")
    case = a_fact(case, "reclassify", by="jiedao", when=EVE, item="0105", kind="wish", reason="应属微心愿。")
    unmoved(case)
    assert clock(longer, "resolve").round == 1
    a_move(case, "resolve", when=local("25 16:00"), by="bumen")
    assert on_time() == Value(0, 1)


def test_a_lower_urgency(town):
    case = in_hand(urgency="critical")
    before = clock(case, "resolve").due_at
    a_fact(case, "urgency", by="jiedao", when=before - MINUTE, urgency="normal", reason="不紧急。")
    assert clock(case, "resolve").due_at == before


def test_another_place(town):
    case = a_fact(in_hand(), "relocate", by="jiedao", when=EVE, place=town.GRID_3, reason="地点有误。")
    unmoved(case)


def test_merged_into_an_elder_case(town):
    """The elder keeps its own deadline, or takes the earlier one; what it had missed it has missed."""
    elder = in_hand()
    late = in_hand(when=local("24 09:00"))
    sweep.sweep(local("25 10:00"))
    a_move(late, "merge", when=local("25 11:00"), by="jiedao", target=elder.number)
    unmoved(elder)
    assert clock(elder, "resolve").breached_at == DUE
    assert on_time() == Value(0, 1)


def test_an_earlier_deadline_follows_into_the_merge(town):
    elder = a_case(item="0105", kind="wish", through=("accept",), by="jiedao")
    urgent = in_hand(when=local("23 10:00"))
    a_move(urgent, "merge", when=local("23 16:00"), by="jiedao", target=elder.number)
    assert clock(elder, "resolve").due_at == local("25 10:00")


def test_merged_late_into_what_is_done_already(town):
    """What is done is judged by the earliest deadline too, so that nothing late disappears in it."""
    elder = a_case(item="0105", kind="wish", through=("accept", "start"), by="jiedao")
    late = in_hand(when=local("23 10:00"))
    elder = a_move(elder, "resolve", when=local("25 16:00"), by="shequ")
    before = clock(elder, "resolve").due_at
    late = a_move(late, "merge", when=local("25 17:00"), by="jiedao", target=elder.number)
    assert clock(elder, "resolve").due_at == local("25 10:00")
    assert on_time() == Value(0, 1)
    assert faults(fresh(elder)) == []
    a_move(late, "unmerge", when=local("25 17:30"), by="zhiban")
    assert clock(elder, "resolve").due_at == before
    assert faults(fresh(elder)) == []


def test_merged_and_parted_again(town):
    """A merge undone gives back no time: the clock ran as if nothing had been."""
    in_hand()
    case = in_hand()
    due = clock(case, "resolve").due_at
    case = a_move(case, "merge", when=EVE, by="jiedao")
    case = a_move(case, "unmerge", when=local("25 16:00"), by="zhiban")
    assert clock(case, "resolve").due_at == due
    a_move(case, "resolve", when=local("25 16:10"), by="bumen")
    assert clock(case, "resolve").stopped_at > clock(case, "resolve").due_at


def test_transferred(town):
    """The work goes to somebody else, the deadline with it."""
    case = a_move(in_hand(), "transfer", when=EVE, by="bumen", organisation="IN02")
    unmoved(case)
    case = a_move(case, "sign", when=local("25 10:00"), by="huanwei")
    a_move(case, "resolve", when=local("25 10:30"), by="huanwei")
    assert on_time() == Value(0, 1)


def test_declined_and_sent_out_again(town):
    """The minutes stay with who declined, and the resolve clock never stopped."""
    case = a_move(a_case("assigned"), "decline", when=local("23 11:00"), by="bumen")
    case = a_move(case, "dispatch", when=local("23 11:30"), by="jiedao", organisation="GV24")
    unmoved(case)
    row = Clock.objects.get(case=case, stage="sign", round=1)
    assert row.outcome == "ended"  # inside the window: leaves both sides
    assert clock(case, "sign").due_at > row.due_at  # the desk's sending anew is a new signing


def test_declining_is_over_when_the_deadline_nears(town):
    case = a_case("assigned")
    assert "已过" in refused("not_ready", case, "decline", by="bumen", when=EVE)
    unmoved(case)


def test_called_upward(town):
    case = a_move(a_case("accepted"), "escalate", when=EVE, by="jiedao")
    unmoved(case)


def test_recalled_and_sent_again_the_signing_begins_anew_but_not_the_work(town):
    case = a_move(a_case("assigned"), "recall", when=EVE, by="jiedao")
    a_move(case, "dispatch", when=EVE + 5 * MINUTE, by="jiedao", organisation="GV24")
    unmoved(case)


def test_the_promise_stands_whatever_is_granted(town):
    case = in_hand()
    granted(case)
    case = fresh(case)
    granted(case, "hold", by="ducha", when=local("24 09:00"), until=local("30 09:00"))
    assert fresh(case).promised_at == DUE


def test_an_answer_before_the_work_does_not_stop_it(town):
    """An interim answer meets one round of feedback; the next comes due as promised, and the work runs on."""
    case = a_fact(
        in_hand(),
        "interim",
        by="bumen",
        when=EVE,
        done="已到场。",
        next="清洗。",
        until=local("26 17:00"),
        channel="phone",
    )
    unmoved(case)
    assert clock(case, "feedback").due_at == local("26 17:00")


def test_what_is_excluded_is_seen_to_be(town):
    """It leaves the rates, and shows in the one that counts how often that happens."""
    case = in_hand()
    other = in_hand()
    granted(case, "exclusion", by="ducha")
    sweep.sweep(local("30 09:00"))
    assert on_time() == Value(0, 1)  # the other one
    gv24 = Subject(organisation=directory.by_code("GV24"))
    month = Period.of_days(dt.date(2026, 11, 1), dt.date(2026, 11, 30))
    shares = summary(gv24, month, local("30 10:00"))
    assert (shares["excluded"], shares["extended"], shares["held"]) == (Value(1, 2), Value(0, 1), Value(0, 1))
    assert "relief.granted" in events(case) and last(other).event == "clock.breached"
