"""A person at a real browser: signs in, reads, fills in, and notices what goes wrong behind the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

PASSWORD = "huying-demo"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}
# what the browser itself says of every answer that is not a success
_NO_SUCCESS = "Failed to load resource: the server responded with a status of"


class Visitor:
    """`problems` collects what nobody may cause: a console error (so also every breach of the content policy), a
    script's exception, an answer that is no success, a request to any other host (the live process has a port of its own). `check()` fails on them."""

    def __init__(
        self,
        browser: Any,
        address: str,
        username: str = "",
        *,
        viewport: dict[str, int] = DESK,
        script: bool = True,
        language: str = "",
        elder: bool = False,
    ) -> None:
        self.address, self.username = address.rstrip("/"), username
        self.host = urlsplit(address).hostname
        self.problems: list[str] = []
        self._allowed: tuple[int, ...] = ()
        self.context = browser.new_context(viewport=viewport, java_script_enabled=script)
        self.context.set_default_timeout(30_000)
        self._prefer(language, elder)
        self.page = self.context.new_page()
        self.watch(self.page)
        if username:
            self._sign_in()

    def _prefer(self, language: str, elder: bool) -> None:
        """A stranger's choice lives in cookies; whoever signs in brings their profile's own (see `prefer`)."""
        wanted = {"huying_language": language, "huying_elder": "1" if elder else ""}
        cookies = [
            {"name": name, "value": value, "url": self.address} for name, value in wanted.items() if value
        ]
        if cookies:
            self.context.add_cookies(cookies)

    def _sign_in(self) -> None:
        self.open("/login/")
        self.page.fill("#id_username", self.username)
        self.page.fill("#id_password", PASSWORD)
        self.page.click("form button.go")
        self.page.wait_for_url(lambda url: "/login/" not in url)

    # -- noticing

    def watch(self, page: Any) -> None:
        page.on("console", self._said)
        page.on("pageerror", lambda error: self._note(page, f"exception: {error}"))
        page.on("request", self._asked)
        page.on("response", self._answered)

    def _note(self, page: Any, problem: str) -> None:
        self.problems.append(f"{self.username or 'stranger'} {urlsplit(page.url).path}: {problem}")

    def _said(self, message: Any) -> None:
        if message.type == "error" and not message.text.startswith(_NO_SUCCESS):
            self._note(message.page, f"console: {message.text}")

    def _asked(self, request: Any) -> None:
        found = urlsplit(request.url)
        if found.scheme in ("http", "https", "ws", "wss") and found.hostname != self.host:
            self._note(request.frame.page, f"asked another host: {request.url}")

    def _answered(self, response: Any) -> None:
        if response.status >= 400 and response.status not in self._allowed:
            self._note(response.frame.page, f"{response.status} for {response.request.method} {response.url}")

    @contextmanager
    def expecting(self, *statuses: int) -> Iterator[None]:
        """Inside, answers with these statuses are what is wanted."""
        self._allowed = statuses
        yield
        self._allowed = ()

    def check(self) -> None:
        assert not self.problems, "\n".join(self.problems)

    # -- reading

    def open(self, path: str) -> int:
        """The status of the answer."""
        response = self.page.goto(self.address + path)
        return response.status

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    @property
    def words(self) -> str:
        """What the work area prints."""
        return re.sub(r"\s+", " ", self.page.locator("#work").inner_text())

    def says(self, *words: str) -> None:
        """Wait until the page prints all of these."""
        for word in words:
            self.page.locator("#work", has_text=word).wait_for()

    def links(self, selector: str) -> list[str]:
        """Where the links go, as addresses inside this site."""
        return self.page.eval_on_selector_all(selector, "all => all.map(a => a.getAttribute('href'))")

    def prefer(self, *, language: str = "zh-hans", elder: bool = False) -> None:
        """Set one's profile."""
        self.open("/profile/")
        self.page.locator(f"input[name=language][value='{language}']").check(force=True)
        self.page.locator("input[name=elder]").set_checked(elder)
        self.page.click("form:has(input[name=language]) button.go")
        self.page.wait_for_load_state()

    def leave(self) -> None:
        self.context.close()
