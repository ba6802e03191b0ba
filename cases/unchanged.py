"""Answers that are asked for again and again, and cost no byte where nothing has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TypeVar

from django.http import HttpResponse

Answer = TypeVar("Answer", bound=HttpResponse)


def tagged(headers: Mapping[str, str], body: bytes, whole: Answer) -> Answer | HttpResponse:
    """`whole`, or a bare 304 where the reader's `If-None-Match` names this very body; either carries its tag and is
    the reader's own."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    answer = HttpResponse(status=304) if headers.get("If-None-Match", "") == tag else whole
    answer["ETag"] = tag
    answer["Cache-Control"] = "private, no-cache"
    return answer
