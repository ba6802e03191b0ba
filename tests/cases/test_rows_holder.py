"""The rows that a holder makes: sign, claim, decline, rule on it, transfer, hold, resume, ask, supply, resolve."""

from __future__ import annotations

import pytest

from cases.models import Holding
from cases.sla import sweep
from parties.models import Organisation
from tests.builders import a_case, a_fact, a_move, a_photo, walk
from tests.cases.walking import (
    DAY,
    HOUR,
    MINUTE,
    clock,
    clocks,
    events,
    fact_refused,
    fresh,
    holder,
    last,
    local,
    parts,
    refused,
    repost,
    stays,
)
from tests.town import COMMUNITY, COMMUNITY_2, DISTRICT, GRID, STREET

STREET_DESK = f"ZX-{STREET}"
COMMITTEE = f"JW-{COMMUNITY}"
SQUAD = f"TS02-{STREET}"


ASSISTED_ITEM = "0604"  # GV24 leads, IN02 assists


def in_hand(**call):
    """With a clerk of the department."""
    return a_case(through=("accept", "dispatch", "sign"), **call)


class TestSign:
    def test_by_the_holders_people(self, town):
        case = walk(a_case("assigned"), "sign", by="bumen")
        assert (case.status, holder(case), case.holder_account.username) == ("in_hand", "GV24", "bumen")
        assert clocks(case) == {
            "accept": "met", "resolve": "running", "feedback": "running", "dispatch": "met", "sign": "met",
        }  # fmt: skip
        assert clock(case, "resolve").account.username == "bumen"

    def test_by_nobody_else(self, town):
        case = a_case("assigned")
        for stranger in ("jiedao", "wangge", "ducha"):
            assert refused("not_yours", case, "sign", by=stranger)
        assert refused("not_yours", case, "sign", by="shequ")  # may sign, but not this


class TestClaim:
    def wish(self, **more):
        return a_case(item="0105", kind="wish", through=("accept",), **more)

    def test_a_unit_that_serves_the_place(self, town):
        repost("huanwei", "department_clerk", "MO02")
        case = walk(self.wish(), "claim", by="huanwei", until=local("27 17:30"))
        assert (case.status, holder(case)) == ("in_hand", "MO02")
        assert clocks(case)["dispatch"] == "met" and last(case).payload["until"].startswith("2026-11-27")
        assert case.handler_units == [Organisation.objects.get(code="MO02").pk]

    def test_a_promised_date_in_the_future(self, town):
        repost("huanwei", "department_clerk", "MO02")
        case = self.wish()
        assert refused("not_ready", case, "claim", by="huanwei", until=local("23 09:00"))
        assert refused("not_ready", case, "claim", by="huanwei", until="")

    def test_only_what_is_open_to_claims(self, town):
        case = a_case(item="0108", through=("accept",))
        assert "认领" in refused("not_ready", case, "claim", by="shequ")

    def test_a_claimable_item_of_another_kind(self, town):
        from cases.models import Case
        from cases.scope import covers, visible_to

        repost("huanwei", "department_clerk", "MO02")
        case = a_case(item="0105", through=("accept",))
        assert case.kind == "problem"
        assert covers(town.actor("huanwei"), case)
        assert Case.objects.filter(visible_to(town.actor("huanwei")), pk=case.pk).exists()
        assert walk(case, "claim", by="huanwei").status == "in_hand"


class TestDecline:
    SENT = {"ground": "not_our_duty", "organisation": "GV25"}

    def test_back_to_the_desk_with_the_minutes(self, town):
        case = a_move(a_case("assigned"), "decline", when=local("23 11:02"), by="bumen")
        assert (case.status, holder(case), case.declines) == ("accepted", STREET_DESK, 1)
        assert clocks(case)["sign"] == "ended" and clocks(case)["dispatch#2"] == "running"
        assert stays(case)[-1] == ("GV24", "decline", 120)
        assert Holding.objects.filter(case=case).latest("pk").opening_minutes == 120
        assert last(case).payload["organisation"] == "GV25" and case.last_decliner.code == "GV24"

    def test_the_window_is_four_working_hours_from_dispatch(self, town):
        case = a_case("assigned")  # dispatched at 09:02; the noon does not count
        assert "已过" in refused("not_ready", case, "decline", by="bumen", when=local("23 14:33"))
        assert a_move(case, "decline", when=local("23 14:32"), by="bumen").status == "accepted"

    def test_one_hour_for_what_is_critical(self, town):
        case = a_case("assigned", urgency="critical")
        assert refused("not_ready", case, "decline", by="bumen", when=local("23 10:03"))
        assert a_move(case, "decline", when=local("23 10:02"), by="bumen")

    def test_after_signing_with_the_heads_nod(self, town):
        case = in_hand()
        assert "放行" in refused("not_ready", case, "decline", by="bumen")
        assert fact_refused("not_yours", case, "release", by="bumen")
        case = a_fact(case, "release", by="fuzeren")
        case = walk(case, "decline", by="bumen")
        assert case.status == "accepted" and not case.released
        case = walk(case, "dispatch", "sign")
        assert refused("not_ready", case, "decline", by="bumen")  # the nod was good for one

    def test_twice_per_case(self, town):
        case = walk(a_case("assigned"), "decline", "dispatch", "decline", "dispatch")
        assert "两次" in refused("not_ready", case, "decline", by="bumen")

    def test_never_a_final_assignment(self, town):
        case = walk(a_case("assigned"), "decline", "rule")
        assert case.final
        assert "最终" in refused("not_ready", case, "decline", by="bumen")

    def test_not_what_the_desk_started_itself(self, town):
        case = a_case(item="0108", through=("accept", "start"))
        assert refused("not_ready", case, "decline", by="shequ")

    def test_needs_whose_duty_it_is(self, town):
        case = a_case("assigned")
        assert refused("not_ready", case, "decline", by="bumen", ground="")
        assert refused("not_ready", case, "decline", by="bumen", organisation="")


class TestRule:
    def declined(self):
        return walk(a_case("assigned"), "decline", by="bumen")

    def test_the_district_between_street_and_department(self, town):
        """GV24 is the district's: the street's own desk is a party, its shift lead too."""
        case = self.declined()
        assert refused("not_yours", case, "rule", by="zhiban")
        case = walk(case, "rule", by="quji", organisation="GV24")
        assert (case.status, holder(case), case.final) == ("assigned", "GV24", True)
        assert clocks(case)["dispatch#2"] == "met" and clocks(case)["sign#2"] == "running"
        assert last(case).payload["final"] is True

    def test_the_street_between_its_own_offices(self, town):
        case = a_case(item="0615", through=("accept",))
        case = walk(case, "dispatch", by="jiedao", organisation=SQUAD)
        case = walk(case, "decline", by="zhongdui", organisation=f"TS12-{STREET}")
        assert "裁定范围" in refused("not_ready", case, "rule", by="zhiban", organisation="GV24")
        case = walk(case, "rule", by="zhiban", organisation=SQUAD)
        assert not case.final
        case = walk(case, "recall", by="jiedao")
        assert walk(case, "dispatch", by="jiedao", organisation=SQUAD).status == "assigned"

    def test_who_dispatched_does_not_rule(self, town):
        case = a_case(item="0615", through=("accept",))
        case = walk(case, "dispatch", by="zhiban", organisation=SQUAD)
        case = walk(case, "decline", by="zhongdui")
        assert "您派遣" in refused("not_yours", case, "rule", by="zhiban", organisation=SQUAD)
        assert walk(case, "rule", by="quji", organisation=SQUAD).final

    def test_a_supervisors_ruling_is_final(self, town):
        case = walk(self.declined(), "rule", by="ducha", organisation="GV13")
        assert (holder(case), case.final) == ("GV13", True)

    def test_on_what_is_assigned(self, town):
        case = walk(a_case("assigned"), "rule", by="quji", organisation="GV13")
        assert holder(case) == "GV13" and clocks(case)["sign"] == "ended"
        assert stays(case)[-1][:2] == ("GV24", "rule")

    def test_nothing_disputed_needs_no_ruling(self, town):
        assert refused("not_ready", a_case("accepted"), "rule", by="zhiban")

    def test_not_to_whom_it_is_about(self, town):
        case = a_case(about="GV24", through=("accept",))
        assert case.level == "district"
        case = walk(case, "dispatch", by="quji", organisation="GV13")
        assert "反映的就是" in refused("not_ready", case, "rule", by="quji2", organisation="GV24")

    def test_an_assisting_unit_becomes_the_lead(self, town):
        case = a_case(item=ASSISTED_ITEM, through=("accept",))
        case = walk(case, "dispatch", assisting=["IN02"])
        case = walk(case, "rule", by="quji", organisation="IN02")
        assert parts(case) == {"IN02": "released"} and case.open_parts == 0


class TestTransfer:
    def test_elsewhere_the_receiver_consents_by_signing(self, town):
        case = a_move(in_hand(), "transfer", when=local("24 10:00"), by="bumen", organisation="IN02")
        assert (case.status, holder(case)) == ("assigned", "IN02")
        assert clock(case, "sign").due_at == local("24 15:30")
        assert stays(case)[-1][:2] == ("GV24", "transfer") and case.signed_at is None
        case = a_move(case, "decline", when=local("24 11:00"), by="huanwei")  # has a window of his own
        assert case.status == "accepted" and case.last_decliner.code == "IN02"

    def test_a_final_assignment_stays_in_the_house(self, town):
        case = walk(a_case("assigned"), "decline", "rule", "sign")
        assert "最终" in refused("not_ready", case, "transfer", by="bumen", organisation="IN02")

    def test_needs_somebody_else_and_a_reason(self, town):
        case = in_hand()
        assert refused("not_ready", case, "transfer", by="bumen", organisation="GV24")
        assert refused("not_ready", case, "transfer", by="bumen", reason="")
        assert refused("not_yours", case, "transfer", by="jiedao")

    def test_not_to_whom_it_is_about(self, town):
        case = a_case(about=SQUAD, through=("accept",), item="0108")
        case = walk(case, "start", by="jiedao")
        assert refused("not_ready", case, "transfer", by="jiedao", organisation=SQUAD)


class TestHold:
    def test_only_by_the_grant_of_a_relief(self, town):
        case = in_hand()
        assert "申请" in refused("not_ready", case, "hold", by="zhiban")
        assert refused("not_yours", case, "hold", by="bumen")

    def test_pauses_what_runs_until_the_day(self, town):
        case = in_hand()
        case = a_move(case, "hold", when=local("23 15:00"), by=town.SYSTEM, until=local("27 09:00"))
        assert clocks(case)["resolve"] == clocks(case)["feedback"] == "paused"
        assert clocks(case)["hold"] == "running" and clock(case, "hold").due_at == local("27 09:00")
        assert holder(case) == "GV24" and case.paused
        sweep.sweep(local("27 09:00"))
        case = fresh(case)
        assert (case.status, case.last_at) == ("in_hand", local("27 09:00"))
        assert clock(case, "resolve").due_at == local("28 09:00") + 18 * HOUR  # 42 hours were left
        assert clocks(case)["hold"] == "ended"

    def test_resumed_by_the_holder(self, town):
        case = walk(in_hand(), "hold")
        assert refused("not_yours", case, "resume", by="zhiban")
        assert walk(case, "resume", by="bumen").status == "in_hand"

    def test_at_the_desk(self, town):
        case = walk(a_case("accepted"), "hold")
        assert clocks(case)["dispatch"] == "paused"
        case = walk(case, "resume", by="jiedao")
        assert case.status == "accepted" and clocks(case)["dispatch"] == "running"

    def test_until_must_lie_ahead(self, town):
        assert refused("not_ready", in_hand(), "hold", until=local("23 08:00"))


class TestAsk:
    def test_pauses_the_resolve_clock_alone(self, town):
        case = a_move(a_case(), "ask", when=local("23 10:00"), by="jiedao")
        assert case.status == "awaiting_info"
        assert clocks(case) == {
            "accept": "running",
            "resolve": "paused",
            "feedback": "running",
            "ask": "running",
        }
        assert clock(case, "ask").due_at == local("24 17:30")  # 1 work_day
        case = a_move(case, "supply", when=local("23 12:00"), by="wangge")
        assert case.status == "received" and clock(case, "resolve").due_at == local("25 11:00")
        assert last(case).payload["answered"] is True

    def test_the_system_supplies_when_nobody_does(self, town):
        case = walk(in_hand(), "ask", by="bumen")
        due = clock(case, "ask").due_at
        sweep.sweep(local("25 09:00"))
        case = fresh(case)
        assert (case.status, case.last_at) == ("in_hand", due)
        assert "case.supplied" in events(case)
        supplied = [entry for entry in _entries(case) if entry.event == "case.supplied"]
        assert supplied[0].payload["answered"] is False and supplied[0].at == due

    def test_once_per_holder(self, town):
        case = walk(a_case(), "ask", "supply", by="jiedao")
        assert "一次" in refused("not_ready", case, "ask", by="jiedao2")
        case = walk(case, "accept", "dispatch", "sign")
        assert walk(case, "ask", by="bumen").status == "awaiting_info"

    def test_before_half_of_the_stage_is_gone(self, town):
        case = a_case()  # accept has 24 hours
        assert "一半" in refused("not_ready", case, "ask", by="jiedao", when=local("23 21:00"))
        assert a_move(case, "ask", when=local("23 20:59"), by="jiedao")

    def test_somebody_must_be_reachable(self, town):
        assert refused("not_ready", a_case(caller=None), "ask", by="jiedao")
        anonymous = {"anonymous": True}
        assert refused("not_ready", a_case(caller=anonymous), "ask", by="jiedao")

    def test_needs_a_contact_record(self, town):
        case = a_case()
        assert "联系" in refused("not_ready", case, "ask", by="jiedao", channel="")
        case = a_fact(case, "contact", by="jiedao", channel="phone")
        assert walk(case, "ask", by="jiedao", channel="").status == "awaiting_info"

    def test_who_may_supply(self, town):
        case = walk(a_case(by="shequ"), "ask", by="jiedao")
        assert refused("not_yours", case, "supply", by="bumen") if _sees("bumen", case) else True
        assert walk(case, "supply", by="wangge").status == "received"


class TestResolve:
    def test_stops_the_clock(self, town):
        case = walk(in_hand(), "resolve", by="bumen2")
        assert (case.status, case.resolved_level, holder(case)) == ("resolved", "district", "GV24")
        assert clocks(case)["resolve"] == "met" and clocks(case)["feedback"] == "running"
        assert case.resolved_at == case.last_at

    def test_needs_result_and_evidence(self, town):
        case = in_hand()
        assert refused("not_ready", case, "resolve", by="bumen", result="")
        assert "照片" in refused("not_ready", case, "resolve", by="bumen", attachments=[])

    def test_a_photo_is_good_for_one_case(self, town):
        photo = a_photo(town.actor("bumen"))
        walk(in_hand(), "resolve", by="bumen", attachments=[photo])
        assert refused("not_ready", in_hand(), "resolve", by="bumen", attachments=[photo])
        assert refused(
            "not_ready", in_hand(), "resolve", by="bumen", attachments=[a_photo(town.actor("wangge"))]
        )

    def test_released_where_the_unit_wants_it(self, town):
        from ledger import versions

        Organisation.objects.filter(code="GV24").update(needs_release=True)
        versions.bump("organisations")
        case = in_hand()
        assert "放行" in refused("not_ready", case, "resolve", by="bumen")
        case = a_fact(case, "release", by="fuzeren")
        case = walk(case, "resolve", "rework")
        assert "放行" in refused("not_ready", case, "resolve", by="bumen")

    def test_a_check_without_caller(self, town):
        case = a_case(caller=None, through=("accept", "dispatch", "sign", "resolve"))
        assert clocks(case)["verify"] == "running"
        assert clock(case, "verify").organisation.code == STREET_DESK

    def test_late_is_late(self, town):
        case = a_move(in_hand(), "resolve", when=local("25 09:01"), by="bumen")
        row = clock(case, "resolve")
        assert (row.outcome, row.breached_at) == ("met", local("25 09:00"))
        assert "clock.breached" in events(case)


class TestParts:
    def assisted(self):
        case = a_case(item=ASSISTED_ITEM, through=("accept",))
        return walk(case, "dispatch", assisting=["IN02", SQUAD])

    def test_have_their_own_sign_decline_and_resolve(self, town):
        case = walk(self.assisted(), "sign", by="bumen")
        assert case.status == "in_hand" and holder(case) == "GV24"
        case = walk(case, "sign", by="huanwei")
        case = walk(case, "decline", by="zhongdui")
        assert parts(case) == {"IN02": "in_hand", SQUAD: "declined"} and case.status == "in_hand"
        assert "区环卫中心的协办" in refused("not_ready", case, "resolve", by="bumen")
        case = walk(case, "resolve", by="huanwei")
        assert walk(case, "resolve", by="bumen").status == "resolved"
        assert (
            clock(case, "sign", part=1).outcome == "met" and clock(case, "resolve", part=1).outcome == "met"
        )

    def test_have_their_own_lateness(self, town):
        case = self.assisted()
        assert clock(case, "sign", part=1).due_at == local("23 14:32")
        assert clock(case, "resolve", part=1).due_at == clock(case, "resolve").due_at
        assert clock(case, "resolve", part=1).organisation.code == "IN02"
        sweep.sweep(local("23 15:00"))
        assert clock(case, "sign", part=1).breached_at == local("23 14:32")

    def test_released_by_the_desk(self, town):
        case = walk(self.assisted(), "sign", by="bumen")
        assert fact_refused("not_yours", case, "release_part", by="bumen", organisation="IN02")
        for unit in ("IN02", SQUAD):
            case = a_fact(case, "release_part", by="jiedao", organisation=unit)
        assert walk(case, "resolve", by="bumen").status == "resolved"

    def test_who_assisted_has_handled(self, town):
        case = walk(self.assisted(), "sign", by="huanwei")
        assert town.org("IN02").pk in case.handler_units

    @pytest.mark.parametrize("move, by", [("recall", "jiedao"), ("decline", "bumen"), ("withdraw", "zhiban")])
    def test_released_by_what_ends_the_assignment(self, town, move, by):
        case = a_fact(self.assisted(), "contact", by="wangge", channel="phone")
        case = walk(case, move, by=by)
        assert set(parts(case).values()) == {"released"} and case.open_parts == 0
        assert clock(case, "sign", part=2).outcome == "ended"


def _entries(case):
    from ledger import reading

    return reading.timeline("case", case.pk)


def _sees(username, case):
    from cases.scope import covers
    from tests import town

    return covers(town.actor(username), case)


def test_minutes_are_booked_for_every_stay(town):
    case = a_case()
    case = a_move(case, "accept", when=local("23 10:00"), by="jiedao")
    case = a_move(case, "dispatch", when=local("23 11:00"), by="jiedao", organisation="GV24")
    case = a_move(case, "sign", when=local("23 13:30"), by="bumen")
    case = a_move(case, "transfer", when=local("24 09:00"), by="bumen", organisation="IN02")
    assert stays(case) == [(STREET_DESK, "dispatch", 120), ("GV24", "transfer", 1320)]
    row = Holding.objects.filter(case=case).latest("pk")
    assert row.opening_minutes == 60 + 240 + 30 and row.signed_at == local("23 13:30")
    assert DAY > HOUR > MINUTE and COMMITTEE != COMMUNITY_2 and DISTRICT and GRID
