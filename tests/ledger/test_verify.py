"""`verify_ledger` finds what somebody with every right over the database did to the past."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from grid.models import Place
from ledger import book, reading
from ledger.actor import system
from ledger.models import Entry

SWAP = (
    "UPDATE ledger_entry a SET event = b.event, payload = b.payload, at = b.at FROM ledger_entry b "
    "WHERE a.subject_kind = 'place' AND b.subject_kind = 'place' AND a.subject_id = %(place)s "
    "AND b.subject_id = %(place)s AND (a.seq, b.seq) IN ((2, 3), (3, 2))"
)
RENUMBER = (
    "UPDATE ledger_entry SET seq = CASE seq WHEN 2 THEN 30 WHEN 3 THEN 2 END WHERE seq IN (2, 3) AND {mine}; "
    "UPDATE ledger_entry SET seq = 3 WHERE seq = 30 AND {mine}"
)
MINE = "subject_kind = 'place' AND subject_id = %(place)s"
TAMPERED = {
    "changed payload": (f"UPDATE ledger_entry SET payload = '{{\"n\": 9}}' WHERE seq = 3 AND {MINE}", 3),
    "changed instant": (
        f"UPDATE ledger_entry SET at = at + interval '1 microsecond' WHERE seq = 2 AND {MINE}",
        2,
    ),
    "changed actor": (f"UPDATE ledger_entry SET actor_id = 1 WHERE seq = 4 AND {MINE}", 4),
    "removed entry": (f"DELETE FROM ledger_entry WHERE seq = 2 AND {MINE}", 3),
    "removed first": (f"DELETE FROM ledger_entry WHERE seq = 1 AND {MINE}", 2),
    "removed tail": (f"DELETE FROM ledger_entry WHERE seq = 5 AND {MINE}", 4),
    "removed all": (f"DELETE FROM ledger_entry WHERE {MINE}", 0),
    "contents exchanged": (SWAP, 2),
    "numbers exchanged": (RENUMBER.format(mine=MINE), 2),
    "head put back": (
        "UPDATE grid_place SET chain_head = (SELECT hash FROM ledger_entry WHERE seq = 4 AND " + MINE + "), "
        "chain_length = 4 WHERE id = %(place)s",
        5,
    ),
}


@pytest.fixture
def story(place, city, at) -> Place:
    """Five entries of one subject, one of another."""
    for n in range(4):
        with transaction.atomic():
            book.record(subject=place, event="place.noted", by=system("test"), at=at, payload={"n": n})
            place.save(update_fields=list(book.CHAIN))
    return place


def tamper(statement: str, place: Place) -> None:
    """As a superuser whom no trigger and no foreign key stops."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            cursor.execute(statement, {"place": place.pk})
        finally:
            cursor.execute("SET session_replication_role = DEFAULT")


def found() -> list[reading.Fault]:
    heads = reading.heads_of([Place])
    entries = Entry.objects.filter(subject_kind="place").order_by("subject_kind", "subject_id", "seq")
    return list(reading.verify(entries.iterator(), heads))


def test_untouched(story):
    assert found() == []


@pytest.mark.parametrize("what", TAMPERED)
def test_finds(story, what):
    statement, seq = TAMPERED[what]
    tamper(statement, story)
    faults = found()
    assert faults, what
    assert {fault.subject for fault in faults} == {f"place:{story.pk}"}
    assert faults[0].seq == seq


def test_finds_a_subject_that_is_gone(story):
    entries = Entry.objects.filter(subject_kind="place", subject_id=story.pk).order_by("seq")
    (fault,) = reading.verify(entries.iterator(), {})
    assert (fault.seq, fault.what) == (5, "its subject is gone")


@pytest.mark.django_db(transaction=True)
def test_the_command(story):
    out = io.StringIO()
    call_command("verify_ledger", stdout=out)
    assert "台账 6 条" in out.getvalue() and "校验无误" in out.getvalue()
    tamper(TAMPERED["changed payload"][0], story)
    out = io.StringIO()
    with pytest.raises(CommandError, match="处不符"):
        call_command("verify_ledger", stdout=out)
    assert f"place:{story.pk} #3" in out.getvalue()
