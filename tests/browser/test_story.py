"""One resident's call, from a grid worker's phone to the answer: real browsers, real web, worker, beat, broker and
database. Once with everything a browser can do, once with script switched off."""

from __future__ import annotations

import re
import secrets

import pytest

from tests.browser.visitor import DESK, PHONE
from tests.config.product import eventually

pytestmark = [pytest.mark.browser, pytest.mark.stack]

ITEM = "0610"  # 建筑外立面不洁: a street's matter, straight to 区综合执法局, resolved with a photo
ITEM_LETTERS = "jzwlm"
RESIDENT = ("孟庆芳", "13905371234")


def log_call(worker, photo, text, *, twice=False):
    """登记 on the phone; (number, tracking code)."""
    page = worker.page
    worker.open("/")
    assert worker.path == "/calls/new/"
    page.set_input_files("#f-attachments", str(photo))
    page.fill("#f-text", text)
    page.click("details:has(> #items) > summary")
    page.fill("#f-item_q", ITEM_LETTERS)
    if page.locator("button[value=find_item]").is_visible():  # without script the server looks it up
        page.click("button[value=find_item]")
    page.locator(f"#items [name=item][value='{ITEM}']").check()
    page.fill("#f-caller_phone", RESIDENT[1])
    page.fill("#f-caller_name", RESIDENT[0])
    button = page.locator(".p-bar button[value=take]")
    button.dblclick(no_wait_after=True) if twice else button.click()
    page.wait_for_url("**/taken/")
    worker.says("请把查询码告诉居民")
    code = re.sub(r"\D", "", page.locator(".code-big").inner_text())
    return worker.path.split("/")[2], code


def dispatch(desk, number):
    """受理并派遣 in one form, to the unit that the duty rows propose; nobody is to assist."""
    page = desk.page
    desk.open(f"/desk/?case={number}")
    desk.says("为什么是它", "平台直派")
    chosen = page.locator("#dispatch-form select[name=organisation] option:checked")
    assert "综合执法局" in chosen.inner_text()
    assert page.locator("#dispatch-form select[name=item]").input_value() == ITEM
    assisting = page.locator("#dispatch-form details:has(input[name=assisting])")
    if assisting.get_attribute("open") is None:
        assisting.locator("summary").click()
    for _one in range(assisting.locator("input:checked").count()):
        assisting.locator("input:checked").first.uncheck()
    page.click("#dispatch-form button[data-submit]")
    done = f"{number}：已受理并派遣"  # on the page, or in the line of keys below it
    desk.page.locator("#work, [data-said]", has_text=done).first.wait_for()


def notice(person, *words):
    """The words of a notice, once the worker has brought it."""

    def there():
        person.open("/notices/")
        return all(word in person.words for word in words)

    eventually(there, 60)


def sign(clerk, number):
    clerk.open("/queue/?tab=sign")
    clerk.page.click(f"a.t[href*='{number}']")
    clerk.page.click("#move-sign button")
    clerk.says("已签收")


def resolve(clerk, number, photo, result):
    clerk.open(f"/cases/{number}/")
    form = clerk.page.locator("#move-resolve form")
    form.locator("[name=result]").fill(result)
    form.locator("input[type=file]").set_input_files(str(photo))
    form.locator("button.go").click()
    clerk.says("已办结")


def answer(worker, number, told):
    """告知反映人, from the list of what waits for me."""
    page = worker.page
    worker.open("/todo/")
    page.click(f".todo a[href*='{number}']")
    if page.locator("details#move-answer:not([open])").count():
        page.click("#move-answer > summary")
    form = page.locator("#move-answer form")
    form.locator("[name=told]").fill(told)
    form.locator("input[name=channel][value=phone]").check(force=True)
    form.locator("button.go").click()
    worker.says("已反馈")


def track(resident, code, tail):
    resident.open("/track/")
    resident.page.fill("#t-code", code)
    resident.page.fill("#t-tail", tail)
    resident.page.click("form:has(#t-code) button[type=submit]")
    resident.page.wait_for_load_state()


def test_from_the_phone_to_the_answer(quiet_town, visit, photo):
    mark = f"<script>alert({secrets.randbelow(10**6)})</script>"
    text = f"1号楼外墙被喷了涂料，请清理 {mark}。"
    worker = visit(quiet_town, "wangge", viewport=PHONE)
    number, code = log_call(worker, photo, text, twice=True)
    worker.open("/my/")
    mine = worker.page.locator(".call", has_text=mark)
    assert mine.count() == 1, "a double click took the call twice, or the words are not as they were typed"
    assert mine.locator(".rail li").count() == 3

    # nothing said at all: refused with a sentence, what was chosen stands
    worker.open("/calls/new/")
    worker.page.fill("#f-caller_name", "老周")
    with worker.expecting(422):
        worker.page.click(".p-bar button[value=take]")
        worker.says("留一样就行")
        worker.page.locator(".banner.bad[role=alert]").first.wait_for()
    assert worker.page.input_value("#f-caller_name") == "老周"

    desk = visit(quiet_town, "jiedao", viewport=DESK)
    assert desk.path == "/desk/"
    chosen = desk.page.locator(f".pick[href*='{number}']")
    assert "1号楼外墙" in chosen.inner_text() and chosen.locator(".chip.ok").count() == 1
    chosen.click()
    desk.page.locator(f"#pane[data-pane='{number}']").wait_for()
    assert RESIDENT[1] not in desk.page.content(), "the phone is shown without a reason"
    desk.page.click("summary:has-text('显示（须写理由')")
    desk.page.fill("input[name=reason]", "回电核实地址")
    desk.page.click("form:has(input[name=reason]) button")
    desk.says(RESIDENT[1])
    dispatch(desk, number)

    clerk = visit(quiet_town, "bumen", viewport=DESK)
    notice(clerk, "新派来", number)
    second = clerk.context.new_page()
    clerk.watch(second)
    second.goto(f"{clerk.address}/cases/{number}/")
    sign(clerk, number)
    with clerk.expecting(409):  # the other window still shows it unsigned
        second.click("#move-sign button")
        second.locator(".banner", has_text="刚被别人改过").wait_for()
    second.close()

    # clocks: the rail, each deadline, and why it is where it is
    clerk.open(f"/cases/{number}/")
    assert clerk.page.locator(".o-body .rail li").count() == 3
    clerk.says("承诺", "一日受理 · 两日办结 · 三日反馈", "时限")
    clerk.page.locator("a:has-text('为什么是这个时限')").first.click()
    clerk.page.locator("#why a:has-text('逐日核对')").click()
    clerk.says("到期时刻")

    # a result without the photo that the item wants: refused, the words stand
    clerk.open(f"/cases/{number}/")
    form = clerk.page.locator("#move-resolve form")
    form.locator("input[type=file]").evaluate("field => field.removeAttribute('required')")
    form.locator("[name=result]").fill("外墙已清洗。")
    with clerk.expecting(422):
        form.locator("button.go").click()
        clerk.says("至少要一张现场照片")
        clerk.page.locator("#move-resolve .banner.bad, #move-resolve .fault").first.wait_for()
    assert clerk.page.locator("#move-resolve [name=result]").input_value() == "外墙已清洗。"
    resolve(clerk, number, photo, "外墙已清洗，附照片。")

    notice(worker, "已办结", number)
    answer(worker, number, "墙面已清洗干净，您看看。")

    resident = visit(quiet_town, viewport=PHONE)
    with resident.expecting(404, 422):
        track(resident, code, "0000")
        resident.page.locator(".banner").first.wait_for()
    assert resident.page.input_value("#t-code") == code
    track(resident, code, RESIDENT[1][-4:])
    resident.says("墙面已清洗干净", "已反馈", "一日受理")
    assert RESIDENT[1] not in resident.page.content() and RESIDENT[0] not in resident.words
    assert resident.page.locator(".rail li.done").count() == 3

    stranger = visit(quiet_town, "linju", viewport=PHONE)
    with stranger.expecting(404):
        assert stranger.open(f"/cases/{number}/") == 404
    assert "涂料" not in stranger.words


def test_the_main_path_without_script(quiet_town, visit, photo):
    def person(username="", viewport=DESK):
        return visit(quiet_town, username, viewport=viewport, script=False)

    worker = person("wangge", PHONE)
    number, code = log_call(worker, photo, "3号楼外墙又被喷了涂料。")
    desk = person("jiedao")
    dispatch(desk, number)
    clerk = person("bumen")
    sign(clerk, number)
    with clerk.expecting(404, 409, 422):  # a step that cannot be made from here
        clerk.open(f"/cases/{number}/moves/dispatch/")
    resolve(clerk, number, photo, "已清洗。")
    answer(worker, number, "已清洗干净。")
    resident = person(viewport=PHONE)
    track(resident, code, RESIDENT[1][-4:])
    resident.says("已清洗干净", "已反馈")
