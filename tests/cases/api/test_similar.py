"""What may be known already, and joining it, by the API."""

from __future__ import annotations

import pytest

from cases.models import Call, Case
from cases.queries import likely
from tests.clients import is_problem
from tests.town import GRID, OTHER_GRID

SAID = "1号楼北侧外墙被喷了涂料，字很大，麻烦清理。"


@pytest.fixture(autouse=True)
def weighed_anew():
    likely.forget()
    yield
    likely.forget()


def test_similar_to_a_call_and_joined(api, town):
    first = api("wangge").call(text=SAID, item="0610", caller={"phone": "13905371234"}).json()
    answer = api("wangge").get(
        "cases/similar/", {"place": GRID, "item": "0610", "text": "外墙喷了涂料，1号楼北侧"}
    )
    (found,) = answer.json()["results"]
    assert found["number"] == first["number"] and found["callers"] == 1 and found["score"] >= 0.18
    assert found["why"].startswith("同一地点，同一小项")
    joined = api("wangge").call(text="外墙喷了涂料", join=found["number"], caller={"phone": "13805375678"})
    assert joined.status_code == 201
    body = joined.json()
    assert body["joined"] and body["number"] == first["number"] and body["case"]["callers"] == 2
    assert body["tracking_code"] != first["tracking_code"] and len(body["case"]["calls"]) == 2
    assert Case.objects.count() == 1 and Call.objects.count() == 2


def test_similar_to_a_case(api, town):
    first = api("wangge").call(text=SAID, item="0610").json()
    second = api("wangge").call(text=SAID, item="0610").json()
    (found,) = api("jiedao").get(f"cases/{second['number']}/similar/").json()["results"]
    assert found["number"] == first["number"] and "文字相同" in found["why"]
    is_problem(api("linju").get(f"cases/{second['number']}/similar/"), 404)


def test_refusals(api, town):
    first = api("wangge").call(text=SAID).json()
    is_problem(api("wangge").get("cases/similar/", {"text": SAID}), 400, "place")
    is_problem(api("wangge").get("cases/similar/", {"place": "nowhere"}), 400, "place")
    is_problem(api("bumen").get("cases/similar/", {"place": GRID, "text": SAID}), 403)
    assert api("linju").get("cases/similar/", {"place": GRID, "text": SAID}).json() == {"results": []}
    is_problem(api("linju").call(place=OTHER_GRID, text=SAID, join=first["number"]), 422, "join")
    is_problem(api("wangge").call(text=SAID, join="GYG20990101-0001"), 422, "join")
    is_problem(api("wangge").call(text=SAID, join=["x"]), 422, "join")


def test_sent_twice_joins_once(api, town):
    first = api("wangge").call(text=SAID).json()
    sent = {"place": GRID, "text": SAID, "join": first["number"]}
    one, two = (api("wangge").post("calls/", sent, key="once-1") for _n in range(2))
    assert one.json()["tracking_code"] == two.json()["tracking_code"] and Call.objects.count() == 2
    is_problem(api("wangge").post("calls/", {**sent, "text": "别的"}, key="once-1"), 422)


def test_a_wrongly_joined_call_is_split_out(api, town):
    first = api("wangge").call(text=SAID, item="0610", caller={"phone": "13905371234"}).json()
    joined = api("wangge").call(text="三楼漏水", join=first["number"], caller={"phone": "13805375678"}).json()
    case = api("zhiban").get(f"cases/{first['number']}/").json()
    call = case["calls"][-1]["id"]
    sent = {"version": case["version"], "call": call, "reason": "不是一件事。"}
    is_problem(api("jiedao").post(f"cases/{first['number']}/facts/split/", sent), 403)
    answer = api("zhiban").post(f"cases/{first['number']}/facts/split/", sent)
    assert answer.status_code == 201 and answer.json()["callers"] == 1
    own = api("zhiban").get(f"cases/{answer.json()['split_into']}/").json()
    assert own["calls"][0]["id"] == call and own["callers"] == 1
    assert Call.objects.get(pk=call).tracking_code == joined["tracking_code"]
    (told,) = [
        one
        for one in api("zhiban").get(f"cases/{first['number']}/timeline/").json()["results"]
        if one["event"] == "case.caller_split"
    ]
    assert told["details"]["into"] == own["number"] and told["label"] == "拆出一次反映"
