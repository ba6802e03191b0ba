"""Every number of the dashboard opens to the cases it counts, all pages of them."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape

import pytest

from cases.demo import walks
from cases.models import Case
from cases.web import lists
from ledger import clock
from tests import builders
from tests.builders import GRID_ITEM, walk
from tests.clients import statements
from tests.pages import Reader
from tests.town import GRID_3

pytestmark = pytest.mark.django_db


NUMBER = re.compile(r'<a\b[^>]*\bdata-n="(\d+)"[^>]*>')
PARTS = ("since", "rising", "spread", "shares", "voices", "instructed", "rounds")


def numbers(reader: Reader) -> list[tuple[int, str]]:
    """(the number, where it leads) of every number of cases on the page."""
    return [
        (int(found[1]), unescape(re.search(r'href="([^"]+)"', found[0])[1]))  # type: ignore[index]
        for found in NUMBER.finditer(reader.text)
    ]


def total(reader: Reader) -> int:
    """How many rows the opened page has behind its number."""
    assert reader.status == 200, reader.words[:200]
    return int(re.search(r'data-total="(\d+)"', reader.text)[1])  # type: ignore[index]


def listed(reader: Reader) -> int:
    found = re.search(r"共 (\d+) 件", reader.words)
    return int(found[1]) if found else 0


def registered(reader: Reader) -> tuple[int, str]:
    return next((n, url) for n, url in numbers(reader) if "/registered/" in url)


def to_list(reader: Reader) -> Reader:
    """From the rows behind a number to the list of their cases."""
    url = re.search(r'href="(/cases/\?[^"]*figure=[^"]+)"', reader.text)
    assert url is not None
    return reader.open(unescape(url[1]))


def lived() -> None:
    """Cases at every station, of several items, places, origins and callers, from the last weeks."""
    now = clock.now()
    for n, station in enumerate(
        ("received", "accepted", "assigned", "in_hand", "resolved", "answered", "rejected")
    ):
        builders.a_case(station, when=now - dt.timedelta(days=5 * n, hours=n))
    for n in range(3):
        builders.a_case(when=now - dt.timedelta(hours=n), text=f"第{n}件。", place=GRID_3, by="jiedao")
    builders.a_case(when=now, by="wangge", origin="patrol", item=GRID_ITEM)
    walk(builders.a_case("assigned", when=now), "decline", by="bumen")
    walk(builders.a_case("resolved", when=now), "rework", by="wangge")
    Case.objects.filter(pk=builders.a_case("accepted", when=now).pk).update(callers=3)
    for days, answered in ((3, False), (3, True), (1, False)):
        case = builders.a_case(
            through=("accept", "dispatch", "sign"), when=now - dt.timedelta(days=2, hours=5)
        )
        until = case.last_at + dt.timedelta(days=days)
        case = builders.a_fact(case, "instruct", by="lingdao", text="请尽快办。", until=until)
        if answered:
            builders.a_fact(case, "report", by="bumen", text="今天办完。")


@pytest.mark.parametrize(
    ("username", "link"),
    [
        ("lingdao", "?"),
        ("lingdao", "?period=year&tree=today"),
        ("lingdao", "?group=department"),
        ("bumen", "?period=year"),
        ("shenji", "?period=quarter"),
        ("shequ", "?"),
    ],
)
def test_every_number_opens_to_exactly_its_rows(town, username, link):
    lived()
    with clock.frozen(clock.now()):  # what falls due between two pages is no fault of theirs
        reader = Reader(username).open(f"/dashboard/{link}")
        assert reader.status == 200
        pages = [unescape(url) for url in re.findall(r'hx-get="(/dashboard/parts/[^"]+)"', reader.text)]
        assert len(pages) == len(PARTS)
        found = numbers(reader)
        for page in pages:
            found += numbers(Reader(username).open(page))
        assert sum(n for n, _url in found) > 20
        opened = Reader(username)
        for n, url in sorted(set(found)):
            assert total(opened.open(url)) == n, url


def test_what_lies_behind_can_be_filtered_and_taken_out(town):
    lived()
    reader = Reader("shenji").open("/dashboard/")
    for n, url in sorted(
        {one for one in numbers(reader) if "/stages/" not in one[1]}, key=lambda one: one[1]
    )[:12]:
        opened = Reader("shenji").open(url)
        if "denominator" in url and "_on_time" not in url and n:
            assert listed(to_list(opened)) == n, url


def test_a_number_opens_to_its_cases_on_every_page(town, monkeypatch):
    monkeypatch.setattr(lists.lists.page_of, "__defaults__", (3,))
    for n in range(7):
        builders.a_case(when=clock.now(), text=f"第{n}件。")
    reader = Reader("lingdao").open("/dashboard/")
    n, url = registered(reader)
    assert (n, total(reader.open(url))) == (7, 7)
    to_list(reader)
    assert listed(reader) == 7 and reader.says("本期登记", "观音阁街道")
    seen = set()
    for _page in range(3):
        seen |= set(re.findall(r'data-row="([^"]+)"', reader.text))
        if following := re.search(r'rel="next" href="([^"]+)"|href="([^"]+)"[^>]*rel="next"', reader.text):
            reader.open("/cases/" + unescape(following[1] or following[2]))
            assert reader.status == 200, reader.words
    assert len(seen) == 7


def test_narrowing_down_keeps_what_the_link_asked_for(town):
    builders.a_case(when=clock.now(), urgency="urgent")
    builders.a_case(when=clock.now())
    reader = Reader("lingdao").open("/dashboard/")
    to_list(reader.open(registered(reader)[1]))
    fields = next(form for form in reader.forms if "tab" in form.fields).fields
    reader.open("/cases/?" + "&".join(f"{k}={v[0]}" for k, v in fields.items()) + "&urgency=urgent")
    assert listed(reader) == 1 and reader.says("本期登记", "紧急")


def test_a_department_counts_as_open_what_it_has_now(town):
    builders.a_case("assigned", when=clock.now())
    returned = builders.a_case("assigned", when=clock.now())
    walk(returned, "decline", by="bumen")
    reader = Reader("bumen").open("/dashboard/")
    lamps = {url for _n, url in numbers(reader) if re.search("/(fine|near|late)/", url)}
    assert sum(n for n, url in set(numbers(reader)) if url in lamps) == 1


def test_costs(town):
    """The page and each of its parts: bounded, whatever the scope."""
    lived()
    for username in ("lingdao", "bumen", "shenji"):
        for path in ("", *(f"parts/{name}/" for name in PARTS)):
            reader = Reader(username).open(f"/dashboard/{path}")
            with statements() as found:
                reader.open(f"/dashboard/{path}")
            assert reader.status == 200 and len(found) <= 8, (username, path, len(found), found)


def test_guarded_matters_stand_on_no_map_and_no_voice_is_named(town):
    now = clock.now()
    phone = {"name": "王秀英", "phone": "13812345678"}
    for n in range(2):
        builders.a_case(when=now, text=f"第{n}件。", caller=phone)
    Case.objects.filter(pk=builders.a_case(when=now, caller=phone).pk).update(sensitive=True)
    reader = Reader("lingdao").open("/dashboard/parts/voices/")
    assert reader.says("138****5678", "2 件") and not reader.says("13812345678") and not reader.says("王秀英")
    (_n, url) = next(one for one in numbers(reader) if "caller=" in one[1])
    assert total(Reader("lingdao").open(url)) == 2
    assert (
        total(Reader("lingdao").open(url.replace("/voices/", "/registered/"))) == 2
    )  # nor by another number
    forged = re.sub(r"caller=\d+", "caller=1", url)
    assert total(Reader("lingdao").open(forged)) == 2  # a key nobody made narrows nothing
    spots = Reader("lingdao").open("/dashboard/parts/spread/")
    assert max(n for n, url in numbers(spots) if "weekday" not in url) == 2


@pytest.mark.parametrize("username", ["bumen", "lingdao", "shequ", "ducha"])
def test_every_link_of_a_dashboard_leads_somewhere(town, username):
    walk(builders.a_case("assigned", when=clock.now()), "sign", by="bumen")
    reader = Reader(username).open("/dashboard/")
    links = {unescape(url) for url in re.findall(r'href="(/(?:dashboard|cases)/[^"]*\?[^"]+)"', reader.text)}
    assert len(links) > 10
    for url in (one for one in links if "form=" not in one):  # files are test_taking_out's
        assert reader.open(url).status == 200, url


def test_another_units_dashboard_is_not_found(town):
    assert Reader("bumen").open("/dashboard/?organisation=GV25").status == 404
    assert Reader("bumen").open("/dashboard/?place=370811015").status == 404
    assert Reader("bumen").open("/dashboard/?organisation=GV24&place=370811015").status == 200
    assert Reader("lingdao").open("/dashboard/?organisation=GV24").status == 404
    assert Reader("lingdao").open("/dashboard/?organisation=GV24&place=370811015").status == 200


def test_places_walked_are_the_rounds_own_numbers_and_open_to_their_places(town):
    walks.walk(clock.now())
    reader = Reader("lingdao").open("/dashboard/parts/rounds/")
    assert reader.says("巡查覆盖率", "去过 / 应去")
    found = re.findall(r'<a class="link[^"]*" href="(/rounds/\?[^"]+show=\w+[^"]*)">(\d+)</a>', reader.text)
    assert len(found) >= 4
    shown = Reader("lingdao").open("/rounds/?days=7").text
    for url, n in found:
        assert f'href="{url}">{n}</a>' in shown, url
        assert Reader("lingdao").open(unescape(url)).text.count('class="fw6 tap"') == int(n), url
    assert Reader("bumen").open("/dashboard/parts/rounds/").says("巡查走访按地点看")
    with statements() as sql:
        reader.open("/dashboard/parts/rounds/")
    assert len(sql) <= 6, sql
