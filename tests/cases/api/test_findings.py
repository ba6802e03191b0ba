"""认定 through the interface."""

from __future__ import annotations

import pytest

from cases.models import Finding
from tests.builders import a_case
from tests.cases.web.test_findings import late
from tests.clients import Api, is_problem, statements

pytestmark = pytest.mark.django_db


def test_read_state_and_decide(town):
    (row,) = late()
    clerk, ducha = Api("bumen"), Api("ducha")
    listed = clerk.get("findings/", {"state": "waiting"}).json()["results"]
    assert [(one["id"], one["kind"], one["organisation"]["code"]) for one in listed] == [
        (row.pk, "late_response", "GV24")
    ]
    is_problem(ducha.post(f"findings/{row.pk}/confirm/", {"reason": "属实"}), 422)
    stated = clerk.post(f"findings/{row.pk}/state/", {"statement": "停机。"}, key="one")
    assert stated.status_code == 200 and stated.json()["state"] == "stated"
    assert clerk.post(f"findings/{row.pk}/state/", {"statement": "停机。"}, key="one").json() == stated.json()
    is_problem(clerk.post(f"findings/{row.pk}/state/", {"statement": "停机！"}, key="one"), 422)
    is_problem(clerk.post(f"findings/{row.pk}/confirm/", {"reason": "不"}), 403)
    is_problem(ducha.post(f"findings/{row.pk}/confirm/", {}), 422, "reason")
    done = ducha.post(f"findings/{row.pk}/confirm/", {"reason": "属实"}).json()
    assert (done["state"], done["counts"], done["reason"]) == ("confirmed", True, "属实")
    is_problem(ducha.post(f"findings/{row.pk}/drop/", {"reason": "又"}), 409)
    assert ducha.get("findings/", {"state": "waiting"}).json()["results"] == []


def test_out_of_scope_is_not_there(town):
    (row,) = late()
    for call in (
        Api("linju").get(f"findings/{row.pk}/"),
        Api("jiedao").post(f"findings/{row.pk}/drop/", {"reason": "x"}),
    ):
        is_problem(call, 404)
    is_problem(Api("ducha").post(f"findings/{row.pk}/praise/", {}), 404)
    assert Api("jiedao").get("findings/").json()["results"] == []


def test_the_callers_name_is_masked(town):
    (row,) = late()
    said = Api("bumen").post(f"findings/{row.pk}/state/", {"statement": "已联系孟庆芳 13905371234。"}).json()
    assert said["statement"] == "已联系孟** 139****1234。"
    done = Api("ducha").post(f"findings/{row.pk}/drop/", {"reason": "孟庆芳认可。"}).json()
    assert done["reason"] == "孟**认可。"
    listed = Api("ducha").get("findings/", {"state": "dropped"})
    assert listed.json()["results"][0]["statement"] == "已联系孟** 139****1234。"


def test_filters(town):
    (row,) = late()
    api = Api("shenji")
    assert (
        len(api.get("findings/", {"kind": "late_response", "case": row.case.number}).json()["results"]) == 1
    )
    assert api.get("findings/", {"kind": "no_response"}).json()["results"] == []
    is_problem(api.get("findings/", {"kind": "x"}), 400)
    is_problem(api.get("findings/", {"state": "x"}), 400)
    is_problem(api.get("findings/", {"cursor": "x"}), 400)


def test_a_list_costs_the_same_for_many(town):
    late(1)
    api = Api("ducha")
    api.get("findings/")
    with statements() as few:
        api.get("findings/")
    late(8)
    Finding.objects.update(words="孟庆芳")  # what is written costs one for the names to mask, however many
    with statements() as written:
        assert "孟庆芳" not in api.get("findings/").content.decode()
    assert len(written) == len(few) + 1
    Finding.objects.update(words="")
    with statements() as many:
        assert len(api.get("findings/").json()["results"]) == 9
    assert len(many) == len(few) <= 2, many


def test_a_supervisor_drafts_one(town):
    case = a_case(through=("accept", "dispatch", "sign"))
    sent = {"case": case.number, "kind": "false_resolve", "organisation": "GV24", "words": "照片是旧的。"}
    ducha = Api("ducha")
    made = ducha.post("findings/", sent, key="k")
    assert made.status_code == 201 and made.json()["rule"] is None and made.json()["words"] == "照片是旧的。"
    assert ducha.post("findings/", sent, key="k").json()["id"] == made.json()["id"]
    is_problem(
        ducha.post("findings/", {**sent, "kind": "x", "organisation": "GV25"}), 422, "kind", "organisation"
    )
    is_problem(ducha.post("findings/", {**sent, "words": ""}), 422, "words")
    is_problem(Api("bumen").post("findings/", sent), 403)
    is_problem(Api("linju").post("findings/", sent), 404)
    is_problem(ducha.post(f"findings/{made.json()['id']}/drop/", {"reason": "x"}), 403)
