"""Pages by key: every row once, forth and back, whatever the order; and a cursor from outside breaks nothing."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from cases.web import desk, lists
from ledger import clock
from tests import builders
from tests.pages import Reader

pytestmark = pytest.mark.django_db


def some(n: int, at: str, **more) -> list[str]:
    start = clock.now() - dt.timedelta(days=1)
    cases = []
    for i in range(n):
        urgency = "critical" if i % 4 == 0 else ""
        when = start + dt.timedelta(minutes=i % 5)  # several share their due time
        cases.append(builders.a_case(at, when=when, text=f"第{i}件。", urgency=urgency, **more))
    return [case.number for case in cases]


def numbers(reader: Reader) -> list[str]:
    return [
        re.search(r"[A-Z]+\d{8}-\d{4}", path)[0] for path in re.findall(r'data-row="([^"]+)"', reader.text)
    ]


def walk(reader: Reader, rel: str) -> list[list[str]]:
    pages = [numbers(reader)]
    while found := re.search(rf'rel="{rel}"[^>]*href="([^"]+)"|href="([^"]+)"[^>]*rel="{rel}"', reader.text):
        path = (found[1] or found[2]).replace("&amp;", "&")
        reader.open(reader.path.partition("?")[0] + path)
        pages.append(numbers(reader))
        assert len(pages) < 20
    return pages


@pytest.mark.parametrize(
    ("username", "path", "at"),
    [
        ("jiedao", "/desk/?tab=received", "received"),
        ("bumen", "/queue/", "assigned"),
        ("bumen", "/queue/?sort=new", "assigned"),
        ("jiedao", "/cases/?status=received", "received"),
    ],
)
def test_every_row_once_forth_and_back(town, monkeypatch, username, path, at):
    monkeypatch.setattr(desk, "SIZE", 5)
    monkeypatch.setattr(lists.lists.page_of, "__defaults__", (5,))
    taken = some(13, at)
    reader = Reader(username).open(path)
    forth = walk(reader, "next")
    assert [len(rows) for rows in forth] == [5, 5, 3]
    assert sorted(number for rows in forth for number in rows) == sorted(taken)
    assert reader.says("第 11–13 件，共 13 件")
    back = walk(reader, "prev")
    assert back == forth[::-1] and reader.says("第 1–5 件，共 13 件")


@pytest.mark.parametrize("cursor", ["x", "AAAA", "W10", "WzAsMSwyLDNd", "%00", "eyJhIjoxfQ", "9" * 500])
def test_a_cursor_from_outside(town, cursor):
    some(2, "received")
    for path in (
        "/desk/?tab=received",
        "/cases/?status=received",
        "/my/?tab=open",
        "/grid/?show=",
        "/notices/?x=",
    ):
        username = "wangge" if path.startswith(("/my/", "/grid/")) else "jiedao"
        reader = Reader(username).open(f"{path}&cursor={cursor}&nth=-1")
        assert reader.status == 200, (path, reader.words)


def test_strangers_and_wrong_hosts_get_pages_too(town, settings):
    assert Reader().open("/nothing/").says("找不到")
    settings.ALLOWED_HOSTS = ["testserver"]
    from django.test import Client

    answer = Client().get("/cases/", HTTP_HOST="evil.example")
    assert answer.status_code == 400 and "填得不对" in answer.content.decode()
