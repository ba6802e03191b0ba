"""Rounds over the interface: made once, listed in scope, due, covered, ruled."""

from __future__ import annotations

import pytest

from cases.models import Round
from tests import town
from tests.clients import Api, statements

pytestmark = pytest.mark.django_db
SENT = {"place": town.BUILDING, "kind": "patrol", "text": "见到 13905371234"}


def test_made_listed_and_seen_in_scope(town):
    api = Api("wangge")
    first = api.post("rounds/", SENT, key="k1")
    again = api.post("rounds/", SENT, key="k1")
    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    assert Round.objects.count() == 1 and first.json()["text"] == "见到 139****1234"
    for who, n in (("wangge", 1), ("jiedao", 1), ("shenji", 1), ("linju", 0), ("bumen", 0)):
        assert len(Api(who).get("rounds/").json()["results"]) == n, who
    assert len(api.get("rounds/", {"place": town.BUILDING, "kind": "visit"}).json()["results"]) == 0
    assert api.get("rounds/", {"place": town.OTHER_GRID}).status_code == 404


def test_refused_by_field(town):
    for wrong, status, field in (
        ({"kind": "walk"}, 422, "kind"),
        ({"place": ""}, 422, "place"),
        ({"place": 7}, 422, "place"),
        ({"captured_at": "x"}, 422, "captured_at"),
    ):
        answer = Api("wangge").post("rounds/", {**SENT, **wrong})
        assert answer.status_code == status and field in answer.json()["errors"], wrong
    assert Api("wangge").post("rounds/", {**SENT, "place": town.OTHER_GRID}).status_code == 403
    assert not Round.objects.exists()


def test_due_and_covered(town):
    api = Api("wangge")
    before = api.get("rounds/due/").json()
    api.post("rounds/", SENT)
    after = api.get("rounds/due/").json()
    assert len(before) == len(after) + 1 and before[0]["path"][-1]["code"] == before[0]["place"]["code"]
    cover = Api("jiedao").get("rounds/coverage/", {"place": town.COMMUNITY}).json()
    patrol = next(one for one in cover["numbers"] if one["kind"] == "patrol")
    assert (patrol["numerator"], patrol["denominator"], patrol["rate"]) == (1, 3, 0.3333)
    assert [one["place"]["code"] for one in cover["below"]] == [town.GRID, town.GRID_2]
    seen = (
        Api("jiedao")
        .get("rounds/coverage/places/", {"place": town.COMMUNITY, "show": "seen", "kind": "patrol"})
        .json()
    )
    assert [one["place"]["code"] for one in seen] == [town.BUILDING]
    wrong = {"from": "2026-11-23", "to": "2026-11-01"}
    assert api.get("rounds/coverage/", wrong).status_code == 422
    assert api.get("rounds/coverage/", {"from": "soon"}).status_code == 422


def test_rules(town):
    sent = {"place": town.STREET, "place_kind": "grid", "kind": "visit", "every_days": 14, "basis": "街发8号"}
    answer = Api("admin").post("rounds/rules/", sent)
    assert answer.status_code == 201 and answer.json()["words"] == "14 天一次"
    assert len(Api("jiedao").get("rounds/rules/").json()) == 4
    assert Api("admin").post("rounds/rules/", {**sent, "since": "soon"}).status_code == 422


def test_the_list_does_not_grow_with_its_rows(town):
    api = Api("wangge")
    api.post("rounds/", SENT)
    api.get("rounds/")
    with statements() as few:
        api.get("rounds/")
    for _n in range(9):
        api.post("rounds/", SENT)
    with statements() as many:
        assert len(api.get("rounds/").json()["results"]) == 10
    assert len(many) == len(few) <= 4
