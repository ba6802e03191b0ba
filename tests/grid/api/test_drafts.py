"""A draft over HTTP, from its first step to its undoing."""

from __future__ import annotations

import datetime as dt

from grid.models import Draft, Place
from ledger import clock
from parties import commands as people
from tests import town
from tests.clients import is_problem, statements


def send(caller, method: str, path: str, body=None):
    import json

    return caller.raw(method, path, json.dumps(body or {}))


def test_from_the_first_step_to_the_undoing(api):
    admin = api("admin")
    draft = admin.post("drafts/", {"basis": "济任政办发〔2026〕3号"}).json()
    path = f"drafts/{draft['id']}/"
    assert draft["status"] == "open" and draft["mine"] and draft["steps"] == []
    new = {"kind": "community", "name": "新铺社区", "parent": town.STREET, "code": "NEW"}
    assert admin.post(path + "steps/", {"command": "open", "args": new}).status_code == 201
    merge = {"places": [town.COMMUNITY, town.COMMUNITY_2], "target": "~1"}
    draft = admin.post(path + "steps/", {"command": "merge", "args": merge}).json()
    assert [step["n"] for step in draft["steps"]] == [1, 2]
    is_problem(send(admin, "DELETE", path + "steps/1/"), 422)
    assert send(admin, "PUT", path + "steps/1/", {"args": {**new, "name": "新铺"}}).status_code == 200
    checked = admin.get(path + "check/").json()
    assert checked["publishable"] and [one["n"] for one in checked["changes"]] == [1, 2]
    assert not Place.objects.filter(code="NEW").exists()
    body = admin.post(path + "moves/publish/", key="p").json()
    assert body["status"] == "published"
    assert admin.post(path + "moves/publish/", key="p").json() == body
    is_problem(admin.post(path + "moves/publish/"), 409)
    assert admin.get(f"places/{town.COMMUNITY}/").json()["code"] == "NEW"


def test_undone(api):
    admin = api("admin")
    draft = admin.post("drafts/").json()
    path = f"drafts/{draft['id']}/"
    admin.post(path + "steps/", {"command": "rename", "args": {"place": town.GRID, "name": "临河网格"}})
    admin.post(path + "moves/publish/")
    undone = admin.post(path + "moves/undo/").json()
    assert undone["undoes"] == draft["id"] and undone["status"] == "published"
    assert admin.get(f"places/{town.GRID}/").json()["name"] == "第一网格"
    assert [(one["id"], one["undone"]) for one in admin.get("drafts/").json()["results"]] == [
        (undone["id"], False), (draft["id"], True),
    ]  # fmt: skip
    is_problem(admin.post(path + "moves/undo/"), 409)


def test_its_basis_and_day(api):
    admin = api("admin")
    path = f"drafts/{admin.post('drafts/').json()['id']}/"
    day = (clock.today() + dt.timedelta(days=2)).isoformat()
    assert send(admin, "PATCH", path, {"basis": "甲", "effective_on": day}).json()["effective_on"] == day
    admin.post(path + "steps/", {"command": "rename", "args": {"place": town.GRID, "name": "临河网格"}})
    assert admin.post(path + "moves/publish/").json()["status"] == "scheduled"
    is_problem(send(admin, "PATCH", path, {"basis": "乙"}), 409)
    assert admin.post(path + "moves/recall/").json()["status"] == "open"
    assert send(admin, "PATCH", path, {"effective_on": None}).json()["effective_on"] is None
    assert admin.post(path + "moves/refresh/").status_code == 200
    assert admin.post(path + "moves/arrange/", {"order": [1]}).status_code == 200
    assert admin.post(path + "moves/discard/").json()["status"] == "discarded"
    is_problem(admin.post(path + "moves/fly/"), 404)
    is_problem(admin.post(path + "moves/arrange/", {"order": "x"}), 422)


def test_what_cannot_be_read(api):
    admin = api("admin")
    path = f"drafts/{admin.post('drafts/').json()['id']}/"
    is_problem(admin.post(path + "steps/", {"command": "fly", "args": {}}), 400)
    is_problem(admin.post(path + "steps/", {"command": "rename"}), 422, "args")
    is_problem(
        admin.post(path + "steps/", {"command": "rename", "args": {"place": "NOPE", "name": "x"}}), 422
    )
    is_problem(admin.post("drafts/", {"effective_on": "2020-01-01"}), 422, "effective_on")
    is_problem(admin.get("drafts/999999/"), 404)


def test_another_admins_draft_is_not_there(api, town):
    account = people.open_account(
        by=town.SYSTEM, at=clock.now(), username="guanli2", name="乙", password="yi-huying-2026"
    )
    posting = people.post(
        by=town.SYSTEM, at=clock.now(), account=account, role="admin", place=town.place(town.STREET)
    )
    if posting.confirmed_at is None:
        people.confirm_posting(by=town.SYSTEM, at=clock.now(), posting=posting)
    draft = api("admin").post("drafts/").json()
    assert Draft.objects.get().pk == draft["id"]
    is_problem(api("guanli2").get(f"drafts/{draft['id']}/"), 404)
    is_problem(api("shequ").get(f"drafts/{draft['id']}/"), 403)


def test_a_list_costs_the_same_at_any_length(api):
    api("admin").get("drafts/")
    counts = []
    for _n in range(2):
        api("admin").post("drafts/")
        api("admin").post("drafts/")
        with statements() as found:
            api("admin").get("drafts/")
        counts.append(len(found))
    assert counts[0] == counts[1] <= 4


def test_a_day_at_the_beginning_of_the_calendar(api):
    admin = api("admin")
    is_problem(admin.post("drafts/", {"effective_on": "0001-01-01"}), 422, "effective_on")
    path = f"drafts/{admin.post('drafts/').json()['id']}/"
    is_problem(send(admin, "PATCH", path, {"effective_on": "0001-01-01"}), 422, "effective_on")


def test_what_cannot_be_tried_is_not_done_for_real(api):
    admin = api("admin")
    is_problem(admin.post("drafts/?dry_run=1"), 400, "dry_run")
    assert not Draft.objects.exists()
    path = f"drafts/{admin.post('drafts/').json()['id']}/"
    step = {"command": "rename", "args": {"place": town.GRID, "name": "临河网格"}}
    is_problem(admin.post(path + "steps/?dry_run=1", step), 400, "dry_run")
    is_problem(send(admin, "PATCH", path + "?dry_run=1", {"basis": "x"}), 400, "dry_run")
    admin.post(path + "steps/", step)
    is_problem(send(admin, "DELETE", path + "steps/1/?dry_run=1"), 400, "dry_run")
    assert len(Draft.objects.get().steps) == 1


def test_no_phone_stays_in_a_basis(api):
    draft = api("admin").post("drafts/", {"basis": "王主任13812345678定"}).json()
    assert draft["basis"] == "王主任138****5678定"
