"""The database itself refuses to change the ledger."""

from __future__ import annotations

import importlib
import os

import psycopg2
import pytest
from django.db import DatabaseError, connection, transaction

from ledger import book
from ledger.actor import system
from ledger.models import Entry

GUARD = importlib.import_module("ledger.migrations.0002_entries_are_append_only").GUARD
SCRATCH = f"scratch_ledger_{os.getpid()}"


def refused(statement: str, *params) -> str:
    with pytest.raises(DatabaseError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params)
    return str(refusal.value)


def test_no_entry_is_deleted(place):
    assert "DELETE refused" in refused("DELETE FROM ledger_entry")
    assert Entry.objects.count() == 1


@pytest.mark.parametrize(
    "change",
    [
        "payload = '{}'",
        "at = now()",
        "seq = seq + 1",
        "event = 'place.closed'",
        "hash = repeat('0', 64)",
        "id = id + 1000",
        "pending = false, actor_id = 5",
        "pending = true",
        "recorded_at = recorded_at + interval '1 microsecond'",
    ],
)
def test_no_entry_is_changed(place, change):
    Entry.objects.filter(pending=True).update(pending=False)
    assert "UPDATE refused" in refused(f"UPDATE ledger_entry SET {change}")


def test_pending_may_be_cleared_and_nothing_beside_it(place, at):
    entry = book.record(subject=place, event="place.noted", by=system("test"), at=at, pending=True)
    assert "UPDATE refused" in refused(
        "UPDATE ledger_entry SET pending = false, event = '' WHERE id = %s", entry.pk
    )
    assert "UPDATE refused" in refused("UPDATE ledger_entry SET event = '' WHERE id = %s", entry.pk)
    assert Entry.objects.filter(pk=entry.pk).update(pending=False) == 1
    assert "UPDATE refused" in refused("UPDATE ledger_entry SET pending = true WHERE id = %s", entry.pk)


@pytest.fixture
def scratch():
    """A database that is none of the tests' own, with the table and the very guard of the migration."""
    asked = connection.get_connection_params()
    asked.pop("cursor_factory", None)
    here = psycopg2.connect(**asked)
    here.autocommit = True
    cursor = here.cursor()
    cursor.execute(f"DROP DATABASE IF EXISTS {SCRATCH} WITH (FORCE)")
    cursor.execute(f"CREATE DATABASE {SCRATCH} TEMPLATE template0")
    there = psycopg2.connect(**{**asked, "dbname": SCRATCH})
    there.autocommit = True
    yield there.cursor()
    there.close()
    cursor.execute(f"DROP DATABASE {SCRATCH} WITH (FORCE)")
    here.close()


def test_truncate_is_for_test_databases_only(db, scratch):
    scratch.execute("CREATE TABLE ledger_entry (id bigint, payload jsonb, pending boolean)")
    scratch.execute(GUARD)
    scratch.execute("INSERT INTO ledger_entry VALUES (1, '{}', true)")
    for statement in (
        "TRUNCATE ledger_entry",
        "TRUNCATE ledger_entry CASCADE",
        "DELETE FROM ledger_entry",
        "UPDATE ledger_entry SET payload = '[]'",
    ):
        with pytest.raises(psycopg2.Error, match="append-only"):
            scratch.execute(statement)
    scratch.execute("UPDATE ledger_entry SET pending = false")
    scratch.execute("SELECT count(*) FROM ledger_entry WHERE NOT pending")
    assert scratch.fetchone() == (1,)


def test_truncate_in_a_test_database(place):
    """Only so that tests can begin anew."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        assert cursor.fetchone()[0].startswith("test_")
        cursor.execute("TRUNCATE ledger_entry CASCADE")
    assert Entry.objects.count() == 0
