"""Only for tests: each answer says in a header how many statements it took."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse

from tests.clients import PLUMBING

HEADER = "X-Statements"


class CountStatements:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        counted = [0]

        def count(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
            counted[0] += not PLUMBING.match(str(sql))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(count):
            response = self.get_response(request)
        response[HEADER] = str(counted[0])
        return response
