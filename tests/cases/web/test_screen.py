"""The command screen: what it says, to whom, at which cost; a past day as it stood."""

from __future__ import annotations

import gzip
import re

import pytest
from django.conf import settings

from cases.models import Case
from ledger import clock
from ledger.clock import frozen
from tests import builders
from tests.builders import walk
from tests.cases.walking import local
from tests.clients import statements
from tests.pages import Reader

pytestmark = pytest.mark.django_db


def number(reader: Reader, label: str) -> int:
    found = re.search(label + r"(?:\s*[+−]?\d+)?\s*([\d,]+)", reader.words)
    assert found, reader.words
    return int(found[1].replace(",", ""))


def test_it_counts_today_and_what_is_open(town):
    now = clock.now()
    for at in ("received", "assigned", "in_hand", "resolved"):
        builders.a_case(at, when=now)
    reader = Reader("lingdao").open("/screen/")
    assert reader.status == 200 and reader.says("观音阁街道运行指挥屏", "五率", "近 12 周走势", "最新登记")
    assert number(reader, "登记") == 4
    assert number(reader, "在办") == 4


def test_nobodys_words_stand_on_the_wall(town):
    case = builders.a_case(when=clock.now(), text="张三家的狗半夜叫个不停。")
    hidden = builders.a_case(when=clock.now(), text="一件不能说的事。")
    Case.objects.filter(pk=hidden.pk).update(confidential=True)
    reader = Reader("lingdao").open("/screen/")
    assert case.title not in reader.text and "张三" not in reader.text and hidden.title not in reader.text
    newest = reader.text.split('data-part="newest"')[1]
    rows = re.findall(r"<li>.*?</li>", newest, re.S)
    assert len(rows) == 2
    assert "（不公开）" in rows[0] and "社区" not in rows[0]
    assert "前铺社区" in rows[1] and "（不公开）" not in rows[1]


@pytest.mark.parametrize("username", ["lingdao", "bumen", "quji", "shenji", "shequ", "wangge"])
def test_everybody_reads_their_own(town, username):
    builders.a_case(when=clock.now())
    assert Reader(username).open("/screen/").status == 200
    assert Reader(username).open("/screen/board/").status == 200


def test_another_place_is_not_found(town):
    for page in ("/screen/", "/screen/board/"):
        assert Reader("shequ").open(f"{page}?place=370811111").status == 404
        assert Reader("bumen").open(f"{page}?organisation=GV25").status == 404
    assert Reader("lingdao").open("/screen/?place=370811015001").says("前铺社区运行指挥屏")


def test_what_it_costs(town):
    for n in range(3):
        builders.a_case(when=clock.now(), text=f"第{n}件。")
    reader = Reader("lingdao")
    reader.open("/screen/")
    with statements() as page:
        reader.open("/screen/")
    assert len(page) <= 10, page
    with statements() as few:
        reader.open("/screen/board/")
    assert len(few) <= 8, few
    for n in range(6):
        walk(builders.a_case("assigned", when=clock.now(), text=f"再来{n}件。"), "sign", by="bumen")
    with statements() as many:
        reader.open("/screen/board/")
    assert len(many) <= len(few), many


def test_the_board_is_sent_only_when_it_changed(town):
    builders.a_case(when=clock.now())
    reader = Reader("lingdao").open("/screen/board/")
    tag = reader.response.headers["ETag"]
    client = reader.client
    assert client.get("/screen/board/", headers={"If-None-Match": tag}).status_code == 304
    builders.a_case(when=clock.now(), text="又来一件。")
    again = client.get("/screen/board/", headers={"If-None-Match": tag})
    assert again.status_code == 200 and again.headers["ETag"] != tag


def test_a_past_day_is_read_as_it_stood(town):
    with frozen(local("24 10:30")):
        first = builders.a_case("resolved", when=clock.now())
    with frozen(local("24 15:00")):
        builders.a_case(when=clock.now(), text="下午的一件。")
    with frozen(local("26 09:00")):
        Case.objects.filter(pk=first.pk).update(resolved_at=clock.now())

        def at(moment: str) -> tuple[int, int, int]:
            reader = Reader("lingdao").open(f"/screen/board/?{moment}")
            return number(reader, "登记"), number(reader, "办结"), number(reader, "在办")

        assert at("day=2026-11-24&hour=10") == (0, 0, 0)
        assert at("day=2026-11-24&hour=11") == (1, 0, 1)
        assert at("day=2026-11-24&hour=24") == (2, 0, 2)
        assert at("day=2026-11-25&hour=24") == (0, 0, 2)
        assert Reader("lingdao").open("/screen/?day=2026-11-24&hour=11").says("回放", "这一天的登记与办结")


@pytest.mark.parametrize(
    "asked",
    ["day=x", "day=2999-01-01", "day=2026-13-40", "hour=99&day=2026-11-01", "tour=x", "tour=-1", "hour=²"],
)
def test_what_cannot_be_read_is_now(town, asked):
    assert Reader("lingdao").open(f"/screen/?{asked}").status == 200


def test_the_sheet_is_light():
    text = (settings.BASE_DIR / "static" / "screen.css").read_text(encoding="utf-8")
    assert len(gzip.compress(text.encode(), 9)) <= 6 * 1024
