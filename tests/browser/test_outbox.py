"""No signal, a dead server, a login that ran out: what was logged on the phone arrives once, in order, with its times."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import signal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.browser.visitor import PASSWORD, PHONE
from tests.config.product import command, eventually

pytestmark = [pytest.mark.browser, pytest.mark.stack]

SLOW = {"offline": False, "latency": 100, "downloadThroughput": 200_000, "uploadThroughput": 20_000}
CUT = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
WELL = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
WAITING = "[data-outbox] [data-list] li"
SAID = ["一号楼前的井盖松了", "二号楼的路灯不亮", "三号楼门前堆着垃圾"]
TELL = """
import json
from cases.models import Call
print(json.dumps([
    [call.text, call.captured_at and call.captured_at.isoformat(), [file.kind for file in call.case.attachments.all()]]
    for call in Call.objects.order_by("id")
]))
"""


def told(product, python: str) -> str:
    """The last line of what the product's own shell says to that."""
    asked = command(product.folder, "shell", "--no-imports", "-c", python)
    said, _ = asked.communicate(timeout=120)
    assert asked.returncode == 0, said
    return said.strip().rpartition("\n")[2]


def calls(product) -> list[tuple[str, dt.datetime | None, list[str]]]:
    rows = json.loads(told(product, TELL))
    return [(text, at and dt.datetime.fromisoformat(at), kinds) for text, at, kinds in rows]


@pytest.fixture(scope="module")
def sharp_photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture that takes its time on a weak signal."""
    path = tmp_path_factory.mktemp("camera") / "细节.jpg"
    Image.effect_noise((900, 700), 80).convert("RGB").save(path, "JPEG")
    return path


@pytest.fixture
def pick_up(visit):
    """`pick_up(product)`: a phone of this file. What a browser says of requests that a cut ended is no problem here;
    anything else is."""
    phones: list[Phone] = []

    def up(product: Any) -> Phone:
        phones.append(Phone(visit, product))
        return phones[-1]

    yield up
    for phone in phones:
        cut = re.compile(r"net::ERR_|Failed to fetch")
        phone.one.problems[:] = [one for one in phone.one.problems if not cut.search(one)]


class Phone:
    """A grid worker's phone whose network is in the test's hands."""

    def __init__(self, visit: Any, product: Any) -> None:
        self.product = product
        self.one = visit(product, "wangge", viewport=PHONE)
        self.page = self.one.page
        self.sessions: dict[Any, Any] = {}
        self.context = self.one.context
        self.context.grant_permissions(["microphone"])
        self.one.open("/calls/new/")
        self.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        read = "caches.open('pages').then(kept => kept.match('/my/')).then(Boolean)"
        eventually(lambda: self.page.evaluate(read))

    def network(self, how: dict[str, Any], page: Any = None) -> None:
        page = page or self.page
        if page not in self.sessions:  # what one session bids stays until the same one bids otherwise
            self.sessions[page] = self.context.new_cdp_session(page)
            self.sessions[page].send("Network.enable")
        self.sessions[page].send("Network.emulateNetworkConditions", how)

    def say(self, text: str, photo: Any = None, *, n: int, page: Any = None) -> None:
        """One more call, which stays in the phone as the n-th."""
        page = page or self.page
        if photo:
            page.set_input_files("#f-attachments", str(photo))
            page.locator("#thumbs-new .ph").wait_for()
        if text:
            page.fill("#f-text", text)
        page.click(".p-bar button.pri")
        page.locator(WAITING).nth(n - 1).wait_for()
        page.wait_for_function("() => !document.querySelector('#f-text').value")

    def nothing_waits(self, page: Any = None) -> None:
        """Everything was sent, and the page says so: looked up where it is kept, for a page that has not looked yet
        shows no list either."""
        page = page or self.page
        page.wait_for_function(  # the last one may just now lead to its case: asked again of the page it leads to
            "() => self.phoneStore?.outbox().then((rows) => rows.length === 0)", timeout=120_000
        )
        page.wait_for_function("() => document.querySelector('[data-outbox].set')?.hidden")

    def speak(self) -> None:
        button = self.page.locator("[data-speak]")
        button.focus()
        self.page.keyboard.press("Enter")
        self.page.locator("[data-speak][aria-pressed=true]").wait_for()
        self.page.wait_for_timeout(1200)  # so long is what is said
        self.page.keyboard.press("Enter")
        self.page.locator("#thumbs-new .ph.sound").wait_for()


def test_four_calls_through_a_cut_a_dead_server_and_an_expired_login(quiet_town, pick_up, sharp_photo):
    before = len(calls(quiet_town))
    phone = pick_up(quiet_town)
    page = phone.page
    phone.context.set_offline(True)
    began = dt.datetime.now(dt.UTC)
    for n, text in enumerate(SAID, 1):
        phone.say(text, sharp_photo, n=n)
    phone.speak()
    phone.say("", n=4)
    ended = dt.datetime.now(dt.UTC)
    for _n in range(2):
        page.reload()
        page.locator(WAITING).nth(3).wait_for()
    assert len(calls(quiet_town)) == before
    other = phone.context.new_page()  # a second tab wants to send the same
    phone.one.watch(other)
    other.goto(phone.one.address + "/my/")
    other.locator(WAITING).nth(3).wait_for()

    # the server dies in the middle of the first upload, and while it is away the login runs out
    phone.network(SLOW)
    phone.network(CUT, other)
    with page.expect_request(lambda asked: asked.method == "POST" and asked.url.endswith("/calls/new/")):
        phone.context.set_offline(False)
        page.evaluate("dispatchEvent(new Event('online'))")
    os.kill(quiet_town.part("gunicorn"), signal.SIGKILL)
    told(quiet_town, "from django.contrib.sessions.models import Session; Session.objects.all().delete()")
    page.locator("[data-outbox] [data-say=out]").wait_for(timeout=90_000)
    eventually(quiet_town.is_well)
    # each is here or there; or both, where what was left of the server wrote it down and could not say so any more
    assert page.locator(WAITING).count() + len(calls(quiet_town)) - before >= 4
    phone.network(WELL)
    phone.network(WELL, other)
    page.click("[data-say=out] a")
    page.fill("#id_username", "wangge")
    page.fill("#id_password", PASSWORD)
    page.click("form button.go")
    page.wait_for_url("**/my/")
    other.evaluate("dispatchEvent(new Event('online'))")  # both at once
    phone.nothing_waits()
    phone.nothing_waits(other)
    came = calls(quiet_town)[before:]
    assert [text for text, _at, _kinds in came] == [*SAID, ""]
    assert [kinds for _text, _at, kinds in came] == [["photo"]] * 3 + [["voice"]]
    times = [at for _text, at, _kinds in came]
    slack = dt.timedelta(seconds=2)
    assert times == sorted(times) and began - slack <= times[0] and times[-1] <= ended + slack


# what jumped while nobody touched the page
SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => { for (const one of list.getEntries()) if (!one.hadRecentInput) shifted += one.value; })
  .observe({ type: "layout-shift", buffered: true });
"""


def test_nothing_jumps_when_the_phone_shows_what_it_keeps(quiet_town, pick_up, sharp_photo):
    """A first look, a draft with its photo, and forms that wait: each has its room from the start."""
    phone = pick_up(quiet_town)
    page = phone.page
    page.add_init_script(SHIFTS)

    def shifted(shown: str) -> float:
        phone.one.open("/calls/new/")
        page.locator(shown).wait_for()
        page.locator("#thumbs-new.set").wait_for(state="attached")
        page.locator("[data-outbox].set").wait_for(state="attached")
        page.evaluate("new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)))")
        return page.evaluate("shifted")

    assert shifted("[data-speak]") <= 0.02
    page.set_input_files("#f-attachments", str(sharp_photo))
    page.locator("#thumbs-new .ph").wait_for()
    kept = "new Promise((done) => { indexedDB.open('huying').onsuccess = ({ target }) => { target.result.transaction('files').objectStore('files').count().onsuccess = (all) => done(all.target.result > 0); }; })"
    eventually(lambda: page.evaluate(kept))
    assert shifted("#thumbs-new .ph") <= 0.02
    phone.context.set_offline(True)
    phone.say("井盖松了", n=1)
    page.route("**/outbox/", lambda route: route.abort())  # no way through yet
    phone.context.set_offline(False)
    assert shifted(WAITING) <= 0.02


def test_what_is_refused_is_mended(quiet_town, pick_up, photo):
    """The place was retired meanwhile: the reason stands beside what was typed, and it goes out from another place."""
    before = len(calls(quiet_town))
    phone = pick_up(quiet_town)
    page = phone.page
    phone.context.set_offline(True)
    page.evaluate(
        "() => { const one = document.querySelector('#f-place'); one.add(new Option('没了的地方', '370811001999', true, true)); }"
    )
    phone.say("没有这个地方", photo, n=1)
    phone.context.set_offline(False)
    with phone.one.expecting(422):
        page.locator("[data-outbox] [data-why]:not([hidden])").wait_for()
    page.click("[data-outbox] [data-mend]")
    page.locator("#thumbs-new .ph").wait_for()
    assert page.input_value("#f-text") == "没有这个地方"
    page.select_option("#f-place", index=0)
    page.click(".p-bar button.pri")
    page.wait_for_url("**/taken/")
    assert [text for text, _at, _kinds in calls(quiet_town)[before:]] == ["没有这个地方"]
    phone.one.open("/my/")
    phone.nothing_waits()


def test_nobody_else_sees_them_and_signing_out_says_so(quiet_town, pick_up):
    phone = pick_up(quiet_town)
    page = phone.page
    phone.context.set_offline(True)
    phone.say("先存着", n=1)
    page.route("**/outbox/", lambda route: route.abort())  # still no way through
    phone.context.set_offline(False)
    phone.one.open("/profile/")
    said: list[str] = []
    page.once("dialog", lambda dialog: (said.append(dialog.message), dialog.accept()))
    page.click("form[action='/logout/'] button")
    page.wait_for_url("**/login/")
    assert said and "1" in said[0]
    assert page.evaluate("caches.has('pages')") is False
    page.fill("#id_username", "wanggezhang")
    page.fill("#id_password", PASSWORD)
    page.click("form button.go")
    page.wait_for_load_state()
    phone.one.open("/my/")
    page.unroute("**/outbox/")
    assert page.locator("[data-outbox]").is_hidden() and "先存着" not in page.content()
    assert page.input_value("#f-text") == "" if page.locator("#f-text").count() else True


def test_a_page_that_was_never_read_says_so_without_a_network(quiet_town, pick_up):
    phone = pick_up(quiet_town)
    phone.context.set_offline(True)
    phone.page.goto(phone.one.address + "/people/")
    assert "现在没有网" in phone.page.content()
    phone.page.click("a[href='/calls/new/']")
    phone.page.locator("#f-text").wait_for()


# -- rounds, the checklist and one's own ground

TELL_ROUNDS = """
import json
from cases.models import Call, Round
rounds = [[one.kind, one.place.kind, one.text] for one in Round.objects.order_by("made_at", "id")]
calls = [[one.text, one.case.item.code, one.case.place.name, one.case.origin, one.round.text] for one in Call.objects.filter(text="外墙不干净")]
print(json.dumps({"rounds": rounds, "calls": calls}))
"""


def test_rounds_and_a_call_without_a_network(quiet_town, pick_up):
    phone = pick_up(quiet_town)
    page = phone.page
    phone.one.open("/grid/")
    due = page.locator("#rounds [data-once]")
    before = due.count()
    assert before > 1
    eventually(lambda: page.evaluate("caches.open('pages').then(kept => kept.match('/grid/')).then(Boolean)"))
    phone.context.set_offline(True)
    page.reload()
    page.click("#rounds summary")
    page.fill("#r-text", "门口干净")
    page.click("#rounds button[value=patrol]")
    page.locator(WAITING).nth(0).wait_for()
    page.wait_for_function("() => !document.querySelector('#r-text').value")
    found = page.locator("[data-made] li a").first.get_attribute("href")
    due.nth(1).locator("button").click()
    page.locator(WAITING).nth(1).wait_for()
    page.wait_for_function(f"() => document.querySelectorAll('#rounds [data-once]').length === {before - 1}")

    page.goto(phone.one.address + found)  # what was seen on the round that waits
    assert page.locator("[name=origin][value=patrol]").is_checked()
    assert "巡查" in page.locator("[data-on-round]").text_content()
    page.fill("#f-text", "外墙不干净")
    page.click("details:has(> #items) > summary")
    page.fill("#f-item_q", "jzwlm")
    assert page.locator("#items [data-k]:visible").count() == 1
    page.locator("#items [name=item][value='0610']").check()
    page.click("#place-part details > summary")
    name = page.locator("#f-place optgroup option").first.text_content().strip()
    page.fill("#f-place_q", name)
    page.locator("#found [name=place_found]").first.check()
    page.click(".p-bar button.pri")
    page.locator(WAITING).nth(2).wait_for()

    phone.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    phone.nothing_waits()
    came = json.loads(told(quiet_town, TELL_ROUNDS))
    assert came["rounds"][0] == ["patrol", "grid", "门口干净"] and len(came["rounds"]) == 2
    assert came["calls"] == [["外墙不干净", "0610", name, "patrol", "门口干净"]]


KEPT = "caches.open('pages').then((kept) => kept.keys()).then((all) => all.map((one) => one.url.replace(location.origin, '')))"


def test_what_is_near_and_ones_own_ground_without_a_network(quiet_town, pick_up):
    """What was open when last read is offered, and joined when it arrives; what has ended meanwhile becomes a call of its
    own. The places that were opened and the cases of one's own are there too, so many and no more."""
    phone = pick_up(quiet_town)
    page = phone.page
    numbers = []
    for text in ("花坛的栏杆断了", "楼前的长椅坏了"):
        phone.one.open("/calls/new/")
        page.fill("#f-text", text)
        page.click(".p-bar button.pri")
        page.wait_for_url("**/taken/")
        numbers.append(page.url.split("/")[-3])
    phone.one.open("/grid/")
    place = page.locator(".rows .rowlink").first.get_attribute("href")
    phone.one.open(place)
    heading = page.locator(".sect h2").first.text_content()
    page.evaluate(
        "caches.open('pages').then((kept) => Promise.all(['/calls/near/', '/my/'].map((one) => kept.delete(one))))"
    )
    phone.one.open("/my/")
    wanted = {"/calls/near/", "/grid/", place, *(f"/cases/{number}/" for number in numbers)}
    eventually(lambda: wanted <= set(page.evaluate(KEPT)), 60)

    phone.context.set_offline(True)
    page.goto(phone.one.address + place)
    assert page.locator(".sect h2").first.text_content() == heading
    page.goto(phone.one.address + "/grid/")
    assert page.locator(".sect h2").first.text_content() != heading
    page.goto(phone.one.address + f"/cases/{numbers[0]}/")
    assert "花坛的栏杆断了" in page.content()
    page.goto(phone.one.address + "/calls/new/")
    for n, number in enumerate(numbers, 1):
        page.locator(f"[data-near] [value='{number}']").check()
        phone.say(f"又有人说起第{n}件", n=n)
    assert page.locator("[data-near] [name=join]:checked").input_value() == ""
    over = f"Case.objects.filter(number='{numbers[1]}').update(status='withdrawn')"
    told(quiet_town, f"from cases.models import Case; {over}")
    phone.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")
    phone.nothing_waits()
    newest = "print(json.dumps([one.case.number for one in Call.objects.order_by('-id')[:2]]))"
    second, first = json.loads(told(quiet_town, f"import json; from cases.models import Call; {newest}"))
    assert first == numbers[0] and second not in numbers
    phone.one.open("/my/")
    assert f"您选的 {numbers[1]} 已经不能并入，已另立一件：{second}" in page.content()


def test_a_call_in_twelve_taps(quiet_town, pick_up, photo):
    """From the first page on: a photo, what it is, send; also with an item out of the whole list."""
    phone = pick_up(quiet_town)
    page, taps = phone.page, []

    def tap(selector: str) -> None:
        taps.append(selector)
        page.locator(selector).first.click()

    phone.one.open("/")
    assert re.search("/calls/new/$", page.url)
    taps.extend(["拍照", "快门"])  # the button, and the camera's own
    page.set_input_files("#f-attachments", str(photo))
    page.locator("#thumbs-new .ph").wait_for()
    tap("details:has(> #items) > summary")
    tap("#items > details > summary")
    tap("#items [data-k] input:visible")
    tap("label:has([name=origin][value=patrol])")
    tap(".p-bar button.pri")
    page.wait_for_url("**/taken/")
    assert len(taps) <= 12, taps
