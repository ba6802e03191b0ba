"""The ledger in words: who, what, where, on which basis."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.test.utils import CaptureQueriesContext

from parties import commands, directory, history
from parties.events import EVENTS
from tests.parties.town import AT, SYSTEM, Town

UNIT = "TS02-370811015"


def test_every_event_has_its_word() -> None:
    drafts = {event for event in EVENTS if event.startswith("unit_draft.")}  # told by the page of the draft
    assert set(history.LABELS) == set(EVENTS) - drafts


def test_a_units_history(town: Town) -> None:
    admin = town.actor(town.somebody("admin", "admin", place="370811"))
    unit = town.org(UNIT)
    commands.rename_organisation(
        by=admin, at=AT, organisation=unit, version=1, name="综合执法中队", basis="〔2026〕1号"
    )
    commands.begin_serving(by=admin, at=AT, organisation=unit, place=town.place("370811015001"), version=2)
    newest, renamed, opened = history.of("organisation", unit.pk)
    assert "开始服务 前铺社区" in newest["words"] and newest["who"] == "周小明"
    assert "综合执法中队" in renamed["words"] and renamed["basis"] == "〔2026〕1号"
    assert opened["who"] == "系统" and opened["label"] == "设立"


def test_a_persons_history(town: Town) -> None:
    account = town.somebody("wangge", "grid_worker", place="370811015001001")
    other = town.somebody("wangge2")
    posting = account.postings.get()
    commands.set_substitute(
        by=SYSTEM, at=AT, posting=posting, substitute=other, since=AT, until=AT + dt.timedelta(days=1)
    )
    commands.set_on_duty(by=SYSTEM, at=AT, posting=posting, on_duty=True)
    words = [entry["words"] for entry in history.of("account", account.pk)]
    assert "开始值班" in words[0] and "周小明" in words[1] and "网格员" in words[2] and "第一网格" in words[2]


def test_statements_do_not_grow(town: Town) -> None:
    unit = town.org(UNIT)
    directory.by_code("GV24")

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            history.of("organisation", unit.pk)
        return len(queries)

    statements()
    before = statements()
    for n in range(6):
        places = [town.place(code) for code in ("370811015", "370811015001", "370811015002")[: n % 3 + 1]]
        commands.set_serving(by=SYSTEM, at=AT + dt.timedelta(minutes=n), organisation=unit, places=places)
    directory.by_code("GV24")
    history.of("organisation", unit.pk)
    assert statements() <= before <= 3
