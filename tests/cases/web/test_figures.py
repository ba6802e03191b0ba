"""Pages of figures: every number opens to exactly its rows."""

from __future__ import annotations

import re
from html import unescape

import pytest

from cases.figures.catalogue import FIGURES, RATES
from cases.models.rules import Item
from ledger import clock, versions
from ledger.clock import frozen as frozen
from tests import builders
from tests.builders import walk
from tests.cases.walking import local
from tests.clients import statements
from tests.pages import Reader

pytestmark = pytest.mark.django_db
NUMBER = re.compile(r'<a href="(/dashboard/figures/\w+/\w+/\?[^"]+)">(?:<b>)?([\d,]+)')


def numbers(reader: Reader) -> list[tuple[str, int]]:
    return [(unescape(url), int(n.replace(",", ""))) for url, n in NUMBER.findall(reader.text)]


def total(reader: Reader, url: str) -> int:
    return int(re.search(r'data-total="(\d+)"', reader.open(url).text).group(1))  # type: ignore[union-attr]


def bare(reader: Reader) -> str:
    """Its words without the spaces, which links bring in."""
    return reader.words.replace(" ", "")


def lived() -> None:
    now = clock.now()
    for at in ("received", "accepted", "assigned", "in_hand", "resolved", "answered", "rejected"):
        builders.a_case(at, when=now)
    walk(builders.a_case("assigned", when=now), "decline", by="bumen")
    walk(builders.a_case("resolved", when=now), "rework", by="wangge")


@pytest.mark.parametrize("username", ["lingdao", "bumen", "shenji"])
def test_every_number_of_the_definitions_opens_to_its_rows(town, username):
    lived()
    reader = Reader(username).open("/dashboard/figures/?period=year")
    assert all(reader.says(str(figure.name)) for figure in FIGURES.values())
    found = numbers(reader)
    assert len(found) == 2 * len(RATES) + 1 and sum(n for _url, n in found) > 10
    for url, n in found:
        assert total(Reader(username), url) == n, url


@pytest.mark.parametrize("code", ["resolve_on_time", "declined", "settled_at_level", "declined_rightly"])
def test_every_part_of_a_split_opens_to_its_rows(town, code):
    lived()
    reader = Reader("lingdao").open(f"/dashboard/figures/{code}/?period=year")
    tabs = re.findall(r'href="(\?[^"]*by=\w+[^"]*)"', reader.text)
    assert len(tabs) >= 6
    for tab in tabs:
        reader.open(f"/dashboard/figures/{code}/{unescape(tab)}")
        for url, n in numbers(reader):
            assert total(Reader("lingdao"), url) == n, url


def test_rows_say_why_they_count(town):
    case = builders.a_case("in_hand", when=clock.now())
    reader = Reader("lingdao").open("/dashboard/figures/accept_on_time/numerator/?period=year")
    assert reader.says(case.number, "按时", "第 1–1 件，共 1 件")


def test_what_is_about_the_reader_is_neither_counted_nor_listed(town):
    builders.a_case("received", when=clock.now(), about="account:lingdao")
    path = "/dashboard/figures/registered/denominator/?period=year"
    reader = Reader("lingdao").open(path)
    assert reader.status == 200 and total(reader, path) == 0 and reader.text.count("<th scope") == 0
    assert total(Reader("quji").open(path), path) == 1


def test_what_may_not_be_listed_is_counted(town):
    Item.objects.filter(code="0601").update(sensitive=True)
    versions.bump("checklist")
    builders.a_case("received", when=clock.now(), item="0601")
    path = "/dashboard/figures/registered/denominator/?period=year"
    reader = Reader("lingdao").open(path)
    assert total(reader, path) == 1 and reader.text.count("<th scope") == 0


def test_each_definition_is_worked_through_with_the_readers_own_numbers(town):
    lived()
    sent = builders.a_case(through=("accept", "dispatch", "sign"), when=clock.now())
    builders.a_move(sent, "resolve", when=clock.now())
    reader = Reader("lingdao").open("/dashboard/figures/?period=year")
    said = {row["code"]: row for group in reader.response.context["groups"] for row in group["rows"]}
    for code in RATES:
        row = said[code]
        sides = f"{row['den_words']} {row['denominator']}，{row['num_words']} {row['numerator']}，"
        if row["denominator"]:
            end = f"{row['numerator']} ÷ {row['denominator']} ＝ {row['percent']}%"
        else:
            end = "没有可除的，不算比率。"
        assert f"例：{sides}{end}".replace(" ", "") in bare(reader), code
    assert {0} < {said[code]["denominator"] for code in RATES}
    assert "按用时从短到长排开，居中的是" in bare(reader)
    reader.open("/dashboard/figures/?from=2020-01-01&to=2020-01-31")
    assert "本期办结且派遣过0件，这一时段还没有可算的。" in bare(reader)


def test_what_came_later_is_listed_and_the_day_before_reads_as_it_stood(town):
    start = local("23 09:00")
    case = builders.a_case("resolved", when=start)
    reader = Reader("lingdao")
    with frozen(local("26 23:59")):
        month = "?from=2026-11-24&to=2026-11-25"
        before = numbers(reader.open(f"/dashboard/figures/{month}"))
    builders.a_move(case, "rework", by="wangge", when=local("27 10:00"))
    with frozen(local("28 09:00")):
        after = numbers(reader.open(f"/dashboard/figures/{month}"))
        assert dict(before) != dict(after)
        assert reader.open(f"/dashboard/figures/{month}&as_of=2026-11-26").says("按 2026年11月26日")
        assert [n for _url, n in numbers(reader)] == [n for _url, n in before]
        reader.open(f"/dashboard/later/{month}")
        assert reader.says(case.number, "返工", "按期办结率", "按时 → 不计")


def test_unknown_figures_and_parts_are_not_found(town):
    reader = Reader("lingdao")
    for path in ("nonsense/", "later/", "resolved/half/", "nonsense/numerator/"):
        assert reader.open(f"/dashboard/figures/{path}").status == 404
    assert reader.open("/dashboard/figures/?from=0001-01-01&to=9999-12-31").status == 200
    assert reader.open("/dashboard/figures/?place=370811015").status in (200, 404)


def test_costs(town):
    lived()
    for path, most in (("", 6), ("resolve_on_time/", 7), ("declined/", 6), ("resolved/missed/", 6)):
        reader = Reader("lingdao").open(f"/dashboard/figures/{path}")
        with statements() as found:
            reader.open(f"/dashboard/figures/{path}")
        assert reader.status == 200 and len(found) <= most, (path, len(found), found)
