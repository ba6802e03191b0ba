"""The caller's key is nobody's of ours: not on any page, in any answer, entry, row, log or file."""

from __future__ import annotations

import logging

import pytest
from django.db import connection

from cases import voice_keys
from cases.models import Case
from ledger import clock, post
from tests.builders import a_case, walk
from tests.cases.voices_of_callers import asked, sent_to, tracked
from tests.house.test_access_matrix import PEOPLE
from tests.house.test_secrets import COUNTED, NOW, addresses, world

pytestmark = pytest.mark.django_db


def all_rows() -> str:
    """Every row of every table, as text; what is sealed is no text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
        )
        found = []
        for (name,) in cursor.fetchall():
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{name}" t')  # names of our own tables
            found += [row for (row,) in cursor.fetchall()]
    return "\n".join(found)


def test_who_logged_it_finds_the_key_nowhere(town, settings, caplog, monkeypatch):
    """The one who took the call, the units that had it, the admin and the auditor walk every address."""
    settings.DEMO = True  # where texts stand in a tray
    monkeypatch.setattr(voice_keys, "DIGITS", 18)  # that stand nowhere by chance
    caplog.set_level(logging.DEBUG)
    with clock.frozen(NOW):
        case = walk(a_case(by="wangge"), "accept", "dispatch", "sign", "resolve", "answer")
    with clock.frozen(case.last_at):
        post.deliver_pending()
        assert asked().count() == 1
        case = Case.objects.get(pk=case.pk)
        code, call = sent_to(case.calls.get()), case.calls.get()
        assert code not in all_rows()
        urls = [url for url in addresses(case) if "=" not in url and not url.startswith(COUNTED)]
        told = {}
        for name in ("wangge", "jiedao", "admin"):
            assert name in PEOPLE
            seen = world(town, name, urls)
            told[name] = [url for url, (_status, body) in seen.items() if code in body]
        assert not any(told.values()), told
        page = tracked(call).send("rate", solved="no", step="poor", words="还在漏", rating_code=code)
        assert page.status == 200 and code not in page.text
        post.deliver_pending()
        assert code not in all_rows() and code not in caplog.text
