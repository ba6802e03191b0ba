"""The map of a boundary: corners by mouse, by finger and by keys; what is drawn is what is saved."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.visitor import PHONE

pytestmark = [pytest.mark.browser, pytest.mark.stack]

WHERE = "/places/370811015001/boundary/"


def lines(page: Any) -> list[str]:
    return page.input_value("#m-points").strip().split("\n")


def corner(page: Any, n: int) -> Any:
    return page.locator(f'[data-corner][data-n="{n}"]')


def middle_of(found: Any) -> tuple[float, float]:
    box = found.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_mouse_and_keys_and_save(quiet_town, visit):
    admin = visit(quiet_town, "admin")
    admin.open(WHERE)
    page = admin.page
    before = lines(page)
    # a corner dragged by the mouse
    x, y = middle_of(corner(page, 0))
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y + 12, steps=4)
    page.mouse.up()
    dragged = lines(page)
    assert dragged[0] != before[0] and dragged[1:] == before[1:]
    lon = [float(line.split(",")[0]) for line in (before[0], dragged[0])]
    assert lon[1] > lon[0]
    # a corner put in between, and taken away again, by keys
    corner(page, 0).focus()
    page.keyboard.press("Insert")
    assert len(lines(page)) == len(before) + 1
    page.keyboard.press("Shift+ArrowUp")
    assert float(lines(page)[1].split(",")[1]) > float(dragged[0].split(",")[1]) - 1
    page.keyboard.press("Delete")
    assert lines(page) == dragged
    # one step back, three times: the deleted, the moved, the inserted corner
    for _n in range(3):
        page.click("[data-undo]")
    assert lines(page) == dragged
    # pan and zoom change the view, not the points
    view = page.get_attribute("#map", "viewBox")
    page.click('[data-zoom="in"]')
    page.focus("#map")
    page.keyboard.press("ArrowRight")
    assert page.get_attribute("#map", "viewBox") != view
    assert lines(page) == dragged
    page.click('[data-zoom="all"]')
    assert page.get_attribute("#map", "viewBox") == view
    # the overlap is shown before it is saved
    page.click('button[value="check"]')
    page.click('button[value="apply"]')
    page.wait_for_url(f"**{WHERE}")
    assert page.locator(".banner, .toast, [role=status]").count()
    assert lines(page)[0] == dragged[0]


def test_a_finger_adds_and_moves(quiet_town, visit):
    admin = visit(quiet_town, "admin", viewport=PHONE)
    admin.open(WHERE)
    page = admin.page
    before = lines(page)
    middle = page.locator('[data-middle][data-n="0"]')
    middle.scroll_into_view_if_needed()
    x, y = middle_of(middle)
    touch = admin.context.new_cdp_session(page)
    for kind, points in (
        ("touchStart", [{"x": x, "y": y}]),
        ("touchMove", [{"x": x + 8, "y": y + 20}]),
        ("touchMove", [{"x": x + 15, "y": y + 40}]),
        ("touchEnd", []),
    ):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    after = lines(page)
    assert len(after) == len(before) + 1
    assert [after[0], *after[2:]] == before


def test_without_script_the_form_is_enough(quiet_town, visit):
    admin = visit(quiet_town, "admin", script=False)
    admin.open("/places/370811015002/boundary/")
    page = admin.page
    points = page.input_value("#m-points").strip().split("\n")
    first = points[0].split(",")
    page.fill("#m-points", "\n".join([f"{float(first[0]) + 0.00001:.7f},{first[1]}", *points[1:]]))
    page.click('button[value="check"]')
    page.click('button[value="apply"]')
    assert page.input_value("#m-points").split("\n")[0].startswith(f"{float(first[0]) + 0.00001:.7f}")
