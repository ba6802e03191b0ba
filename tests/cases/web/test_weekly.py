"""周报: the dashboard's own numbers on one page, on the screen, on paper and for programs."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape

import pytest

from cases import weekly_paper
from cases.models.rules import Item
from cases.queries import weekly_report
from cases.web import weekly
from cases.web.asked import asked_week
from ledger import versions
from ledger.clock import frozen
from tests import builders
from tests.builders import walk
from tests.cases.walking import local
from tests.clients import Api, statements
from tests.pages import Reader
from tests.papers import sheets, words_of

pytestmark = pytest.mark.django_db
WEEK = "2026-W48"  # 23 to 29 November
LATER = local("30 08:20").replace(month=11)


def lived() -> None:
    start = local("23 09:00")
    for at in ("received", "accepted", "assigned", "in_hand", "resolved", "answered", "rejected"):
        builders.a_case(at, when=start)
    walk(builders.a_case("assigned", when=start), "decline", by="bumen")
    walk(builders.a_case("resolved", when=start), "rework", by="wangge")


def opened(username: str = "lingdao", query: str = f"?week={WEEK}") -> Reader:
    return Reader(username).open(f"/dashboard/weekly/{query}")


@pytest.mark.parametrize("username", ["lingdao", "bumen", "ducha", "shenji"])
def test_its_figures_are_the_dashboards_and_open_to_their_rows(town, username):
    lived()
    with frozen(LATER):
        page = opened(username)
        assert page.status == 200
        said = Api(username).get("stats/summary/", {"from": "2026-11-23", "to": "2026-11-29"}).json()
        report = Api(username).get("stats/weekly/", {"week": WEEK}).json()
        for code in weekly_report.CODES:
            told = report["figures"][code]
            assert {name: told[name] for name in ("numerator", "denominator", "rate")} == said[code], code
        numbers = re.findall(r'<a href="(/dashboard/figures/\w+/\w+/\?[^"]+)">([\d,]+)</a>', page.text)
        assert len(numbers) == 2 * len(weekly_report.CODES) + 1
        for url, n in numbers:
            rows = Reader(username).open(unescape(url))
            assert re.search(r'data-total="(\d+)"', rows.text).group(1) == n, url  # type: ignore[union-attr]
        dashboard = Reader(username).open("/dashboard/?from=2026-11-23&to=2026-11-29")
        late = re.search(r"超时 (\d+)", dashboard.words)
        assert late and int(late[1]) == report["late"]


def test_paper_says_what_the_page_says_on_one_sheet(town):
    lived()
    with frozen(LATER):
        page = opened()
        paper = page.client.get(f"/dashboard/weekly/pdf/?week={WEEK}")
        assert paper["Content-Type"] == "application/pdf" and sheets(paper.content) == 1
        report = Api("lingdao").get("stats/weekly/", {"week": WEEK}).json()
        actor = town.actor("lingdao", LATER)
        asked = asked_week(actor, {"week": WEEK}, LATER)
        said = words_of(weekly_paper._story(weekly.context_of(actor, asked, LATER)))
        one = report["figures"]["resolve_on_time"]
        assert f"{one['numerator']} ÷" in said and "领导批示" in said and "观音阁街道网格呼叫响应周报" in said
        assert f"在办 {report['open']} 件" in said and page.says("观音阁街道网格呼叫响应周报", "领导批示")


def test_weeks_as_they_are_named(town):
    with frozen(LATER):
        assert opened(query="").says("2026 年第 48 周")  # the last whole one
        assert opened(query="?week=last").says("2026 年第 48 周")
        assert opened(query="?week=this").says("2026 年第 49 周", "本周还没过完")
        for odd in ("2026-W99", "x", "-W", "2026-W", "9999-W01", "２０２６-W01"):
            assert opened(query=f"?week={odd}").says("2026 年第 48 周"), odd
        page = opened(query="?week=2026-W01")
        assert page.says("2025年12月29日", "2026年1月4日")
        fixed = re.search(r'href="([^"]+)">固定链接', page.text)
        assert fixed and "week=2026-W01" in fixed[1] and "place=" in fixed[1]


def test_read_as_of_a_past_day_and_what_changed_is_listed(town):
    start = local("23 09:00")
    case = builders.a_case("resolved", when=start)
    with frozen(LATER):
        before = Api("lingdao").get("stats/weekly/", {"week": WEEK}).json()
    moment = LATER + dt.timedelta(days=1)
    builders.a_move(case, "rework", by="wangge", when=moment)
    with frozen(moment + dt.timedelta(days=2)):
        now = Api("lingdao").get("stats/weekly/", {"week": WEEK}).json()
        then = Api("lingdao").get("stats/weekly/", {"week": WEEK, "as_of": "2026-11-30"}).json()
        assert now["figures"] != before["figures"] == then["figures"]
        assert (then["registered"], then["resolved"]) == (before["registered"], before["resolved"]) == (1, 1)
        assert now["changed_later"] == 1
        assert opened(query=f"?week={WEEK}&as_of=2026-11-30").says("按 2026年11月30日", "看后来变了什么")
        assert opened().says(case.number, "返工")


def test_scope(town):
    with frozen(LATER):
        for path in ("/dashboard/weekly/", "/dashboard/weekly/pdf/"):
            assert Reader("linju").open(f"{path}?place=370811015").status == 404
            assert Reader("lingdao").open(f"{path}?place=370811").status == 404
            assert Reader("lingdao").open(f"{path}?place=nowhere").status == 404


def test_what_the_reader_may_not_list_is_counted_and_not_shown(town):
    Item.objects.filter(code="0601").update(sensitive=True)
    versions.bump("checklist")
    builders.a_case("received", when=local("23 09:00"), item="0601", text="有人举报领导。")
    with frozen(LATER):
        page = opened()
        assert page.says("不在您能列出的范围内") and "有人举报" not in page.text
        assert Api("lingdao").get("stats/weekly/", {"week": WEEK}).json()["late"] == 1


def test_costs(town):
    lived()
    with frozen(LATER):
        reader = opened()
        with statements() as found:
            reader.open(f"/dashboard/weekly/?week={WEEK}")
        assert len(found) <= 8, (len(found), found)
