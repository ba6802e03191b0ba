"""A day at the desks among 2,000 open cases, by keyboard alone: calls accepted, dispatched, declined, ruled, joined,
resolved and answered. Every answer says how many statements it took; the time from key to paint is printed, not judged
(`manage.py bench desks` does). Then what a quick hand must never meet: a key that reaches the case before, a refusal that
goes unseen, words that are gone."""

from __future__ import annotations

import datetime as dt
import re
import statistics
from urllib.parse import urlsplit

import pytest

from cases.bench import filling
from cases.bench.desks import Timed
from cases.models import Case, Relief
from cases.queries import likely
from ledger import clock
from tests.browser.counting import HEADER
from tests.browser.visitor import DESK, Visitor
from tests.builders import a_case, walk
from tests.config.product import eventually

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OPEN = 2000
NO_PHOTO = "0309"  # 消费纠纷: a street's matter, resolved with words alone
JOINED, ACCEPTED, DISPATCHED, RULED, SIGNED, DECLINED, RESOLVED, ANSWERED = 2, 2, 10, 2, 8, 4, 6, 6
CALLS = JOINED + ACCEPTED + DISPATCHED + RULED + SIGNED + DECLINED + RESOLVED + ANSWERED  # forty
SAID = "1号楼北侧外墙被喷了涂料，字很大，麻烦清理。"
PANE, KEYS = re.compile(r"/desk/[^/]+/"), re.compile(r"/cases/[^/]+/keys/")


@pytest.fixture
def crowd(town):
    """Two thousand open cases: copies of real ones at every station, and the day's own among them."""
    when = clock.now() - dt.timedelta(hours=1)
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
    for n in range(RULED):
        back = a_case("assigned", when=when, text=f"绿化带里堆了垃圾，第 {n} 处，都说不归自己管。")
        walk(back, "decline", by="bumen", organisation="GV25")
    for n in range(1 + JOINED):  # several who told of the same
        a_case("received", when=when + dt.timedelta(minutes=n), text=SAID, urgency="critical")
    likely.forget()
    return town


@pytest.fixture
def arrive(served, browser):
    guests: list[Visitor] = []
    counted: list[tuple[str, int]] = []

    def come(username: str) -> Visitor:
        guest = Visitor(browser, served.url, username, viewport=DESK)
        guest.page.on(
            "response",
            lambda answer: counted.append(
                (urlsplit(answer.url).path, int(answer.headers.get(HEADER.lower(), 0)))
            ),
        )
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


def settled(page) -> None:
    """Every form that was sent has its answer."""
    page.wait_for_function("() => !document.querySelector('[data-queue] .sent')")


def at_desk(guest: Visitor, address: str) -> Timed:
    guest.open(address)
    guest.page.locator("[data-queue] a.pick.on").wait_for()
    return Timed(guest.page)


def at_queue(guest: Visitor, address: str) -> Timed:
    guest.open(address)
    keys = Timed(guest.page)
    keys.press("j", "line")
    return keys


def sheet(keys: Timed, key: str, fill=None) -> None:
    """A letter on the line under the cursor, its form, sent; the line stays as it is now, the cursor goes on."""
    done = keys.page.locator("[data-queue] .done")
    before = done.count()
    keys.press(key, "sheet")
    if fill:
        fill(keys.page)
    keys.press("Control+Enter", "sent")
    done.nth(before).wait_for()


def typed(*words: str):
    """Types into the field that has the keyboard, Tab to the next; "↓" chooses the next of a list."""

    def fill(page) -> None:
        for n, word in enumerate(words):
            if n:
                page.keyboard.press("Tab")
            if word in ("ArrowDown", "Space"):
                page.keyboard.press(word)
            else:
                page.keyboard.type(word)

    return fill


def test_forty_calls_by_keyboard(crowd, arrive):
    start = {
        name: there(name)
        for name in ("received", "accepted", "assigned", "in_hand", "resolved", "answered", "merged")
    }
    taken: dict[str, list[float]] = {}

    desk = at_desk(arrive("jiedao"), "/desk/")
    desk.press("j", "pane")  # the first is the one the others are joined to
    for _n in range(JOINED):
        desk.press("m", "fold")
        desk.press("Enter", "pane")
    for _n in range(ACCEPTED):
        desk.press("r", "fold")
        desk.press("Control+Enter", "pane")
    for _n in range(DISPATCHED):
        desk.press("Control+Enter", "pane")
    settled(desk.page)
    assert there("merged") == start["merged"] + JOINED
    assert set(Case.objects.filter(status="merged").values_list("merged_into__callers", flat=True)) == {
        1 + JOINED
    }
    assert there("accepted") == start["accepted"] + ACCEPTED
    assert there("assigned") == start["assigned"] + DISPATCHED

    ruler = at_desk(arrive("quji"), "/desk/?tab=disputes")
    for n in range(RULED):
        ruler.press("o", "fold")
        typed("ArrowDown", "绿地保洁由主管的单位承担。")(ruler.page)
        ruler.page.keyboard.press("Control+Enter")
        eventually(lambda done=n + 1: Case.objects.filter(rulings=1).count() == done, 30)
        if done_here := n + 1 < RULED:
            ruler.page.locator("[data-queue] .done").wait_for()
            assert done_here
    ruler.page.locator("[data-queue] .done").wait_for(state="detached")  # all ruled: the list anew

    clerk = arrive("bumen")
    queue = at_queue(clerk, "/queue/?tab=sign")
    for _n in range(SIGNED):
        sheet(queue, "s")
    assert there("in_hand") == start["in_hand"] + SIGNED
    taken |= {"queue": [one for values in queue.taken.values() for one in values]}
    queue = at_queue(clerk, "/queue/?tab=sign")  # by due: what was ruled just now, for good, stands last
    for _n in range(DECLINED):
        sheet(queue, "t", typed("ArrowDown", "ArrowDown"))
    assert there("accepted") == start["accepted"] + ACCEPTED + DECLINED - RULED
    queue = at_queue(clerk, "/queue/?status=in_hand")
    for _n in range(RESOLVED):
        sheet(queue, "b", typed("已清理干净，安排每日巡查。"))
    assert there("resolved") == start["resolved"] + RESOLVED
    queue = at_queue(clerk, "/queue/?status=resolved")
    for _n in range(ANSWERED):
        sheet(queue, "w", typed("已清理，请放心。", "Space"))
    assert there("answered") == start["answered"] + ANSWERED

    lists = [n for path, n in arrive.counted if path == "/queue/"]
    panes = [n for path, n in arrive.counted if PANE.fullmatch(path)]
    letters = [n for path, n in arrive.counted if KEYS.fullmatch(path)]
    assert lists and 0 < max(lists) <= 6, lists
    assert panes and 0 < max(panes) <= 8, panes
    assert letters and 0 < max(letters) <= 8, letters
    taken |= {"desk": [one for values in desk.taken.values() for one in values]}
    for where, values in taken.items():
        print(f"{where}: median {statistics.median(values):.0f} ms from key to paint of {len(values)} keys")
    print(f"{CALLS} calls; statements: queue {max(lists)}, pane {max(panes)}, letters {max(letters)}")


# -- what a quick hand must never meet


@pytest.fixture
def few(town):
    when = clock.now() - dt.timedelta(hours=1)
    return [
        a_case("received", when=when + dt.timedelta(minutes=n), item=NO_PHOTO, text=text)
        for n, text in enumerate(("早点铺缺斤短两。", "理发店办卡不退。", "水果店用坏秤。", "健身房关了门。"))
    ]


def shown(page) -> str:
    return page.locator("#pane").get_attribute("data-pane")


def test_a_key_never_reaches_the_case_before(few, arrive):
    """The case of the marked line is slow to come: what was pressed meanwhile waits for it."""
    guest = arrive("jiedao")
    page, held, slow = guest.page, [], [True]
    page.route(PANE, lambda route: held.append(route) if slow else route.continue_())
    at_desk(guest, "/desk/")
    first = shown(page)
    page.keyboard.press("j")
    page.keyboard.press("Control+Enter")
    page.locator("#pane[aria-busy=true]").wait_for()
    wanted = page.locator("a.pick.on").get_attribute("data-number")
    assert wanted != first and not page.locator("[data-queue] .sent").count()
    slow.clear()
    for route in held:
        route.continue_()
    eventually(lambda: Case.objects.get(number=wanted).status == "assigned", 30)
    assert Case.objects.get(number=first).status == "received"
    settled(page)


def test_a_refusal_waits_at_its_line_with_every_word(few, arrive):
    guest = arrive("jiedao")
    keys = at_desk(guest, "/desk/")
    page, number = guest.page, shown(guest.page)
    Case.objects.filter(number=number).update(version=9)  # somebody else was quicker
    with guest.expecting(409):
        keys.press("Control+Enter", "pane")  # goes on at once
        page.locator(f"a.pick[data-number='{number}'] .not-done").wait_for()
    assert shown(page) != number and page.locator("[data-said].t-bad").inner_text()
    keys.press("k", "pane")
    assert shown(page) == number
    page.locator("#pane [role=alert]").wait_for()
    keys.press("Control+Enter", "pane")  # seen, and sent all the same
    settled(page)
    assert Case.objects.get(number=number).status == "assigned"
    assert not page.locator(".not-done").count()


def test_what_was_typed_comes_back_with_its_case(few, arrive):
    guest = arrive("jiedao")
    keys = at_desk(guest, "/desk/")
    page, number = guest.page, shown(guest.page)
    keys.press("c", "fold")
    page.keyboard.type("已电话核实，")
    page.keyboard.press("Escape")
    keys.press("j", "pane")
    keys.press("k", "pane")
    assert shown(page) == number and page.locator("#move-note textarea").input_value() == "已电话核实，"


def test_many_are_ticked_and_done_from_the_desk(few, arrive):
    guest = arrive("jiedao")
    at_desk(guest, "/desk/")
    page = guest.page
    page.keyboard.press("x")
    page.keyboard.press("Shift+J")
    page.locator("[data-picked]", has_text="2").wait_for()
    page.locator("[data-bulk].some button", has_text="受理并派遣").click()
    page.locator("h1", has_text="2 件").wait_for()
    page.keyboard.press("Control+Enter")
    page.locator("#run .chip").first.wait_for()
    assert page.locator("#run tbody tr").count() == 2


def test_a_letter_that_cannot_act_says_why(few, arrive):
    guest = arrive("jiedao")
    at_desk(guest, "/desk/")
    page = guest.page
    page.locator("[data-letter=O].off").wait_for()
    page.keyboard.press("o")
    page.locator("[data-said].t-bad", has_text="现在没有这一步").wait_for()
    assert not page.locator("#pane .moves details[open]").count()
    page.locator("[data-letter=U]:not(.off)").wait_for()
    page.keyboard.press("?")
    page.locator("#keys-help[open]", has_text="不予受理").wait_for()


def test_a_relief_is_asked_for_without_leaving_the_queue(few, arrive):
    for case in few[:2]:
        walk(walk(walk(case, "accept"), "dispatch", by="quji", organisation="GV24"), "sign")
    clerk = arrive("bumen")
    keys = at_queue(clerk, "/queue/")
    keys.press("y", "sheet")
    page = clerk.page
    page.locator("#sheet-in", has_text="批准后会怎样").wait_for()
    page.select_option("#sheet-in select[name=ground]", "complex")
    for box in page.locator("#sheet-in textarea").all():
        box.fill("须请检测机构。")
    page.keyboard.press("Control+Enter")
    page.locator("[data-said]", has_text="延期申请已提出").wait_for()
    page.locator("dialog#sheet:not([open])").wait_for(state="attached")
    assert urlsplit(page.url).path == "/queue/" and Relief.objects.get().kind == "extension"


def test_letters_are_letters_while_typing_and_composing(few, arrive):
    for case in few[:2]:
        walk(walk(case, "accept"), "dispatch", by="quji", organisation="GV24")
    clerk = arrive("bumen")
    keys = at_queue(clerk, "/queue/?tab=sign")
    page = clerk.page
    row = page.locator("tr.sel").get_attribute("data-row")
    page.keyboard.press("/")
    page.keyboard.type("sjx")
    assert page.input_value("[data-find]") == "sjx" and not page.locator("dialog#sheet[open]").count()
    page.keyboard.press("Escape")
    composed = "() => !document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 's', isComposing: true, bubbles: true, cancelable: true }))"
    assert not page.evaluate(composed) and not page.locator("dialog#sheet[open]").count()
    keys.press("T", "sheet")  # Caps Lock
    page.keyboard.press("Escape")
    page.locator("dialog#sheet:not([open])").wait_for(state="attached")
    assert page.evaluate("() => document.activeElement.closest('tr')?.dataset.row") == row, (
        "the keyboard is not back on the row"
    )
    page.keyboard.press("x")
    page.keyboard.press("Shift+J")
    page.locator("[data-picked]", has_text="2").wait_for()
