"""Joint handling: added later, each with its own holding, clock and result; the lead waits for all."""

from __future__ import annotations

from cases.models import Holding, Part
from cases.queries import dossier, holdings
from cases.sla.board import ClockBoard
from tests.builders import a_case, a_fact, a_move, walk
from tests.cases.walking import clock, events, fact_refused, fresh, last, local, parts, refused
from tests.house.invariants import faults
from tests.town import STREET

SQUAD = f"TS02-{STREET}"


def in_hand(town):
    return a_case(through=("accept", "dispatch", "sign"))


def test_added_later_it_signs_and_finishes_its_own(town):
    case = in_hand(town)
    a_fact(case, "assist", by="jiedao", assisting=[SQUAD])
    case = fresh(case)
    assert parts(case) == {SQUAD: "assigned"} and last(case).payload["assisting"] == [SQUAD]
    assert clock(case, "resolve", part=1).due_at == clock(case, "resolve").due_at
    assert case.version == 5
    sentence = refused("not_ready", case, "resolve", by="bumen")
    assert "协办还没有办完" in sentence
    case = walk(case, "sign", "resolve", by="zhongdui", result="围挡已拆除。")
    assert Part.objects.get(case=case).result == "围挡已拆除。"
    assert Holding.objects.get(case=case, part=1).ended_by == "resolve"
    assert walk(case, "resolve", by="bumen").status == "resolved" and faults(fresh(case)) == []


def test_who_adds_and_whom(town):
    case = in_hand(town)
    assert fact_refused("not_yours", case, "assist", by="bumen", assisting=[SQUAD])
    assert "主办" in fact_refused("not_ready", case, "assist", by="jiedao", assisting=["GV24"])
    case = a_fact(case, "assist", by="jiedao", assisting=[SQUAD])
    assert "已经在协办" in fact_refused("not_ready", case, "assist", by="jiedao", assisting=[SQUAD])


def test_the_sentence_names_who_is_open_and_the_desk_may_let_go(town):
    case = a_fact(in_hand(town), "assist", by="jiedao", assisting=[SQUAD])
    assert "执法" in refused("not_ready", case, "resolve", by="bumen") or "中队" in refused(
        "not_ready", case, "resolve", by="bumen"
    )
    case = a_fact(case, "release_part", by="jiedao", organisation=SQUAD)
    assert walk(case, "resolve", by="bumen").status == "resolved"
    assert "part.released" in events(case)


def test_a_decline_has_its_ground_and_leaves_the_lead(town):
    case = a_fact(in_hand(town), "assist", by="jiedao", assisting=[SQUAD])
    case = walk(case, "decline", by="zhongdui", ground="not_our_duty", organisation="GV25")
    assert parts(case) == {SQUAD: "declined"} and case.status == "in_hand" and faults(fresh(case)) == []


def test_caps_of_a_merge_reach_the_parts_and_go_again(town):
    elder = a_case(through=("accept", "dispatch", "sign"), when=local("23 09:00"))
    elder = a_fact(elder, "assist", by="jiedao", assisting=[SQUAD])
    own = clock(elder, "resolve", part=1).due_at
    case = a_case(when=local("23 10:00"), called_at=local("22 10:00"), by="jiedao")
    case = a_move(case, "merge", when=local("23 11:00"), by="jiedao", target=elder.number)
    assert clock(elder, "resolve", part=1).due_at == clock(elder, "resolve").due_at == local("24 10:00") < own
    a_move(case, "unmerge", when=local("23 12:00"), by="zhiban")
    assert clock(elder, "resolve", part=1).due_at == clock(elder, "resolve").due_at == own
    assert faults(fresh(elder)) == []


def test_who_assists_rests_with_the_lead_on_hold(town):
    case = a_fact(in_hand(town), "assist", by="jiedao", assisting=[SQUAD])
    case = walk(case, "hold")
    assert clock(case, "resolve", part=1).state == "paused"
    case = a_move(case, "resume", when=local("25 09:00"), by="bumen")
    assert clock(case, "resolve", part=1).due_at == clock(case, "resolve").due_at
    assert clock(case, "resolve", part=1).state == "running" and faults(fresh(case)) == []


def test_a_hold_of_the_lead_is_not_charged_to_who_assists(town):
    case = a_fact(in_hand(town), "assist", by="jiedao", assisting=[SQUAD], when=local("23 10:00"))
    case = a_move(case, "sign", when=local("23 10:30"), by="zhongdui")
    case = a_move(case, "hold", when=local("23 11:00"))
    running = next(
        one
        for one in holdings.of(case, dossier.read(case), ClockBoard.load(case), local("23 17:00"))
        if one.part
    )
    assert (running.minutes.opening, running.minutes.paused, running.minutes.worked) == (330, 270, 60)
    case = a_move(case, "resume", when=local("24 09:00"), by="bumen")
    a_move(case, "resolve", when=local("24 10:00"), by="zhongdui", result="围挡已拆除。")
    stay = Holding.objects.get(case=case, part=1)
    # of the day and the next morning only the hour before and the hour after
    assert stay.worked_minutes == 120 and stay.paused_minutes == stay.opening_minutes - 120
    assert faults(fresh(case)) == []
