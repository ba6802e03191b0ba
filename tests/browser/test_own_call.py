"""A resident of 80 at a phone, by keyboard alone: reports, follows, says that it is not solved; and somebody goes and
looks."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.cache import cache

from cases.models import Call, Case
from ledger import clock, post
from tests.browser.visitor import PHONE, Visitor
from tests.builders import GRID_ITEM, walk
from tests.cases.voices_of_callers import ratings
from tests.town import GRID

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SETTLED = {
    "item": GRID_ITEM,
    "result": "灯泡已换。",
    "told": "灯泡已换，今晚就亮。",
    "channel": "phone",
    "attachments": [],
}


def tab_to(page, name: str) -> None:
    """By the Tab key until what has this name is reached."""
    for _n in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("n => document.activeElement?.matches(n) ?? false", name):
            return
    raise AssertionError(f"{name} cannot be reached by keyboard")


@pytest.mark.parametrize("script", [True, False])
def test_reported_answered_rated_unsolved_and_checked(town, served, browser, script):
    cache.clear()
    resident = Visitor(browser, served.url, viewport=PHONE, script=script, elder=True)
    page = resident.page
    resident.open(f"/report/?place={GRID}")
    tab_to(page, "#f-text")
    page.keyboard.type("楼道灯坏了三天，老人下楼看不见。")
    tab_to(page, "[name=caller_anonymous]")
    page.keyboard.press("Space")
    tab_to(page, ".p-bar button[value=send]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/track/*/?new=1")
    resident.says("收到了，一天内受理", "您没有留手机")
    call = Call.objects.get()
    now = clock.now()
    walk(Case.objects.get(), "settle", "answer", by="shequ", **SETTLED)
    post.deliver_pending()

    resident.open(f"/track/{call.tracking_code}/")
    resident.says("灯泡已换，今晚就亮。", "请您评价")
    tab_to(page, "[name=solved]")
    page.keyboard.press("ArrowUp")  # from the first round to the last: 没有解决
    page.keyboard.press("Space")
    tab_to(page, "[name=step]")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    tab_to(page, "#rate-words")
    page.keyboard.type("还是不亮")
    tab_to(page, "form[action$='/rate/'] button.pri")
    page.keyboard.press("Enter")
    page.get_by_text("您的评价").first.wait_for()
    resident.says("没有解决 · 非常不满意")
    rating = ratings().get()
    assert (rating.solved, rating.step) == ("no", "very_poor")
    case = Case.objects.get()
    assert case.status == "answered" and case.doubted_at - now < dt.timedelta(days=1)
    resident.check()

    checker = Visitor(browser, served.url, "jiedao", script=script)
    checker.open(f"/cases/{case.number}/")
    checker.says("没有解决", "核查", "还是不亮")
    checker.check()


def test_without_script_a_photo_a_code_and_a_rating(town, served, browser, photo):
    """What a phone without script can do: report with a picture, follow from another phone, rate; and at the other end
    sign in, log a call with a picture and find it again."""
    cache.clear()
    resident = Visitor(browser, served.url, viewport=PHONE, script=False)
    page = resident.page
    resident.open(f"/report/?place={GRID}")
    page.set_input_files("#f-attachments", str(photo))
    page.fill("#f-text", "楼道灯坏了三天。")
    page.fill("#f-caller_phone", "13905371234")
    page.click(".p-bar button[value=send]")
    page.wait_for_url("**/track/*/?new=1")
    call = Call.objects.get()
    assert call.case.attachments.count() == 1
    walk(call.case, "settle", "answer", by="shequ", **SETTLED)
    post.deliver_pending()

    other = Visitor(browser, served.url, viewport=PHONE, script=False)
    other.open("/track/")
    other.page.fill("#t-code", call.tracking_code)
    other.page.fill("#t-tail", "1234")
    other.page.click("form:has(#t-code) button[type=submit]")
    other.page.wait_for_url(f"**/track/{call.tracking_code}/")
    other.says("楼道灯坏了三天", "灯泡已换，今晚就亮。")

    resident.open(f"/track/{call.tracking_code}/")
    page.locator("[name=solved][value=yes]").check(force=True)
    page.locator("[name=step][value=good]").check(force=True)
    page.click("form[action$='/rate/'] button.pri")
    resident.says("您的评价", "解决了")
    assert ratings().get().solved == "yes"

    worker = Visitor(browser, served.url, "wangge", viewport=PHONE, script=False)
    worker.open("/calls/new/")
    worker.page.set_input_files("#f-attachments", str(photo))
    worker.page.fill("#f-text", "路口的井盖响得厉害。")
    worker.page.click(".p-bar button[value=take]")
    worker.page.wait_for_url("**/taken/")
    worker.open("/my/")
    worker.says("路口的井盖响得厉害")
    taken = Call.objects.exclude(pk=call.pk).get()
    worker.open(f"/cases/{taken.case.number}/")
    assert worker.page.locator("#work img[src*='/attachments/']").count() >= 1
    for visitor in (resident, other, worker):
        visitor.check()
        visitor.leave()
