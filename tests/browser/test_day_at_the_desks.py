"""A day at the desks among 2,000 open cases, by keyboard alone: calls accepted and dispatched, signed, declined, resolved
and answered. Every answer says how many statements it took; the time from key to paint is printed, not judged."""

from __future__ import annotations

import datetime as dt
import statistics
from urllib.parse import urlsplit

import pytest

from cases.bench import filling
from cases.models import Case
from ledger import clock
from tests.browser.counting import HEADER
from tests.browser.visitor import DESK, Visitor
from tests.builders import a_case, walk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OPEN = 2000
NO_PHOTO = "0309"  # 消费纠纷: a street's matter, resolved with words alone
DISPATCHED, SIGNED, DECLINED, RESOLVED, ANSWERED = 16, 8, 4, 6, 6
CALLS = DISPATCHED + SIGNED + DECLINED + RESOLVED + ANSWERED  # forty
LISTS = ("/queue/", "/cases/")

# from the key to the frame after what it changed is in the page
WATCH = """() => {
  window.paints = [];
  let pressed = 0;
  const painted = () => { const from = pressed; if (from) requestAnimationFrame(() => requestAnimationFrame(() => window.paints.push(performance.now() - from))); pressed = 0; };
  addEventListener('keydown', () => { pressed = performance.now(); }, true);
  addEventListener('htmx:after:swap', painted);
}"""


@pytest.fixture
def crowd(town):
    """Two thousand open cases: copies of real ones at every station, and the day's own among them."""
    when = clock.now() - dt.timedelta(hours=3)
    sent = []
    for text in ("占道堆物，行人绕行。", "沿街晾晒反复出现。", "夜间施工噪声。"):
        case = a_case("accepted", when=when, item=NO_PHOTO, text=text)
        sent.append(walk(case, "dispatch", by="quji", organisation="GV24"))
    templates = [
        a_case("received", when=when, item=NO_PHOTO, text="早点铺缺斤短两。"),
        sent[0],
        walk(sent[1], "sign"),
        walk(sent[2], "sign", "resolve"),
    ]
    filling.multiply(templates, OPEN, spread=dt.timedelta(minutes=90))
    return town


@pytest.fixture
def arrive(crowd, settings, request, browser):
    settings.MIDDLEWARE = ["tests.browser.counting.CountStatements", *settings.MIDDLEWARE]
    server = request.getfixturevalue("live_server")
    guests: list[Visitor] = []
    counted: list[tuple[str, int]] = []

    def come(username: str) -> Visitor:
        guest = Visitor(browser, server.url, username, viewport=DESK)
        guest.page.on(
            "response",
            lambda answer: counted.append(
                (urlsplit(answer.url).path, int(answer.headers.get(HEADER.lower(), 0)))
            ),
        )
        guest.page.add_init_script(f"({WATCH})()")
        guests.append(guest)
        return guest

    come.counted = counted
    yield come
    problems = [problem for guest in guests for problem in guest.problems]
    for guest in guests:
        guest.leave()
    assert not problems, "\n".join(problems[:10])


def there(status: str) -> int:
    return Case.objects.filter(status=status).count()


def paints(page) -> list[float]:
    return page.evaluate("() => window.paints")


def sheet(page, key: str, fill=None) -> None:
    """A letter on the row under the cursor, its form, sent; the row stays as it is now, the cursor goes on."""
    before = page.locator("tr.done").count()
    page.keyboard.press(key)
    page.locator("dialog#sheet[open] #sheet-in").wait_for()
    if fill:
        fill(page)
    page.keyboard.press("Control+Enter")
    page.locator("tr.done").nth(before).wait_for()
    assert not page.locator("dialog#sheet[open]").count()


def typed(*words: str):
    """Types into the field that has the keyboard, Tab to the next."""

    def fill(page) -> None:
        for n, word in enumerate(words):
            if n:
                page.keyboard.press("Tab")
            page.keyboard.type(word)

    return fill


def test_forty_calls_by_keyboard(arrive):
    found: list[float] = []
    start = {
        status: there(status)
        for status in ("received", "assigned", "in_hand", "resolved", "answered", "accepted")
    }

    desk = arrive("jiedao")
    desk.open("/desk/")
    desk.page.keyboard.press("j")
    desk.page.locator("#pane[data-pane]").wait_for()
    for _n in range(DISPATCHED):
        now = desk.page.locator("#pane").get_attribute("data-pane")
        desk.page.keyboard.press("Control+Enter")
        desk.page.locator(f"#pane[data-pane]:not([data-pane='{now}'])").wait_for()
    found += paints(desk.page)
    assert there("received") == start["received"] - DISPATCHED

    clerk = arrive("bumen")
    page = clerk.page
    clerk.open("/queue/?tab=sign")
    page.keyboard.press("j")
    for _n in range(SIGNED):
        sheet(page, "s")
    found += paints(page)
    assert there("in_hand") == start["in_hand"] + SIGNED
    clerk.open("/queue/?tab=sign&sort=-due")
    page.keyboard.press("j")
    for _n in range(DECLINED):
        sheet(
            page,
            "t",
            lambda page: (
                page.keyboard.press("ArrowDown"),
                page.keyboard.press("Tab"),
                page.keyboard.press("ArrowDown"),
            ),
        )
    found += paints(page)
    assert there("accepted") == start["accepted"] + DECLINED
    clerk.open("/queue/?status=in_hand")
    page.keyboard.press("j")
    for _n in range(RESOLVED):
        sheet(page, "b", typed("已清理干净，安排每日巡查。"))
    found += paints(page)
    assert there("resolved") == start["resolved"] + RESOLVED
    clerk.open("/queue/?status=resolved")
    page.keyboard.press("j")
    for _n in range(ANSWERED):
        sheet(
            page,
            "w",  # 反馈
            lambda page: (
                page.keyboard.type("已清理，请放心。"),
                page.keyboard.press("Tab"),
                page.keyboard.press("Space"),
            ),
        )
    found += paints(page)
    assert there("answered") == start["answered"] + ANSWERED

    costs = [(path, n) for path, n in arrive.counted if path in LISTS]
    assert costs and all(n <= 6 for _path, n in costs), costs
    panes = [n for path, n in arrive.counted if path.startswith("/desk/") and path != "/desk/"]
    assert panes and all(n <= 8 for n in panes), panes
    print(f"{CALLS} calls, {len(found)} swaps: median {statistics.median(found):.0f} ms from key to paint")


def test_letters_are_letters_while_typing_and_composing(arrive):
    clerk = arrive("bumen")
    page = clerk.page
    clerk.open("/queue/?tab=sign")
    page.keyboard.press("j")
    row = page.locator("tr.sel").get_attribute("data-row")
    page.keyboard.press("/")
    page.keyboard.type("sjx")
    assert page.input_value("[data-find]") == "sjx" and not page.locator("dialog#sheet[open]").count()
    page.keyboard.press("Escape")
    page.evaluate(
        "() => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 's', isComposing: true, bubbles: true }))"
    )
    page.wait_for_timeout(300)
    assert not page.locator("dialog#sheet[open]").count(), "an input method was answered"
    page.keyboard.press("t")
    page.locator("dialog#sheet[open] form:not([method=dialog])").wait_for()
    page.keyboard.press("Escape")
    page.locator("dialog#sheet:not([open])").wait_for(state="attached")
    assert page.evaluate("() => document.activeElement.closest('tr')?.dataset.row") == row, (
        "the keyboard is not back on the row"
    )
    page.keyboard.press("x")
    page.keyboard.press("Shift+J")
    assert page.locator("[data-picked]").inner_text() == "2"
