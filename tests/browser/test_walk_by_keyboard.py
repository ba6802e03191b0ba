"""A resident who uses no mouse and sees no screen: everything is reached by Tab and told by its name."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from cases.models import Call
from tests import builders
from tests import town as towns
from tests.browser.visitor import PHONE, Visitor
from tests.cases.voices_of_callers import ratings

pytestmark = pytest.mark.browser
MOST_TABS = 60


def press_to(page, role: str, name: str) -> None:
    """Tab on until the focus stands on what a screen reader calls so."""
    wanted = page.get_by_role(role, name=name, exact=True)
    wanted.first.wait_for(state="attached")
    for _n in range(MOST_TABS):
        if wanted.first.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
        if role == "radio" and _beside(wanted.first):
            _arrow_to(page, wanted.first)
            return
    raise AssertionError(f"no Tab leads to the {role} {name!r}")


def _beside(wanted) -> bool:
    """A group of radios is one stop of Tab; the arrows lead on inside it."""
    return wanted.evaluate("one => document.activeElement.name === one.name")


def _arrow_to(page, wanted) -> None:
    for _n in range(MOST_TABS):
        if wanted.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError("no arrow leads there")


def test_report_follow_and_rate(served, browser, town):
    visitor = Visitor(browser, served.url, viewport=PHONE)
    page = visitor.page
    visitor.open(f"/report/?place={towns.BUILDING}")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip", "the first Tab leads past the frame"
    press_to(page, "textbox", "说两句")
    page.keyboard.type("单元门关不上，晚上一直响")
    press_to(page, "textbox", "电话")
    page.keyboard.type("13905371234")
    press_to(page, "button", "报上去")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/track/\d+/"))
    assert page.get_by_role("heading", level=1).inner_text() == "办理进度"
    code = re.search(r"/track/(\d+)/", page.url)[1]

    visitor.open("/track/")  # another day, the code in hand
    press_to(page, "textbox", "查询码（只有数字）")
    page.keyboard.type(code)
    press_to(page, "textbox", "您留的电话后四位")
    page.keyboard.type("1234")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/track/{code}/")
    page.get_by_text("单元门关不上").first.wait_for()
    assert page.locator("[aria-current=step]").count() == 1, "where it stands is said, not only drawn"

    case = Call.objects.get(tracking_code=code).case
    done = {"item": builders.GRID_ITEM, "kind": "problem", "result": "换了闭门器，已能关严。"}
    when = case.last_at + dt.timedelta(minutes=1)
    case = builders.a_move(case, "settle", when=when, by="shequ", **done)
    builders.walk(case, "answer", by="shequ", told="闭门器换好了。")
    page.reload()
    page.get_by_text("闭门器换好了。").first.wait_for()
    for name in ("解决了", "满意"):
        press_to(page, "radio", name)
        page.keyboard.press("Space")
    press_to(page, "button", "交评价")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="您的评价").wait_for()
    voice = ratings().get()
    assert (voice.solved, voice.step) == ("yes", "good")
    visitor.check()
    visitor.leave()


def test_the_board_and_back(served, browser, town):
    builders.a_case()
    visitor = Visitor(browser, served.url, viewport=PHONE)
    page = visitor.page
    visitor.open(f"/report/?place={towns.BUILDING}")
    press_to(page, "link", "看社区的公示板")
    page.keyboard.press("Enter")
    page.wait_for_url("**/board/**")
    assert page.get_by_role("heading", level=1).inner_text() == "公示板"
    press_to(page, "link", "报一件事")
    page.keyboard.press("Enter")
    page.wait_for_url("**/report/**")
    visitor.check()
    visitor.leave()


def test_it_is_read_aloud_where_the_browser_can(served, browser, town):
    visitor = Visitor(browser, served.url, viewport=PHONE)
    visitor.context.add_init_script(
        """window.said = [];
        const quiet = { speak: (one) => said.push(one.text), cancel: () => said.push("stop") };
        Object.defineProperty(window, "speechSynthesis", { value: quiet });
        window.SpeechSynthesisUtterance = function (text) { this.text = text; };"""
    )
    page = visitor.page
    visitor.open(f"/report/?place={towns.BUILDING}")
    press_to(page, "button", "读给我听")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="停下").wait_for()
    told = " ".join(page.evaluate("said"))
    assert "拍照或写字" in told and "在哪里" in told and "怎么告诉您结果" in told
    page.keyboard.press("Enter")
    page.get_by_role("button", name="读给我听").wait_for()
    assert page.evaluate("said.at(-1)") == "stop"
    visitor.leave()
