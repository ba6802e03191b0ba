"""The editor of the tree at its full size, in a real browser: a real web server on loopback, Chromium by Playwright.

Printed beside their limits: until the editor can be used, until everything stands open, how many elements the page has
then, and the slowest of the searches (as the browser waits for it, the way there and back included).
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from grid import importing
from grid.models import Place
from grid.sheets import Row
from ledger.actor import Actor

Say = Callable[[str], Any]

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


class NoBrowser(Exception):
    """There is no Chromium, or nothing to drive it with; the message says what to install."""


def find_chromium() -> str:
    """Raises NoBrowser."""
    names = (os.environ.get("HUYING_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    for name in filter(None, names):
        if found := shutil.which(name):
            return found
    raise NoBrowser(
        "没有找到 Chromium：请安装（apt-get install chromium），或用 HUYING_CHROMIUM 指定。没有测量。"
    )


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
    with _served() as address:
        found = _in_browser(chromium, address, username, password)
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


@contextlib.contextmanager
def _served() -> Iterator[str]:
    """gunicorn on a free port of loopback, on this very database."""
    call_command("collectstatic", interactive=False, verbosity=0)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        address = f"http://127.0.0.1:{port}"
        said = connection.settings_dict
        user = quote(said["USER"], safe="") + (
            f":{quote(said['PASSWORD'], safe='')}" if said["PASSWORD"] else ""
        )
        at = f"{quote(said['HOST'], safe='')}:{said['PORT']}" if said["PORT"] else ""
        query = "" if said["PORT"] else f"?host={quote(said['HOST'], safe='')}"
        environment = {
            **os.environ,
            "DATABASE_URL": f"postgresql://{user}@{at}/{quote(said['NAME'], safe='')}{query}",
            "HUYING_DEMO": "1",
            "HUYING_SITE_URL": address,
            "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "config.settings.dev"),
        }
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "config.wsgi:application",
            "--bind",
            f"fd://{listener.fileno()}",
        ]
        command += ["--worker-class", "gthread", "--workers", "1", "--threads", "4", "--log-level", "warning"]
        web = subprocess.Popen(
            [*command, "--no-control-socket"],
            env=environment,
            cwd=settings.BASE_DIR,
            pass_fds=[listener.fileno()],
        )
        try:
            _wait(port, web)
            yield address
        finally:
            web.terminate()
            web.wait(30)


def _wait(port: int, web: subprocess.Popen) -> None:
    until = time.monotonic() + 60
    while True:
        asked = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            asked.request("GET", "/login/")
            if asked.getresponse().status == 200:
                return
        except OSError:
            if web.poll() is not None or time.monotonic() > until:
                raise
        finally:
            asked.close()
        time.sleep(0.2)


def _in_browser(chromium: str, address: str, username: str, password: str) -> dict[str, float]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise NoBrowser("没有装 playwright（pip install -r requirements.txt）。没有测量。") from None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
            page.goto(f"{address}/login/")
            page.fill("#id_username", username)
            page.fill("#id_password", password)
            page.click("form button.go")
            page.wait_for_url(lambda url: "/login/" not in url)
            return _looked_at(page, address)
        finally:
            browser.close()


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
