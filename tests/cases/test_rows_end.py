"""The rows after the work: rework, answer, close, reopen, withdraw."""

from __future__ import annotations

import pytest

from cases.models import Call, Case
from cases.sla import sweep
from ledger import post
from tests.builders import GRID_ITEM, a_case, a_fact, a_move, walk
from tests.cases.walking import (
    DAY,
    clock,
    clocks,
    events,
    fact_refused,
    fresh,
    holder,
    last,
    local,
    refused,
    repost,
)
from tests.town import COMMUNITY, STREET

STREET_DESK = f"ZX-{STREET}"
COMMITTEE = f"JW-{COMMUNITY}"
DISTRICT_DESK = "ZX-370811"
DONE = ("accept", "dispatch", "sign", "resolve")


def resolved(when=None, **call):
    """By the department, at a given time."""
    case = a_case(through=DONE[:-1], **call)
    return a_move(case, "resolve", when=when or local("24 10:00"), by="bumen")


def answered(**call):
    return walk(resolved(**call), "answer", by="wangge")


def closed(**call):
    case = answered(**call)
    sweep.sweep(clock(case, "grace").due_at)
    return fresh(case)


class TestRework:
    def test_voids_the_stop(self, town):
        case = a_move(resolved(), "rework", when=local("24 16:00"), by="wangge")
        assert (case.status, holder(case), case.reworks) == ("in_hand", "GV24", 1)
        assert case.resolved_at is None and case.resolved_level == ""
        assert clocks(case)["resolve"] == "running" and clocks(case)["feedback"] == "running"
        # 23 hours were left at the stop, and run on from now
        assert clock(case, "resolve").due_at == local("25 15:00")
        assert last(case).payload["n"] == 1

    def test_at_least_four_working_hours(self, town):
        case = a_move(resolved(local("25 08:30")), "rework", when=local("25 16:00"), by="wangge")
        assert clock(case, "resolve").due_at == local("26 11:00")

    def test_a_false_resolve_after_due_stays_late(self, town):
        case = resolved(local("25 10:00"))
        case = a_move(case, "rework", when=local("25 11:00"), by="wangge")
        row = clock(case, "resolve")
        # an hour late at the stop, an hour late when it runs on: the floor makes nothing late look in time
        assert row.breached_at == local("25 09:00") and row.due_at == local("25 10:00")

    def test_by_somebody_outside_the_chain(self, town):
        case = resolved()
        assert refused("not_yours", case, "rework", by="bumen")  # has no such capability
        repost("bumen2", "grid_worker", "370811015001001")
        assert walk(case, "rework", by="bumen2").status == "in_hand"  # moved on before it was handled
        repost("bumen", "grid_worker", "370811015001001")
        case = walk(fresh(case), "resolve", by="fuzeren")
        assert "办过" in refused("not_yours", case, "rework", by="bumen")  # the human, whatever the posting

    def test_needs_what_is_lacking(self, town):
        assert refused("not_ready", resolved(), "rework", reason="")

    def test_ends_the_check(self, town):
        case = walk(resolved(caller=None), "rework", by="wangge")
        assert clocks(case)["verify"] == "ended"
        assert clocks(walk(case, "resolve"))["verify#2"] == "running"


class TestAnswer:
    def test_tells_the_caller_and_waits(self, town):
        case = a_move(resolved(), "answer", when=local("24 11:00"), by="bumen", channel="visit")
        assert case.status == "answered" and case.answered_at == case.last_at
        assert clocks(case)["feedback"] == "met"
        assert clock(case, "grace").due_at == local("27 11:00")
        call = Call.objects.get(case=case)
        assert (call.told, call.told_channel, call.told_at) == ("外墙已清洗完毕。", "visit", case.last_at)
        assert "外墙" not in str(last(case).payload)

    @pytest.mark.parametrize("who", ["bumen", "fuzeren", "jiedao", "wangge"])
    def test_by_holder_dispatching_desk_and_reporter(self, town, who):
        assert walk(resolved(), "answer", by=who).status == "answered"

    @pytest.mark.parametrize("who", ["wanggezhang", "shequ", "quji"])
    def test_by_nobody_else(self, town, who):
        assert refused("not_yours", resolved(), "answer", by=who)

    def test_needs_a_caller_a_word_and_a_way(self, town):
        assert "主动发现" in refused("not_ready", resolved(caller=None), "answer", by="bumen")
        assert refused("not_ready", resolved(), "answer", by="bumen", told="")
        assert refused("not_ready", resolved(), "answer", by="bumen", channel="")


class TestClose:
    def test_by_itself_when_the_grace_is_over(self, town):
        case = answered()
        due = clock(case, "grace").due_at
        sweep.sweep(due - DAY / 24)
        assert fresh(case).status == "answered"
        sweep.sweep(due + 5 * DAY)  # as of its due time, however late
        case = fresh(case)
        assert (case.status, case.ended_at) == ("closed", due)
        assert set(clocks(case).values()) == {"met"} and clock(case, "grace").stopped_at == due

    def test_by_nobody(self, town):
        assert refused("not_yours", answered(), "close", by="zhiban")

    def test_without_a_caller_when_it_was_checked(self, town):
        case = resolved(caller=None)
        sweep.sweep(local("30 09:00"))
        assert fresh(case).status == "resolved"
        case = a_fact(fresh(case), "verify", by="wangge", done=True)
        post.deliver_pending()
        case = fresh(case)
        assert (case.status, clock(case, "verify").outcome) == ("closed", "met")

    def test_a_due_check_comes_before_the_end_of_the_grace(self, town):
        case = a_case(item="0501", through=("accept",))
        case = walk(case, "settle", by="shequ")
        case = walk(case, "answer", by="shequ")
        sweep.sweep(clock(case, "grace").due_at)
        assert fresh(case).status == "answered"
        sweep.sweep(clock(case, "grace").due_at + DAY)
        case = a_fact(fresh(case), "verify", by="jiedao", done=True)
        post.deliver_pending()
        assert fresh(case).status == "closed"

    def test_a_check_found_wanting_is_a_rework(self, town):
        assert "返工" in fact_refused("not_ready", resolved(caller=None), "verify", by="wangge", done=False)

    def test_nobody_checks_what_he_handled(self, town):
        case = walk(a_case(item=GRID_ITEM, caller=None), "settle", by="wangge")
        for who in ("wangge", "wanggezhang", "shequ"):
            assert fact_refused("not_yours", case, "verify", by=who, done=True)
        a_fact(case, "verify", by="jiedao", done=True)


class TestReopen:
    @pytest.mark.parametrize("case_of", [answered, closed])
    def test_the_first_time_to_the_last_holder(self, town, case_of):
        case = walk(case_of(), "reopen", by="zhiban")
        assert (case.status, holder(case), case.reopens) == ("in_hand", "GV24", 1)
        assert case.ended_at is None and case.answered_at is None and case.resolved_at is None
        assert clocks(case)["resolve"] == "running" and clocks(case)["feedback#2"] == "running"
        assert clock(case, "feedback").due_at == case.last_at + 3 * DAY
        assert clock(case, "resolve").due_at > case.last_at

    def test_ends_the_grace(self, town):
        assert clocks(walk(answered(), "reopen", by="zhiban"))["grace"] == "ended"

    def test_the_second_time_to_the_desk_above(self, town):
        case = walk(answered(), "reopen", "resolve", "answer", by=None)
        case = walk(case, "reopen", by="zhiban")
        assert (case.status, case.level, holder(case)) == ("received", "district", DISTRICT_DESK)
        assert clocks(case)["accept#2"] == "running" and clocks(case)["feedback#3"] == "running"
        assert not case.final
        case = walk(case, "accept", "dispatch", "sign", "resolve", "answer", by=None)
        assert clocks(walk(case, "reopen", by="quji"))["accept#3"] == "running"

    def test_within_thirty_days(self, town):
        case = closed()
        late = case.ended_at + 30 * DAY
        assert "30" in refused("not_ready", case, "reopen", by="zhiban", when=late + DAY / 24)
        assert a_move(case, "reopen", when=late, by="zhiban")

    def test_who_may(self, town):
        case = answered()
        for who in ("jiedao", "shequ", "wangge"):
            assert refused("not_yours", case, "reopen", by=who)
        assert refused("not_ready", case, "reopen", by="ducha", reason="")
        assert walk(case, "reopen", by="ducha").status == "in_hand"

    def test_nobody_waits_for_an_answer_without_a_caller(self, town):
        case = resolved(caller=None)
        case = a_fact(case, "verify", by="wangge", done=True)
        post.deliver_pending()
        case = walk(fresh(case), "reopen", by="zhiban")
        assert "feedback" not in clocks(case)
        assert clocks(walk(case, "resolve"))["verify#2"] == "running"

    def test_a_stale_check_counts_no_more(self, town):
        case = resolved(caller=None)
        case = a_fact(case, "verify", by="wangge", done=True)
        post.deliver_pending()
        case = walk(fresh(case), "reopen", by="zhiban")
        case = walk(case, "resolve")
        post.deliver_pending()
        assert fresh(case).status == "resolved" and case.verified_at is None


class TestWithdraw:
    def test_staff_need_a_contact_from_outside_the_chain(self, town):
        case = a_case(through=("accept", "dispatch", "sign"))
        assert "联系" in refused("not_yours", case, "withdraw", by="zhiban")
        case = a_fact(case, "contact", by="bumen", channel="phone")  # the handler's own does not count
        assert refused("not_yours", case, "withdraw", by="zhiban")
        case = a_fact(case, "contact", by="wangge", channel="phone", reached=False)
        assert refused("not_yours", case, "withdraw", by="zhiban")
        case = a_fact(case, "contact", by="wangge", channel="visit", reached=True)
        case = walk(case, "withdraw", by="zhiban")
        assert case.status == "withdrawn" and {"running", "paused"}.isdisjoint(clocks(case).values())

    def test_breaches_stay(self, town):
        case = a_case(caller=None)
        sweep.sweep(local("24 10:00"))
        case = a_move(fresh(case), "withdraw", when=local("24 11:00"), by="zhiban")
        assert clock(case, "accept").breached_at == local("24 09:00")
        assert clock(case, "accept").outcome == "ended"

    def test_not_by_who_handled(self, town):
        case = a_case(caller=None, through=("accept",))
        case = walk(case, "start", by="jiedao")
        assert "办过" in refused("not_yours", case, "withdraw", by="zhiban")
        assert walk(case, "withdraw", by="quji").status == "withdrawn"

    def test_who_may_and_from_where(self, town):
        assert refused("not_yours", a_case(caller=None), "withdraw", by="jiedao")
        assert refused("not_ready", a_case(caller=None), "withdraw", by="zhiban", reason="")
        assert refused("not_from_here", resolved(caller=None), "withdraw", by="zhiban")


def test_a_refusal_names_the_statuses(town):
    sentence = refused("not_from_here", closed(), "accept", by="jiedao")
    assert "已结案" in sentence and "受理" in sentence
    assert events(a_case())[0] == "case.received" and Case.objects.count() == 2
