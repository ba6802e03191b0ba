"""One engine for the desk, the queue and all cases: filters, orders, counts and saved filters mean the same everywhere."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from cases import saved_filters
from cases.models import Case, SavedFilter
from cases.queries import narrowing, ordering, views
from cases.refusals import MoveRefused
from cases.scope import visible_to
from grid import paging
from ledger import clock, versions
from parties.gate import OutOfScope
from tests import town as towns
from tests.builders import GRID_ITEM, a_case, a_fact
from tests.cases.web.test_budgets import cost
from tests.cases.web.test_paging import numbers
from tests.clients import Api
from tests.pages import Reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def cases(town):
    when = clock.now() - dt.timedelta(hours=5)
    made = [
        a_case("received", when=when, text="甲"),
        a_case("accepted", when=when + dt.timedelta(minutes=1), text="乙", urgency="critical"),
        a_case("assigned", when=when + dt.timedelta(minutes=2), text="丙", channel="phone"),
        a_case(through=("accept", "dispatch", "decline"), when=when, text="丁"),
        a_case("received", when=when, text="戊", item=GRID_ITEM, place=towns.GRID_3, by="jiedao", caller=None, origin="patrol"),
        a_case(through=("accept", "dispatch", "sign"), when=when, text="己"),
    ]  # fmt: skip
    a_fact(made[5], "take_up", by="bumen")
    Case.objects.filter(pk=made[2].pk).update(callers=3)
    return [case.number for case in made]


EVERY = {
    "status=open": {0, 1, 2, 3, 4, 5},
    "status=received,assigned": {0, 2, 4},
    "urgency=critical": {1},
    "channel=phone": {2},
    "callers=2": {2},
    "disputed=1": {3},
    "disputed=0": {0, 1, 2, 4, 5},
    "unmatched=1": set(),
    f"item={GRID_ITEM}": {4},
    f"category={GRID_ITEM[:2]}": {4},
    "origin=patrol": {4},
    f"place={towns.COMMUNITY_2}": {4},
    "place=琵琶山": {4},
    "place=pps": {4},
    "organisation=GV24": {2, 5},
    "organisation=区综合执法局": {2, 5},
    "since=2020-01-01": {0, 1, 2, 3, 4, 5},
    "until=2020-01-01": set(),
    "level=street&status=accepted": {1, 3},
    "q=丁": {3},
    "kind=problem&colour=green,yellow,red": {0, 1, 2, 3, 4, 5},
}


@pytest.mark.parametrize("asked", EVERY)
def test_a_filter_is_the_same_on_page_and_interface(cases, asked):
    expected = {cases[n] for n in EVERY[asked]}
    reader = Reader("jiedao").open(f"/cases/?{asked}")
    assert reader.status == 200 and set(numbers(reader)) == expected
    found = Api("jiedao").get(f"cases/?{asked}").json()["results"]
    assert {row["number"] for row in found} == expected
    if expected:
        assert reader.says(f"共 {len(expected)} 件")


def test_mine_and_unclaimed(cases):
    assert numbers(Reader("bumen").open("/queue/?mine=1")) == [cases[5]]
    assert numbers(Reader("bumen").open("/queue/?unclaimed=1")) == [cases[2]]


@pytest.mark.parametrize(
    "asked",
    ["status=moon", "callers=0", "callers=x", "since=gestern", "place=nowhere", "organisation=nobody", "item=9999",
     "category=ZZ", "mine=2", "colour=pink", "channel=tin"],
)  # fmt: skip
def test_what_cannot_be_read_is_named(cases, asked):
    name = asked.partition("=")[0]
    reader = Reader("jiedao").open(f"/cases/?{asked}")
    assert (reader.status == 400 and f'id="f-{name}-fault"' in reader.text) or name == "mine"
    answer = Api("jiedao").get(f"cases/?{asked}")
    assert answer.status_code == 400 and name in answer.json()["errors"]


def test_a_sort_that_there_is_not(cases):
    assert Api("jiedao").get("cases/?sort=colour").status_code == 400
    assert Reader("jiedao").open("/cases/?sort=colour").status == 200


@pytest.mark.parametrize("sort", [f"{way}{name}" for name in ordering.SORTS for way in ("", "-")])
def test_every_order_goes_forth_and_back(cases, sort):
    """Page by page each row once, whatever stands in the column; a row without the value comes last."""
    actor = towns.actor("jiedao")
    Case.objects.filter(number=cases[1]).update(next_due_at=None)
    view = views.view(actor, clock.now(), "list", {"sort": sort})
    whole = list(view.rows.order_by(*(paging._ordering(key, False) for key in view.order)))
    seen, asked = [], {"page_size": "2"}
    for _n in range(9):
        page = paging.page(view.rows, view.order, asked)
        seen += page.rows
        if page.next is None:
            break
        asked = dict(views.parse(page.next)) | {"page_size": "2"}
    assert [case.pk for case in seen] == [case.pk for case in whole] and len(seen) == 6
    back = paging.page(view.rows, view.order, dict(views.parse(page.previous)) | {"page_size": "2"})
    assert [case.pk for case in back.rows] == [case.pk for case in whole[2:4]]
    if sort.endswith("due"):
        assert whole[-1].number == cases[1]


def test_a_row_that_changes_meanwhile_shifts_nobody_else(cases):
    """The key of the last row read is where the next page begins, also when that row has gone elsewhere."""
    actor = towns.actor("jiedao")
    view = views.view(actor, clock.now(), "list", {"sort": "due"})
    page = paging.page(view.rows, view.order, {"page_size": "2"})
    rest = set(view.rows.values_list("pk", flat=True)) - {case.pk for case in page.rows}
    Case.objects.filter(pk=page.rows[-1].pk).update(next_due_at=clock.now() + dt.timedelta(days=90))
    following = paging.page(view.rows, view.order, dict(views.parse(page.next)) | {"page_size": "50"})
    assert rest <= {case.pk for case in following.rows}


def test_columns_sort_by_a_click(cases):
    reader = Reader("jiedao").open("/cases/")
    url = re.search(r'<a class="by" href="([^"]*sort=due[^"]*)"', reader.text)[1].replace("&amp;", "&")
    reader.open(f"/cases/{url}")
    assert 'aria-sort="ascending"' in reader.text and "sort=-due" in reader.text


def test_the_address_is_the_view(cases):
    view = views.view(
        towns.actor("jiedao"), clock.now(), "list", {"tab": "open", "urgency": "critical", "sort": "due"}
    )
    again = views.view(towns.actor("jiedao"), clock.now(), "list", views.parse(view.address()))
    assert again.query == view.query and view.words == "在办、特急"
    assert [chip["words"] for chip in view.chips] == ["特急"]


# -- saved filters


def keep(name="特急的", query="urgency=critical", who="jiedao", where="list", **more):
    return saved_filters.save(
        by=towns.actor(who), at=clock.now(), where=where, name=name, query=views.parse(query), **more
    )


def test_kept_with_a_form_and_shown_as_a_tab_with_its_count(cases):
    reader = Reader("jiedao").open("/cases/?urgency=critical")
    form = next(one for one in reader.forms if one.action.startswith("/filters/"))
    reader.send(form, name="特急的")
    assert reader.status == 200 and reader.says("已存为“特急的”。")
    row = SavedFilter.objects.get()
    assert views.parse(row.query) == {"tab": "all", "urgency": "critical"}
    reader.open("/cases/")
    assert re.search(r"特急的\s*<em>1</em>", reader.text)
    assert numbers(reader.open(f"/cases/?{row.query}")) == [cases[1]]
    assert 'aria-current="page">特急的' in re.sub(r"\s+", " ", reader.text)


def test_one_begins_where_one_wants(cases):
    keep(start=True)
    reader = Reader("jiedao").open("/cases/")
    assert numbers(reader) == [cases[1]]
    keep("未派", "status=accepted", start=True)  # one start only
    assert SavedFilter.objects.filter(is_start=True).count() == 1
    assert Reader("zhiban").open("/cases/").status == 200


def test_shared_with_the_unit_and_with_nobody_else(cases):
    keep("街道在看", "status=open", shared=True)
    assert Reader("zhiban").open("/cases/").says("街道在看")
    for outsider in ("bumen", "linju", "ducha"):
        assert not Reader(outsider).open("/cases/").says("街道在看")
    row = SavedFilter.objects.get()
    for do in ("delete", "rename", "share", "up"):
        answer = Reader("zhiban")
        answer.open("/filters/?where=list")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.text)[1]
        sent = {"csrfmiddlewaretoken": token, "do": do, "where": "list"}
        assert answer.client.post(f"/filters/{row.pk}/", sent).status_code == 404
    assert SavedFilter.objects.filter(pk=row.pk).exists()


def test_a_shared_filter_shows_each_reader_only_their_own_scope(cases):
    query = keep("都看", "status=open", shared=True).query
    for who in ("zhiban", "bumen", "linju"):
        view = views.view(towns.actor(who), clock.now(), "list", views.parse(query))
        allowed = set(Case.objects.filter(visible_to(towns.actor(who))).values_list("pk", flat=True))
        assert set(view.rows.values_list("pk", flat=True)) <= allowed


def test_order_rename_delete(cases):
    first, second = keep("一", "status=open"), keep("二", "status=closed")
    by = towns.actor("jiedao")
    saved_filters.change(by=by, pk=second.pk, step=-1)
    assert [row.name for row in saved_filters.seen_by(by, "list")] == ["二", "一"]
    saved_filters.change(by=by, pk=second.pk, step=-1)  # already first
    saved_filters.change(by=by, pk=first.pk, name="头一个")
    with pytest.raises(MoveRefused):
        saved_filters.change(by=by, pk=first.pk, name="二")
    saved_filters.delete(by=by, pk=second.pk)
    assert [row.name for row in saved_filters.seen_by(by, "list")] == ["头一个"]
    with pytest.raises(OutOfScope):
        saved_filters.delete(by=towns.actor("zhiban"), pk=first.pk)


@pytest.mark.parametrize("name", ["", "   ", "长" * 21, None])
def test_names_that_are_none(cases, name):
    with pytest.raises(MoveRefused):
        keep(name)


def test_no_more_than_one_reads(cases):
    for n in range(saved_filters.MOST):
        keep(f"第{n}个")
    with pytest.raises(MoveRefused):
        keep("再一个")
    keep("第0个", "status=open")  # the same name again replaces it


def test_what_it_was_made_from_may_go(cases):
    """A place or unit that is no more: the rest of the filter still works, and the page says so."""
    row = keep("旧的", "status=open")
    SavedFilter.objects.filter(pk=row.pk).update(query="tab=all&item=9999&status=open")
    versions.bump("filters")
    assert Reader("jiedao").open("/cases/").status == 200
    assert Reader("jiedao").open("/filters/?where=list").says("有条件已失效")


def test_saved_tabs_cost_nothing(cases):
    before = len(cost("bumen", "/queue/"))
    for n in range(5):
        keep(f"第{n}个", "urgency=critical", who="bumen", where="queue")
    assert len(cost("bumen", "/queue/")) == before <= 5
    assert len(cost("bumen", "/queue/?item=0610&place=前铺社区&sort=-due")) <= 6


def test_every_filter_has_its_words(cases):
    for name, one in narrowing.FILTERS.items():
        value = {"place": towns.GRID, "organisation": "GV24", "item": GRID_ITEM, "category": GRID_ITEM[:2],
                 "callers": "2", "person": "bumen", "since": "2026-11-22", "until": "2026-11-22"}.get(name)  # fmt: skip
        assert one.words(value or ("1" if one.yes else next(iter(one.choices)))), name


# -- the case beside the list


def test_the_pane_is_the_case_alone(cases):
    reader = Reader("jiedao", htmx=True).open(f"/desk/{cases[0]}/?back=/desk/%3Ftab=received")
    assert reader.status == 200 and 'id="pane"' in reader.text and "data-queue" not in reader.text
    assert reader.response["HX-Replace-Url"] == f"/desk/?tab=received&case={cases[0]}"
    assert len(cost("jiedao", f"/desk/?case={cases[0]}")) <= 10
    assert Reader("jiedao").open(f"/desk/{cases[0]}/").path.startswith("/desk/?case=")
    assert Reader("wanggezhang", htmx=True).open("/desk/QQ20260101-0001/").status == 404
    evil = Reader("jiedao", htmx=True).open(f"/desk/{cases[0]}/?back=https://evil.example/desk/")
    assert evil.response["HX-Replace-Url"].startswith("/desk/")
