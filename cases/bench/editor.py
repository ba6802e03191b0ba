"""The editor of the tree at its full size, in a real browser: a real web server on loopback, Chromium by Playwright.

Printed beside their limits: until the editor can be used, until everything stands open, how many elements the page has
then, and the slowest of the searches (as the browser waits for it, the way there and back included).
"""

from __future__ import annotations

import datetime as dt
import statistics
import time
from typing import Any

from django.db import connection

from cases.bench import browsing
from cases.bench.browsing import Say
from grid import importing
from grid.models import Place
from grid.sheets import Row
from ledger.actor import Actor

ROUNDS = 5
LIMITS = {"ready": 1.2, "expand": 0.5, "elements": 1500, "search": 0.150}
WORDS = ("gyg", "50号楼", "观音阁", "370811015001", "hcy")
EXPAND = """async () => {
    const began = performance.now();
    document.querySelector('[data-expand]').click();
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    return (performance.now() - began) / 1000;
}"""
SEARCH = """async (q) => {
    const began = performance.now();
    await (await fetch('/tree/find/?q=' + encodeURIComponent(q))).json();
    return (performance.now() - began) / 1000;
}"""
ELEMENTS = "document.querySelectorAll('*').length"


def fill(places: int, *, by: Actor, at: dt.datetime) -> int:
    """Buildings below the town's grids until there are so many places; how many there are."""
    grids = list(
        Place.objects.filter(kind="grid", retired_at=None).order_by("code").values_list("code", flat=True)
    )
    missing = places - Place.objects.filter(retired_at=None).count()
    rows = [
        Row(n + 1, f"{grids[n % len(grids)]}{500 + n // len(grids):03d}", f"{n // len(grids) + 1}号楼", "building", grids[n % len(grids)])
        for n in range(max(0, missing))
    ]  # fmt: skip
    if rows:
        importing.load(rows, by=by, at=at)
    return Place.objects.filter(retired_at=None).count()


def measure(say: Say, chromium: str, username: str, password: str) -> bool:
    """Within all limits?"""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) grid_place")
    with browsing.served() as address, browsing.signed_in(chromium, address, username, password) as page:
        found = _looked_at(page, address)
    units = {
        "ready": ("可用", "s"),
        "expand": ("全部展开", "s"),
        "elements": ("页面元素", ""),
        "search": ("查找最慢", "s"),
    }
    fine = True
    for name, (label, unit) in units.items():
        value, limit = found[name], LIMITS[name]
        fine &= value <= limit
        shown = f"{value:.3f}{unit}" if unit else f"{value:,.0f}"
        say(f"{label:<8}{shown:>10}  限 {limit:g}{unit}  {'✓' if value <= limit else '✗ 超限'}")
    return fine


def _looked_at(page: Any, address: str) -> dict[str, float]:
    ready = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        page.goto(f"{address}/tree/", wait_until="commit")
        page.wait_for_selector("[data-ready]")
        ready.append(time.perf_counter() - began)
    expand = page.evaluate(EXPAND)
    elements = [page.evaluate(ELEMENTS)]
    page.evaluate("document.querySelector('.vtree').scrollTop = 500000")
    page.wait_for_timeout(300)
    elements.append(page.evaluate(ELEMENTS))
    searches = [statistics.median(page.evaluate(SEARCH, word) for _round in range(ROUNDS)) for word in WORDS]
    return {
        "ready": statistics.median(ready),
        "expand": expand,
        "elements": max(elements),
        "search": max(searches),
    }
