"""The only writer of the ledger."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any, ClassVar, Protocol

from django.db import connection, transaction

from ledger import clock, post
from ledger.actor import Actor
from ledger.models import Entry

CHAIN = ("chain_head", "chain_length")
# what a hash is taken of, in this order
HASHED = (
    "subject_kind",
    "subject_id",
    "seq",
    "event",
    "at",
    "recorded_at",
    "actor_id",
    "actor_role",
    "path",
    "payload",
    "request_key",
    "body_hash",
    "once",
    "prev_hash",
)
COLUMNS = (*HASHED, "hash", "pending")
COPY = (
    f"COPY ledger_entry ({', '.join(COLUMNS)}) FROM STDIN "
    f"(FORMAT csv, FORCE_NOT_NULL ({', '.join(column for column in COLUMNS if column != 'actor_id')}))"
)
PAYLOAD = COLUMNS.index("payload")
_canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


class Subject(Protocol):
    """What an entry is about: a `Chained` row, or as much of one as its reader brought."""

    SUBJECT: ClassVar[str]
    pk: Any
    chain_head: str
    chain_length: int


class NotInTransaction(RuntimeError):
    """A fact was to be recorded outside the transaction of the change it tells of."""


@dataclass
class Fact:
    """What `record_many` writes. Values of `payload` are ids, codes, numbers and ISO instants:
    never a name, a phone or a caller's words."""

    subject: Subject
    event: str
    by: Actor
    at: dt.datetime
    path: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    request_key: str = ""
    body_hash: str = ""
    once: str = ""
    pending: bool | None = None  # None: pending when some reaction listens to the event


Listener = Callable[[Sequence[Fact]], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Have `listener` called with the facts of a commit, right after it: for hints that may be lost, never for what
    must happen (that is a reaction). Called from config/wiring.py only."""
    if listener not in _listeners:
        _listeners.append(listener)


def record(
    *,
    subject: Subject,
    event: str,
    by: Actor,
    at: dt.datetime,
    path: str = "",
    payload: dict[str, Any] | None = None,
    request_key: str = "",
    body_hash: str = "",
    once: str = "",
    pending: bool | None = None,
) -> Entry:
    """Append one fact; the subject's chain columns are set and must be saved by the caller's own UPDATE."""
    fact = Fact(subject, event, by, at, path, payload or {}, request_key, body_hash, once, pending)
    return record_many([fact])[0]


def record_many(facts: Sequence[Fact]) -> list[Entry]:
    """Append facts in one INSERT. Raises NotInTransaction outside `atomic`."""
    entries = [Entry(**dict(zip(COLUMNS, row, strict=True))) for row in _rows(facts)]
    Entry.objects.bulk_create(entries)
    return entries


def record_batch(facts: Sequence[Fact]) -> None:
    """As `record_many`, for thousands at a time: the same rows, and no entries to hand back."""
    sheet = io.StringIO()
    csv.writer(sheet).writerows(
        (*row[:PAYLOAD], _canonical(row[PAYLOAD]), *row[PAYLOAD + 1 :]) for row in _rows(facts)
    )
    sheet.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(COPY, sheet)


def _rows(facts: Sequence[Fact]) -> list[tuple]:
    """The columns of each entry, chained; each subject's head goes on."""
    if not transaction.get_connection().in_atomic_block:
        raise NotInTransaction("a fact is recorded in the transaction of its change")
    recorded_at = clock.now()
    rows = []
    for fact in facts:
        subject, by = fact.subject, fact.by
        pending = post.has_reactions(fact.event) if fact.pending is None else fact.pending
        body = (
            subject.SUBJECT,
            subject.pk,
            subject.chain_length + 1,
            fact.event,
            fact.at,
            recorded_at,
            by.id,
            by.role,
            fact.path,
            fact.payload,
            fact.request_key,
            fact.body_hash,
            fact.once,
            subject.chain_head,
        )
        subject.chain_head, subject.chain_length = _hash(body), subject.chain_length + 1
        rows.append((*body, subject.chain_head, pending))
    pending = any(row[-1] for row in rows)
    if pending or _listeners:
        transaction.on_commit(partial(_committed, facts, pending), robust=True)
    return rows


def _committed(facts: Sequence[Fact], pending: bool) -> None:
    if pending:
        post.hint()
    for listener in _listeners:
        listener(facts)


def digest(entry: Entry) -> str:
    """SHA-256 over every column but id, hash and pending, in canonical JSON."""
    return _hash([getattr(entry, column) for column in HASHED])


def _hash(body: Iterable[Any]) -> str:
    spelled = [instant(value) if isinstance(value, dt.datetime) else value for value in body]
    return hashlib.sha256(_canonical(spelled).encode()).hexdigest()


@lru_cache(maxsize=1024)  # a batch has one instant, or few
def instant(at: dt.datetime) -> str:
    """An instant as the chain writes it: UTC, microseconds, one spelling."""
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")[:26] + "Z"


def body_hash(body: object) -> str:
    """Fingerprint of a request's body, to tell a replay from another request under the same key."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
