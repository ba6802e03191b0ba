"""One matter, told over the interface: resident → worker → street → department → told → asked again."""

from __future__ import annotations

import pytest

from tests.clients import Api, is_problem

PHONE = "13905371234"


@pytest.fixture
def people(town):
    return {name: Api(name) for name in ("wangge", "jiedao", "bumen", "shequ", "quji", "lingdao", "linju")}


def test_from_call_to_answer(people):
    wangge, jiedao, bumen = people["wangge"], people["jiedao"], people["bumen"]
    photo = wangge.photo()
    taken = wangge.call(
        item="0610",
        text=f"1号楼外墙被喷涂料，联系{PHONE}。",
        attachments=[photo],
        caller={"name": "孟庆芳", "phone": PHONE},
    )
    assert taken.status_code == 201, taken.content
    taken = taken.json()
    case = taken["case"]
    assert taken["number"] == case["number"] and taken["tracking_code"].isdigit()
    assert case["status"] == "received" and case["level"] == "street" and case["origin"] == "resident"
    assert case["holder"]["code"] == "ZX-370811015"
    assert [clock["stage"] for clock in case["clocks"]] == ["accept", "resolve", "feedback"]
    assert case["proposed"]["code"] == "GV24" and case["routing_reason"]
    assert [file["id"] for file in case["attachments"]] == [photo]

    mine = jiedao.get("cases/", {"queue": "mine"}).json()["results"]
    assert [row["number"] for row in mine] == [case["number"]]

    case = jiedao.move(case, "accept")
    assert case.status_code == 200, case.content
    case = case.json()
    assert case["status"] == "accepted" and case["promised_at"]
    case = jiedao.move(case, "dispatch", organisation="GV24").json()
    assert case["status"] == "assigned" and case["holder"]["code"] == "GV24"
    case = bumen.move(case, "sign").json()
    assert case["status"] == "in_hand" and case["holder_person"]["username"] == "bumen"
    is_problem(bumen.move(case, "resolve", result="已清洗。"), 422, "attachments")
    case = bumen.move(case, "resolve", result="已清洗。", attachments=[bumen.photo()]).json()
    assert case["status"] == "resolved"
    case = jiedao.move(case, "answer", told="墙面已清洗。", channel="phone").json()
    assert case["status"] == "answered"

    found = wangge.get(f"cases/{case['number']}/timeline/").json()["results"]
    assert [entry["event"] for entry in found] == [
        "case.received", "case.accepted", "case.assigned", "case.signed", "case.resolved", "case.answered",
    ]  # fmt: skip
    assert found[4]["texts"] == {"result": "已清洗。"} and len(found[4]["attachments"]) == 1
    why = wangge.get(f"cases/{case['number']}/clocks/resolve/why/").json()
    assert why["due_at"] and why["sentences"]

    assert PHONE not in str(case) and "孟庆芳" not in str(case)
    assert people["linju"].get(f"cases/{case['number']}/").status_code == 404


def test_accept_and_dispatch_in_one(people):
    case = people["wangge"].call(item="0610").json()["case"]
    done = people["jiedao"].move(case, "accept_and_dispatch", organisation="GV24")
    assert done.status_code == 200, done.content
    assert done.json()["status"] == "assigned"
