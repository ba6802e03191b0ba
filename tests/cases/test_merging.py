"""Several callers, one matter; and parted again as if it had never been."""

from __future__ import annotations

import pytest

from cases.models import Call, Case, Clock, Holding, Part
from cases.sla import sweep
from tests.builders import CALLER, a_case, a_fact, a_move, walk
from tests.cases.reliefs.filing import granted
from tests.cases.walking import DAY, HOUR, MINUTE, clock, clocks, events, fresh, last, local, parts, refused
from tests.house.invariants import faults
from tests.town import STREET

SQUAD = f"TS02-{STREET}"


def snapshot(case: Case) -> dict:
    """Everything that a merge and its undoing must leave as it was, but for the story itself."""
    row = Case.objects.filter(pk=case.pk).values().get()
    # while it is merged nobody's hand is needed: that rest stays in the story of the stay, which `faults` recounts
    row["rests"] = [rest["kind"] for rest in row["rests"] if "to" not in rest]
    for name in ("version", "chain_head", "chain_length", "last_at"):
        del row[name]
    rows = list(
        Clock.objects.filter(case=case).order_by("stage", "part", "round").values(
            "stage", "part", "round", "state", "outcome", "organisation_id", "due_at", "warn_at", "next_at",
            "stopped_at", "breached_at", "segments",
        )
    )  # fmt: skip
    return {
        "case": row,
        "clocks": rows,
        "parts": parts(case),
        "stays": Holding.objects.filter(case=case).count(),
    }


class TestMerge:
    def test_into_the_elder_open_case(self, town):
        elder, younger = a_case(), a_case(when=local("23 10:00"), urgency="urgent", by="shequ")
        case = walk(younger, "merge", by="jiedao", target=elder.number)
        elder = fresh(elder)
        assert (case.status, case.merged_into_id) == ("merged", elder.pk)
        assert set(clocks(case).values()) == {"cancelled"} and clock(case, "resolve").next_at is None
        assert (elder.urgency, elder.callers) == ("urgent", 2)
        assert set(elder.reporter_ids) == {town.account("wangge").pk, town.account("shequ").pk}
        assert events(elder) == ["case.received", "case.joined"] and elder.version == 2
        assert last(case).payload["target"] == elder.pk
        assert faults(elder) == faults(fresh(case)) == []

    def test_takes_the_earliest_call_and_due(self, town):
        elder = a_case(when=local("23 09:00"))
        younger = a_case(when=local("23 12:00"), by="jiedao", called_at=local("22 09:00"))
        walk(younger, "merge", by="jiedao", target=elder.number)
        elder = fresh(elder)
        assert elder.called_at == local("22 09:00")
        assert clock(elder, "resolve").due_at == local("24 09:00")
        assert clock(elder, "feedback").due_at == local("25 09:00")

    def test_never_the_later_due(self, town):
        elder = a_case(when=local("23 09:00"))
        walk(a_case(when=local("23 15:00")), "merge", by="jiedao", target=elder.number)
        assert clock(elder, "resolve").due_at == local("25 09:00") and fresh(elder).called_at == local(
            "23 09:00"
        )

    def test_a_patrol_case_gets_a_caller_to_answer(self, town):
        elder = a_case(caller=None)
        walk(a_case(when=local("23 10:00")), "merge", by="jiedao", target=elder.number)
        elder = fresh(elder)
        assert elder.has_caller and elder.callers == 1 and elder.reachable
        assert clock(elder, "feedback").due_at == local("26 10:00")  # the caller's own
        elder = walk(elder, "accept", "dispatch", "sign", "resolve", "answer")
        assert set(Call.objects.values_list("told", flat=True)) == {
            "外墙已清洗完毕。"
        }  # the joined caller too

    def test_recorded_breaches_stay(self, town):
        elder, younger = a_case(), a_case(when=local("23 09:30"))
        sweep.sweep(local("24 10:00"))
        case = a_move(fresh(younger), "merge", when=local("24 11:00"), by="jiedao", target=elder.number)
        row = clock(case, "accept")
        assert (row.breached_at, row.outcome) == (local("24 09:30"), "cancelled")

    def test_only_into_an_elder_one_that_is_open(self, town):
        elder, younger = a_case(), a_case()
        assert refused("not_ready", elder, "merge", by="jiedao", target=younger.number)
        assert refused("not_ready", younger, "merge", by="jiedao", target=younger.number)
        elder = walk(elder, "reject")
        assert refused("not_ready", younger, "merge", by="jiedao", target=elder.number)

    def test_not_into_what_one_does_not_see(self, town):
        hidden = a_case(item="0108", about="account:jiedao", by="quji")
        assert refused("not_ready", a_case(), "merge", by="jiedao", target=hidden.number)

    def test_what_is_about_somebody_stays_apart(self, town):
        """Those it is about would read it in the other."""
        elder = a_case(by="jiedao", item="0108", about="account:shequ")
        assert "不同" in refused("not_ready", a_case(), "merge", by="jiedao", target=elder.number)
        case = a_case(by="jiedao", item="0108", about="account:shequ")
        assert walk(case, "merge", by="jiedao", target=elder.number).status == "merged"

    @pytest.mark.parametrize("through", [("accept", "dispatch"), ("accept", "dispatch", "sign"), ("ask",)])
    def test_from_any_open_status(self, town, through):
        elder = a_case()
        case = walk(a_case(through=through), "merge", by="jiedao", target=elder.number)
        assert case.status == "merged" and faults(fresh(case)) == []


WAYS = {
    "received": (),
    "accepted": ("accept",),
    "assigned": ("accept", "dispatch"),
    "in_hand": ("accept", "dispatch", "sign"),
    "on_hold": ("accept", "dispatch", "sign", "hold"),
    "on_hold at the desk": ("accept", "hold"),
    "awaiting_info": ("accept", "dispatch", "sign", "ask"),
    "awaiting_info at the desk": ("ask",),
    "resolved": ("accept", "dispatch", "sign", "resolve"),
}


class TestUnmerge:
    @pytest.mark.parametrize("way", WAYS)
    @pytest.mark.parametrize("caller", [CALLER, None])
    def test_as_if_never_merged(self, town, way, caller):
        if caller is None and "ask" in WAYS[way]:
            return  # nobody to ask
        elder = a_case(caller=None if caller else CALLER)
        case = a_case(when=local("23 10:00"), through=(), caller=caller, by="shequ", urgency="urgent")
        for name in WAYS[way]:
            case = walk(case, name, by="bumen" if (name, case.status) == ("ask", "in_hand") else None)
        before, elder_before = snapshot(case), snapshot(elder)
        case = walk(case, "merge", by="jiedao", target=elder.number)
        assert snapshot(elder) != elder_before
        case = walk(case, "unmerge", by="zhiban")
        assert snapshot(case) == before
        after = snapshot(elder)
        # a feedback clock that the target got for the other's caller is cancelled, and stays as a row
        after["clocks"] = [row for row in after["clocks"] if row["outcome"] != "cancelled"]
        assert after == elder_before
        assert faults(fresh(case)) == faults(fresh(elder)) == []

    def test_goes_home_from_hold_and_question(self, town):
        elder = a_case()
        case = walk(a_case(through=("accept", "dispatch", "sign")), "ask", by="bumen")
        case = walk(case, "merge", by="jiedao", target=elder.number)
        case = walk(case, "unmerge", "supply")
        assert case.status == "in_hand"
        case = walk(a_case(through=("accept", "hold")), "merge", by="jiedao", target=elder.number)
        case = walk(case, "unmerge", by="zhiban")
        assert walk(case, "resume", by="jiedao").status == "accepted"

    def test_time_went_on_meanwhile(self, town):
        """What was running fell due while it was merged, as if it had not been."""
        elder, case = a_case(), a_case()
        case = walk(case, "merge", by="jiedao", target=elder.number)
        case = a_move(case, "unmerge", when=local("25 12:00"), by="zhiban")
        assert clock(case, "accept").due_at == local("24 09:00")
        sweep.sweep(local("25 12:01"))
        assert clock(case, "accept").breached_at == local("24 09:00")

    def test_a_hold_that_was_over_meanwhile_ends_when_parted(self, town):
        elder = a_case()
        case = walk(a_case(through=("accept", "dispatch", "sign")), "hold", until=local("24 09:00"))
        case = a_move(case, "merge", when=local("25 09:00"), by="jiedao", target=elder.number)
        case = a_move(case, "unmerge", when=local("25 10:00"), by="zhiban")
        assert case.status == "on_hold"
        sweep.sweep(local("25 10:01"))
        case = fresh(case)
        assert case.status == "in_hand" and faults(case) == []
        assert clock(case, "resolve").due_at == local("24 09:00") + 2 * DAY - 4 * MINUTE

    def test_assisting_parts_are_open_again(self, town):
        elder = a_case()
        case = walk(a_case(through=("accept",)), "dispatch", assisting=[SQUAD])
        case = walk(case, "sign", by="zhongdui")
        case = walk(case, "merge", by="jiedao", target=elder.number)
        assert parts(case) == {SQUAD: "released"}
        case = walk(case, "unmerge", by="zhiban")
        assert parts(case) == {SQUAD: "in_hand"} and case.open_parts == 1
        assert clock(case, "resolve", part=1).state == "running"
        assert not Holding.objects.filter(case=case, part=1).exists()
        case = walk(case, "resolve", by="zhongdui")
        assert Part.objects.get(case=case).state == "done" and faults(fresh(case)) == []

    def test_of_two_that_joined_the_other_stays(self, town):
        elder = a_case(caller=None)
        first = walk(a_case(when=local("23 10:00")), "merge", by="jiedao", target=elder.number)
        second = walk(a_case(when=local("23 11:00"), by="shequ"), "merge", by="jiedao", target=elder.number)
        walk(first, "unmerge", by="zhiban")
        elder = fresh(elder)
        assert elder.callers == 1 and elder.has_caller
        assert town.account("shequ").pk in elder.reporter_ids
        walk(second, "unmerge", by="zhiban")
        elder = fresh(elder)
        assert (
            elder.callers == 0 and not elder.has_caller and elder.reporter_ids == [town.account("wangge").pk]
        )
        assert DAY > HOUR

    def test_what_was_done_meanwhile_is_judged_by_its_own_time_again(self, town):
        """The other's deadline falls away from a clock that has been stopped, paused or extended since."""
        elder = a_case(through=("accept", "dispatch", "sign"), when=local("23 09:00"))
        own = clock(elder, "resolve").due_at
        case = a_case(when=local("23 10:00"), called_at=local("22 10:00"), by="jiedao")
        case = a_move(case, "merge", when=local("23 11:00"), by="jiedao", target=elder.number)
        assert clock(elder, "resolve").due_at == local("24 10:00") < own
        a_move(fresh(elder), "resolve", when=local("24 12:00"), by="bumen")
        row = clock(elder, "resolve")
        assert row.stopped_at > row.due_at
        a_move(case, "unmerge", when=local("26 09:00"), by="zhiban")
        row = clock(elder, "resolve")
        assert (row.due_at, row.outcome) == (own, "met") and row.stopped_at < own
        assert clock(elder, "feedback").due_at == local("26 09:00")
        assert faults(fresh(elder)) == []

    def test_what_was_asked_and_extended_meanwhile(self, town):
        elder = a_case(through=("accept", "dispatch", "sign"), when=local("23 09:00"))
        twin = a_case(through=("accept", "dispatch", "sign"), when=local("23 09:00"))
        case = a_case(when=local("23 10:00"), called_at=local("22 10:00"), by="jiedao")
        case = a_move(case, "merge", when=local("23 11:00"), by="jiedao", target=elder.number)
        for one in (elder, twin):
            granted(fresh(one), when=local("23 12:00"))
            one = a_move(fresh(one), "ask", when=local("23 13:00"), by="bumen")
            a_move(one, "supply", when=local("23 15:00"))
        assert clock(elder, "resolve").due_at < clock(twin, "resolve").due_at
        a_move(case, "unmerge", when=local("23 16:00"), by="zhiban")
        assert clock(elder, "resolve").due_at == clock(twin, "resolve").due_at
        assert faults(fresh(elder)) == []

    def test_by_another_person_with_a_reason(self, town):
        a_case()
        case = walk(a_case(), "merge", by="zhiban")
        assert refused("not_yours", case, "unmerge", by="zhiban")
        assert refused("not_yours", case, "unmerge", by="jiedao")
        assert refused("not_ready", case, "unmerge", by="quji", reason="")


class TestTwoMergesOneUndone:
    def three(self, town, **more):
        elder = a_case(when=local("23 09:00"), **more)
        first = a_case(when=local("23 10:00"), called_at=local("22 10:00"), by="jiedao", urgency="urgent")
        second = a_case(when=local("23 10:30"), called_at=local("22 12:00"), by="jiedao", urgency="urgent")
        first = a_move(first, "merge", when=local("23 11:00"), by="jiedao", target=elder.number)
        second = a_move(second, "merge", when=local("23 11:30"), by="jiedao", target=elder.number)
        return elder, first, second

    def test_what_the_other_asks_for_stays(self, town):
        elder, first, second = self.three(town)
        a_move(first, "unmerge", when=local("23 12:00"), by="zhiban")
        elder = fresh(elder)
        assert elder.urgency == "urgent" and elder.called_at == local("22 12:00") and elder.callers == 2
        assert clock(elder, "resolve").due_at == local(
            "24 12:00"
        )  # the other's, that the first had made idle
        assert clock(elder, "feedback").due_at == local("25 12:00")
        assert town.account("jiedao").pk in elder.reporter_ids and faults(elder) == []
        a_move(second, "unmerge", when=local("23 13:00"), by="zhiban")
        elder = fresh(elder)
        assert (elder.urgency, elder.called_at, elder.callers) == ("normal", local("23 09:00"), 1)
        assert clock(elder, "resolve").due_at == local("25 09:00")
        assert elder.reporter_ids == [town.account("wangge").pk] and faults(elder) == []

    def test_in_the_other_order(self, town):
        elder, first, second = self.three(town)
        a_move(second, "unmerge", when=local("23 12:00"), by="zhiban")
        assert clock(elder, "resolve").due_at == local("24 10:00") and fresh(elder).urgency == "urgent"
        a_move(first, "unmerge", when=local("23 13:00"), by="zhiban")
        assert clock(elder, "resolve").due_at == local("25 09:00") and fresh(elder).urgency == "normal"

    def test_who_waits_for_an_answer_waits_by_the_own_call(self, town):
        elder, first, _second = self.three(town, caller=None)
        assert clock(elder, "feedback").due_at == local("25 10:00")
        a_move(first, "unmerge", when=local("23 12:00"), by="zhiban")
        assert clock(elder, "feedback").due_at == local("25 12:00") and faults(fresh(elder)) == []

    def test_what_a_person_decided_since_stands(self, town):
        elder, first, second = self.three(town)
        a_fact(
            fresh(elder),
            "urgency",
            by="jiedao",
            urgency="critical",
            reason="有人受伤。",
            when=local("23 11:40"),
        )
        a_move(first, "unmerge", when=local("23 12:00"), by="zhiban")
        a_move(second, "unmerge", when=local("23 13:00"), by="zhiban")
        assert fresh(elder).urgency == "critical"
