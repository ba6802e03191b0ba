"""The page of the organisations, read and worked without script; and its interface."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case
from ledger import clock, post, versions
from parties import commands
from parties.models import Organisation
from tests import town as big
from tests.builders import a_case
from tests.cases.walking import fresh
from tests.clients import Api
from tests.pages import Form, Reader

COMMITTEE = f"JW-{big.COMMUNITY}"
SQUAD = f"TS02-{big.STREET}"
BASIS = "任民〔2026〕31号"


def fill(page: Reader, form: Form, **values: str) -> Reader:
    form.fields.update({key: [value] for key, value in {"basis": BASIS, **values}.items()})
    return page.send(form)


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


def test_the_tree_opens_down_to_the_unit_and_tells_all_of_it(town):
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
    assert Reader("wangge").open("/organisations/?q=没有这样的").says("没有这样的单位")


def test_readers_see_the_unit_but_not_its_people(town):
    page = Reader("louzhang").open("/organisations/GV24/")
    assert page.status == 200 and not page.says("吴国栋") and not page.says("历史")
    assert [form for form in page.forms if "/organisations/GV24/" in form.action] == []


def test_a_branch_is_a_list_of_its_rows(town):
    page = Reader("wangge").open(f"/organisations/JD-{big.STREET}/branch/")
    assert page.text.strip().startswith("<ul>") and "<html" not in page.text
    assert page.says(town.org(SQUAD).name)


def test_a_change_is_checked_then_done(town):
    page = Reader("admin").open(f"/organisations/{SQUAD}/")
    form = next(form for form in page.forms if form.action.endswith("/rename/"))
    fill(page, form, name="综合执法中队")
    assert page.status == 200 and page.says("核对", "综合执法中队") and town.org(SQUAD).name != "综合执法中队"
    page.send(page.form("rename"), step="apply")
    assert page.says("已办") and town.org(SQUAD).name == "综合执法中队"
    assert page.says(BASIS)


def test_both_versions_when_somebody_was_faster(town):
    page = Reader("admin").open(f"/organisations/{SQUAD}/")
    form = next(form for form in page.forms if form.action.endswith("/rename/"))
    other = Reader("admin2").open(f"/organisations/{SQUAD}/")
    fill(other, other.form("rename"), name="甲中队").send("rename", step="apply")
    fill(page, form, name="乙中队")
    assert page.status == 409 and page.says("您写的", "乙中队", "现在的", "甲中队")
    assert town.org(SQUAD).name == "甲中队"


def test_a_merge_at_noon_takes_the_work_along(town):
    case = a_case(through=("accept", "dispatch", "sign"))
    page = Reader("admin").open("/organisations/GV24/").send("merge", into="GV13", basis=BASIS)
    assert page.says("1 件在办工单", town.org("GV13").name)
    page.send("merge", step="apply")
    assert page.status == 200 and page.path == "/organisations/GV13/"
    versions.clear_all()
    post.deliver_pending()
    assert fresh(case).holder.code == "GV13"
    assert Reader("admin").open("/organisations/GV24/").says("已并入")


def test_what_blocks_offers_no_button(town):
    a_case(through=("accept", "dispatch", "sign"))
    page = Reader("admin").open("/organisations/GV24/").send("retire", basis=BASIS)
    assert page.status == 200 and page.says("没有去处")
    assert ("step", "apply") not in page.form("retire").buttons
    assert town.org("GV24").retired_at is None


def test_an_admin_of_the_next_street_changes_nothing_here(town, street_admin):
    page = Reader(street_admin).open(f"/organisations/{SQUAD}/")
    assert page.status == 200 and not page.says("任职的人")
    assert [form for form in page.forms if form.action.endswith("/rename/")] == []
    own = Reader(street_admin).open(f"/organisations/JD-{big.OTHER_STREET}/")
    assert [form for form in own.forms if form.action.endswith("/rename/")]
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
