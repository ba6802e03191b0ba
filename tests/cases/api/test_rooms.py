"""The rest of the interface: oneself, the tree, the checklist, organisations, notices, schema and page."""

from __future__ import annotations

import re

import pytest
import yaml
from django.core.cache import cache

from cases.models import Notice
from tests import town
from tests.builders import a_case
from tests.clients import is_problem, statements
from tests.config.product import eventually


def test_me(api):
    me = api("wangge").get("me/").json()
    assert me["username"] == "wangge" and me["roles"] == ["grid_worker"]
    assert me["places"] == [{"code": town.GRID, "name": "第一网格", "kind": "grid"}]
    assert me["organisations"][0]["code"] == "JW-370811015001" and "take" in me["capabilities"]


def test_the_checklist(api):
    categories = api("wangge").get("categories/").json()
    items = [item for category in categories for item in category["items"]]
    assert (len(categories), len(items)) == (8, 131)
    contract = ["code", "name", "what_to_call", "level", "lead", "urgency", "evidence", "limit"]
    assert all(set(contract) <= item.keys() for item in items)
    (item,) = [one for one in items if one["code"] == "0610"]
    assert item["lead"] == "GV24" and item["evidence"] == ["photo"]
    assert item["limit"]["amount"] == 5 and item["limit"]["unit"] == "work_day"


def test_organisations(api):
    found = api("wangge").get("organisations/", {"q": "综合执法", "serves": town.STREET}).json()
    assert "GV24" in {org["code"] for org in found}


# -- places


def test_places(api):
    wangge = api("linju")
    body = wangge.get("places/").json()
    assert body.keys() == {"results", "next", "previous"} and len(body["results"]) == len(town.GROUND)
    place = wangge.get(f"places/{town.GRID}/").json()
    assert place["code"] == town.GRID and place["parent"] == town.COMMUNITY and place["version"] == 1
    assert [step["code"] for step in place["path"]][-2:] == [town.COMMUNITY, town.GRID]
    codes = lambda **query: [one["code"] for one in wangge.get("places/", query).json()["results"]]  # noqa: E731
    assert codes(parent=town.STREET) == [town.COMMUNITY, town.COMMUNITY_2]
    assert codes(parent=town.DISTRICT, kind="street") == [town.STREET, town.OTHER_STREET]
    assert codes(within=town.COMMUNITY, kind="grid") == [town.GRID, town.GRID_2]
    assert codes(kind="province") == ["37"]
    assert codes(q="gyg") == [town.STREET]
    assert codes(q="前铺社区居委会") == [town.COMMUNITY]
    assert codes(q="第一网格", within=town.STREET) == [town.GRID, town.GRID_3]
    is_problem(wangge.get("places/NOPE/"), 404)
    is_problem(wangge.get("places/", {"parent": "NOPE"}), 400, "parent")
    is_problem(wangge.get("places/", {"kind": "moon"}), 400, "kind")
    is_problem(wangge.get("places/", {"q": "x", "page_size": "1000"}), 400, "page_size")


def test_pages_of_places(api):
    seen, answer = [], api("wangge").get("places/", {"page_size": "5"})
    while True:
        body = answer.json()
        seen += [place["code"] for place in body["results"]]
        if not body["next"]:
            break
        answer = api("wangge").get(body["next"])
    assert seen == sorted(code for code, *_rest in town.GROUND)


def test_places_cost_the_same_at_any_size(api):
    api("wangge").get("places/")
    counts = []
    for size in ("1", "12"):
        with statements() as found:
            api("wangge").get("places/", {"page_size": size})
        counts.append(len(found))
    assert counts[0] == counts[1] <= 4


def test_opening_and_changing_places(api):
    admin = api("admin")
    opened = admin.post(
        "places/", {"kind": "grid", "name": "第三网格", "parent": town.COMMUNITY, "households": 320}
    )
    assert opened.status_code == 201, opened.content.decode()
    place = opened.json()
    assert place["code"].startswith(town.COMMUNITY) and place["parent"] == town.COMMUNITY
    path = f"places/{place['code']}/moves/"
    tried = admin.post(f"{path}rename/?dry_run=1", {"version": 1, "name": "临河网格"}).json()
    assert tried["dry_run"] is True and tried["name"] == "第三网格"
    assert admin.get(f"places/{place['code']}/").json()["version"] == 1
    renamed = admin.post(f"{path}rename/", {"version": 1, "name": "临河网格"}).json()
    assert (renamed["name"], renamed["version"], renamed["dry_run"]) == ("临河网格", 2, False)
    is_problem(admin.post(f"{path}rename/", {"version": 1, "name": "别名"}), 409)
    moved = admin.post(f"{path}move/", {"version": 2, "parent": town.COMMUNITY_2})
    assert moved.status_code == 200, moved.content.decode()
    assert moved.json()["parent"] == town.COMMUNITY_2 and moved.json()["code"] == place["code"]
    retired = admin.post(f"{path}retire/", {"version": 3, "target": town.GRID_3})
    assert retired.status_code == 200, retired.content.decode()
    assert admin.get(f"places/{place['code']}/").json()["code"] == town.GRID_3
    assert place["code"] not in str(admin.get("places/", {"parent": town.COMMUNITY_2}).json())


def test_places_that_cannot_be(api):
    admin = api("admin")
    new = {"kind": "grid", "name": "新网格", "parent": town.COMMUNITY}
    is_problem(api("wangge").post("places/", new), 403)
    is_problem(admin.post("places/", {}), 422, "kind", "name")
    is_problem(admin.post("places/", {**new, "kind": "moon"}), 422, "kind")
    is_problem(admin.post("places/", {**new, "parent": "NOPE"}), 422, "parent")
    is_problem(admin.post("places/", {**new, "parent": town.BUILDING}), 422, "parent")
    is_problem(admin.post("places/", {**new, "code": town.GRID}), 409 if False else 422, "code")
    is_problem(admin.post("places/", {**new, "code": "bad code!"}), 422, "code")
    is_problem(admin.post("places/", {**new, "lon": "east", "households": -1, "aliases": "x", "boundary": 7}),
               422, "lon", "households", "aliases", "boundary")  # fmt: skip
    is_problem(
        admin.post("places/", {**new, "boundary": {"type": "Point", "coordinates": [1, 2]}}), 422, "boundary"
    )
    path = f"places/{town.GRID}/moves/"
    is_problem(admin.post(f"{path}rename/", {"name": "x"}), 400, "version")
    is_problem(admin.post(f"{path}rename/", {"version": 1}), 422, "name")
    is_problem(admin.post(f"{path}move/", {"version": 1, "parent": town.BUILDING}), 422)
    is_problem(admin.post(f"{path}explode/", {"version": 1}), 404)
    is_problem(api("jiedao").post(f"{path}rename/", {"version": 1, "name": "x"}), 403)


def test_retiring_shows_what_stands_in_the_way(api):
    answer = api("admin").post(f"places/{town.COMMUNITY}/moves/retire/?dry_run=1", {"version": 1})
    assert answer.status_code == 200
    assert any(impact["blocks"] for impact in answer.json()["impacts"])
    problem = is_problem(api("admin").post(f"places/{town.COMMUNITY}/moves/retire/", {"version": 1}), 422)
    assert problem["impacts"]


# -- notices


def test_notices(api):
    case = a_case()
    for n, who in enumerate(("jiedao", "linju"), 1):
        Notice.objects.create(
            account=town.account(who),
            case_id=case.pk,
            entry_id=n,
            event="case.received",
            facts={},
            at=town.MONDAY,
        )
    (notice,) = api("jiedao").get("notices/").json()["results"]
    assert notice["number"] == case.number and "外墙" in notice["text"] and notice["read_at"] is None
    (blind,) = api("linju").get("notices/").json()["results"]
    assert blind["number"] is None and "外墙" not in blind["text"]
    assert api("wangge").get("notices/").json()["results"] == []


# -- schema and page


def test_the_schema_is_valid_and_describes_bodies(client, town):
    from drf_spectacular.validation import validate_schema

    schema = yaml.safe_load(client.get("/api/v1/schema/").content)
    validate_schema(schema)
    assert schema["openapi"].startswith("3.")
    paths = schema["paths"]
    assert {"/api/v1/calls/", "/api/v1/cases/{number}/moves/{move}/", "/api/v1/attachments/"} <= paths.keys()
    take = paths["/api/v1/calls/"]["post"]
    assert take["requestBody"] and {"201", "400", "401", "403", "422"} <= take["responses"].keys()
    assert "application/problem+json" in take["responses"]["422"]["content"]
    for path, verbs in paths.items():
        for verb, described in verbs.items():
            good = {"200", "201", "202"} | ({"204"} if verb == "delete" else set())
            assert good & set(described["responses"]), (verb, path)


def test_the_schema_is_what_is_committed(client, town, settings):
    """`make generated` writes it."""
    committed = yaml.safe_load((settings.BASE_DIR / "openapi.yaml").read_text(encoding="utf-8"))
    assert yaml.safe_load(client.get("/api/v1/schema/").content) == committed


def test_the_page_of_the_interface_is_local(client, town):
    answer = client.get("/api/v1/docs/")
    page = answer.content.decode()
    assert answer.status_code == 200
    sources = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert sources and all(source.startswith("/") and not source.startswith("//") for source in sources)
    assert not re.findall(r"<script(?![^>]*src)[^>]*>|<style|\son\w+=", page)
    script = next(source for source in sources if "script" in source)
    answer = client.get(script)
    assert answer.status_code == 200 and "javascript" in answer["Content-Type"]
    assert "http://" not in answer.content.decode() and "https://" not in answer.content.decode()


@pytest.mark.browser
def test_the_page_works_in_a_browser(served, browser):
    town.plant()
    page = browser.new_page()
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("response", lambda got: wrong.append(f"{got.status} {got.url}") if got.status >= 400 else None)
    cache.clear()  # what strangers asked before, in the same minute, is not this one's
    page.goto(f"{served.url}/api/v1/docs/")
    eventually(lambda: wrong or page.locator(".opblock").count() > 10, 90)
    assert not wrong, wrong
    page.close()
