"""record() is the only writer: chained, in the transaction of its change, one INSERT."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from grid.models import Place
from ledger import book, reading
from ledger.actor import Actor, system
from ledger.models import Entry
from tests.threads import at_once

SYSTEM = system("test")


def note(place: Place, at: dt.datetime, **more) -> Entry:
    entry = book.record(subject=place, event="place.noted", by=SYSTEM, at=at, **more)
    place.save(update_fields=list(book.CHAIN))
    return entry


def faults(*subjects: Place) -> list[reading.Fault]:
    heads = {("place", one.pk): (one.chain_head, one.chain_length) for one in subjects}
    entries = Entry.objects.filter(subject_kind="place", subject_id__in=[one.pk for one in subjects])
    return list(reading.verify(entries.order_by("subject_kind", "subject_id", "seq").iterator(), heads))


def test_each_entry_follows_the_one_before(place, at):
    note(place, at, payload={"n": 1})
    note(place, at, payload={"n": 2, "状态": ["待受理", None, 1.5, True]})
    first, second, third = reading.timeline("place", place.pk)
    assert (first.seq, second.seq, third.seq) == (1, 2, 3)
    assert first.prev_hash == "" and second.prev_hash == first.hash and third.prev_hash == second.hash
    fresh = Place.objects.get(pk=place.pk)
    assert (fresh.chain_head, fresh.chain_length) == (third.hash, 3)
    assert faults(fresh) == []


def test_every_column_but_pending_is_in_the_hash(place, at):
    entry = note(place, at, payload={"n": 1}, request_key="k", body_hash="b", once="o", path="/1/")
    for field in Entry._meta.concrete_fields:
        changed = Entry.objects.get(pk=entry.pk)
        old = getattr(changed, field.attname)
        new = {str: "x", int: 987, bool: not old, dict: {"n": 2}, dt.datetime: at + dt.timedelta(days=1)}
        setattr(changed, field.attname, new.get(type(old), 987))
        if field.name in ("id", "pending", "hash"):
            assert book.digest(changed) == entry.hash, field.name
        else:
            assert book.digest(changed) != entry.hash, field.name


def test_entries_of_several_subjects_in_one_insert(place, city, at):
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        facts = [
            book.Fact(subject=one, event="place.noted", by=SYSTEM, at=at) for one in (place, city, place)
        ]
        entries = book.record_many(facts)
    assert len([q for q in queries if "INSERT" in q["sql"]]) == 1
    assert [entry.seq for entry in entries] == [2, 2, 3]
    assert all(entry.pk for entry in entries)
    for one in (place, city):
        one.save(update_fields=list(book.CHAIN))
    assert faults(place, city) == []


def test_keeps_who_in_which_role_and_where(place, at):
    by = Actor(id=7, person_id=8, name="李建国", role="grid_worker")
    entry = book.record(subject=place, event="place.noted", by=by, at=at, path="/1/2/")
    assert (entry.actor_id, entry.actor_role, entry.path) == (7, "grid_worker", "/1/2/")
    assert "李建国" not in json.dumps({f.attname: str(getattr(entry, f.attname)) for f in entry._meta.fields})


def test_happens_once(place, at):
    note(place, at, once="clock:1:warned")
    with pytest.raises(IntegrityError, match="entry_happens_once"), transaction.atomic():
        note(place, at, once="clock:1:warned")


def test_a_request_acts_once_per_account(place, at):
    for by in (Actor(id=1), Actor(id=2)):
        book.record(subject=place, event="place.noted", by=by, at=at, request_key="abc")
    with pytest.raises(IntegrityError, match="entry_request_once"), transaction.atomic():
        book.record(subject=place, event="place.noted", by=Actor(id=1), at=at, request_key="abc")
    assert reading.request_entry(2, "abc").seq == 3
    assert reading.request_entry(2, "") is None


@pytest.mark.django_db(transaction=True)
def test_refuses_outside_a_transaction(place, at):
    with pytest.raises(book.NotInTransaction):
        book.record(subject=place, event="place.noted", by=SYSTEM, at=at)
    assert Entry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_rolled_back_with_its_change(place, at):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        note(place, at)
        raise ZeroDivisionError
    assert Entry.objects.count() == 1
    assert faults(Place.objects.get(pk=place.pk)) == []


@pytest.mark.django_db(transaction=True)
def test_two_writers_never_fork_a_chain(place, at):
    """With the lock on the subject's row they queue up; without it the unique number refuses one."""

    def locked():
        for _ in range(20):
            with transaction.atomic():
                note(Place.objects.select_for_update(no_key=True).get(pk=place.pk), at)

    assert at_once(locked, locked) == []
    fresh = Place.objects.get(pk=place.pk)
    assert fresh.chain_length == 41 and faults(fresh) == []

    def careless():
        with transaction.atomic():
            note(Place.objects.get(pk=place.pk), at)
            connection.cursor().execute("SELECT pg_sleep(0.2)")

    wrong = at_once(careless, careless)
    assert [type(one) for one in wrong] == [IntegrityError] and "entry_seq_once" in str(wrong[0])
    fresh = Place.objects.get(pk=place.pk)
    assert fresh.chain_length == 42 and faults(fresh) == []
