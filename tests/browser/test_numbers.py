"""Every number of the dashboard, of a street, a department and the district, opens to a page of exactly so many rows."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.stack]

LAPTOP = {"width": 1366, "height": 768}
NUMBERS = "() => [...document.querySelectorAll('a[data-n]')].map(a => [Number(a.dataset.n), a.getAttribute('href')])"
# a part has come when its link to itself is gone
COME = "() => [...document.querySelectorAll('.part')].every(part => !part.querySelector(':scope > p > a[href*=\"/parts/\"]'))"


def numbers(visitor: Visitor, path: str) -> list[tuple[int, str]]:
    visitor.open(path)
    visitor.page.wait_for_function(COME)
    return [(n, url) for n, url in visitor.page.evaluate(NUMBERS)]


def behind(visitor: Visitor, url: str) -> int:
    """How many rows the page behind a number says it has."""
    answer = visitor.context.request.get(visitor.address + url)
    found = re.search(r'data-total="(\d+)"', answer.text())
    assert answer.status == 200 and found, url
    return int(found[1])


def wrong(visitor: Visitor, path: str) -> tuple[int, list[Any]]:
    found = set(numbers(visitor, path))
    return len(found), [(url, n, m) for n, url in sorted(found) if (m := behind(visitor, url)) != n]


@pytest.mark.parametrize(
    ("username", "path", "least"),
    [
        ("lingdao", "/dashboard/", 60),
        ("lingdao", "/dashboard/?tree=today&group=department", 60),
        ("bumen", "/dashboard/?period=quarter", 30),
        ("shenji", "/dashboard/", 60),
    ],
)
def test_every_number_opens_to_its_rows(busy_town, visit, username, path, least):
    visitor = visit(busy_town, username, viewport=LAPTOP)
    for _again in range(3):  # a case may fall due between two pages: then the page says so, too
        count, faults = wrong(visitor, path)
        if not faults:
            break
    assert faults == [] and count >= least


def test_a_click_leads_there_and_back_to_the_list(busy_town, visit):
    visitor = visit(busy_town, "lingdao", viewport=LAPTOP)
    numbers(visitor, "/dashboard/")
    link = visitor.page.locator(".kpis a[data-n]").first
    n = int(link.get_attribute("data-n"))
    link.click()
    visitor.page.wait_for_selector(f'[data-total="{n}"]')
    visitor.page.locator('a[href*="figure="]').first.click()
    visitor.page.wait_for_selector("#work, main")
    assert "figure=" in visitor.page.url
