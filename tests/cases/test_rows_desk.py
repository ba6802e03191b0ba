"""The rows of the table that a desk makes: accept, reject, start, settle, escalate, hand down, dispatch, recall."""

from __future__ import annotations

import pytest

from tests.builders import GRID_ITEM, STREET_ITEM, a_case, a_fact, a_move, walk
from tests.cases.walking import (
    DAY,
    HOUR,
    clock,
    clocks,
    events,
    fact_refused,
    holder,
    last,
    local,
    parts,
    refused,
    stays,
)
from tests.town import COMMUNITY, GRID, STREET

STREET_DESK = f"ZX-{STREET}"
COMMITTEE = f"JW-{COMMUNITY}"
DISTRICT_DESK = "ZX-370811"
SQUAD = f"TS02-{STREET}"
COMMUNITY_ITEM = "0108"
LONG_ITEM = "0606"  # 5 work_day by a cited source: an adopted policy


def at_community(through=(), **call):
    return a_case(item=COMMUNITY_ITEM, through=through, **call)


def against(case):
    """Whom the stages of the way to a holder ran, or run, against: {stage: code}, the last round."""
    return {
        stage: clock(case, stage).organisation.code
        for stage in ("accept", "dispatch", "sign")
        if stage in clocks(case)
    }


class TestTake:
    def test_starts_accept_resolve_and_feedback_from_the_call(self, town):
        case = a_case()
        assert clocks(case) == {"accept": "running", "resolve": "running", "feedback": "running"}
        assert clock(case, "accept").due_at == local("24 09:00")
        assert clock(case, "resolve").due_at == local("25 09:00")
        assert clock(case, "feedback").due_at == local("26 09:00")
        assert case.promised_at is None and holder(case) == STREET_DESK

    def test_no_feedback_without_a_caller(self, town):
        assert clocks(a_case(caller=None)) == {"accept": "running", "resolve": "running"}

    @pytest.mark.parametrize(
        "item, level, desk",
        [
            (GRID_ITEM, "grid", COMMITTEE),
            (COMMUNITY_ITEM, "community", COMMITTEE),
            (STREET_ITEM, "street", STREET_DESK),
            ("0307", "street", STREET_DESK),  # 部门: the street dispatches directly
            ("", "community", COMMITTEE),
        ],
    )
    def test_goes_to_the_desk_of_its_level(self, town, item, level, desk):
        case = a_case(item=item)
        assert (case.level, holder(case)) == (level, desk)

    def test_a_level_the_place_lacks_is_passed_over(self, town):
        assert a_case(item=GRID_ITEM, by="shequ", place=COMMUNITY).level == "community"
        case = a_case(item=GRID_ITEM, by="jiedao", place=STREET)
        assert (case.level, holder(case)) == ("street", STREET_DESK)


class TestAccept:
    def test_stops_accept_starts_dispatch_and_fixes_the_promise(self, town):
        case = a_move(a_case(), "accept", when=local("23 09:30"), by="jiedao")
        assert case.status == "accepted" and holder(case) == STREET_DESK
        assert clocks(case) == {
            "accept": "met",
            "resolve": "running",
            "feedback": "running",
            "dispatch": "running",
        }
        assert clock(case, "dispatch").due_at == local("23 11:30")  # 2 work_hour
        assert case.promised_at == local("25 09:00")

    def test_needs_item_and_kind_unless_the_case_has_them(self, town):
        case = a_case(item="")
        sentence = refused("not_ready", case, "accept", by="shequ")
        assert "小项" in sentence
        case = walk(case, "accept", by="shequ", item=COMMUNITY_ITEM, kind="enquiry")
        assert (case.item.code, case.kind) == (COMMUNITY_ITEM, "enquiry")
        assert last(case).payload["item"] == [None, COMMUNITY_ITEM]

    def test_the_confirmed_item_decides_the_resolve_limit_once(self, town):
        case = walk(a_case(), "accept", by="jiedao", item=LONG_ITEM)
        assert clock(case, "resolve").due_at == local("30 17:30")  # 5 work_day from the call
        assert case.promised_at == local("30 17:30")
        case = walk(case, "dispatch", "recall", by="jiedao", organisation="IN03")
        case = a_fact(case, "reclassify", by="jiedao", item=STREET_ITEM, reason="看错了")
        assert clock(case, "resolve").due_at == local("25 09:00")  # never later, but earlier
        case = a_fact(case, "reclassify", by="jiedao", item=LONG_ITEM, reason="又看错了")
        assert clock(case, "resolve").due_at == local("25 09:00")
        assert case.promised_at == local("30 17:30")

    def test_a_given_deadline_stands(self, town):
        """A hotline that handed the case over said until when."""
        case = a_case(outer_due_at=local("27 17:00"), channel="hotline")
        assert clock(case, "resolve").due_at == local("27 17:00")
        case = walk(case, "accept", by="jiedao")
        assert clock(case, "resolve").due_at == local("27 17:00") == case.promised_at

    def test_by_the_desk_above_makes_it_its_own(self, town):
        case = walk(at_community(), "accept", by="jiedao")
        assert (case.level, holder(case)) == ("street", STREET_DESK)
        assert stays(case) == [(COMMITTEE, "accept", 1)]
        assert against(case) == {"accept": COMMITTEE, "dispatch": STREET_DESK}

    def test_not_by_a_desk_below(self, town):
        assert "指挥中心" in refused("not_yours", a_case(), "accept", by="shequ")
        assert refused("not_yours", a_case(), "accept", by="wangge")  # no such capability

    def test_a_new_item_is_routed_anew(self, town):
        case = a_case(item="")
        assert case.unmatched and case.proposed_id is None
        case = walk(case, "accept", by="jiedao", item=STREET_ITEM)
        assert case.proposed.code == "GV24" and not case.unmatched and case.routing_reason


class TestReject:
    SENT = {"ground": "no_facts", "instead": "请补充时间地点后再反映。", "told": True}

    def test_ends_everything(self, town):
        case = walk(a_case(), "reject", by="jiedao", **self.SENT)
        assert case.status == "rejected" and set(clocks(case).values()) == {"ended"}
        assert case.ended_at == case.last_at
        assert last(case).payload["ground"] == "no_facts"

    @pytest.mark.parametrize("lack", ["ground", "instead", "told"])
    def test_needs_ground_way_and_word_to_the_caller(self, town, lack):
        assert refused("not_ready", a_case(), "reject", by="jiedao", **{**self.SENT, lack: ""})

    def test_needs_that_the_caller_was_told(self, town):
        assert "告知" in refused("not_ready", a_case(), "reject", by="jiedao", **{**self.SENT, "told": False})

    def test_once_accepted_only_by_who_adjudicates(self, town):
        case = walk(a_case(), "accept")
        assert refused("not_yours", case, "reject", by="jiedao")
        assert refused("not_yours", case, "reject", by="ducha")  # rules, but is no desk
        assert walk(case, "reject", by="zhiban").status == "rejected"


class TestStart:
    def test_the_desk_keeps_it(self, town):
        case = walk(at_community(("accept",)), "start", by="shequ")
        assert (case.status, holder(case)) == ("in_hand", COMMITTEE)
        assert clocks(case)["dispatch"] == "met" and clocks(case)["resolve"] == "running"
        assert case.holder_account.username == "shequ" and case.signed_at == case.last_at

    def test_the_desk_above_takes_it_over(self, town):
        case = walk(at_community(("accept",)), "start", by="jiedao")
        assert (case.level, holder(case)) == ("street", STREET_DESK)
        assert stays(case)[-1][:2] == (COMMITTEE, "start")

    def test_has_handled_it(self, town):
        case = walk(at_community(("accept",)), "start", by="shequ")
        case = walk(case, "resolve", by="shequ")
        assert refused("not_yours", case, "rework", by="shequ2")
        assert refused("not_yours", case, "rework", by="wangge")  # works for the same committee
        assert walk(case, "rework", by="jiedao").status == "in_hand"


class TestSettle:
    def test_on_the_spot(self, town):
        case = walk(a_case(item=GRID_ITEM), "settle", by="wangge")
        assert (case.status, holder(case), case.resolved_level) == ("resolved", COMMITTEE, "grid")
        assert clocks(case) == {"accept": "met", "resolve": "met", "feedback": "running"}

    def test_by_the_committee_is_at_the_community(self, town):
        case = walk(at_community(("accept",)), "settle", by="shequ")
        assert case.resolved_level == "community" and clocks(case)["dispatch"] == "met"

    def test_a_check_is_due_without_a_caller(self, town):
        case = walk(a_case(item=GRID_ITEM, caller=None), "settle", by="wangge")
        assert clocks(case) == {"accept": "met", "resolve": "met", "verify": "running"}
        # the committee handled it, so the desk above checks
        assert clock(case, "verify").organisation.code == STREET_DESK
        assert clock(case, "verify").due_at == local("25 17:30")

    def test_a_check_is_due_where_the_item_wants_it(self, town):
        case = a_case(item="0501")
        case = walk(case, "settle", by="wangge")
        assert clocks(case)["verify"] == "running" and clocks(case)["feedback"] == "running"

    def test_needs_the_items_evidence(self, town):
        case = a_case(item="0601")
        assert "照片" in refused("not_ready", case, "settle", by="wangge", attachments=[])
        assert walk(case, "settle", by="wangge").status == "resolved"

    def test_not_above_ones_level(self, town):
        assert refused("not_yours", a_case(), "settle", by="wangge")
        assert walk(a_case(), "settle", by="jiedao").resolved_level == "street"


class TestEscalate:
    def test_one_level_up_with_accept_anew(self, town):
        case = walk(at_community(), "escalate", by="shequ", reason="社区没有执法权")
        assert (case.status, case.level, holder(case)) == ("received", "street", STREET_DESK)
        assert clocks(case) == {
            "accept": "ended",
            "resolve": "running",
            "feedback": "running",
            "accept#2": "running",
        }
        assert clock(case, "accept").due_at == local("23 14:31")  # 4 work_hour over the noon
        assert stays(case) == [(COMMITTEE, "escalate", 1)]
        assert last(case).payload["level"] == ["community", "street"]

    def test_a_grid_matter_stays_with_the_committee(self, town):
        case = walk(a_case(item=GRID_ITEM), "escalate", by="wangge")
        assert (case.level, holder(case)) == ("community", COMMITTEE)

    def test_not_from_the_district(self, town):
        case = walk(a_case(), "escalate", by="jiedao")
        assert (case.level, holder(case)) == ("district", DISTRICT_DESK)
        assert "区级" in refused("not_ready", case, "escalate", by="quji")

    def test_from_accepted(self, town):
        case = walk(a_case(), "accept", "escalate")
        assert clocks(case)["dispatch"] == "ended" and case.status == "received"

    def test_from_in_hand_by_the_holder_only(self, town):
        case = walk(at_community(("accept",)), "start", by="shequ")
        assert refused("not_yours", case, "escalate", by="jiedao")
        case = walk(case, "escalate", by="shequ2")
        assert (case.status, case.level, holder(case)) == ("received", "street", STREET_DESK)
        assert clocks(case)["resolve"] == "running"

    def test_departments_wanted(self, town):
        case = walk(a_case(), "escalate", by="jiedao", wanted=["GV13", "GV24"])
        assert last(case).payload["wanted"] == ["GV13", "GV24"]

    def test_needs_a_reason(self, town):
        assert refused("not_ready", a_case(), "escalate", by="jiedao", reason="  ")

    def test_releases_assisting_units(self, town):
        case = walk(at_community(("accept",)), "dispatch", by="shequ", organisation=COMMITTEE)
        case = walk(case, "sign", by="shequ")
        assert walk(case, "escalate", by="shequ").open_parts == 0


class TestHandDown:
    def test_one_level_down_once(self, town):
        case = walk(a_case(), "hand_down", by="jiedao", reason="社区即可")
        assert (case.status, case.level, holder(case)) == ("received", "community", COMMITTEE)
        assert clocks(case)["accept"] == "ended" and clocks(case)["accept#2"] == "running"
        case = walk(case, "escalate", by="shequ")
        assert "一次" in refused("not_ready", case, "hand_down", by="jiedao")

    def test_not_below_the_grid(self, town):
        assert refused("not_ready", a_case(item=GRID_ITEM), "hand_down", by="shequ")

    def test_not_where_the_place_has_no_such_level(self, town):
        assert refused("not_ready", a_case(by="jiedao", place=STREET), "hand_down", by="jiedao")
        case = at_community(by="shequ", place=COMMUNITY)
        assert refused("not_ready", case, "hand_down", by="shequ")

    def test_never_to_whom_it_is_about(self, town):
        case = a_case(item=COMMUNITY_ITEM, about=COMMITTEE)
        assert case.level == "street"
        assert refused("not_ready", case, "hand_down", by="jiedao")


class TestDispatch:
    def test_to_a_department_with_assisting_ones(self, town):
        case = walk(a_case(), "accept", by="jiedao")
        case = walk(case, "dispatch", by="jiedao", organisation="GV24", assisting=[SQUAD])
        assert (case.status, holder(case), parts(case)) == ("assigned", "GV24", {SQUAD: "assigned"})
        assert clocks(case)["dispatch"] == "met" and clocks(case)["sign"] == "running"
        assert clock(case, "sign").due_at == local("23 14:32")
        assert stays(case) == [(STREET_DESK, "dispatch", 2)]
        assert against(case) == {"accept": STREET_DESK, "dispatch": STREET_DESK, "sign": "GV24"}
        assert case.dispatched_at == case.first_dispatched_at == case.last_at

    def test_a_critical_one_is_signed_within_the_hour(self, town):
        case = walk(a_case(urgency="critical"), "accept", "dispatch")
        assert clock(case, "sign").due_at == local("23 10:02")

    def test_not_out_of_reach(self, town):
        """GV24 is named by a duty row for this item, the bureau of education is not."""
        case = walk(a_case(), "accept")
        assert "GV" not in refused("not_ready", case, "dispatch", by="jiedao", organisation="GV03")
        case = walk(case, "escalate", "accept", "dispatch", organisation="GV03")
        assert holder(case) == "GV03"

    def test_only_the_street_goes_straight_to_a_department(self, town):
        case = walk(at_community(), "accept", by="shequ", item=STREET_ITEM)
        assert case.level == "community"
        assert "上呼" in refused("not_ready", case, "dispatch", by="shequ", organisation="GV24")

    def test_the_lead_does_not_assist(self, town):
        case = walk(a_case(), "accept")
        assert refused("not_ready", case, "dispatch", organisation="GV24", assisting=["GV24"])

    def test_no_such_unit(self, town):
        assert refused("not_ready", walk(a_case(), "accept"), "dispatch", organisation="GV99")

    def test_by_the_desk_above(self, town):
        case = walk(at_community(("accept",)), "dispatch", by="jiedao", organisation=SQUAD)
        assert (case.level, case.desk.code) == ("street", STREET_DESK)


class TestRecall:
    def test_back_to_the_desk(self, town):
        case = walk(a_case("assigned"), "recall", by="jiedao2")
        assert (case.status, holder(case)) == ("accepted", STREET_DESK)
        assert clocks(case)["sign"] == "ended" and clocks(case)["dispatch#2"] == "running"
        assert stays(case)[-1][:2] == ("GV24", "recall")

    def test_releases_assisting_ones(self, town):
        case = walk(a_case(through=("accept",)), "dispatch", assisting=[SQUAD])
        case = walk(case, "recall", by="jiedao")
        assert parts(case) == {SQUAD: "released"} and case.open_parts == 0

    def test_by_the_desk_above_and_by_no_other(self, town):
        case = a_case("assigned")
        assert refused("not_yours", case, "recall", by="shequ")
        assert refused("not_yours", case, "recall", by="bumen")
        assert walk(case, "recall", by="quji").status == "accepted"

    def test_not_a_final_ruling(self, town):
        """What the district ruled, the street does not take back; the district rules again."""
        case = walk(a_case("assigned"), "decline", by="bumen")
        case = walk(case, "rule", by="quji", organisation="GV24")
        assert "最终" in refused("not_ready", case, "recall", by="jiedao")
        assert walk(case, "rule", by="quji2", organisation="GV13").final

    def test_after_signing_it_is_too_late(self, town):
        assert refused("not_from_here", a_case("in_hand"), "recall", by="jiedao")


def test_the_whole_way_is_told(town):
    case = a_case(through=("accept", "dispatch", "sign", "resolve", "answer"))
    assert events(case) == [
        "case.received",
        "case.accepted",
        "case.assigned",
        "case.signed",
        "case.resolved",
        "case.answered",
    ]
    assert fact_refused("not_from_here", case, "urge", by="wangge")
    assert clock(case, "accept").due_at - case.called_at == DAY and HOUR < DAY
    assert case.place.code == GRID
