"""Caches of rules: never older than the request, never what a rolled-back transaction thought."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from ledger import versions
from ledger.versions import Cached
from tests.threads import at_once


class Rules:
    """A rule somewhere in the database, with a cache and a count of its readings."""

    def __init__(self) -> None:
        self.reads = 0
        self.cached = Cached("duty", self.read)

    def read(self) -> str:
        self.reads += 1
        with connection.cursor() as cursor:
            cursor.execute("SELECT n FROM ledger_version WHERE name = 'the rule'")
            row = cursor.fetchone()
        return str(row[0]) if row else "none"

    def write(self, n: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO ledger_version VALUES ('the rule', %s) ON CONFLICT (name) DO UPDATE SET n = %s",
                [n, n],
            )
        versions.bump("duty")


@pytest.fixture
def rules():
    made = Rules()
    yield made
    Cached._all.remove(made.cached)


def test_read_once_while_the_version_stands(db, rules, django_assert_num_queries):
    assert rules.cached() == "none"
    with django_assert_num_queries(0):
        assert rules.cached() == "none"
    versions.forget()
    with django_assert_num_queries(1):  # the versions, all in one statement
        assert rules.cached() == "none"
    assert rules.reads == 1


def test_read_again_when_it_moved(db, rules):
    rules.cached()
    rules.write(5)
    assert rules.cached() == "5"
    rules.write(6)
    assert rules.cached() == "6"


def test_other_names_stay(db, rules):
    rules.cached()
    versions.bump("calendars")
    rules.cached()
    assert rules.reads == 1


def test_adopted_versions_cost_nothing(db, rules, django_assert_num_queries):
    versions.adopt({"duty": 3})
    with django_assert_num_queries(1):
        rules.cached()
    versions.adopt({"duty": 3, "places": 8})
    with django_assert_num_queries(0):
        rules.cached()
    versions.adopt({"duty": 4})
    with django_assert_num_queries(1):
        rules.cached()


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_change_leaves_nothing_behind(rules):
    rules.write(1)
    assert rules.cached() == "1"
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        rules.write(2)
        assert rules.cached() == "2"  # the change sees itself
        raise ZeroDivisionError
    rules.write(3)
    versions.forget()
    assert rules.cached() == "3"


def test_a_savepoint_rolled_back_leaves_nothing_behind(db, rules):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        rules.write(2)
        assert rules.cached() == "2"
        raise ZeroDivisionError
    rules.write(3)
    assert rules.cached() == "3"


@pytest.mark.django_db(transaction=True)
def test_another_process_sees_it_with_its_next_request(rules):
    rules.write(1)
    assert rules.cached() == "1"
    assert at_once(lambda: rules.write(2)) == []
    assert rules.cached() == "1"  # the same request goes on with what it began with
    versions.forget()
    assert rules.cached() == "2"
