"""“Why this deadline”, read as a clerk reads it: every page adds up by itself and ends at the deadline."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape

import pytest

from cases.demo import play
from cases.models import Case, Clock
from cases.sla import clock as sla
from cases.sla.board import ClockBoard, calendar_of, pure
from cases.sla.lines import whole_second
from cases.sla.phrases import moment_words
from ledger import clock as host
from tests import builders
from tests.clients import Api, statements
from tests.pages import Reader

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 25, 15, 20, tzinfo=host.LOCAL)
CHAPTER = re.compile(r"<h3>\d+\. (\S+?)</h3>(.*?)</section>", re.DOTALL)
ROW = re.compile(r"<tr>\s*<td>(.*?)</td>(.*?)</tr>", re.DOTALL)
CELL = re.compile(r'<td class="r nowrap">(.*?)</td>', re.DOTALL)


def amount(words: str) -> tuple[int, int]:
    """(days, seconds) of the words of a cell."""
    words = re.sub(r"<[^>]+>", "", unescape(words)).strip()
    if words in ("不计", ""):
        return 0, 0
    if found := re.fullmatch(r"(-?\d+) 日", words):
        return int(found[1]), 0
    found = re.fullmatch(r"(\d+):(\d\d)(?::(\d\d))?", words)
    assert found, words
    hours, minutes, seconds = (int(n or 0) for n in found.groups())
    return 0, hours * 3600 + minutes * 60 + seconds


def spelt(words: str) -> int:
    """The seconds of 26 小时 27 分 27 秒."""
    size = {"小时": 3600, "分": 60, "秒": 1}
    return sum(int(n) * size[unit] for n, unit in re.findall(r"(\d+) (小时|分|秒)", words))


def check(html: str, row: Clock) -> None:
    """Add up the page by hand and compare with what the clock was given, what was left, and when it is due."""
    cal = calendar_of(row)
    steps = sla.steps(pure(row, cal), cal)
    chapters = CHAPTER.findall(html)
    assert len(chapters) == len(steps)
    ends = ""
    for (_title, body), step in zip(chapters, steps, strict=True):
        days = seconds = 0
        cells: list[str] = []
        for _named, rest in ROW.findall(body):
            cells = CELL.findall(rest)
            more, longer = amount(cells[0])
            days, seconds = days + more, seconds + longer
            assert amount(cells[1]) == (days, seconds), "the running sum"
        if cells:
            assert amount(cells[2]) == (0, 0), "nothing remains at the end"
        if step.kind in ("start", "extend") and step.unit:
            assert (days, seconds) == granted(step, row)
        if step.kind in ("pause", "stop") and cells:
            words = re.search(r"(?:尚余|已超)(?:办公时间)? ((?:\d+ (?:小时|分|秒) ?)+)", body)
            assert words and seconds == spelt(words[1]), "the sentence and its lines"
            assert seconds == pytest.approx(abs(step.left) / 10**6, abs=1)
        elif step.kind in ("resume", "void") and not step.late and not step.floored and not step.last:
            assert seconds == pytest.approx(step.left / 10**6, abs=3)
        if found := re.search(r"至此到期时刻为 (\S+)。", body):
            ends = found[1]
    due = moment_words(row.due_at, cal, ends=True)
    assert f"到期时刻：{due}。" in unescape(html)
    capped = any(one["kind"] in ("cap", "replan") for one in row.segments)
    assert ends == due or capped


def granted(step, row) -> tuple[int, int]:
    if step.unit in ("work_day", "legal_day"):
        return int(step.amount), 0
    if step.unit == "until":
        return 0, max(0, int((whole_second(step.due) - whole_second(step.at)).total_seconds()))
    return 0, int(step.amount * 3600) * (24 if step.unit == "day" else 1)


def read(reader: Reader, row: Clock) -> str:
    part = f"&part={row.part}" if row.part else ""
    page = reader.open(f"/cases/{row.case.number}/clocks/{row.stage}/why/?round={row.round}{part}")
    assert page.status == 200
    return page.text


def test_every_clock_of_the_demo_town_adds_up_on_screen(town, settings, tmp_path):
    settings.DEMO, settings.MEDIA_ROOT = True, tmp_path
    play.play(40, NOW)
    auditor = Reader("shenji")
    clocks = list(Clock.objects.select_related("case").order_by("id"))
    assert len(clocks) > 150
    seen = set()
    for row in clocks:
        check(read(auditor, row), row)
        seen |= {(row.rule["unit"], row.state)} | {one["kind"] for one in row.segments}
        seen |= {"voided"} if any(one["kind"] == "stop" and "to" in one for one in row.segments) else set()
    assert {"run", "pause", "stop", "voided"} <= seen
    assert {("day", "running"), ("work_hour", "stopped"), ("until", "running")} <= seen


# -- every kind of clock, whatever the demo happens to play

AT = dt.datetime(2026, 9, 29, 16, 0, tzinfo=host.LOCAL)
HOUR = dt.timedelta(hours=1)


def life(case: Case, unit: str, n: int, *acts: tuple[str, dt.timedelta], at: dt.datetime = AT) -> Clock:
    """A clock that lived so, in the rows of a real case."""
    board = ClockBoard.load(case)
    row = board.start("secure", sla.Rule("secure", n, unit), anchor=at, at=at, organisation=case.holder_id)
    for act, later in acts:
        if act == "stop":
            board.stop("secure", at + later, "met")
        elif act == "void":
            board.void("secure", at + later, 4, organisation=case.holder_id)
        elif act in ("pause", "resume"):
            getattr(board, act)("secure", at + later)
        else:
            cal = calendar_of(row)
            if act == "extend":
                new = sla.extend(pure(row, cal), 2, at + later, cal)
            elif act == "cap":
                new = sla.cap(pure(row, cal), at + later, at + HOUR, cal)
            else:
                new = sla.replan(pure(row, cal), cal, at + later)
            board._apply(row, new)
    board.save()
    return Clock.objects.select_related("case").get(case=case, stage="secure")


LIVES = {
    "running": (),
    "paused": (("pause", 2 * HOUR),),
    "resumed over National Day": (("pause", 2 * HOUR), ("resume", 40 * HOUR)),
    "stopped": (("stop", 3 * HOUR),),
    "stopped late": (("stop", 900 * HOUR),),
    "voided": (("stop", 2 * HOUR), ("void", 30 * HOUR)),
    "voided at the last moment": (("stop", 23 * HOUR), ("void", 300 * HOUR)),
    "voided late": (("stop", 900 * HOUR), ("void", 905 * HOUR)),
    "extended": (("extend", HOUR),),
    "extended while paused": (("pause", HOUR), ("extend", 2 * HOUR), ("resume", 50 * HOUR)),
    "capped": (("cap", 3 * HOUR),),
    "planned again": (("replan", 3 * HOUR),),
    "paused twice": (("pause", HOUR), ("resume", 3 * HOUR), ("pause", 4 * HOUR), ("resume", 90 * HOUR)),
    "paused late": (("pause", 900 * HOUR), ("resume", 905 * HOUR)),
}


@pytest.mark.parametrize("name", LIVES)
def test_every_kind_of_clock_adds_up_on_screen(town, name):
    reader = Reader("shenji")
    for unit, n in (("hour", 30), ("day", 2), ("work_hour", 12), ("work_day", 4), ("legal_day", 5)):
        row = life(builders.a_case("received"), unit, n, *LIVES[name])
        check(read(reader, row), row)


def test_a_provisional_deadline_says_so(town):
    late = dt.datetime(2026, 12, 30, 9, 0, tzinfo=host.LOCAL)
    row = life(builders.a_case("received"), "work_day", 3, at=late)
    page = read(Reader("shenji"), row)
    assert row.provisional and "暂定" in page and "尚未公布" in page
    check(page, row)


def test_what_stands_beside_the_deadline(town):
    case = builders.a_case("in_hand")
    page = Reader("jiedao").open(f"/cases/{case.number}/clocks/resolve/why/")
    assert page.says("依据", "承诺", "预警", "日历", "纸面日历", "剩两成即 9 小时 36 分", "全部时限")
    assert page.says("按通用规定，限 2 日，自呼叫时起算", "一日受理、两日办结、三日反馈")
    critical = builders.a_case(through=("accept", "dispatch"), urgency="critical")
    page = Reader("jiedao").open(f"/cases/{critical.number}/clocks/sign/why/")
    assert page.says("紧急程度“特急”", "未采用", "按通用规定，限 4 个工作小时")


def test_in_english(town):
    case = builders.a_case("in_hand")
    reader = Reader("jiedao")
    account = town.account("jiedao")
    account.language = "en"
    account.save(update_fields=["language"])
    page = reader.open(f"/cases/{case.number}/clocks/dispatch/why/")
    assert page.status == 200 and page.says("Check day by day") and not page.says("逐日核对")


def test_short_beside_the_case_long_on_its_own_page(town):
    """What htmx takes into the case is short and leads to the page that lists the days."""
    case = builders.a_case("in_hand")
    page = Reader("jiedao").open(f"/cases/{case.number}/clocks/dispatch/why/").text
    short = page[page.index('id="why"') : page.index('id="days"')]
    assert "<table" not in short and f"/cases/{case.number}/clocks/dispatch/why/#days" in short


def test_for_programs(town):
    row = life(builders.a_case("received"), "work_hour", 12, *LIVES["resumed over National Day"])
    told = Api("shenji").get(f"cases/{row.case.number}/clocks/secure/why/").json()
    assert told["due_at"] == row.due_at.isoformat() and told["sentences"]
    start, pause, resume = told["steps"]
    assert [one["kind"] for one in told["steps"]] == ["start", "pause", "resume"]
    assert sum(line["counted"] for line in start["lines"]) == 12 * 3600 == start["lines"][-1]["total"]
    left = sum(line["counted"] for line in pause["lines"])
    assert left == sum(line["counted"] for line in resume["lines"]) == 10.5 * 3600
    assert resume["due_at"] == told["due_at"] and resume["unit"] == "second"
    assert "国庆节放假" in " ".join(line["words"] for line in resume["lines"])


def test_statements(town):
    case = builders.a_case("answered")
    reader = Reader("jiedao")
    reader.open(f"/cases/{case.number}/clocks/resolve/why/")
    with statements() as found:
        reader.open(f"/cases/{case.number}/clocks/resolve/why/")
    assert len(found) <= 6, found
