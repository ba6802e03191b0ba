"""One answer for the whole and its places: each told by a move of its own, with a report of those that could not be."""

from __future__ import annotations

import pytest

from cases import answering, bulk
from cases.models import Call, Case
from ledger import clock
from tests.builders import GRID_ITEM, a_case, a_fact, walk
from tests.cases.walking import events, fresh, refused
from tests.house.invariants import faults
from tests.pages import Reader
from tests.town import GRID, STREET

SAID = "各处外墙都已清洗。"


@pytest.fixture
def whole(town):
    """A whole and two places that are done: one with a caller, one that a patrol found."""
    case = a_case(through=("accept",), place=STREET, by="jiedao", item=GRID_ITEM)
    for caller in ({"phone": "13905370001"}, None):
        place = a_fact(
            a_case(place=GRID, item=GRID_ITEM, caller=caller), "link", by="jiedao", parent=case.number
        )
        walk(place, "settle", by="jiedao")
    return walk(fresh(case), "start", "resolve", by="jiedao")


def places(case):
    return list(Case.objects.filter(parent=case).order_by("pk"))


def test_by_the_form_with_a_report(whole):
    person = Reader("jiedao").open(f"/cases/{whole.number}/")
    person.send("moves/answer", told=SAID, channel="phone", everywhere="1")
    told, found = places(whole)
    assert fresh(whole).status == told.status == "answered" and found.status == "resolved"
    assert Call.objects.get(case=told).told == SAID and events(told)[-1] == "case.answered"
    assert person.says(found.number) and person.says("没有反映人可反馈")
    assert faults(told) == faults(found) == faults(fresh(whole)) == []


def test_not_unless_ticked_and_not_offered_where_there_is_one_place(whole, town):
    person = Reader("jiedao").open(f"/cases/{whole.number}/")
    assert person.says("也这样答复下面各处的反映人")
    person.send("moves/answer", told=SAID, channel="phone")
    assert [one.status for one in places(whole)] == ["resolved", "resolved"]
    alone = walk(
        a_case(through=("accept",), by="jiedao", place=STREET, item=GRID_ITEM),
        "start",
        "resolve",
        by="jiedao",
    )
    assert not Reader("jiedao").open(f"/cases/{alone.number}/").says("也这样答复下面各处的反映人")


def test_nothing_where_it_was_not_asked_for(whole, town):
    by, at = town.actor("jiedao"), clock.now()
    assert answering.everywhere(whole, {"everywhere": ""}, by=by, at=at) is None
    assert answering.everywhere(places(whole)[0], {"everywhere": True}, by=by, at=at) is None
    assert answering.WAY not in {way.name for way in bulk.offered(by)}


def test_also_where_a_committee_had_the_place(town):
    """The places went to the committee; the street, which has the whole, answers for all of them."""
    case = a_case(through=("accept",), place=STREET, by="jiedao", item=GRID_ITEM)
    place = a_fact(a_case(place=GRID, item="0108"), "link", by="jiedao", parent=case.number)
    place = walk(place, "accept", "start", "resolve", by="shequ")
    assert place.desk_id != case.desk_id
    case = walk(fresh(case), "start", "resolve", by="jiedao")
    person = Reader("jiedao2").open(f"/cases/{case.number}/")
    person.send("moves/answer", told=SAID, channel="phone", everywhere="1")
    assert fresh(place).status == fresh(case).status == "answered"
    assert Call.objects.get(case=place).told == SAID and faults(fresh(place)) == []
    alone = walk(a_case(place=GRID, item="0108"), "accept", "start", "resolve", by="shequ")
    assert refused("not_yours", alone, "answer", by="jiedao")  # a case of its own stays the committee's
