"""What is sensitive stands in nobody's list but its desk's, its holder's and its reporter's: every list that there is is
opened, and asked for it by number, place, item, phone and words."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.urls import get_resolver

from cases.models import Case
from cases.queries import counting, views
from cases.queries.search import search_q
from cases.scope import covers, listable_q, listed, reads_words, visible
from ledger import clock
from tests import town as towns
from tests.builders import CALLER, a_case, a_fact
from tests.cases.walking import fresh
from tests.cases.web.test_paging import numbers
from tests.clients import Api
from tests.pages import Reader

pytestmark = pytest.mark.django_db

MARK = "青石巷的暗号"
NEAR = ("jiedao", "bumen", "fuzeren", "shequ")  # desk, holder, its head, reporter
OTHERS = ("lingdao", "ducha", "shenji", "quji", "wangge", "huifang", "admin")
TABS = [
    f"/{where if where != 'list' else 'cases'}/?tab={tab}"
    for where in views.TABS
    for tab in views.TABS[where]
]
ASKED = (
    "status=open", "colour=red", "organisation=GV24", "place=观音阁", "urgency=urgent,critical,normal", "callers=1",
    "since=2020-01-01", "sort=due", "print=1", "queue=breaching", "queue=all",
)  # fmt: skip


@pytest.fixture
def hidden(town):
    """Late, at its holder, one among others that anybody in scope may list."""
    when = clock.now() - dt.timedelta(days=20)
    case = a_case("assigned", when=when, by="shequ", text=MARK)
    Case.objects.filter(pk=case.pk).update(sensitive=True, title=MARK)
    a_case("assigned", when=when, text="平常的一件")
    return fresh(case)


def every_page() -> list[str]:
    """Every address of ours that needs nothing to be named."""
    found = []
    for prefix in get_resolver().url_patterns:
        for one in getattr(prefix, "url_patterns", ()):
            route = str(one.pattern)
            if "<" not in route and getattr(one.callback, "__module__", "").startswith("cases.web"):
                found.append(f"/{route}")
    assert len(found) > 20
    return found


def says(reader: Reader, case: Case) -> bool:
    return f"/cases/{case.number}/" in reader.text or MARK in reader.text.replace("&quot;", "")


@pytest.mark.parametrize("who", OTHERS)
def test_no_page_lists_it(hidden, who):
    """Whoever sees the place, but has no part in it."""
    by = towns.actor(who)
    assert covers(by, hidden) and not reads_words(by, hidden), "nothing would be shown"
    asked = [f"/cases/?{query}" for query in ASKED] + TABS + every_page()
    asked += [f"/search/?q={q}" for q in (hidden.number[:-1], "观音阁", "gyg", "青石巷")]
    asked += [f"/search/suggest/?q={hidden.number[-6:-1]}", "/cases/?q=青石巷"]
    leaks = [path for path in asked if says(Reader(who).open(path), hidden)]
    assert not leaks


@pytest.mark.parametrize("who", NEAR)
def test_desk_holder_and_reporter_keep_it(hidden, who):
    assert hidden.number in numbers(Reader(who).open("/cases/?status=open"))
    assert hidden.number in [row["number"] for row in Api(who).get("cases/?status=open").json()["results"]]


@pytest.mark.parametrize("who", OTHERS)
def test_no_interface_lists_it(hidden, who):
    api = Api(who)
    asked = [*ASKED[:-2], "queue=breaching", "queue=all", "queue=mine", "queue=reported", "queue=returned",
             "queue=claims", f"q={hidden.number}", "q=青石巷", "sort=-due"]  # fmt: skip
    for query in (one for one in asked if one != "print=1"):
        answer = api.get(f"cases/?{query}")
        assert answer.status_code == 200, query
        assert hidden.number not in answer.content.decode() and MARK not in answer.content.decode(), query


@pytest.mark.parametrize("who", OTHERS)
def test_its_number_typed_whole_opens_it_without_its_words(hidden, who):
    reader = Reader(who).open(f"/search/?q={hidden.number}")
    assert reader.path == f"/cases/{hidden.number}/" and reader.status == 200
    assert MARK not in reader.text and CALLER["name"] not in reader.text


def test_by_phone(hidden):
    for who, there in (("jiedao", True), ("ducha", False)):
        reader = Reader(who).open("/search/phone/")
        reader.send("search/phone", phone=CALLER["phone"], reason="progress")
        assert says(reader, hidden) is there


def test_what_is_counted_is_what_is_shown(hidden):
    for who in (*NEAR, *OTHERS):
        by, at = towns.actor(who), clock.now()
        for where, tabs in views.TABS.items():
            wanted = {tab: views.view(by, at, where, {"tab": tab}).rows for tab in tabs}
            for tab, n in counting.counts(wanted).items():
                assert n == len(wanted[tab]), (who, where, tab)
        reader = Reader(who).open("/cases/")
        assert int(re.search(r"共 (\d+) 件", reader.words)[1]) == len(numbers(reader))


def test_behind_a_number_it_is_counted_and_not_listed(hidden):
    today = clock.local_date(clock.now())
    asked = f"from={today - dt.timedelta(days=25)}&to={today}&figure=registered"
    assert len(numbers(Reader("lingdao").open(f"/cases/?{asked}"))) == 1
    rows = Reader("lingdao").open(f"/dashboard/figures/registered/denominator/?{asked}&place={towns.STREET}")
    assert rows.status == 200 and not says(rows, hidden) and "共 2 " in rows.words, rows.words


def test_whoever_has_a_turn_finds_it_without_its_words(hidden):
    """Who rules, assists, answers a request or checks finds the work among what waits; words stay hidden."""
    Case.objects.filter(pk=hidden.pk).update(disputed_at=clock.now())
    reader = Reader("quji").open("/desk/?tab=disputes")
    assert f"{hidden.number}" in reader.text and MARK not in reader.text
    assert not says(Reader("ducha").open("/cases/?disputed=1"), hidden)
    Case.objects.filter(pk=hidden.pk).update(disputed_at=None)
    a_fact(hidden, "assist", by="jiedao", assisting=[f"TS02-{towns.STREET}"])
    queue = Reader("zhongdui").open("/queue/?tab=assist")
    assert hidden.number in queue.text and MARK not in queue.text
    assert not says(Reader("zhongdui").open("/cases/"), hidden)


def test_the_filter_says_what_the_judge_says(hidden):
    for who in (*NEAR, *OTHERS, "linju", "zhongdui"):
        by = towns.actor(who)
        there = visible(by).filter(listable_q(by), pk=hidden.pk).exists()
        assert there == listed(by).filter(pk=hidden.pk).exists()
        assert there == (covers(by, hidden) and reads_words(by, hidden)), who
    assert search_q("青石巷", towns.actor("jiedao"), clock.now())
