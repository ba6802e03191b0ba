"""The product in a real browser: a real web server on loopback on this very database, Chromium by Playwright."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
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

Say = Callable[[str], Any]
DESK = {"width": 1440, "height": 900}


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


@contextlib.contextmanager
def served() -> Iterator[str]:
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


@contextlib.contextmanager
def opened(chromium: str) -> Iterator[Any]:
    """A browser. Raises NoBrowser."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise NoBrowser("没有装 playwright（pip install -r requirements.txt）。没有测量。") from None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def sign_in(browser: Any, address: str, username: str, password: str, viewport: dict[str, int]) -> Any:
    """A page of somebody's own."""
    page = browser.new_context(viewport=viewport).new_page()
    page.goto(f"{address}/login/")
    page.fill("#id_username", username)
    page.fill("#id_password", password)
    page.click("form button.go")
    page.wait_for_url(lambda url: "/login/" not in url)
    return page


@contextlib.contextmanager
def signed_in(chromium: str, address: str, username: str, password: str) -> Iterator[Any]:
    """A page of somebody's own browser, at a desk. Raises NoBrowser."""
    with opened(chromium) as browser:
        yield sign_in(browser, address, username, password, DESK)
