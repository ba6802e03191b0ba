"""What a hand and an eye need: nothing wider than the phone, targets a thumb can hit, type one can read, a focus one
can see."""

from __future__ import annotations

import pytest

from tests.browser.tour import DESK_TOURS, PHONE_TOURS, walk
from tests.browser.visitor import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.stack]

TARGET = 44
MEASURE = """([target]) => {
  const phone = document.documentElement.classList.contains('phone');
  const floor = phone ? 14 : 12;
  const wrong = [];
  const seen = el => el.checkVisibility({opacityProperty: false, visibilityProperty: true});
  const name = el => el.tagName.toLowerCase() + (el.id ? '#' + el.id : '') +
    (typeof el.className === 'string' && el.className ? '.' + el.className.split(' ').join('.') : '') +
    ' “' + (el.textContent || el.value || '').trim().slice(0, 20) + '”';
  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth) {
    wrong.push('wider than the screen by ' + (page.scrollWidth - page.clientWidth));
    for (const el of document.querySelectorAll('body *')) {
      if (el.getBoundingClientRect().right > page.clientWidth + 1 && !el.closest('.scroll, .tabs, .pill-tabs')) {
        wrong.push('  ' + name(el)); break;
      }
    }
  }
  // type: the size as painted, also inside a drawing that is scaled
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const small = new Set();
  while (words.nextNode()) {
    const el = words.currentNode.parentElement;
    if (!words.currentNode.data.trim() || !seen(el) || el.closest('.sr, .skip, script, style, title, option')) continue;
    let size = parseFloat(getComputedStyle(el).fontSize);
    if (el.ownerSVGElement) size *= el.getScreenCTM().a;
    if (size < floor - 0.05) small.add(size.toFixed(1) + ' px: ' + name(el));
  }
  wrong.push(...[...small].slice(0, 6));
  // targets: links inside a sentence are excepted, and a box counts with the label around it
  if (phone) {
    const little = new Set();
    for (const el of document.querySelectorAll('a, button, summary, input:not([type=hidden]), select, textarea')) {
      if (!seen(el) || el.closest('.skip')) continue;
      const whole = (el.matches('input') && el.closest('label')) || el;
      const box = whole.getBoundingClientRect();
      const inSentence = el.matches('a') && getComputedStyle(el).display === 'inline' && el.closest('p, dd');
      if (inSentence || (el.classList.contains('sr') && whole === el)) continue;
      if (box.width && (box.height < target - 0.5 || box.width < target - 0.5)) {
        little.add(Math.round(box.width) + '×' + Math.round(box.height) + ': ' + name(el));
      }
    }
    wrong.push(...[...little].slice(0, 6));
  }
  return wrong;
}"""
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


def measured(visit, product, tours):
    found = {}
    for username, stops in tours.items():
        visitor = visit(product, username, viewport=PHONE)
        for name in walk(visitor, stops):
            if wrong := visitor.page.evaluate(MEASURE, [TARGET]):
                found[f"{username or 'stranger'}: {name} {visitor.path}"] = wrong
    return "\n".join(f"{page}\n  " + "\n  ".join(wrong) for page, wrong in found.items())


def test_phone_pages_fit_a_hand(busy_town, visit):
    assert not (found := measured(visit, busy_town, PHONE_TOURS)), found


def test_desk_pages_fit_a_phone(busy_town, visit):
    assert not (found := measured(visit, busy_town, DESK_TOURS)), found


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
