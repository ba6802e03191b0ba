"""The tree of a past day over HTTP."""

from __future__ import annotations

import datetime as dt

import pytest

from grid import commands
from grid.api import past
from ledger import clock
from tests import town
from tests.clients import is_problem, statements

TODAY = clock.today
YESTERDAY = lambda: (clock.today() - dt.timedelta(days=1)).isoformat()  # noqa: E731


@pytest.fixture
def changed(town):
    """Today one community was renamed and one grid moved to it."""
    for command, code, more in (
        (commands.rename_place, town.COMMUNITY_2, {"name": "琵琶新社区"}),
        (commands.move_place, town.GRID_2, {"parent": town.place(town.COMMUNITY_2)}),
        (commands.recode_place, town.GRID, {"code": "G-1"}),
    ):
        place = town.place(code)
        command(place=place, version=place.version, by=town.SYSTEM, at=clock.now(), **more)


def codes(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [one["code"] for one in answer.json()["results"]]


def test_as_of(api, changed):
    linju = api("linju")
    assert codes(linju.get("places/", {"as_of": YESTERDAY(), "parent": town.COMMUNITY})) == [
        town.GRID,
        town.GRID_2,
    ]
    assert codes(linju.get("places/", {"as_of": TODAY().isoformat(), "parent": town.COMMUNITY})) == ["G-1"]
    assert codes(
        linju.get("places/", {"as_of": YESTERDAY(), "within": town.COMMUNITY_2, "kind": "grid"})
    ) == [town.GRID_3]
    assert codes(linju.get("places/", {"as_of": YESTERDAY(), "q": "琵琶山"})) == [town.COMMUNITY_2]
    assert codes(linju.get("places/", {"as_of": TODAY().isoformat(), "q": "琵琶山"})) == []
    assert codes(linju.get("places/", {"as_of": "2020-01-01"})) == []
    one = linju.get(f"places/{town.GRID_2}/", {"as_of": YESTERDAY()}).json()
    assert one["parent"] == town.COMMUNITY and [step["code"] for step in one["path"]][-2:] == [
        town.COMMUNITY,
        town.GRID_2,
    ]
    is_problem(linju.get("places/", {"as_of": "x"}), 400, "as_of")
    is_problem(linju.get("places/", {"as_of": "2999-01-01"}), 400, "as_of")
    is_problem(linju.get("places/", {"as_of": YESTERDAY(), "parent": "NOPE"}), 400, "parent")


def test_more_than_anybody_reads_is_refused(api, changed, monkeypatch):
    monkeypatch.setattr(past, "MOST", 4)
    linju = api("linju")
    is_problem(linju.get("places/", {"as_of": YESTERDAY()}), 422, "within")
    is_problem(linju.get("places/", {"as_of": YESTERDAY(), "q": "琵琶山"}), 422, "within")
    is_problem(linju.get("places/", {"as_of": YESTERDAY(), "within": town.STREET}), 422)
    assert len(codes(linju.get("places/", {"as_of": YESTERDAY(), "within": town.COMMUNITY}))) == 4
    one = {"as_of": YESTERDAY(), "parent": town.COMMUNITY, "within": town.STREET}
    assert codes(linju.get("places/", one)) == [town.GRID, town.GRID_2]
    assert codes(linju.get("places/", one | {"within": town.OTHER_STREET})) == []
    monkeypatch.setattr(past, "MOST", 2)
    is_problem(linju.get("places/difference/", {"from": YESTERDAY()}), 422)


def test_pages(api):
    seen, answer = [], api("linju").get("places/", {"as_of": YESTERDAY(), "page_size": "4"})
    while True:
        body = answer.json()
        seen += [one["code"] for one in body["results"]]
        if not body["next"]:
            break
        answer = api("linju").get(body["next"])
    assert seen == sorted(code for code, *_rest in town.GROUND)
    back = api("linju").get(body["previous"]).json()
    assert [one["code"] for one in back["results"]] == seen[-4 - len(body["results"]) : -len(body["results"])]


def test_the_difference(api, changed):
    body = api("linju").get("places/difference/", {"from": YESTERDAY()}).json()
    assert {one["code"]: one["changes"] for one in body["results"]} == {
        town.COMMUNITY_2: ["renamed"], town.GRID_2: ["moved"], "G-1": ["recoded"],
    }  # fmt: skip
    moved = next(one for one in body["results"] if one["code"] == town.GRID_2)
    assert (moved["before"]["parent"], moved["after"]["parent"]) == (town.COMMUNITY, town.COMMUNITY_2)
    below = {"from": YESTERDAY(), "within": town.COMMUNITY}
    assert codes(api("linju").get("places/difference/", below)) == [town.GRID_2, "G-1"]  # one has left
    assert codes(api("linju").get("places/difference/", below | {"within": town.OTHER_STREET})) == []
    is_problem(api("linju").get("places/difference/", below | {"within": "NOPE"}), 400, "within")
    is_problem(api("linju").get("places/difference/"), 400, "from")
    is_problem(api("linju").get("places/difference/", {"from": TODAY().isoformat(), "to": YESTERDAY()}), 400)


def test_a_places_story(api, changed):
    body = api("linju").get(f"places/{town.GRID}/history/").json()
    assert body["code"] == "G-1"
    assert [one["event"] for one in body["results"]] == ["place.recoded", "place.opened"]
    assert body["results"][0]["sentence"] == f"编码由 {town.GRID} 改为 G-1"
    is_problem(api("linju").get("places/NOPE/history/"), 404)


def test_what_it_costs(api, changed):
    api("linju").get("places/")
    for query in ({}, {"parent": town.COMMUNITY}, {"within": town.COMMUNITY}):
        with statements() as found:
            api("linju").get("places/", {"as_of": YESTERDAY(), **query})
        assert len(found) <= 12, (query, len(found))
