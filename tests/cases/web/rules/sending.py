"""A form of the rules sent by somebody, redirects followed."""

from __future__ import annotations

from typing import Any

from tests.pages import Reader


def send(username: str, path: str, **fields: Any) -> Reader:
    reader = Reader(username)
    reader.client.handler.enforce_csrf_checks = False  # the page's token is tested where pages are
    return reader._show(reader.client.post(path, fields), path)
