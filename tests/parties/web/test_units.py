"""The page of the organisations, read and worked without script; and its interface."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases.models import Case
from ledger import clock, post, versions
from parties import commands, directory
from parties.models import Organisation, UnitDraft
from tests import town as big
from tests.builders import a_case
from tests.cases.walking import fresh
from tests.clients import Api
from tests.pages import BACKEND, Reader

COMMITTEE = f"JW-{big.COMMUNITY}"
SQUAD = f"TS02-{big.STREET}"
BASIS = "任民〔2026〕31号"


def script_of(username: str) -> Client:
    """What the page's script sends; its token is another test's matter."""
    client = Client()
    client.force_login(big.account(username), backend=BACKEND)
    return client


@pytest.fixture
def street_admin(town) -> str:
    """An admin of 喻屯镇 only: another street than the demo's."""
    commands.open_account(
        by=big.SYSTEM, at=big.FOUNDED, username="zhenadmin", name="田家林", phone="13811110000"
    )
    commands.post(
        by=big.SYSTEM,
        at=big.FOUNDED,
        account=big.account("zhenadmin"),
        role="admin",
        place=big.place(big.OTHER_STREET),
    )
    return "zhenadmin"


def step(page: Reader, command: str, **values: str) -> Reader:
    """Fill in the fold of one change and put it into the draft."""
    form = next(form for form in page.forms if form.fields.get("command") == [command])
    form.fields.update({key: [value] for key, value in values.items()})
    return page.send(form)


def publish(reader: Reader, **values: str) -> Reader:
    page = reader.open("/organisations/draft/")
    form = next(form for form in page.forms if "version" in form.fields)
    form.fields.update({key: [value] for key, value in {"basis": BASIS, **values}.items()})
    return page.send(form, do="publish")


def test_the_page_tells_all_of_a_unit(town):
    case = a_case(through=("accept", "dispatch", "sign"))
    page = Reader("admin").open("/organisations/GV24/")
    assert page.status == 200
    name = town.org("GV24").name
    assert page.text.count('aria-current="page"') >= 2 and page.says(name, "吴国栋", "1 件", "历史", "设立")
    assert "138000" not in page.words and "138****" in page.words
    listed = Reader("admin").open("/cases/?organisation=GV24")
    assert case.number in listed.text


def test_search_by_alias_initials_and_code(town):
    for q in ("cgj", "GV24", town.org("GV24").short_name):
        page = Reader("wangge").open(f"/organisations/?q={q}")
        assert page.says(town.org("GV24").name), q
    assert Reader("wangge").open("/organisations/?q=没有这样的").says("没有找到")


def test_the_script_finds_by_former_name_and_opens_the_way_there(town):
    commands.rename_organisation(
        by=big.SYSTEM, at=clock.now(), organisation=town.org(SQUAD), version=1, name="综合执法中队"
    )
    answer = Reader("wangge").client.get("/organisations/find/", {"q": "街道综合"}).json()
    assert SQUAD in [hit["code"] for hit in answer["hits"]]
    hit = next(hit for hit in answer["hits"] if hit["code"] == SQUAD)
    assert hit["path"][-1] == hit["id"] == town.org(SQUAD).pk and hit["name"] == "综合执法中队"


class TestOutline:
    def rows(self, who: str, query: str = "") -> dict:
        return Reader(who).client.get(f"/organisations/rows/{query}").json()

    def test_from_the_top_down_with_who_may_change_what(self, town, street_admin):
        told = self.rows("admin")
        seen = set()
        for pk, above, *_rest in told["rows"]:
            assert above is None or above in seen
            seen.add(pk)
        assert len(seen) == told["total"] == Organisation.objects.filter(retired_at=None).count()
        assert told["reach"] == [pk for pk, above, *_rest in told["rows"] if above is None]
        assert told["staff"][str(town.org("GV24").pk)].endswith("人")
        own = self.rows(street_admin)
        assert own["reach"] == [town.org(f"JD-{big.OTHER_STREET}").pk] and len(own["rows"]) == len(
            told["rows"]
        )
        assert self.rows("wangge")["reach"] == [] and self.rows("wangge")["staff"] == {}

    def test_retired_ones_when_asked(self, town):
        unit = commands.open_organisation(
            by=big.SYSTEM,
            at=clock.now(),
            code="OLD",
            name="旧办",
            kind="office",
            parent=town.org(f"JD-{big.STREET}"),
        )
        commands.retire_organisation(by=big.SYSTEM, at=clock.now(), organisation=unit, version=1)
        assert unit.pk not in [row[0] for row in self.rows("admin")["rows"]]
        told = self.rows("admin", "?retired=1")
        assert told["off"] == [unit.pk] and unit.pk in [row[0] for row in told["rows"]]

    def test_few_statements(self, town, django_assert_max_num_queries):
        reader = Reader("admin")
        reader.client.get("/organisations/rows/")
        with django_assert_max_num_queries(4):
            reader.client.get("/organisations/rows/")


def test_readers_see_the_unit_but_not_its_people(town):
    page = Reader("louzhang").open("/organisations/GV24/")
    assert page.status == 200 and not page.says("吴国栋") and not page.says("历史")
    assert [form for form in page.forms if "/organisations/draft/" in form.action] == []


def test_a_change_goes_through_the_draft(town):
    page = step(Reader("admin").open(f"/organisations/{SQUAD}/"), "rename", name="综合执法中队")
    assert page.says("已存入草稿") and page.path == f"/organisations/{SQUAD}/"
    assert town.org(SQUAD).name != "综合执法中队"
    checked = Reader("admin").open("/organisations/draft/")
    assert checked.says("改名为“综合执法中队”")
    assert publish(Reader("admin")).says("已发布，共 1 处改动")
    assert town.org(SQUAD).name == "综合执法中队"
    assert Reader("admin").open(f"/organisations/{SQUAD}/").says(BASIS)


def test_what_somebody_else_changed_is_named_and_nothing_is_done(town):
    step(Reader("admin").open(f"/organisations/{SQUAD}/"), "rename", name="乙中队")
    step(Reader("admin2").open(f"/organisations/{SQUAD}/"), "rename", name="甲中队")
    assert publish(Reader("admin2")).says("已发布")
    page = publish(Reader("admin"))
    assert page.status == 409 and page.says("已被他人改动", "改名称或设置")
    assert town.org(SQUAD).name == "甲中队"
    again = Reader("admin").open("/organisations/draft/")
    again.send(next(form for form in again.forms if form.fields.get("do") == ["refresh"]))
    assert publish(Reader("admin")).says("已发布") and town.org(SQUAD).name == "乙中队"


def test_a_merge_at_noon_takes_the_work_along_and_keeps_the_name(town):
    case = a_case(through=("accept", "dispatch", "sign"))
    old = town.org("GV24").name
    step(Reader("admin").open("/organisations/GV24/"), "merge", into="GV13")
    checked = Reader("admin").open("/organisations/draft/")
    assert checked.says("1 件在办工单", town.org("GV13").name, "旧名永远找得到")
    publish(Reader("admin"))
    versions.clear_all()
    post.deliver_pending()
    assert fresh(case).holder.code == "GV13"
    assert Reader("admin").open("/organisations/GV24/").says("已并入")
    assert Reader("wangge").open(f"/organisations/?q={old}").says(town.org("GV13").name)
    assert directory.named(old).code == "GV13" and directory.current(directory.by_code("GV24")).code == "GV13"


def test_what_blocks_cannot_be_published(town):
    a_case(through=("accept", "dispatch", "sign"))
    step(Reader("admin").open("/organisations/GV24/"), "retire")
    checked = Reader("admin").open("/organisations/draft/")
    assert checked.says("没有去处")
    assert publish(Reader("admin")).status == 409 and town.org("GV24").retired_at is None


def test_no_is_said_on_the_page_it_came_from(town):
    page = step(Reader("admin").open("/organisations/GV24/"), "move", parent="没有这个")
    assert page.status == 422 and page.says("没找到“没有这个”这个单位", town.org("GV24").name)


def test_a_unit_under_none_is_opened_by_the_whole_districts_admin(town, street_admin):
    values = {"code": "X1", "name": "某集团", "kind": "utility"}
    step(Reader("admin").open("/organisations/"), "open", **values)
    assert publish(Reader("admin")).says("已发布") and town.org("X1").parent_id is None
    assert [
        form for form in Reader(street_admin).open("/organisations/").forms if "command" in form.fields
    ] == []
    answer = script_of(street_admin).post(
        "/organisations/draft/", {"do": "add", "command": "open", **values, "code": "X2"}
    )
    assert answer.status_code == 302
    assert publish(Reader(street_admin)).status == 403 and Organisation.objects.filter(code="X2").count() == 0


def test_an_admin_of_the_next_street_changes_nothing_here(town, street_admin):
    page = Reader(street_admin).open(f"/organisations/{SQUAD}/")
    assert page.status == 200 and not page.says("任职的人")
    assert [form for form in page.forms if "command" in form.fields] == []
    own = Reader(street_admin).open(f"/organisations/JD-{big.OTHER_STREET}/")
    assert [form for form in own.forms if form.fields.get("command") == ["rename"]]
    steps = json.dumps([{"command": "rename", "args": {"unit": SQUAD, "name": "甲"}}])
    sent = {"do": "add", "as": "card", "steps": steps}
    answer = script_of(street_admin).post("/organisations/draft/", sent)
    assert answer.status_code == 403 and "不归您管理" in answer.content.decode()
    api = Api(street_admin)
    body = {"version": 1, "name": "甲", "basis": BASIS}
    assert api.post(f"organisations/{SQUAD}/rename/", body).status_code == 403
    assert api.post("organisations/", {**body, "code": "X1", "kind": "office"}).status_code == 403
    assert api.post(f"organisations/JD-{big.OTHER_STREET}/rename/", body).status_code == 200


class TestInterface:
    def test_dry_run_then_done(self, town):
        api = Api("admin")
        unit = api.get(f"organisations/{SQUAD}/").json()
        body = {"version": unit["version"], "name": "综合执法中队", "basis": BASIS}
        tried = api.post(f"organisations/{SQUAD}/rename/?dry_run=1", body).json()
        assert tried["dry_run"] and tried["changes"][0]["after"] == "综合执法中队"
        assert api.get(f"organisations/{SQUAD}/").json() == unit
        done = api.post(f"organisations/{SQUAD}/rename/", body).json()
        assert done["organisation"]["version"] == unit["version"] + 1
        stale = api.post(f"organisations/{SQUAD}/rename/", {**body, "name": "乙中队"})
        assert stale.status_code == 409 and stale.json()["organisation"]["name"] == "综合执法中队"

    def test_opened_below_and_retired(self, town):
        api = Api("admin")
        body = {
            "code": "WY-1",
            "name": "前铺物业",
            "kind": "property",
            "parent": f"JD-{big.STREET}",
            "basis": BASIS,
        }
        made = api.post("organisations/", body)
        assert made.status_code == 201 and made.json()["organisation"]["parent"] == f"JD-{big.STREET}"
        again = api.post("organisations/", body)
        assert again.status_code == 409
        retired = api.post("organisations/WY-1/retire/", {"version": 1, "basis": BASIS})
        assert retired.status_code == 200 and retired.json()["organisation"]["retired"]

    def test_what_blocks_is_listed(self, town):
        a_case(through=("accept", "dispatch", "sign"))
        answer = Api("admin").post("organisations/GV24/retire/", {"version": 1, "basis": BASIS})
        assert answer.status_code == 409
        assert {impact["subject"] for impact in answer.json()["impacts"] if impact["blocks"]} >= {
            "cases",
            "postings",
        }

    @pytest.mark.parametrize(
        "body",
        [
            [],
            {},
            {"version": 1},
            {"version": "x", "name": "甲", "basis": "乙"},
            {"version": 1, "name": {}, "basis": "乙"},
        ],
    )
    def test_nonsense_is_refused_by_field(self, town, body):
        answer = Api("admin").post(f"organisations/{SQUAD}/rename/", body)
        assert answer.status_code in (400, 422) and answer.json()["detail"]

    def test_unknown(self, town):
        api = Api("admin")
        assert api.get("organisations/NOPE/").status_code == 404
        assert api.post("organisations/NOPE/rename/", {}).status_code == 404
        assert api.post("organisations/GV24/explode/", {}).status_code == 404
        assert api.post("organisations/GV24/open/", {}).status_code == 404


def test_the_number_of_statements_stands_still(town):
    """The whole page: the same for a unit with many people, places and entries."""
    reader = Reader("admin")
    reader.open("/organisations/GV24/")

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            reader.open("/organisations/GV24/")
        return len(queries)

    before = statements()
    at = clock.now()
    for n in range(8):
        account = commands.open_account(by=big.SYSTEM, at=at, username=f"p{n}", name=f"人{n}")
        commands.post(
            by=big.SYSTEM, at=at, account=account, role="department_clerk", organisation=town.org("GV24")
        )
        unit = Organisation.objects.get(code="GV24")
        place = list(big.Place.objects.order_by("code"))[n]
        commands.set_serving(by=big.SYSTEM, at=at, organisation=unit, places=[place, town.place(big.GRID_3)])
    reader.open("/organisations/GV24/")
    assert statements() == before <= 16
    assert Case.objects.count() == 0


class TestDraftsByInterface:
    def test_from_the_first_step_to_the_undoing(self, town):
        api = Api("admin")
        draft = api.post("unit-drafts/", {"basis": BASIS}).json()
        path = f"unit-drafts/{draft['id']}/"
        step = {"command": "rename", "args": {"unit": SQUAD, "name": "综合执法中队"}}
        assert api.post(path + "steps/", step).status_code == 201
        assert api.post(path + "steps/", {"command": "rename", "args": {"unit": "NOPE"}}).status_code == 422
        tried = api.post(path + "moves/publish/?dry_run=1").json()
        assert tried["publishable"] and "综合执法中队" in tried["changes"][0]["sentence"]
        assert api.get(path + "check/").json() == tried and town.org(SQUAD).name != "综合执法中队"
        body = api.post(path + "moves/publish/", key="p").json()
        assert body["status"] == "published" and api.post(path + "moves/publish/", key="p").json() == body
        would = api.post(path + "moves/undo/?dry_run=1").json()
        assert would["status"] == "published" and town.org(SQUAD).name == "综合执法中队"
        assert api.post(path + "moves/undo/").json()["undoes"] == draft["id"]
        assert town.org(SQUAD).name != "综合执法中队"
        assert api.post(path + "moves/undo/?dry_run=1").status_code == 409
        listed = api.get("unit-drafts/?status=published").json()["results"]
        assert [one["undone"] for one in listed] == [False, True] and api.get("drafts/").json()[
            "results"
        ] == []

    def test_somebody_elses_is_not_there_until_it_is_left(self, town, street_admin):
        path = f"unit-drafts/{Api('admin').post('unit-drafts/').json()['id']}/"
        other = Api(street_admin)
        assert other.get(path).status_code == 404 and other.post(path + "moves/adopt/").status_code == 404
        assert Api("wangge").get("unit-drafts/").status_code == 403
        step = {"command": "rename", "args": {"unit": f"JD-{big.OTHER_STREET}", "name": "甲镇"}}
        Api("admin").post(path + "steps/", step)
        UnitDraft.objects.update(author_id=None, problem="您没有管理单位的权限。")
        assert [one["mine"] for one in other.get("unit-drafts/?status=left").json()["results"]] == [False]
        page = Reader(street_admin).open("/organisations/published/")
        assert page.says("没有生效，拟稿人已离任", "甲镇")
        form = next(form for form in page.forms if form.fields.get("draft"))
        assert page.send(form, do="adopt").says("已由您接手") and other.get(path).json()["mine"]
