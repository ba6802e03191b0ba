"""Units in which nobody could sign: said before, said after, never a place where a case is lost."""

from __future__ import annotations

import datetime as dt

from cases import onward, vacant
from cases.queries import choices, offers
from cases.sla.board import ClockBoard
from grid.queries import lineage
from ledger import versions
from parties import directory, seats
from parties.commands import open_organisation
from parties.models import Organisation, Posting
from tests.builders import a_case, walk
from tests.cases.walking import refused
from tests.clients import Api
from tests.pages import Reader
from tests.town import actor

EMPTY = "GV25"  # nobody of the town is posted there
DAY = dt.timedelta(days=1)


def test_who_could_sign(town):
    case = a_case("accepted")
    assert vacant.is_vacant(directory.by_code(EMPTY), case, case.last_at)
    assert not vacant.is_vacant(directory.by_code("GV24"), case, case.last_at)
    assert not vacant.is_vacant(directory.by_code(f"JW-{town.COMMUNITY}"), case, case.last_at)
    Posting.objects.filter(organisation__code="GV24").update(until=case.last_at + DAY)
    assert not vacant.is_vacant(directory.by_code("GV24"), case, case.last_at)
    assert vacant.is_vacant(directory.by_code("GV24"), case, case.last_at + DAY)
    assert seats.is_staffed(directory.by_code("GV24"), "release", case.last_at)


def test_the_form_puts_them_last_and_says_so(town):
    case = a_case("accepted", item="0610")
    groups = choices.units_in_reach(town.actor("quji"), case, None, case.last_at)
    assert "没有人任职" in groups[-1]["label"]
    empty = {one["value"]: one["label"] for one in groups[-1]["choices"]}
    assert empty[EMPTY].endswith("（无人任职）") and "GV24" not in empty
    assert all("vacant" not in one for group in groups[:-1] for one in group["choices"])


def test_the_proposal_comes_with_a_warning_and_another_unit(town):
    Posting.objects.filter(organisation__code="GV24").update(until=town.FOUNDED)
    case = a_case("accepted", item="0610")
    squad = open_organisation(
        by=town.SYSTEM,
        at=town.FOUNDED,
        code="GV24-1",
        name="市容一队",
        kind="department",
        parent=town.org("GV24"),
    )
    Posting.objects.create(
        account=town.account("bumen"), role="department_clerk", organisation=squad, since=town.FOUNDED,
        confirmed_at=town.FOUNDED,
    )  # fmt: skip
    words = vacant.warning(directory.by_code("GV24"), case, case.last_at)
    assert "没有人任职" in words and "市容一队" in words
    assert "市容一队" not in vacant.warning(directory.by_code("GV24"), case, case.last_at, {"GV24"})
    assert vacant.warning(directory.by_code("GV24-1"), case, case.last_at) == ""
    page = Reader("jiedao").open(f"/desk/?tab=dispatch&case={case.number}")
    assert page.says("没有人任职，派去没有人能签收")


def test_the_interface_tells_before_and_after(town):
    case = a_case("accepted", item="0610")
    told = Api("quji").get(f"cases/{case.number}/receivers/").json()["results"]
    one = {row["code"]: row for row in told}
    assert one[EMPTY]["vacant"] and "改派" in one[EMPTY]["warning"]
    assert not one["GV24"]["vacant"] and one["GV24"]["warning"] == ""
    assert Api("shenji").get(f"cases/{case.number}/receivers/").json()["results"] == []
    asked = {"number": case.number, "version": case.version}
    sent = Api("quji").move(asked, "dispatch", organisation=EMPTY)
    assert sent.status_code == 200 and "没有人任职" in sent.json()["warnings"][0]
    case = walk(walk(a_case("accepted"), "dispatch", by="quji", organisation="GV24"), "sign")
    assert "warnings" not in Api("bumen").case(case.number)


def test_the_page_says_it_after(town):
    case = a_case("accepted", item="0610")
    page = Reader("quji").open(f"/cases/{case.number}/")
    page.send("moves/dispatch", organisation=EMPTY)
    assert page.says("没有人任职，派去没有人能签收")


def test_what_a_final_ruling_left_there_may_be_recalled(town):
    case = walk(a_case("assigned"), "decline", by="bumen")
    case = walk(case, "rule", by="quji", organisation=EMPTY)
    assert case.final and walk(case, "recall", by="jiedao").status == "accepted"
    case = walk(walk(a_case("assigned"), "decline", by="bumen"), "rule", by="quji", organisation="GV24")
    assert "最终" in refused("not_ready", case, "recall", by="jiedao")


def test_nothing_goes_there_by_itself(town):
    Organisation.objects.filter(code=f"ZX-{town.STREET}").update(auto_dispatch=True)
    versions.bump("organisations")
    Posting.objects.filter(organisation__code="GV24").update(until=town.FOUNDED)
    case = walk(a_case(item="0610"), "accept", by="jiedao")
    assert case.status == "accepted"
    assert onward.of(case, lineage(case.path), case.last_at) == "vacant"


class TestEverybodyLeft:
    """Work in hand of a unit whose last person went: the desk that sent it out acts for it."""

    def left(self, town, *moves: str):
        case = walk(a_case("assigned", item="0610"), *moves)
        at = case.last_at + dt.timedelta(seconds=30)
        Posting.objects.filter(organisation__code="GV24").update(until=at)
        return case

    def test_the_desk_passes_it_to_another_unit(self, town):
        case = self.left(town, "sign")
        assert not offered(case, "shequ")
        assert {"transfer", "resolve"} <= offered(case, "jiedao")
        case = walk(case, "transfer", by="jiedao", organisation="IN02")
        assert walk(case, "sign", by="huanwei").status == "in_hand"

    def test_what_rests_is_resumed_by_it(self, town):
        case = self.left(town, "sign", "hold")
        assert walk(case, "resume", by="jiedao").status == "in_hand"

    def test_even_after_a_final_ruling(self, town):
        case = walk(walk(a_case("assigned"), "decline", by="bumen"), "rule", by="quji", organisation="GV24")
        case = walk(case, "sign", by="bumen")
        assert "最终" in refused("not_ready", case, "transfer", by="bumen", organisation="IN02")
        Posting.objects.filter(organisation__code="GV24").update(until=case.last_at)
        assert walk(case, "transfer", by="jiedao", organisation="IN02").status == "assigned"

    def test_not_while_somebody_is_there(self, town):
        case = walk(a_case("assigned", item="0610"), "sign")
        assert refused("not_yours", case, "transfer", by="jiedao", organisation="IN02")


def offered(case, name: str) -> set[str]:
    when = case.last_at + dt.timedelta(minutes=1)
    by = actor(name, when)
    return {one.name for one in offers.moves_of(case, ClockBoard.load(case), by, when) if one.enabled}
