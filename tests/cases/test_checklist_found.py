"""Finding an item of the checklist by what people type."""

from __future__ import annotations

import pytest

from cases import rulebook
from cases.queries import checklist
from tests.pages import Reader

pytestmark = pytest.mark.django_db


def codes(q: str) -> list[str]:
    return [one["code"] for one in checklist.found(q)]


def test_all_131_by_category(town):
    shown = [item for category in checklist.offered() for item in category["items"]]
    assert len(shown) == len(rulebook.items()) == 131 and all(item["letters"] for item in shown)


def test_by_name_letters_code_and_purpose(town):
    item = rulebook.item("0610")
    assert codes(item.name)[0] == codes("jzwlmbj")[0] == codes("0610")[0] == "0610"
    assert "0610" in codes(item.name[1:3]) and "0610" in codes("wlm") and "0610" in codes("ＪＺＷＬ")
    assert "0610" in codes(item.what_to_call[2:6])


@pytest.mark.parametrize("q", ["", " ", "\x00", "飞碟来了", "%", "'" * 60])
def test_nothing(town, q):
    assert checklist.found(q) == []


def test_without_script(town):
    page = Reader("wangge").open("/calls/new/")
    page.send("call-form", text="写了的还在", item_q="jzwlm", action="find_item")
    assert page.status == 200 and page.says("建筑外立面不洁") and "写了的还在" in page.text
    assert "0610" in page.form("call-form").choices["item"]
    page.send("call-form", item_q="飞碟", action="find_item")
    assert page.says("没有这个小项") and "写了的还在" in page.text
