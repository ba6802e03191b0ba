"""People on the ground and where they are missing: the page, the interface, the scope, the statements."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger import clock
from parties import commands, ground
from parties.models import Posting
from tests import town as big
from tests.clients import Api
from tests.pages import Reader

DAY = dt.timedelta(days=1)


def found(name: str, code: str = big.DISTRICT, **query: str) -> list[str]:
    rows, _page = ground.gap_rows(name, big.place(code), clock.now(), query)
    return [row.get("code") or row["username"] for row in rows]


def test_who_looks_after_a_place_the_nearest_first(town):
    at = clock.now()
    grid = ground.people_at(big.place(big.GRID), at)
    assert [row["username"] for row in grid] == ["wanggezhang", "wangge", "shequ", "shequ2"]
    building = ground.people_at(big.place(big.BUILDING), at)
    assert building[0]["username"] == "louzhang"
    assert grid[0]["phone"].startswith("138****")


def test_a_substitute_is_shown_while_lent(town):
    at = clock.now()
    posting = Posting.objects.get(account__username="wangge")
    commands.set_substitute(
        by=big.SYSTEM, at=at, posting=posting, substitute=big.account("wangge2"), since=at, until=at + DAY
    )
    shown = {row["username"]: row for row in ground.people_at(big.place(big.GRID), at)}
    assert shown["wangge"]["substitute"] == "张桂芳" and shown["wangge"]["substitute_phone"].startswith(
        "138****"
    )
    later = ground.people_at(big.place(big.GRID), at + DAY)
    assert {row["substitute"] for row in later} == {""}


def test_grids_and_buildings_without(town):
    assert found("no_worker") == [big.GRID_3]
    assert found("no_lead") == [big.GRID_2, big.GRID_3, big.OTHER_GRID]
    assert found("no_building_lead") == []
    assert found("no_worker", big.OTHER_STREET) == []
    for posting in Posting.objects.filter(account__username__in=["wangge", "louzhang"]):
        commands.end_posting(by=big.SYSTEM, at=clock.now(), posting=posting)
    assert found("no_worker") == [big.GRID, big.GRID_3]
    assert found("no_building_lead") == [big.BUILDING]


def test_a_posting_that_waits_or_is_to_come_fills_no_gap(town):
    at = clock.now()
    commands.post(
        by=big.SYSTEM,
        at=at,
        account=big.account("lingdao"),
        role="grid_worker",
        place=big.place(big.GRID_3),
        since=at + DAY,
    )
    assert found("no_worker") == [big.GRID_3]


def test_desks_with_nobody_on_duty(town):
    alone = found("no_duty")
    assert big.STREET not in alone and big.DISTRICT not in alone  # zhiban and quji2 are on duty
    assert {big.OTHER_STREET, big.COMMUNITY, big.COMMUNITY_2} <= set(alone)
    clerk = Posting.objects.get(account__username="shequ")
    commands.set_on_duty(by=big.SYSTEM, at=clock.now(), posting=clerk, on_duty=True)
    assert big.COMMUNITY not in found("no_duty")


def test_what_ends_soon_without_a_successor(town):
    at = clock.now()

    def posted(username: str, days: int, since: int = 0) -> None:
        commands.post(
            by=big.SYSTEM, at=at, account=big.account(username), role="grid_worker", place=big.place(big.GRID_3),
            since=at + since * DAY if since else None, until=at + days * DAY,
        )  # fmt: skip

    posted("lingdao", 13)
    assert ground.gap_rows("ending", big.place(big.DISTRICT), clock.now(), {})[0][0]["username"] == "lingdao"
    posted("linju", 40, since=12)
    assert found("ending") == []
    posted("wangge2", 20)
    assert found("ending") == []


def test_one_person_in_several_posts(town):
    assert found("several") == []
    account = commands.open_account(
        by=big.SYSTEM, at=big.FOUNDED, username="wangge-b", person=big.account("wangge").person
    )
    commands.post(
        by=big.SYSTEM, at=big.FOUNDED, account=account, role="grid_lead", place=big.place(big.GRID_2)
    )
    assert found("several") == ["wangge"]
    assert found("several", big.OTHER_STREET) == []


def test_the_page_opens_from_gap_to_form_and_fills_it(town):
    page = Reader("admin").open(f"/ground/?place={big.STREET}&gap=no_worker")
    assert page.status == 200 and page.says("网格没有网格员", "琵琶山社区", "第一网格")
    page.open(f"/ground/?place={big.GRID_3}")
    form = page.form(f"ground/{big.GRID_3}/post")
    form.fields.update({"account": ["nobody"], "role": ["grid_worker"]})
    assert page.send(form).status == 404
    page.open(f"/ground/?place={big.GRID_3}")
    form = page.form(f"ground/{big.GRID_3}/post")
    form.fields.update({"account": ["lingdao"], "role": ["grid_worker"]})
    page.send(form)
    assert page.status == 200 and page.says("马文博") and found("no_worker") == []


def test_scope(town):
    assert Reader("linju").open(f"/ground/?place={big.GRID}").status == 404
    assert Reader("shequ").open("/ground/").says("前铺社区", "李建国")
    assert not Reader("shequ").open("/ground/").says("在此任职")
    assert Reader("shequ").open(f"/ground/?place={big.STREET}").status == 404
    assert Api("shequ").get("ground/", {"place": big.COMMUNITY_2}).status_code == 404
    assert Api("bumen").get("ground/").status_code == 404
    commands.open_account(by=big.SYSTEM, at=big.FOUNDED, username="zhenadmin", name="田家林")
    commands.post(
        by=big.SYSTEM,
        at=big.FOUNDED,
        account=big.account("zhenadmin"),
        role="admin",
        place=big.place(big.OTHER_STREET),
    )
    assert Reader("zhenadmin").open("/ground/").says("喻屯镇")
    assert Reader("zhenadmin").open(f"/ground/?place={big.GRID}").status == 404


def test_the_interface(town):
    told = Api("jiedao").get("ground/", {"place": big.GRID}).json()
    assert told["people"][0]["username"] == "wanggezhang" and told["gaps"]["no_worker"] == 0
    assert set(told["gaps"]) == set(ground.GAPS)
    listed = Api("admin").get("ground/gaps/", {"gap": "no_lead", "page_size": "2"}).json()
    assert [row["code"] for row in listed["results"]] == [big.GRID_2, big.GRID_3]
    onward = Api("admin").get(listed["next"]).json() if listed["next"].startswith("/") else None
    assert onward is None or onward["results"]
    assert Api("admin").get("ground/gaps/", {"gap": "nonsense"}).status_code == 400
    assert Api("admin").get("ground/gaps/", {"gap": "no_lead", "cursor": "x"}).status_code == 400


@pytest.mark.parametrize("query", ["", "&gap=no_lead", "&gap=ending", "&gap=several", "&gap=no_duty"])
def test_the_number_of_statements_stands_still(town, query):
    reader, path = Reader("admin"), f"/ground/?place={big.STREET}{query}"
    reader.open(path)

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert reader.open(path).status == 200
        return len(queries)

    before = statements()
    at = clock.now()
    for n in range(8):
        account = commands.open_account(by=big.SYSTEM, at=at, username=f"p{n}", name=f"人{n}")
        for code in (big.GRID_2, big.GRID_3, big.COMMUNITY_2):
            commands.post(
                by=big.SYSTEM,
                at=at,
                account=account,
                role="grid_worker",
                place=big.place(code),
                until=at + 3 * DAY,
            )
    statements()  # the names of the places are read once
    assert statements() <= before + 1 <= 18  # several: seats of those found


def test_guides_stand_apart_and_fill_no_gap(town):
    """A guide is posted as a building lead; the page says what they are, and the building still lacks its lead."""
    at, building = clock.now(), big.place(big.BUILDING)
    before = ground.gaps(building, at)["no_building_lead"]
    commands.end_posting(by=big.SYSTEM, at=at, posting=big.account("louzhang").postings.get())
    account = commands.open_account(
        by=big.SYSTEM, at=at, username="yindao", name="苏引导", phone="13911112222"
    )
    other = commands.open_account(
        by=big.SYSTEM, at=at, username="yindao2", name="钱替岗", phone="13933334444"
    )
    sent = {"account": "yindao", "role": "building_lead", "duty": "guide"}
    page = Reader("admin").open(f"/ground/?place={building.code}").send("post", **sent)
    assert page.says("已任职")
    posting = account.postings.get()
    commands.set_substitute(by=big.SYSTEM, at=at, posting=posting, substitute=other, since=at, until=at + DAY)
    page = Reader("admin").open(f"/ground/?place={building.code}")
    assert page.says("楼组长、引导员", "苏引导", "引导员", "139****2222", "钱替岗", "139****4444")
    groups = {one["label"]: one["people"] for one in ground.by_post(ground.people_at(building, clock.now()))}
    assert [one["name"] for one in groups["楼组长、引导员"]] == ["苏引导"] and groups["楼栋长"] == []
    assert ground.gaps(building, clock.now())["no_building_lead"] == before + 1
    told = Api("admin").get(f"ground/?place={building.code}").json()
    assert [one["duty"] for one in told["people"] if one["username"] == "yindao"] == ["guide"]
