"""Where the matter is, without typing: the phone's position, the code on the house; and first of all the number to ring
when somebody is in danger."""

from __future__ import annotations

import pytest

from grid import stickers
from grid.models import Place, PlaceName
from tests.browser.visitor import PHONE, Visitor
from tests.town import BUILDING, COMMUNITY, GRID, GRID_2

pytestmark = pytest.mark.browser
RING = [[116.60, 35.40], [116.61, 35.40], [116.61, 35.41], [116.60, 35.41], [116.60, 35.40]]


@pytest.fixture
def bounded(town):
    box = {"west": 116.60, "east": 116.61, "south": 35.40, "north": 35.41}
    Place.objects.filter(code=GRID_2).update(boundary={"type": "Polygon", "coordinates": [RING]}, **box)
    return town


def standing(browser, address, username="", lat=35.405, lng=116.605) -> Visitor:
    visitor = Visitor(browser, address, username, viewport=PHONE)
    visitor.context.grant_permissions(["geolocation"], origin=visitor.address)
    visitor.context.set_geolocation({"latitude": lat, "longitude": lng, "accuracy": 12})
    return visitor


def test_the_position_names_the_place_and_a_later_choice_has_the_last_word(bounded, served, browser):
    visitor = standing(browser, served.url, "shequ")
    page = visitor.page
    visitor.open("/calls/new/")
    page.locator("[data-locate]").click()
    chosen = page.locator(f"#here input[value='{GRID_2}']")
    chosen.wait_for()
    assert chosen.is_checked()
    page.get_by_text("精度 12 米").wait_for()
    page.locator("#f-place").select_option(GRID)
    assert page.locator("#here [data-not-here]").is_checked()
    chosen.check()
    page.fill("#f-text", "路口的井盖响得厉害。")
    page.click(".p-bar button[value=take]")
    page.wait_for_url("**/taken/")
    visitor.says(bounded.place(GRID_2).name)
    visitor.check()
    visitor.leave()


def test_a_resident_need_not_know_what_the_place_is_called(bounded, served, browser):
    visitor = standing(browser, served.url)
    page = visitor.page
    visitor.open("/report/")
    page.locator("[data-locate]").click()
    page.locator(f"#here input[value='{GRID_2}']:checked").wait_for()
    page.fill("#f-text", "路口的井盖响得厉害。")
    page.fill("#f-caller_phone", "13905371234")
    page.click(".p-bar button[value=send]")
    page.wait_for_url("**/track/*/?new=1")
    visitor.says(bounded.place(GRID_2).name)
    visitor.check()
    visitor.leave()


def test_the_code_on_the_house_opens_a_call_from_there_and_danger_is_rung_first(town, served, browser):
    token = stickers.token_for(BUILDING)
    PlaceName.objects.get_or_create(place=town.place(BUILDING), kind=PlaceName.Kind.QR, value=token)
    visitor = Visitor(browser, served.url, "wangge", viewport=PHONE)
    page = visitor.page
    visitor.open(f"/q/{token}/")
    assert visitor.path == "/calls/new/" and page.locator("#f-place").input_value() == BUILDING
    first = page.locator("a[href='tel:120']")
    assert not first.is_visible()
    page.get_by_role("radio", name="特急").check(force=True)
    for number in ("110", "119", "120"):
        one = page.locator(f"a[href='tel:{number}']")
        one.wait_for()
        assert one.bounding_box()["height"] >= 44
    page.get_by_role("radio", name="一般").check(force=True)
    first.wait_for(state="hidden")
    visitor.check()
    visitor.leave()


def test_the_code_on_the_house_for_a_resident(town, served, browser):
    token = stickers.token_for(BUILDING)
    PlaceName.objects.get_or_create(place=town.place(BUILDING), kind=PlaceName.Kind.QR, value=token)
    visitor = Visitor(browser, served.url, viewport=PHONE, script=False)
    visitor.open(f"/q/{token}/")
    assert visitor.path == "/report/"
    visitor.says(town.place(BUILDING).name)
    assert visitor.page.locator(f"a[href='/board/{BUILDING}/']").count() == 1
    visitor.page.click(f"a[href='/board/{BUILDING}/']")
    assert visitor.path == f"/board/{COMMUNITY}/", "a place below leads to its community's board"
    visitor.check()
    visitor.leave()
