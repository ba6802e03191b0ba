"""Reliefs over the interface: the same commands, the same refusals."""

from __future__ import annotations

from cases.models import Relief
from ledger import clock
from ledger.models import Entry
from tests import town as small_town
from tests.builders import a_case, a_photo
from tests.cases.reliefs.filing import SAID
from tests.cases.walking import DAY
from tests.clients import Api, is_problem, statements

FILED = {"kind": "extension", "ground": "complex", **SAID}


def in_hand():
    return a_case(through=("accept", "dispatch", "sign"), when=clock.now())


def test_filing_and_granting(town):
    case = in_hand()
    answer = Api("bumen").post(f"cases/{case.number}/reliefs/", FILED)
    assert answer.status_code == 201, answer.content.decode()
    found = answer.json()
    assert (found["id"], found["kind"], found["state"], found["amount"], found["unit"]) == (
        1, "extension", "asked", 2, "day",
    )  # fmt: skip
    assert found["waits_for"] == {
        "rung": "street",
        "desk": Api("jiedao").case(case.number)["desk"],
    }
    assert found["texts"]["measure"] == SAID["measure"]
    listed = Api("shenji").get(f"cases/{case.number}/reliefs/").json()["results"]
    assert [row["id"] for row in listed] == [1] and listed[0]["asked_by"]["username"] == "bumen"
    answer = Api("jiedao").post(f"cases/{case.number}/reliefs/1/grant/", {"reason": "同意。"})
    assert answer.status_code == 200, answer.content.decode()
    found = answer.json()
    assert (found["state"], found["answer"], found["decided_by"]["username"]) == (
        "granted",
        "同意。",
        "jiedao",
    )
    assert found["due_after"] > found["due_before"] and found["waits_for"] is None
    rows = Api("bumen").case(case.number)["clocks"]
    assert next(row for row in rows if row["stage"] == "resolve")["due_at"] == found["due_after"]


def test_a_hold_and_its_end(town):
    case = in_hand()
    body = {**FILED, "kind": "hold", "ground": "weather", "until": (clock.now() + 40 * DAY).isoformat()}
    api = Api("bumen")
    refused = api.post(f"cases/{case.number}/reliefs/", body)
    assert is_problem(refused, 422) and "attachments" in refused.json()["errors"]
    body["attachments"] = [a_photo(small_town.actor("bumen", clock.now()), clock.now())]
    refused = api.post(f"cases/{case.number}/reliefs/", body)
    assert is_problem(refused, 422) and "until" in refused.json()["errors"]
    body["until"] = (clock.now() + 5 * DAY).isoformat()
    answer = api.post(f"cases/{case.number}/reliefs/", body)
    assert answer.status_code == 201, answer.content.decode()
    assert Api("jiedao").post(f"cases/{case.number}/reliefs/1/grant/").status_code == 200
    assert api.case(case.number)["status"] == "on_hold"
    assert Api("jiedao").post(f"cases/{case.number}/reliefs/1/end/").status_code == 200
    assert api.case(case.number)["status"] == "in_hand"


def test_refusals_are_problems(town):
    case = in_hand()
    path = f"cases/{case.number}/reliefs/"
    assert is_problem(Api("linju").post(path, FILED), 404)
    assert is_problem(Api("jiedao").post(path, FILED), 403)
    assert is_problem(Api("bumen").post(path, {**FILED, "kind": "holiday"}), 400)
    assert is_problem(Api("bumen").post(path, {**FILED, "kind": ["hold"]}), 400)
    refused = Api("bumen").post(path, {"kind": "extension"})
    assert is_problem(refused, 422)
    assert set(refused.json()["errors"]) == {"ground", "reason", "measure", "told"}
    assert Api("bumen").post(path, FILED).status_code == 201
    assert is_problem(Api("bumen").post(path, FILED), 422)
    assert is_problem(Api("bumen").post(f"{path}1/grant/"), 403)
    assert is_problem(Api("jiedao").post(f"{path}1/refuse/"), 422)
    assert is_problem(Api("jiedao").post(f"{path}7/grant/"), 404)
    assert is_problem(Api("jiedao").post(f"{path}1/bless/"), 404)
    assert Api("bumen").post(f"{path}1/withdraw/").status_code == 200
    refused = Api("jiedao").post(f"{path}1/grant/")
    assert is_problem(refused, 409) and refused.json()["case"]["number"] == case.number


def test_the_callers_name_is_masked(town):
    case = in_hand()
    body = {**FILED, "told": "已告知孟庆芳本人，电话 13905371234。"}
    found = Api("bumen").post(f"cases/{case.number}/reliefs/", body).json()
    assert found["texts"]["told"] == "已告知孟**本人，电话 139****1234。"
    found = Api("jiedao").post(f"cases/{case.number}/reliefs/1/grant/", {"reason": "孟庆芳同意。"}).json()
    assert found["answer"] == "孟**同意。"
    assert "孟庆芳" not in Api("shenji").get(f"cases/{case.number}/reliefs/").content.decode()


def test_the_same_request_twice(town):
    case, api = in_hand(), Api("bumen")
    path = f"cases/{case.number}/reliefs/"
    first = api.post(path, FILED, key="k-1").json()
    entries = Entry.objects.count()
    assert api.post(path, FILED, key="k-1").json()["id"] == first["id"]
    assert Entry.objects.count() == entries and Relief.objects.count() == 1
    assert is_problem(api.post(path, {**FILED, "reason": "别的"}, key="k-1"), 422)


def test_the_words_of_a_guarded_case_are_hidden(town):
    case = a_case(through=("accept", "dispatch", "sign"), when=clock.now(), confidential=True)
    assert Api("bumen").post(f"cases/{case.number}/reliefs/", FILED).status_code == 201
    (row,) = Api("ducha").get(f"cases/{case.number}/reliefs/").json()["results"]
    assert row["hidden"] and row["texts"] == {}


def test_statements(town):
    case, api, desk = in_hand(), Api("bumen"), Api("jiedao")
    api.get(f"cases/{case.number}/")
    with statements() as found:
        assert api.post(f"cases/{case.number}/reliefs/", FILED).status_code == 201
    assert len(found) <= 12, "\n".join(found)
    desk.get(f"cases/{case.number}/")
    with statements() as found:
        assert desk.post(f"cases/{case.number}/reliefs/1/grant/").status_code == 200
    assert len(found) <= 12, "\n".join(found)
    with statements() as found:
        api.get(f"cases/{case.number}/reliefs/")
    assert len(found) <= 6, "\n".join(found)
