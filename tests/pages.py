"""A reader of pages without script: opens addresses, sees forms, fills them in and sends them, follows redirects.

`Reader("wangge")` is signed in as somebody of the demo's people; `Reader()` is a stranger. CSRF is checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests import town
from tests.clients import jpeg

BACKEND = "parties.backends.PostingsBackend"


@dataclass
class Form:
    """What a browser would send, and to where."""

    action: str
    method: str
    ident: str = ""
    fields: dict[str, list[str]] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.form: Form | None = None
        self.area = self.select = ""
        self.options: list[tuple[str, bool]] = []
        self.text: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given: dict[str, Any] = dict(attrs)
        if given.get("id"):
            self.ids.append(given["id"])
        if tag == "form":
            self.form = Form(given.get("action", ""), given.get("method", "get").lower(), given.get("id", ""))
            self.forms.append(self.form)
            return
        name = given.get("name")
        if self.form is None or not name:
            return
        if tag == "input":
            self._input(given, name)
        elif tag == "textarea":
            self.area, self.text = name, []
        elif tag == "select":
            self.select, self.options = name, []
        elif tag == "button":
            self.form.buttons.append((name, given.get("value", "")))

    def _input(self, given: dict[str, Any], name: str) -> None:
        assert self.form is not None
        kind, value = given.get("type", "text"), given.get("value") or ""
        if kind in ("radio", "checkbox"):
            self.form.choices.setdefault(name, []).append(value)
            if "checked" not in given:
                return
        if kind not in ("file", "submit", "button"):
            self.form.fields.setdefault(name, []).append(value)

    def handle_data(self, data: str) -> None:
        if self.area:
            self.text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "textarea" and self.area and self.form is not None:
            self.form.fields.setdefault(self.area, []).append("".join(self.text).removeprefix("\n"))
            self.area = ""
        elif tag == "select" and self.select and self.form is not None:
            chosen = [value for value, on in self.options if on] or [value for value, _on in self.options[:1]]
            self.form.fields.setdefault(self.select, []).extend(chosen)
            self.form.choices[self.select] = [value for value, _on in self.options]
            self.select = ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)


class _WithOptions(_Forms):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "option" and self.select:
            given: dict[str, Any] = dict(attrs)
            self.options.append((given.get("value") or "", "selected" in given))
            return
        super().handle_starttag(tag, attrs)


class Reader:
    """The page that is open: `status`, `text`, `path`, `forms`."""

    def __init__(self, username: str = "", *, htmx: bool = False) -> None:
        self.client = Client(enforce_csrf_checks=True)
        if username:
            self.client.force_login(town.account(username), BACKEND)
        self.headers = {"HX-Request": "true"} if htmx else {}
        self.status, self.text, self.body, self.path = 0, "", b"", "/"
        self.response: Any = None

    def open(self, path: str) -> Reader:
        """GET, redirects followed as a browser does."""
        return self._show(self.client.get(path, headers=self.headers), path)

    def _show(self, response: Any, path: str) -> Reader:
        for _step in range(5):
            if response.status_code not in (301, 302, 303):
                break
            path = urljoin(path, response["Location"])
            response = self.client.get(path, headers=self.headers)
        self.response, self.status, self.path = response, response.status_code, path
        self.body = b"".join(response.streaming_content) if response.streaming else response.content
        is_paper = response.headers.get("Content-Type", "").startswith("application/pdf")
        self.text = "" if response.streaming or is_paper else self.body.decode()
        return self

    @property
    def forms(self) -> list[Form]:
        parser = _WithOptions()
        parser.feed(self.text)
        return parser.forms

    @property
    def ids(self) -> list[str]:
        parser = _WithOptions()
        parser.feed(self.text)
        return parser.ids

    def form(self, name: str) -> Form:
        """The form with this id, or whose action ends so (its query aside)."""
        found = [
            form
            for form in self.forms
            if form.ident == name or urlsplit(form.action).path.endswith(f"/{name.strip('/')}/")
        ]
        assert found, f"no form {name!r} among {[(form.ident, form.action) for form in self.forms]}"
        return found[0]

    def send(self, name: str | Form, /, files: dict[str, Any] | None = None, **values: Any) -> Reader:
        """Fill in and submit; a value may be a list (ticked boxes), or None (not sent)."""
        form = self.form(name) if isinstance(name, str) else name
        data: dict[str, Any] = {key: list(found) for key, found in form.fields.items()}
        for key, value in values.items():
            if value is None:
                data.pop(key, None)
            else:
                data[key] = value if isinstance(value, list) else [value]
        for key, found in (files or {}).items():
            data[key] = data.get(key, []) + (found if isinstance(found, list) else [found])
        action = urljoin(self.path, form.action) if form.action else self.path
        headers = {**self.headers, "HX-Current-URL": f"http://testserver{self.path}"} if self.headers else {}
        return self._show(self.client.post(action, data, headers=headers), action)

    def says(self, *words: str) -> bool:
        """Does the page print all of these?"""
        return all(word in self.words for word in words)

    @property
    def words(self) -> str:
        """The page's text without its markup."""
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", self.text))


def photo(name: str = "a.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, jpeg(64, 48), "image/jpeg")
