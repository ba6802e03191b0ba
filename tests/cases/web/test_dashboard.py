"""Every number of the dashboard opens to the cases it counts, all pages of them."""

from __future__ import annotations

import re
from html import unescape

import pytest

from cases.web import lists
from ledger import clock
from tests import builders
from tests.builders import walk
from tests.pages import Reader

pytestmark = pytest.mark.django_db


def opened(reader: Reader, selector: str) -> list[tuple[int, str]]:
    """(the number, where it leads) of the links that match."""
    return [(int(n), unescape(url)) for url, n in re.findall(selector, reader.text, re.S)]


def total(reader: Reader) -> int:
    found = re.search(r"共 (\d+) 件", reader.words)
    return int(found[1]) if found else 0


def registered(reader: Reader) -> tuple[int, str]:
    return opened(reader, r'class="plain" href="([^"]+)">(\d+)</a><small>')[0]


def test_a_number_opens_to_its_cases_on_every_page(town, monkeypatch):
    monkeypatch.setattr(lists.lists.page_of, "__defaults__", (3,))
    for n in range(7):
        builders.a_case(when=clock.now(), text=f"第{n}件。")
    reader = Reader("lingdao").open("/dashboard/")
    n, url = registered(reader)
    reader.open(url)
    assert (n, total(reader)) == (7, 7)
    assert reader.says("本期登记", "观音阁街道")
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
    reader.open(registered(reader)[1])
    reader.open(
        "/cases/?"
        + "&".join(
            f"{k}={v[0]}"
            for k, v in next(form for form in reader.forms if "tab" in form.fields).fields.items()
        )
        + "&urgency=urgent"
    )
    assert total(reader) == 1 and reader.says("本期登记", "紧急")


def test_a_department_counts_as_open_what_it_has_now(town):
    builders.a_case("assigned", when=clock.now())
    returned = builders.a_case("assigned", when=clock.now())
    walk(returned, "decline", by="bumen")
    reader = Reader("bumen").open("/dashboard/")
    colours = opened(reader, r'<a href="([^"]+)"><span class="sig \w+"[^>]*></span>\s*\S+<br><b>(\d+)</b>')
    assert sum(n for n, _url in colours) == 1
    for n, url in colours:
        assert total(Reader("bumen").open(url)) == n


@pytest.mark.parametrize("username", ["bumen", "lingdao", "shequ", "ducha"])
def test_every_link_of_a_dashboard_leads_somewhere(town, username):
    walk(builders.a_case("assigned", when=clock.now()), "sign", by="bumen")
    reader = Reader(username).open("/dashboard/")
    links = {unescape(url) for url in re.findall(r'href="(/(?:dashboard|cases)/\?[^"]+)"', reader.text)}
    assert len(links) > 10
    for url in links:
        assert reader.open(url).status == 200, url


def test_another_units_dashboard_is_not_found(town):
    assert Reader("bumen").open("/dashboard/?organisation=GV25").status == 404
    assert Reader("bumen").open("/dashboard/?place=370811015").status == 404
    assert Reader("bumen").open("/dashboard/?organisation=GV24&place=370811015").status == 200
    assert Reader("lingdao").open("/dashboard/?organisation=GV24").status == 404
    assert Reader("lingdao").open("/dashboard/?organisation=GV24&place=370811015").status == 200
