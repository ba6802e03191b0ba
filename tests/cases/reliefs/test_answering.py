"""Answers: they count from the filing, a refusal changes nothing, and nobody answers for their own."""

from __future__ import annotations

import pytest

from cases.models import Clock
from cases.reliefs import answering
from cases.sla import clock as sla
from cases.sla import sweep
from cases.sla.board import calendar_of, pure
from ledger.models import Entry
from parties.gate import OutOfScope
from tests.builders import a_case, a_fact, a_move, walk
from tests.cases.reliefs.filing import answered, asked, cannot, granted, in_hand
from tests.cases.walking import DAY, HOUR, clock, clocks, events, fresh, last, local, repost
from tests.house.invariants import faults
from tests.town import STREET

SQUAD = f"TS02-{STREET}"


class TestExtension:
    def test_once_the_amount_again(self, town):
        case = in_hand()
        relief = granted(case)
        case = fresh(case)
        assert clock(case, "resolve").due_at == local("27 09:00") == relief.due_after
        assert clocks(case)["relief"] == "met" and clocks(case)["resolve"] == "running"
        assert (case.status, case.version) == ("in_hand", 4)
        assert case.promised_at == local("25 09:00")  # what the caller was told stays
        assert case.next_due_at == clock(case, "feedback").due_at
        assert last(case).event == "relief.granted"
        assert last(case).payload["due_at"] == ["2026-11-25T01:00:00+00:00", "2026-11-27T01:00:00+00:00"]
        assert faults(case) == []

    def test_less_where_less_was_asked(self, town):
        case = in_hand()
        granted(case, amount="1")
        assert clock(case, "resolve").due_at == local("26 09:00")

    def test_in_the_units_of_its_rule(self, town):
        case = a_case(item="0105", kind="wish", through=("accept",))  # 20 working days
        before = clock(case, "resolve").due_at
        relief = granted(case, asker="shequ")
        assert (relief.amount, relief.unit) == (20, "work_day")
        assert clock(case, "resolve").due_at > before + 27 * DAY
        assert faults(fresh(case)) == []

    def test_granted_after_the_deadline_passed_it_counts_from_the_filing(self, town):
        """The breach stays in the ledger; what judges is the deadline."""
        case = in_hand()
        relief = asked(case, when=local("24 17:00"))
        sweep.sweep(local("25 10:00"))
        row = clock(case, "resolve")
        assert row.breached_at == local("25 09:00")
        answered(relief, when=local("25 16:00"))
        row = clock(case, "resolve")
        assert (row.due_at, row.breached_at) == (local("27 09:00"), local("25 09:00"))
        case = a_move(fresh(case), "resolve", when=local("26 09:00"), by="bumen")
        row = clock(case, "resolve")
        assert row.outcome == "met" and row.stopped_at <= row.due_at
        assert events(case).count("clock.breached") == 1
        assert faults(case) == []

    def test_granted_after_the_work_was_done_late(self, town):
        """Who filed in time does not pay for the granter's silence."""
        case = in_hand()
        relief = asked(case, when=local("24 17:00"))
        case = a_move(fresh(case), "resolve", when=local("25 11:00"), by="bumen")
        answered(relief, when=local("25 16:00"))
        row = clock(case, "resolve")
        assert (row.state, row.outcome, row.due_at) == ("stopped", "met", local("27 09:00"))
        assert faults(fresh(case)) == []

    def test_of_a_limit_that_came_with_the_case(self, town):
        case = in_hand(outer_due_at=local("24 09:00").isoformat(), channel="hotline")
        assert clock(case, "resolve").due_at == local("24 09:00")
        relief = granted(case)
        assert (relief.amount, relief.unit) == (2, "day")
        assert clock(case, "resolve").due_at == local("26 09:00")

    def test_who_assists_has_as_long_as_the_lead(self, town):
        case = walk(a_case(item="0604", through=("accept",)), "dispatch", assisting=["IN02", SQUAD])
        case = walk(walk(case, "sign", by="bumen"), "sign", by="huanwei")
        done = clock(walk(case, "resolve", by="huanwei"), "resolve", part=1)
        before = clock(case, "resolve").due_at
        granted(case)
        lead, share = clock(case, "resolve"), clock(case, "resolve", part=2)
        assert share.due_at == lead.due_at == before + 2 * DAY and share.state == "running"
        assert sla.due(pure(share), calendar_of(share)) == share.due_at
        assert clock(case, "resolve", part=1).due_at == done.due_at == before  # it was done by then
        assert faults(fresh(case)) == []
        sweep.sweep(before + HOUR)
        assert clock(case, "resolve", part=2).breached_at is None


class TestHold:
    def test_from_the_filing(self, town):
        case = in_hand()
        relief = asked(case, "hold", when=local("23 15:00"), until=local("27 09:00"))
        answered(relief, when=local("24 10:00"))
        case = fresh(case)
        assert (case.status, case.came_from, case.version) == ("on_hold", "in_hand", 5)
        assert events(case)[-2:] == ["relief.granted", "case.held"]
        assert clocks(case)["resolve"] == clocks(case)["feedback"] == "paused"
        assert clock(case, "resolve").segments[-1]["from"].startswith("2026-11-23T07:00")
        assert clock(case, "hold").due_at == local("27 09:00")
        sweep.sweep(local("27 09:00"))
        assert fresh(case).status == "in_hand"
        assert (
            clock(case, "resolve").due_at == local("28 09:00") + 18 * HOUR
        )  # 42 hours were left at the filing
        assert faults(fresh(case)) == []

    def test_granted_after_the_deadline_passed(self, town):
        case = in_hand()
        relief = asked(case, "hold", when=local("24 17:00"), until=local("30 09:00"))
        sweep.sweep(local("25 10:00"))
        answered(relief, when=local("25 11:00"))
        row = clock(case, "resolve")
        assert (row.state, row.breached_at) == ("paused", local("25 09:00"))
        sweep.sweep(local("30 09:00"))
        assert clock(case, "resolve").due_at == local("30 09:00") + 16 * HOUR
        assert faults(fresh(case)) == []

    def test_over_by_the_time_it_is_granted(self, town):
        case = in_hand()
        relief = asked(case, "hold", when=local("23 15:00"), until=local("24 09:00"))
        answered(relief, when=local("24 10:00"))
        assert fresh(case).status == "on_hold"
        sweep.sweep(local("24 10:01"))
        case = fresh(case)
        assert case.status == "in_hand"
        assert clock(case, "resolve").due_at == local("24 09:00") + 42 * HOUR
        assert faults(case) == []

    def test_over_before_a_round_began_that_it_would_pause(self, town):
        """An interim answer after the hold's end opened the feedback round: the hold takes none of its time."""
        case = in_hand()
        relief = asked(case, "hold", when=local("23 10:00"), until=local("24 17:00"))
        sent = {"done": "已勘查", "next": "明日施工", "channel": "phone"}
        a_fact(fresh(case), "interim", by="bumen", when=local("25 08:00"), until=local("27 12:00"), **sent)
        answered(relief, when=local("26 10:00"))
        assert sweep.sweep(local("26 10:01")).terms == 1
        case = fresh(case)
        assert case.status == "in_hand" and clocks(case)["feedback#2"] == "running"
        assert clock(case, "feedback").due_at == local("27 12:00")
        assert clock(case, "resolve").due_at == local("24 17:00") + 47 * HOUR  # since the filing
        assert faults(case) == []

    def test_over_before_the_work_was_voided_that_it_would_pause(self, town):
        case = in_hand()
        relief = asked(case, "hold", when=local("23 10:00"), until=local("24 09:00"))
        case = a_move(fresh(case), "resolve", when=local("23 12:00"), by="bumen")
        case = a_move(case, "rework", when=local("24 10:00"))
        due_at = clock(case, "resolve").due_at
        answered(relief, when=local("24 11:00"))
        assert sweep.sweep(local("24 11:01")).terms == 1
        case = fresh(case)
        assert case.status == "in_hand" and clock(case, "resolve").due_at == due_at
        assert faults(case) == []

    def test_a_question_between_filing_and_grant_is_part_of_the_pause(self, town):
        case = in_hand()
        relief = asked(case, "hold", when=local("23 10:00"), until=local("27 09:00"))
        case = a_move(fresh(case), "ask", when=local("23 11:00"), by="bumen")
        case = a_move(case, "supply", when=local("23 15:00"))
        answered(relief, when=local("23 16:00"))
        row = clock(case, "resolve")
        assert [one["kind"] for one in row.segments] == ["run", "pause"]
        assert row.segments[-1]["from"].startswith("2026-11-23T02:00")
        assert faults(fresh(case)) == []

    def test_a_stage_that_began_after_the_filing(self, town):
        case = in_hand()
        relief = asked(case, "hold", when=local("23 10:00"), until=local("27 09:00"))
        case = a_fact(fresh(case), "release", by="fuzeren", when=local("23 10:30"))
        case = a_move(case, "decline", when=local("23 11:00"), by="bumen")
        answered(relief, when=local("23 11:30"))
        assert clock(case, "dispatch").segments[-1]["from"].startswith("2026-11-23T03:00")
        assert clock(case, "resolve").segments[-1]["from"].startswith("2026-11-23T02:00")
        assert faults(fresh(case)) == []

    def test_not_once_it_is_no_longer_worked_on(self, town):
        case = in_hand()
        relief = asked(case, "hold")
        walk(fresh(case), "resolve")
        assert "不能再挂账" in cannot(answered, relief, kind="not_from_here")
        assert answered(relief, "refuse").state == "refused"

    def test_the_granter_looks_again_when_four_fifths_are_over(self, town):
        case = in_hand()
        granted(case, "hold", when=local("23 15:00"), until=local("28 15:00"))
        sweep.sweep(local("27 14:59"))
        assert "relief.review_due" not in events(case)
        sweep.sweep(local("27 15:01"))
        sweep.sweep(local("27 16:00"))
        assert events(case).count("relief.review_due") == 1 and fresh(case).status == "on_hold"
        assert faults(fresh(case)) == []
        sweep.sweep(local("28 15:00"))
        assert fresh(case).status == "in_hand" and faults(fresh(case)) == []


class TestExclusion:
    def test_out_of_every_figure(self, town):
        case = in_hand()
        granted(case, "exclusion", by="ducha")
        case = fresh(case)
        assert case.excluded and case.status == "in_hand"
        assert clocks(case)["resolve"] == "running" and clock(case, "resolve").due_at == local("25 09:00")
        assert faults(case) == []


class TestRefusal:
    @pytest.mark.parametrize("kind", ["extension", "hold", "exclusion"])
    def test_changes_nothing(self, town, kind):
        case = in_hand()
        rows = list(Clock.objects.filter(case=case).order_by("pk").values())
        relief = answered(asked(case, kind), "refuse", by="ducha" if kind == "exclusion" else "jiedao")
        case = fresh(case)
        assert (relief.state, relief.decided_by.username) == (
            "refused",
            "ducha" if kind == "exclusion" else "jiedao",
        )
        assert (case.status, case.version, case.excluded) == ("in_hand", 4, False)
        assert list(Clock.objects.filter(case=case).exclude(stage="relief").order_by("pk").values()) == rows
        assert clocks(case)["relief"] == "met" and last(case).event == "relief.refused"

    def test_with_a_reason(self, town):
        assert cannot(answered, asked(in_hand()), "refuse", reason="")


class TestWho:
    def test_nobody_else(self, town):
        relief = asked(in_hand())
        for stranger in ("bumen", "fuzeren", "wangge", "lingdao", "shenji", "shequ", "ducha"):
            assert cannot(answered, relief, kind="not_yours", by=stranger)
        assert answered(relief, by="zhiban").decided_role == "shift_lead"

    def test_the_desk_above_may(self, town):
        assert answered(asked(in_hand()), by="quji").decided_role == "district_dispatcher"

    def test_the_supervisor_alone_once_it_is_his(self, town):
        relief = asked(in_hand(), "exclusion")
        for stranger in ("jiedao", "quji", "bumen"):
            assert cannot(answered, relief, kind="not_yours", by=stranger)
        assert answered(relief, by="ducha2").state == "granted"

    def test_not_whose_unit_asked(self, town):
        relief = asked(a_case("accepted"), "hold", by="jiedao")
        assert "您的单位提出" in cannot(answered, relief, kind="not_yours", by="zhiban")
        assert answered(relief, by="quji").state == "granted"

    def test_not_who_asked_in_another_coat(self, town):
        relief = asked(in_hand())
        repost("bumen", "street_dispatcher", "370811015")
        assert "您或您的单位提出" in cannot(answered, relief, kind="not_yours", by="bumen")

    def test_not_who_handled_it_in_another_coat(self, town):
        relief = asked(in_hand(), by="fuzeren")
        repost("bumen", "street_dispatcher", "370811015")  # who had signed for it
        assert "办过" in cannot(answered, relief, kind="not_yours", by="bumen")

    def test_out_of_sight_is_not_found(self, town):
        relief = asked(in_hand())
        with pytest.raises(OutOfScope):
            answered(relief, by="linju")
        with pytest.raises(OutOfScope):
            answering.grant(number=relief.case.number, n=9, by=town.actor("jiedao"), at=local("23 12:00"))


class TestTwice:
    def test_one_answer_only(self, town):
        relief = granted(in_hand())
        assert "已批准" in cannot(answered, relief, "refuse", kind="not_from_here")
        assert cannot(answered, relief, "withdraw", kind="not_from_here", by="bumen")

    def test_the_same_request_again(self, town):
        relief = asked(in_hand(), request_key="k1", body_hash="h")
        again = asked(relief.case, request_key="k1", body_hash="h")
        assert again.pk == relief.pk
        one = answered(relief, request_key="k2", body_hash="h")
        entries = Entry.objects.count()
        assert answered(relief, request_key="k2", body_hash="h").pk == one.pk
        assert Entry.objects.count() == entries


class TestTakingBack:
    def test_by_who_asked(self, town):
        relief = answered(asked(in_hand()), "withdraw", by="fuzeren")
        assert relief.state == "withdrawn" and clocks(relief.case)["relief"] == "ended"

    def test_by_nobody_else(self, town):
        relief = asked(in_hand())
        for stranger in ("jiedao", "ducha", "wangge"):
            assert cannot(answered, relief, "withdraw", kind="not_yours", by=stranger)

    def test_by_who_asked_when_it_has_gone_elsewhere(self, town):
        relief = asked(in_hand())
        a_move(fresh(relief.case), "transfer", when=local("23 11:00"), by="bumen", organisation="IN02")
        assert answered(relief, "withdraw", by="bumen").state == "withdrawn"


def test_a_merge_undone_goes_on_waiting(town):
    a_case("in_hand")
    case = in_hand()
    relief = asked(case)
    case = walk(fresh(case), "merge", by="jiedao")
    assert cannot(answered, relief, kind="not_from_here")
    case = walk(case, "unmerge")
    assert clocks(case)["relief"] == "running"
    assert answered(relief).state == "granted"
    assert faults(fresh(case)) == []
