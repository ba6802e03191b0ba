"""Every move of a place over HTTP: done, refused in one sentence, shown without being done, or kept for a midnight."""

from __future__ import annotations

import datetime as dt

import pytest

from grid.models import Draft, Place
from ledger import clock
from tests import town
from tests.clients import is_problem

COMMUNITY, COMMUNITY_2, GRID, GRID_2 = town.COMMUNITY, town.COMMUNITY_2, town.GRID, town.GRID_2


@pytest.fixture
def move(api):
    def send(code: str, name: str, /, *, who: str = "admin", dry_run: bool = False, **sent):
        sent = {"version": Place.objects.get(code=code).version, **sent}
        return api(who).post(f"places/{code}/moves/{name}/" + ("?dry_run=1" if dry_run else ""), sent)

    return send


def test_recode(api, move):
    body = move(GRID, "recode", code="G-1").json()
    assert (body["code"], body["version"]) == ("G-1", 2)
    assert api("linju").get(f"places/{GRID}/").json()["code"] == "G-1"
    is_problem(move("G-1", "recode", code=GRID_2), 422, "code")
    is_problem(move(GRID_2, "recode", code=GRID), 422, "code")  # once somebody's, never another's
    is_problem(move("G-1", "recode"), 422, "code")


def test_merge(api, move):
    shown = move(COMMUNITY_2, "merge", target=COMMUNITY, dry_run=True).json()
    assert shown["dry_run"] and shown["impacts"] and shown["retired_at"] is None
    body = move(COMMUNITY_2, "merge", target=COMMUNITY).json()
    assert body["successors"] == [COMMUNITY] and body["retired_at"]
    assert api().client and api("linju").get(f"places/{COMMUNITY_2}/").json()["code"] == COMMUNITY
    is_problem(move(COMMUNITY, "merge", target=GRID), 422, "target")
    is_problem(move(COMMUNITY, "merge"), 422, "target")


def test_several_into_one(api, move):
    parts = [{"code": GRID_2, "version": 1}]
    is_problem(move(GRID, "merge", target=town.GRID_3, parts=[{"code": GRID_2, "version": 9}]), 409)
    move(GRID, "merge", target=town.GRID_3, parts=parts)
    for code in (GRID, GRID_2):
        assert api("linju").get(f"places/{code}/").json()["code"] == town.GRID_3


def test_split(api, move):
    parts = [{"name": "东社区", "children": [GRID]}, {"name": "西社区", "code": "W-1", "children": []}]
    assert "没有分到" in is_problem(move(COMMUNITY, "split", parts=parts), 422, "parts")["detail"].replace(
        "还", ""
    )
    parts[1]["children"] = [GRID_2]
    shown = move(COMMUNITY, "split", parts=parts, dry_run=True).json()
    assert shown["impacts"] and not Place.objects.filter(code="W-1").exists()
    body = move(COMMUNITY, "split", parts=parts).json()
    assert len(body["successors"]) == 2 and "W-1" in body["successors"]
    assert (
        api("linju").get(f"places/{COMMUNITY}/").json()["successors"] == body["successors"]
    )  # it tells both
    for parts in (None, [], "x", [{"name": "甲", "children": "x"}], [{"children": []}]):
        is_problem(move("W-1", "split", parts=parts), 422)


def test_restore(api, move):
    move(GRID_2, "retire", target=GRID)
    assert move(GRID_2, "restore", dry_run=True).json()["retired_at"]
    body = move(GRID_2, "restore").json()
    assert body["retired_at"] is None and body["successors"] == [] and body["version"] == 3
    is_problem(move(GRID_2, "restore"), 409)


def test_kept_for_a_midnight(api, move):
    tomorrow = clock.today() + dt.timedelta(days=1)
    body = move(GRID, "rename", name="临河网格", at=tomorrow.isoformat()).json()
    assert body["name"] == "第一网格" and body["version"] == 1
    draft = Draft.objects.get(pk=body["draft"])
    assert (draft.status, draft.effective_on) == ("scheduled", tomorrow)
    body = move(COMMUNITY_2, "merge", target=COMMUNITY, at=clock.local_midnight(tomorrow).isoformat()).json()
    assert Draft.objects.get(pk=body["draft"]).steps[0]["args"]["target"] == COMMUNITY
    noon = clock.local_midnight(tomorrow) + dt.timedelta(hours=12)
    for at in ("2020-01-01", noon.isoformat(), "soon", 7, clock.today().isoformat()):
        is_problem(move(GRID, "rename", name="x", at=at), 422, "at")
    is_problem(move(GRID, "rename", name="x", at=tomorrow.isoformat(), version=9), 409)


def test_who(api, move):
    is_problem(move(GRID, "recode", code="G-1", who="shequ"), 403)
    is_problem(move(GRID, "fly"), 404)
    is_problem(api("admin").post("places/NOPE/moves/restore/", {"version": 1}), 404)


def test_sent_twice(api):
    path, sent = f"places/{COMMUNITY_2}/moves/merge/", {"version": 1, "target": COMMUNITY}
    first = api("admin").post(path, sent, key="k")
    again = api("admin").post(path, sent, key="k")
    assert first.status_code == again.status_code == 200
    assert again.json()["successors"] == [COMMUNITY]


def test_set_facts(api, move):
    shown = move(GRID, "set_facts", dry_run=True, households=300, aliases=["一网格"]).json()
    assert shown["dry_run"] and shown["households"] != 300
    body = move(GRID, "set_facts", households=300, aliases=["一网格"], lon=116.58, lat=35.41).json()
    assert (body["households"], body["aliases"], body["lon"]) == (300, ["一网格"], 116.58)
    assert move(GRID, "set_facts", households=None, aliases=[]).json()["households"] is None
    is_problem(move(GRID, "set_facts"), 422)
    is_problem(move(GRID, "set_facts", households="很多"), 422, "households")
    is_problem(move(GRID, "set_facts", managed_by=COMMUNITY), 422, "managed_by")
    is_problem(move(GRID, "set_facts", version=1, residents=9), 409)
    day = (clock.today() + dt.timedelta(days=2)).isoformat()
    waiting = move(GRID, "set_facts", residents=9, at=day).json()
    assert Draft.objects.get(pk=waiting["draft"]).steps[0]["args"]["residents"] == 9


def test_merge_into_a_new_one(api, move):
    parts = [{"code": GRID_2, "version": 1}]
    shown = move(GRID, "merge", name="新网格", parts=parts, dry_run=True).json()
    assert shown["impacts"] and not Place.objects.filter(name="新网格").exists()
    heir = move(GRID, "merge", name="新网格", code="N-1", parts=parts).json()["successors"]
    assert heir == ["N-1"] and api("linju").get(f"places/{GRID_2}/").json()["name"] == "新网格"
    is_problem(move("N-1", "merge", name="甲", target=town.GRID_3), 422, "target")


def test_what_is_retired_can_be_listed_and_restored(api, move):
    move(GRID, "merge", target=GRID_2)
    found = api("linju").get(f"places/?retired=only&within={COMMUNITY}").json()["results"]
    assert [(one["code"], one["successors"]) for one in found] == [(GRID, [GRID_2])]
    assert move(GRID, "restore").json()["retired_at"] is None
    assert api("linju").get(f"places/?retired=only&within={COMMUNITY}").json()["results"] == []


@pytest.mark.parametrize("at", ["0001-01-01", "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-10:00"])
def test_a_day_at_the_end_of_the_calendar(move, at):
    is_problem(move(GRID, "rename", name="临河网格", at=at), 422, "at")
