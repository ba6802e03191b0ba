"""Any table of a page of figures as CSV or XLSX."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook

from cases.web.taking_out import tables_of
from ledger import clock
from ledger.clock import frozen
from ledger.models import Entry
from tests import builders
from tests.cases.walking import local
from tests.pages import Reader

pytestmark = pytest.mark.django_db
PAGES = (
    "/dashboard/",
    "/dashboard/holders/",
    "/dashboard/weekly/?week=this",
    "/dashboard/figures/",
    "/dashboard/figures/accept_on_time/?by=place",
    "/dashboard/figures/registered/denominator/",
    "/dashboard/figures/handling_time/",
    "/dashboard/parts/shares/",
)


def lived() -> None:
    for at in ("received", "in_hand", "resolved", "answered"):
        builders.a_case(at, when=local("23 09:00"))
    sent = builders.a_case(through=("accept", "dispatch", "sign"), when=local("23 09:00"))
    builders.a_move(sent, "resolve", when=local("23 11:00"))


@pytest.fixture(autouse=True)
def friday():
    with frozen(local("27 15:00")):
        yield


def lines(answer) -> list[list[str]]:
    assert answer.status_code == 200 and answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("page", PAGES)
def test_what_the_page_prints_with_who_took_it_out(town, page):
    lived()
    reader = Reader("lingdao")
    more = "&" if "?" in page else "?"
    shown = tables_of(reader.open(page).text)
    assert shown
    found = lines(reader.client.get(f"{page}{more}form=csv"))
    assert found[-1][0].startswith("导出人：") and "观音阁街道" in found[-1][0] and "内部资料" in found[-1][0]
    for table in shown:
        for row in (table.head, *table.rows):
            assert [str(value) for value in row] in found
    book = load_workbook(io.BytesIO(reader.client.get(f"{page}{more}form=xlsx").content))
    assert len(book.worksheets) == len(shown)
    entry = Entry.objects.filter(event="account.exported").latest("pk")
    assert entry.payload["form"] == "xlsx" and entry.payload["rows"] == sum(len(one.rows) for one in shown)


def test_the_name_says_whose_what_and_when(town):
    lived()
    answer = Reader("lingdao").client.get(
        "/dashboard/figures/accept_on_time/?by=place&from=2026-11-01&to=2026-12-30&form=csv"
    )
    name = unquote(answer["Content-Disposition"])
    assert all(word in name for word in ("受理及时率", "观音阁街道", "2026-11-01", "2026-12-30", ".csv"))
    assert "no-store" in answer["Cache-Control"]


def test_numbers_are_numbers_shares_two_columns_and_formulas_words():
    (table,) = tables_of(
        "<h2>甲 <b>乙</b></h2><table><thead><tr><th>名</th><th class='r'>数</th><th>分子 ÷ 分母</th></tr></thead><tbody>"
        "<tr><th>=cmd()</th><td>1,284</td><td><a href='/x'>3</a> ÷ <a>40</a></td></tr>"
        "<tr><td>@x<br>y</td><td>−3</td><td>—</td></tr><tr><td colspan='2'>97.6%</td><td>0 ÷ 1,000</td></tr></table>"
        "<table></table>"
    )
    assert (table.title, table.head) == ("甲 乙", ["名", "数", "分子", "分母"])
    assert table.rows == [
        ["'=cmd()", 1284, 3, 40],
        ["'@x y", -3, "", ""],
        ["97.6%", "", 0, 1000],
    ]


def test_one_table_by_its_place_and_none_where_there_is_none(town):
    lived()
    reader = Reader("lingdao")
    whole = tables_of(reader.open("/dashboard/figures/").text)
    one = lines(reader.client.get("/dashboard/figures/?form=csv&table=2"))
    assert one[0] == whole[1].head and len(one) == len(whole[1].rows) + 2
    assert reader.client.get("/dashboard/figures/?form=csv&table=99").status_code == 404
    assert reader.client.get("/dashboard/figures/?form=exe").status_code == 200  # the page
    assert reader.client.get("/dashboard/?place=370811&form=csv").status_code == 404


def test_every_row_behind_a_number_not_only_the_first_page(town, monkeypatch):
    monkeypatch.setattr("cases.web.figures.SIZE", 3)
    for n in range(7):
        builders.a_case(when=clock.now(), text=f"第{n}件。")
    found = lines(Reader("lingdao").client.get("/dashboard/figures/registered/denominator/?form=csv"))
    assert len(found) == 7 + 2


def test_what_is_too_long_is_refused_and_never_cut(town, monkeypatch):
    monkeypatch.setattr("cases.web.taking_out.MOST", 3)
    for n in range(4):
        builders.a_case(when=clock.now(), text=f"第{n}件。")
    reader = Reader("lingdao")
    page = "/dashboard/figures/registered/denominator/"
    assert reader.open(page).status == 200  # to be read it is as long as it likes
    reader.open(f"{page}?form=csv")
    assert reader.status == 422 and reader.says("一共 4 条", "最多导出 3 条", "没有导出")
    assert not Entry.objects.filter(event="account.exported").exists()
    (url,) = re.findall(r'href="([^"]*figure=registered[^"]*)"', reader.text)
    there = reader.open(unescape(url))
    assert there.status == 200 and all(there.says(f"第{n}件") for n in range(4))
    with frozen(local("27 15:10")):  # a list is of now: as of a past instant there is none to lead to
        reader.open(f"{page}?form=xlsx&as_of=2026-11-27T15:05")
        assert reader.status == 422 and reader.says("把时段改短") and "figure=registered" not in reader.text


def test_nobodys_secret_leaves(town):
    builders.a_case("received", when=clock.now(), about="account:lingdao", text="有人举报领导。")
    found = Reader("lingdao").client.get("/dashboard/figures/registered/denominator/?form=csv")
    assert "有人举报" not in found.content.decode()
