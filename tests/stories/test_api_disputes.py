"""What goes wrong between people, told over the interface: returned, ruled, settled badly, done again."""

from __future__ import annotations

import pytest

from tests import town as towns
from tests.clients import Api, is_problem


@pytest.fixture
def people(town):
    known: dict[str, Api] = {}

    def caller(name: str) -> Api:
        if name not in known:
            known[name] = Api(name)
        return known[name]

    return caller


def enabled(caller: Api, case: dict) -> set[str]:
    return {move["name"] for move in caller.case(case["number"])["moves"] if move["enabled"]}


def test_returned_and_ruled_on(people):
    """The department says it is not theirs; who dispatched may not rule; the ruling of the district is final."""
    case = people("wangge").call(item="0610").json()["case"]
    case = people("jiedao").move(case, "accept").json()
    case = people("jiedao").move(case, "dispatch", organisation="GV24").json()
    is_problem(people("bumen").move(case, "decline"), 422, "ground", "organisation")
    case = people("bumen").move(case, "decline", ground="not_our_duty", organisation="GV25").json()
    assert case["status"] == "accepted" and case["holder"]["code"] == "ZX-370811015"
    assert case["counts"]["declines"] == 1
    assert case["number"] in str(people("jiedao").get("cases/", {"queue": "returned"}).json())
    is_problem(people("bumen").move(case, "sign"), 409)
    case = people("quji").move(case, "rule", organisation="GV24", grounds="属地管理清单第 12 项")
    assert case.status_code == 200, case.content.decode()
    case = case.json()
    assert case["status"] == "assigned" and case["final"] is True
    answer = people("bumen").move(case, "decline", ground="not_our_duty", organisation="GV25")
    assert "最终裁定" in is_problem(answer, 422)["detail"]
    assert people("bumen").move(case, "sign").status_code == 200
    grounds = people("jiedao").get(f"cases/{case['number']}/timeline/").json()["results"][-2]["texts"]
    assert grounds == {"grounds": "属地管理清单第 12 项"}


def test_nobody_checks_what_they_did(people):
    """A worker settles on the spot; colleagues of the same desk are in the chain, the street is not."""
    case = people("wangge").call(item="0301", origin="patrol", text="楼道堆物，当场劝离。").json()["case"]
    assert case["level"] == "grid" and case["origin"] == "patrol"
    case = people("wangge").move(case, "settle", result="已清走。")
    assert case.status_code == 200, case.content.decode()
    case = case.json()
    assert case["status"] == "resolved" and case["resolved_level"] == "grid"
    for insider in ("wangge", "wanggezhang", "shequ"):
        is_problem(people(insider).move(case, "rework", reason="没清完"), 403)
    assert "rework" in enabled(people("jiedao"), case)
    again = people("jiedao").move(case, "rework", reason="还有一车没运").json()
    assert again["status"] == "in_hand" and again["counts"]["reworks"] == 1
    (resolve,) = [clock for clock in again["clocks"] if clock["stage"] == "resolve"]
    assert resolve["state"] == "running"
    done = people("wangge").move(again, "resolve", result="都运走了。")
    assert done.status_code == 200, done.content.decode()
    checked = people("jiedao").fact(done.json(), "verify", done=True, text="现场看过")
    assert checked.status_code == 201 and checked.json()["verified_at"]


def test_sent_up_and_down(people):
    case = people("wangge").call(item="0301").json()["case"]
    up = people("wangge").move(case, "escalate", reason="双方要求街道出面")
    assert up.status_code in (200, 403), up.content.decode()
    case = up.json() if up.status_code == 200 else case
    case = people("shequ").move(case, "escalate", reason="双方要求街道出面").json()
    assert case["level"] == "street" and case["status"] == "received"
    case = people("jiedao").move(case, "hand_down", reason="先由社区调解").json()
    assert case["level"] == "community" and case["holder"]["code"] == "JW-370811015001"
    case = people("shequ").move(case, "escalate", reason="调解不成").json()
    answer = people("jiedao").move(case, "hand_down", reason="再调一次")
    assert "只能下交一次" in is_problem(answer, 422)["detail"]
    is_problem(people("jiedao").move(case, "dispatch", organisation="GV24"), 409)


def test_a_question_and_its_answer(people):
    case = (
        people("wangge").call(item="0610", caller={"name": "孟庆芳", "phone": "13905371234"}).json()["case"]
    )
    is_problem(people("jiedao").move(case, "ask"), 422, "question")
    case = people("jiedao").move(case, "ask", question="是哪一面墙？", channel="phone").json()
    assert case["status"] == "awaiting_info"
    (resolve,) = [clock for clock in case["clocks"] if clock["stage"] == "resolve"]
    assert resolve["state"] == "paused" and resolve["colour"] == "violet"
    assert case["number"] in str(people("wangge").get("cases/", {"queue": "mine"}).json())
    case = people("wangge").move(case, "supply", answer="北墙，靠车棚。").json()
    assert case["status"] == "received" and case["came_from"] == "received"
    is_problem(people("jiedao").move(case, "ask", question="几平方米？", channel="phone"), 422)


def test_a_case_about_somebody(people):
    """Those it is about never see it, and it starts one level up."""
    case = people("wangge").call(item="0610", about="GV24", text="执法人员态度差").json()["case"]
    assert case["level"] == "district" and case["holder"]["code"] == f"ZX-{towns.DISTRICT}"
    for who in ("bumen", "fuzeren", "bumen2"):
        is_problem(people(who).get(f"cases/{case['number']}/"), 404)
    case = people("quji").move(case, "accept").json()
    is_problem(people("quji").move(case, "dispatch", organisation="GV24"), 422, "organisation")
    own = people("wangge").call(about="account:shequ", item="0301", text="反映工作人员").json()["case"]
    is_problem(people("shequ").get(f"cases/{own['number']}/"), 404)
    assert people("shequ2").get("cases/", {"q": own["number"]}).status_code == 200


def test_rejected_with_a_way_on(people):
    case = people("wangge").call(caller={"phone": "13905371234"}).json()["case"]
    sent = {"ground": "lawsuit", "instead": "请向区法院立案庭反映。"}
    is_problem(people("shequ").move(case, "reject", **sent), 422, "told")
    is_problem(people("shequ").move(case, "reject", **sent, told=False), 422, "told")
    case = people("shequ").move(case, "reject", **sent, told=True).json()
    assert case["status"] == "rejected" and case["ended_at"]
    assert all(clock["state"] == "stopped" and clock["colour"] == "grey" for clock in case["clocks"])
    assert enabled(people("shequ"), case) == set()
