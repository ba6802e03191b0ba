"""The wall in a real browser under calls that keep coming: it is live, catches up after a cut, misses nothing, does not
grow. The hour of it is `manage.py bench screen`."""

from __future__ import annotations

from typing import Any

import pytest

from cases.bench import wall
from tests.config.product import command

pytestmark = [pytest.mark.browser, pytest.mark.stack]

SHOWS = f"n => +{wall.SHOWN}.replace(',', '') === n"
SLOW = 60_000


def registered(page: Any) -> int:
    return int(page.evaluate(wall.SHOWN).replace(",", ""))


def take_a_call(visitor: Any, text: str) -> None:
    visitor.open("/calls/new/")
    visitor.page.fill("#f-text", text)
    visitor.page.fill("#f-caller_phone", "13905371234")
    visitor.page.click(".p-bar button[value=take]")
    visitor.page.wait_for_url("**/taken/")


def hang(visit: Any, product: Any) -> Any:
    """The board of the street, live."""
    visitor = visit(product, "lingdao", viewport=wall.WALL)
    visitor.open("/screen/")
    visitor.page.locator("[data-signal=live]").wait_for()
    return visitor


def test_it_is_live_and_catches_up_after_a_cut(quiet_town, visit):
    screen, worker = hang(visit, quiet_town), visit(quiet_town, "wangge")
    page = screen.page
    before = registered(page)
    take_a_call(worker, "路口的井盖响得厉害，夜里睡不着。")
    page.wait_for_function(SHOWS, arg=before + 1, timeout=SLOW)
    problems = len(screen.problems)
    page.context.set_offline(True)
    page.evaluate("dispatchEvent(new Event('online'))")  # it asks, and nothing answers
    page.locator("[data-signal=cut]").wait_for(timeout=SLOW)
    take_a_call(worker, "垃圾三天没有清运，味道很大。")
    assert registered(page) == before + 1
    page.context.set_offline(False)
    page.wait_for_function(SHOWS, arg=before + 2, timeout=SLOW)
    page.locator("[data-signal=cut]").wait_for(state="hidden", timeout=SLOW)
    del screen.problems[problems:]  # that the network was cut is what was asked for


def test_two_minutes_under_calls(quiet_town, visit):
    screen = hang(visit, quiet_town)
    said: list[str] = []
    asked = command(quiet_town.folder, "api_key", wall.TAKER, HUYING_DEMO="1")
    key = asked.communicate(timeout=120)[0].strip().splitlines()[-1]
    problems = len(screen.problems)
    fine = wall.hang(
        said.append, screen.page, quiet_town.address, key, quiet_town.process.pid,
        minutes=1.8, rate=2, cut=15,
    )  # fmt: skip
    del screen.problems[problems:]
    assert fine, "\n".join(said)
    html = "document.documentElement"
    assert screen.page.evaluate(f"[{html}.scrollWidth <= 1920, {html}.scrollHeight <= 1080]") == [True, True]
