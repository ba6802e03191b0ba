"""What a hand and an eye need: nothing wider than the phone, targets a thumb can hit, type one can read, a focus one
can see."""

from __future__ import annotations

import pytest

from tests.browser.measuring import measured
from tests.browser.tour import DESK_TOURS, PHONE_TOURS, walk
from tests.browser.visitor import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.stack]

FOCUSED = """() => {
  let el = document.activeElement;
  if (!el || el === document.body) return null;
  const ringed = one => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  };
  // a hidden radio or file field shows its focus on what stands for it
  const around = el.closest('label, .pickfile, .find');
  const stand = [el, ...(around?.querySelectorAll('*') || []), around];
  const name = el.tagName + '#' + el.id + ' ' + (el.textContent || el.name || '').trim().slice(0, 20);
  return {name, ringed: stand.some(one => one && ringed(one))};
}"""


def misfits(visit, product, tours):
    found = {}
    for username, stops in tours.items():
        visitor = visit(product, username, viewport=PHONE)
        for name in walk(visitor, stops):
            if wrong := measured(visitor):
                found[f"{username or 'stranger'}: {name} {visitor.path}"] = wrong
    return "\n".join(f"{page}\n  " + "\n  ".join(wrong) for page, wrong in found.items())


def test_phone_pages_fit_a_hand(busy_town, visit):
    assert not (found := misfits(visit, busy_town, PHONE_TOURS)), found


def test_desk_pages_fit_a_phone(busy_town, visit):
    assert not (found := misfits(visit, busy_town, DESK_TOURS)), found


@pytest.mark.parametrize(
    "username, path",
    [("", "/login/"), ("", "/track/"), ("wangge", "/calls/new/"), ("jiedao", "/desk/"), ("bumen", "/queue/")],
)
def test_the_focus_is_seen_wherever_it_goes(busy_town, visit, username, path):
    visitor = visit(busy_town, username, viewport=PHONE)
    visitor.open(path)
    dark = set()
    for _step in range(30):
        visitor.page.keyboard.press("Tab")
        focused = visitor.page.evaluate(FOCUSED)
        if focused and not focused["ringed"]:
            dark.add(focused["name"])
    assert not dark, dark


def test_the_page_of_the_interfaces_stands(busy_town, visit):
    """Its looks are those of the package that brings it; it keeps to our content policy and to this host."""
    visitor = visit(busy_town, "admin", viewport=DESK)
    visitor.open("/api/v1/docs/")
    visitor.page.locator(".opblock").first.wait_for()
