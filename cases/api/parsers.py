"""Reading bodies: small, and of characters that a text may have."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework import parsers
from rest_framework.exceptions import APIException, ParseError
from rest_framework.request import Request

JSON_AT_MOST = 1024 * 1024
FORM_AT_MOST = 21 * 1024 * 1024  # a photo of 20 MB and what stands around it
UNREADABLE = re.compile("[\0\ud800-\udfff]")  # no text of ours can hold them


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"


class JSONParser(parsers.JSONParser):
    """JSON of a bounded size, without characters that the database cannot keep."""

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Any = None) -> Any:
        body = stream.read(JSON_AT_MOST + 1)
        if len(body) > JSON_AT_MOST:
            raise TooLarge(_("请求太大。"))
        try:
            data = super().parse(io.BytesIO(body), media_type, parser_context)
        except RecursionError:
            raise ParseError(_("请求嵌套得太深。")) from None
        if _is_unreadable(data):
            raise ParseError(_("请求里有无法保存的字符。"))
        return data


def _is_unreadable(data: Any) -> bool:
    if isinstance(data, str):
        return UNREADABLE.search(data) is not None
    if isinstance(data, Mapping):
        return any(_is_unreadable(key) or _is_unreadable(value) for key, value in data.items())
    return isinstance(data, list) and any(map(_is_unreadable, data))


def body(request: Request) -> dict[str, Any]:
    """The request's JSON object."""
    data = request.data
    if not isinstance(data, Mapping):
        raise ParseError(_("请求体要是一个 JSON 对象。"))
    return dict(data)


def query(request: Request) -> dict[str, str]:
    """The query string; a parameter given twice counts once, the last."""
    asked = {name: request.query_params.get(name, "") for name in request.query_params}
    if any(_is_unreadable(name) or _is_unreadable(value) for name, value in asked.items()):
        raise ParseError(_("请求里有无法保存的字符。"))
    return asked
