"""Every page and answer of figures as of a past instant: as it stood, said so, with what changed later one click away."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape

import pytest

from ledger.clock import frozen
from tests import builders
from tests.cases.walking import local
from tests.clients import Api, statements
from tests.pages import Reader

pytestmark = pytest.mark.django_db
DAYS = "from=2026-11-23&to=2026-11-29"
PAGES = (
    f"/dashboard/?{DAYS}",
    f"/dashboard/figures/?{DAYS}",
    f"/dashboard/figures/resolve_on_time/?{DAYS}&by=channel",
    f"/dashboard/figures/resolve_on_time/numerator/?{DAYS}",
    f"/dashboard/figures/handling_time/?{DAYS}",
    "/dashboard/weekly/?week=2026-W48",
    *(f"/dashboard/parts/{name}/?{DAYS}" for name in ("rising", "spread", "shares", "voices", "instructed")),
)
ANSWERS = ("summary", "ranking", "trend", "split", "rising", "spread", "voices", "instructions")
NUMBER = re.compile(r'<a [^>]*href="(/dashboard/figures/\w+/\w+/\?[^"]+)">(?:<b>)?([\d,]+)')


@pytest.fixture
def taken_back(town):
    """Read on Friday evening; reworked on the next Monday; read again on the Wednesday after."""
    case = builders.a_case("resolved", when=local("23 09:00"))
    builders.a_case("received", when=local("23 09:00"))
    api, found = Api("lingdao"), {}
    with frozen(local("28 00:00") - dt.timedelta(microseconds=1)):
        for name in ANSWERS:
            found[name] = api.get(f"stats/{name}/", asked()).json()
        found["numbers"] = [n for _url, n in numbers(Reader("lingdao").open(PAGES[1]))]
        found["late"] = re.search(r"超时 (\d+)", Reader("lingdao").open(PAGES[0]).words)
    monday = local("30 10:00")
    builders.a_move(case, "rework", by="wangge", when=monday)
    with frozen(monday + dt.timedelta(days=2)):
        yield found


def asked(**more: str) -> dict[str, str]:
    return {"from": "2026-11-23", "to": "2026-11-29", "figure": "resolve_on_time", "by": "channel", **more}


def numbers(reader: Reader) -> list[tuple[str, int]]:
    return [(unescape(url), int(n.replace(",", ""))) for url, n in NUMBER.findall(reader.text)]


def test_answers_are_those_given_then(taken_back):
    api = Api("lingdao")
    for name in ANSWERS:
        assert api.get(f"stats/{name}/", asked(as_of="2026-11-27")).json() == taken_back[name], name
        assert api.get(f"stats/{name}/", asked(as_of="2026-11-27T23:59:59.999999")).json() == taken_back[name]
    assert api.get("stats/summary/", asked()).json() != taken_back["summary"]


@pytest.mark.parametrize("page", PAGES)
def test_pages_say_so_and_lead_to_now_and_to_what_changed(taken_back, page):
    reader = Reader("lingdao").open(f"{page}&as_of=2026-11-27")
    assert reader.status == 200 and reader.says("按 2026年11月27日", "看后来变了什么", "看现在的")
    assert not Reader("lingdao").open(page).says("看后来变了什么")
    later = unescape(re.search(r'href="([^"]+)">看后来变了什么', reader.text)[1])  # type: ignore[index]
    assert Reader("lingdao").open(later).says("返工")


def test_numbers_are_those_of_then_and_open_to_as_many_rows(taken_back):
    reader = Reader("lingdao").open(f"{PAGES[1]}&as_of=2026-11-27")
    found = numbers(reader)
    assert [n for _url, n in found] == taken_back["numbers"]
    for url, n in found:
        rows = Reader("lingdao").open(url)
        assert re.search(r'data-total="(\d+)"', rows.text)[1] == str(n), url  # type: ignore[index]
        assert rows.text.count('<th scope="row"') == n, url
    late = re.search(r"超时 (\d+)", Reader("lingdao").open(f"{PAGES[0]}&as_of=2026-11-27").words)
    assert late and late[1] == taken_back["late"][1]


def test_what_cannot_be_read_or_is_to_come_is_now(town):
    with frozen(local("27 12:00")):
        for word in (
            "",
            "x",
            "2026-11-27",
            "2030-01-01",
            "9999-12-31",
            "0001-01-01",
            "2026-11-27T12:00",
            "1e9",
        ):
            reader = Reader("lingdao").open(f"/dashboard/figures/?as_of={word}")
            assert reader.status == 200 and not reader.says("看后来变了什么"), word


def test_the_views_own_address_by_its_days_and_by_its_name(town):
    with frozen(local("27 12:00")):
        page = Reader("lingdao").open("/dashboard/figures/accept_on_time/?period=last_week")
        assert "from=2026-11-16&amp;to=2026-11-22" in page.text and "period=last_week" in page.text
        fixed = unescape(
            re.search(r'href="([^"]+)">(?:<svg(?:(?!</svg>).)*</svg>)?固定链接', page.text, re.S)[1]  # type: ignore[index]
        )
        assert "period" not in fixed and "place=" in fixed
        assert Reader("lingdao").open(fixed).words.count("2026-11-16 至 2026-11-22") == 1


def test_costs(taken_back):
    """No more than as of now."""
    with frozen(local("28 00:00") + dt.timedelta(days=5)):
        for page, most in ((f"/dashboard/?{DAYS}", 8), ("/dashboard/weekly/?week=2026-W48", 8)):
            reader = Reader("lingdao").open(f"{page}&as_of=2026-11-27")
            with statements() as found:
                assert reader.open(f"{page}&as_of=2026-11-27").status == 200
            assert len(found) <= most, (len(found), found)
