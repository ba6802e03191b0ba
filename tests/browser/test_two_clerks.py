"""Two clerks on one case, each at a browser: they see each other, one wins the race, the other loses no word."""

from __future__ import annotations

import copy
import datetime as dt
import threading
import time

import pytest
import uvicorn

from cases.live import wire
from cases.models import Case
from config import live
from ledger import clock
from tests.browser.visitor import Visitor
from tests.builders import a_case, walk
from tests.config.product import eventually

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NO_PHOTO = "0309"  # 消费纠纷: resolved with words alone
FIRST, SECOND = "已退款，双方认可。", "已当面协商，商家当场退了款。"


# The page notes how long each of its timers would wait. With hints none of a second or more ever fires: what then
# comes, comes by a hint; without them the longest says how often the page asks.
TIMERS = """(() => {
  const later = window.setTimeout.bind(window);
  window.waits = [];
  window.setTimeout = (what, wait = 0, ...rest) => {
    window.waits.push(wait);
    return STOPPED && wait >= 1000 ? 0 : later(what, wait, ...rest);
  };
})()"""


@pytest.fixture
def hints(settings):
    """A live process, and pages that know where it is."""
    server = uvicorn.Server(uvicorn.Config(live.application, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    eventually(lambda: server.started and live.board.connected, 20)
    address = f"http://localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    settings.LIVE_URL = f"{address}/live/"
    policy = copy.deepcopy(settings.CONTENT_SECURITY_POLICY)
    policy["DIRECTIVES"]["connect-src"].append(address)
    settings.CONTENT_SECURITY_POLICY = policy
    yield
    server.should_exit = True
    thread.join(10)


@pytest.mark.parametrize("told", ["by hints", "by asking"])
def test_both_see_each_other_and_the_loser_keeps_every_word(town, request, browser, told):
    if told == "by hints":
        request.getfixturevalue("hints")
    server = request.getfixturevalue("served")
    case = a_case("accepted", item=NO_PHOTO, when=clock.now() - dt.timedelta(hours=1))
    case = walk(walk(case, "dispatch", by="quji", organisation="GV24"), "sign")
    held = f"huying:here:{case.pk}"
    wire.client().delete(held)
    one, other = Visitor(browser, server.url, "bumen"), Visitor(browser, server.url, "bumen2")
    for guest in (one, other):
        guest.page.add_init_script(TIMERS.replace("STOPPED", "true" if told == "by hints" else "false"))
    one.open(f"/cases/{case.number}/")
    eventually(lambda: wire.client().exists(held), 30)
    start = time.monotonic()
    other.open(f"/cases/{case.number}/")
    here = "[data-presence] [data-words]"
    other.page.locator(here, has_text="吴国栋 正在办理").wait_for()
    one.page.locator(here, has_text="梁超 也在看").wait_for()
    print(f"{told}: both saw each other after {time.monotonic() - start:.1f} s")
    if told == "by asking":
        for guest in (one, other):
            assert 0 < max(guest.page.evaluate("window.waits")) <= 5000, "as often as every five seconds"

    form = "form[action$='/moves/resolve/']"
    one.page.fill(f"{form} textarea[name=result]", FIRST)
    other.page.fill(f"{form} textarea[name=result]", SECOND)
    one.page.locator(f"{form} textarea[name=result]").press("Control+Enter")
    eventually(lambda: Case.objects.get(pk=case.pk).status == "resolved", 30)
    other.page.locator("[data-news]").wait_for()
    assert other.page.input_value(f"{form} textarea[name=result]") == SECOND, "nothing moved under the cursor"
    with other.expecting(409):
        other.page.locator(f"{form} textarea[name=result]").press("Control+Enter")
        other.says("您写的没有丢", "吴国栋", FIRST)
    note = other.page.locator("#move-note textarea")
    assert note.input_value() == SECOND
    note.press("Control+Enter")
    other.says(SECOND, "已记下")
    assert Case.objects.get(pk=case.pk).status == "resolved"
    for guest in (one, other):
        guest.check()
        guest.leave()
