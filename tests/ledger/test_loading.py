"""Facts of a load are the very entries that the book would have written."""

import datetime as dt

import pytest
from django.db import transaction

from grid import importing, sheets
from ledger import book
from ledger.actor import system
from ledger.book import NotInTransaction
from ledger.loading import FirstFacts
from ledger.models import Entry
from tests import ledgers

AT = dt.datetime(2026, 11, 2, 1, 0, tzinfo=dt.UTC)
BY = system("test")


def test_outside_a_transaction_it_refuses(transactional_db):
    with pytest.raises(NotInTransaction):
        FirstFacts(kind="place", event="place.opened", by=BY, at=AT)


def test_hash_for_hash(db):
    with transaction.atomic():
        facts = FirstFacts(kind="place", event="place.opened", by=BY, at=AT)
        heads = [facts.add(n, f"/1/{n}/", {"code": "A\\1", "name": "引\t号“", "n": n}) for n in (7, 8)]
        facts.write()
    entries = list(Entry.objects.order_by("subject_id"))
    assert [entry.hash for entry in entries] == heads
    assert [book.digest(entry) for entry in entries] == heads
    assert entries[0].payload == {"code": "A\\1", "name": "引\t号“", "n": 7}
    assert (entries[1].seq, entries[1].prev_hash, entries[1].actor_role) == (1, "", BY.role)


def test_a_loaded_town_verifies(db):
    importing.load(importing.only_under(sheets.shipped("rencheng"), "370811015"), by=BY, at=AT)
    assert Entry.objects.count() > 10
    assert ledgers.faults() == []
