"""What a cookie may say and still be asked for in the database."""

from __future__ import annotations

import pytest

from parties.sessions import SessionStore
from tests.clients import statements
from tests.pages import Reader

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("key", ["\0abcdefghijkl", "abc defghijkl", "х" * 32, "short", "../../etc/passwd"])
def test_what_is_no_key_costs_nothing_and_is_nobody(key):
    with statements() as found:
        assert SessionStore(key).get("_auth_user_id") is None
    assert not found


def test_a_cookie_with_a_nul_is_a_strangers(town):
    reader = Reader()
    answer = reader.client.get("/report/", headers={"Cookie": 'sessionid="\\000abcdefghijkl"'})
    assert answer.status_code == 200
