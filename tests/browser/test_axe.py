"""Every page by the rules of axe-core, and measured, for the people who read it, in the four ways they may read it: as it comes, in
large type, in English, on a phone."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from config.home import PROJECT
from tests.browser.measuring import measured
from tests.browser.tour import DESK_TOURS, PHONE_TOURS, walk
from tests.browser.visitor import DESK, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.stack]

AXE = PROJECT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ASK = """async rules => {
  const found = await axe.run(document, {
    runOnly: {type: 'tag', values: rules}, resultTypes: ['violations'], preload: false,
  });
  return found.violations.map(one => one.id + ': ' + one.help + '\\n' +
    one.nodes.slice(0, 4).map(node => '    ' + node.target + '  ' + node.failureSummary.split('\\n').pop()).join('\\n'));
}"""
MODES = {
    "normal": {},
    "elder": {"elder": True},
    "english": {"language": "en"},
}


def violations(visitor, source):
    """On a screen as tall as the page, so that no bar that stays at the edge lies over a target."""
    page, usual = visitor.page, visitor.page.viewport_size
    page.set_viewport_size({**usual, "height": page.evaluate("document.documentElement.scrollHeight")})
    page.evaluate(source)
    found = page.evaluate(ASK, RULES)
    page.set_viewport_size(usual)
    return found


@pytest.fixture(scope="module")
def axe():
    assert AXE.exists(), "axe-core is not there: run `make assets`"
    return AXE.read_text()


@contextmanager
def reading(visitor, mode):
    """The profile says so for the time of the round, whatever comes of it."""
    if mode:
        visitor.prefer(**mode)
    try:
        yield
    finally:
        if mode:
            visitor.prefer()


def faults(visit, product, axe, tours, viewport, mode):
    """{page: what is wrong with it} for everybody's round; the same page in another state only as it comes."""
    found = {}
    for username, stops in tours.items():
        visitor = visit(product, username, viewport=viewport, **(mode if not username else {}))
        with reading(visitor, mode if username else {}):
            for name in walk(visitor, [stop for stop in stops if not (mode and stop.variant)]):
                misfits = measured(visitor) if mode else []  # as it comes: see test_layout
                if wrong := misfits + violations(visitor, axe):
                    found[f"{username or 'stranger'}: {name} {visitor.path}"] = wrong
    return found


def told(found):
    return "\n".join(f"{page}\n  " + "\n  ".join(wrong) for page, wrong in found.items())


@pytest.mark.parametrize("mode", MODES)
def test_pages_for_the_phone(busy_town, visit, axe, mode):
    found = faults(visit, busy_town, axe, PHONE_TOURS, PHONE, MODES[mode])
    assert not found, told(found)


@pytest.mark.parametrize("mode", MODES)
def test_pages_for_the_desk(busy_town, visit, axe, mode):
    found = faults(visit, busy_town, axe, DESK_TOURS, DESK, MODES[mode])
    assert not found, told(found)


def test_pages_for_the_desk_on_a_phone(busy_town, visit, axe):
    found = faults(visit, busy_town, axe, DESK_TOURS, PHONE, {})
    assert not found, told(found)
