"""Real callers of the interface: by key, as programs do, or by session with its CSRF token, as pages do."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from ledger import clock
from parties import commands
from tests import town

API = "/api/v1/"
# what opens and closes a transaction is no statement of ours
PLUMBING = re.compile(r"^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|SET )", re.IGNORECASE)


class Api:
    """`Api("wangge").post("calls/", {...})`; the answer is Django's, with `.json()`."""

    def __init__(self, username: str = "", *, session: bool = False) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.headers: dict[str, str] = {}
        if username and session:
            self.client.force_login(town.account(username), "parties.backends.PostingsBackend")
            self.client.cookies["csrftoken"] = "x" * 32
            self.headers["X-CSRFToken"] = "x" * 32
        elif username:
            key = commands.make_key(by=town.SYSTEM, at=clock.now(), account=town.account(username))
            self.headers["Authorization"] = f"Token {key}"

    def get(self, path: str, query: dict[str, Any] | None = None, **headers: str) -> Any:
        return self.client.get(self._at(path), query or {}, headers={**self.headers, **headers})

    def post(self, path: str, body: Any = None, *, key: str = "", **headers: str) -> Any:
        if key:
            headers["Idempotency-Key"] = key
        return self.client.post(
            self._at(path),
            {} if body is None else body,
            content_type="application/json",
            headers={**self.headers, **headers},
        )

    def put(self, path: str, body: Any) -> Any:
        return self.client.put(self._at(path), body, content_type="application/json", headers=self.headers)

    def raw(
        self, method: str, path: str, data: bytes | str = b"", content_type: str = "application/json"
    ) -> Any:
        return self.client.generic(
            method, self._at(path), data, content_type=content_type, headers=self.headers
        )

    def upload(self, data: bytes, name: str = "a.jpg", mime: str = "image/jpeg", *, key: str = "") -> Any:
        headers = {**self.headers, **({"Idempotency-Key": key} if key else {})}
        return self.client.post(
            self._at("attachments/"), {"file": SimpleUploadedFile(name, data, mime)}, headers=headers
        )

    def photo(self) -> str:
        """The id of a photo handed in a moment ago."""
        return self.upload(jpeg()).json()["id"]

    def call(self, **sent: Any) -> Any:
        """Take a plain call in wangge's grid."""
        return self.post("calls/", {"place": town.GRID, "text": "前铺社区1号楼外墙被喷了涂料。", **sent})

    def move(self, case: dict[str, Any], name: str, *, key: str = "", **sent: Any) -> Any:
        body = {"version": case["version"], **sent}
        return self.post(f"cases/{case['number']}/moves/{name}/", body, key=key)

    def fact(self, case: dict[str, Any], name: str, *, key: str = "", **sent: Any) -> Any:
        return self.post(f"cases/{case['number']}/facts/{name}/", sent, key=key)

    def case(self, number: str) -> dict[str, Any]:
        answer = self.get(f"cases/{number}/")
        assert answer.status_code == 200, answer.content
        return answer.json()

    @staticmethod
    def _at(path: str) -> str:
        return path if path.startswith(("/", "http")) else API + path


def jpeg(width: int = 640, height: int = 480, colour: str = "teal", **save: Any) -> bytes:
    sheet = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(sheet, "JPEG", **save)
    return sheet.getvalue()


class Statements(list):
    """The data statements of a block, see `statements`."""


@contextlib.contextmanager
def statements() -> Iterator[Statements]:
    """The data statements that a block sends, authentication included, transaction plumbing not."""
    found = Statements()
    with CaptureQueriesContext(connection) as captured:
        yield found
    found += [query["sql"] for query in captured.captured_queries if not PLUMBING.match(query["sql"])]


def is_problem(answer: Any, status: int, *fields: str) -> dict[str, Any]:
    """The answer is a problem of this status that names these fields; gives it."""
    assert answer.status_code == status, (answer.status_code, answer.content.decode()[:2000])
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status and problem["title"] and problem["detail"] and problem["type"]
    for field in fields:
        assert field in problem.get("errors", {}), problem
    return problem
