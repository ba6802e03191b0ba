from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.clients import Api


@pytest.fixture
def api(town) -> Callable[..., Api]:
    """`api("wangge")`: a caller by key, the same one each time; `api()`: nobody."""
    known: dict[tuple, Api] = {}

    def caller(username: str = "", *, session: bool = False) -> Api:
        if (username, session) not in known:
            known[username, session] = Api(username, session=session)
        return known[username, session]

    return caller
