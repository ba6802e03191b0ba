"""The wall in a real browser: it stays the same size, goes round, plays a past day."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.stack]

WALL = {"width": 1920, "height": 1080}
SIZE = "document.querySelectorAll('*').length"
ROUNDS = 60


def heap(page: Any) -> float:
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return float(used)


def test_it_does_not_grow_and_does_not_scroll(busy_town, visit):
    wall = visit(busy_town, "lingdao", viewport=WALL)
    wall.open("/screen/")
    page = wall.page
    page.locator("[data-signal=live]").wait_for()
    html = "document.documentElement"
    assert page.evaluate(f"[{html}.scrollWidth <= 1920, {html}.scrollHeight <= 1080]") == [True, True]
    kept = page.evaluate_handle("document.querySelector('[data-part=map]')")

    mark = "document.querySelector('[data-part=today] dd').textContent"

    def turn() -> None:
        """Another answer, and what it told apart from the page put in."""
        page.evaluate(f"() => {{ {mark} = '-'; dispatchEvent(new Event('online')); }}")
        page.wait_for_function(f"() => {mark} !== '-'")

    page.route(
        "**/screen/board/*",
        lambda route: route.continue_(headers={**route.request.headers, "if-none-match": ""}),
    )
    for _n in range(5):
        turn()
    nodes, used = page.evaluate(SIZE), heap(page)
    for _n in range(ROUNDS):
        turn()
    assert page.evaluate(SIZE) == nodes
    assert heap(page) < used + 1_000_000
    assert page.evaluate("one => one.isConnected", kept), "what did not change was not put in again"


def test_keys_and_the_tour(busy_town, visit):
    wall = visit(busy_town, "lingdao", viewport=WALL)
    wall.open("/screen/?tour=600")
    page, title = wall.page, wall.page.locator("[data-title]")
    here = title.inner_text()
    page.locator("[data-words=on]").wait_for()
    page.keyboard.press(" ")
    page.locator("[data-words=off]").wait_for()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("was => document.querySelector('[data-title]').textContent !== was", arg=here)
    page.keyboard.press("Escape")
    page.wait_for_function("was => document.querySelector('[data-title]').textContent === was", arg=here)
    page.keyboard.press("Escape")
    page.wait_for_url("**/dashboard/**")


def test_a_tour_goes_on_by_itself(busy_town, visit):
    wall = visit(busy_town, "lingdao", viewport=WALL)
    wall.open("/screen/?tour=2")
    seen = set()
    for _step in range(3):
        title = wall.page.locator("[data-title]").inner_text()
        seen.add(title)
        wall.page.wait_for_function(
            "was => document.querySelector('[data-title]').textContent !== was", arg=title
        )
    assert len(seen) == 3


def test_a_past_day_plays(busy_town, visit):
    wall = visit(busy_town, "lingdao", viewport=WALL)
    wall.open("/screen/?day=2026-11-20&hour=22")
    page = wall.page
    page.click("[data-play]")
    page.wait_for_function("() => document.querySelector('[data-oclock]').textContent === '24:00'")
    page.wait_for_function(
        "() => document.querySelector('[data-play]').getAttribute('aria-pressed') === 'false'"
    )
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("() => document.querySelector('[data-oclock]').textContent === '23:00'")
