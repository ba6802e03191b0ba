"""The only writer of the ledger."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from ledger import clock, post
from ledger.actor import Actor
from ledger.models import Chained, Entry

CHAIN = ("chain_head", "chain_length")


class NotInTransaction(RuntimeError):
    """A fact was to be recorded outside the transaction of the change it tells of."""


@dataclass
class Fact:
    """What `record_many` writes. Values of `payload` are ids, codes, numbers and ISO instants:
    never a name, a phone or a caller's words."""

    subject: Chained
    event: str
    by: Actor
    at: dt.datetime
    path: str = ""
    payload: dict[str, Any] = field(default_factory=dict)
    request_key: str = ""
    body_hash: str = ""
    once: str = ""
    pending: bool | None = None  # None: pending when some reaction listens to the event


def record(
    *,
    subject: Chained,
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
    if not transaction.get_connection().in_atomic_block:
        raise NotInTransaction("a fact is recorded in the transaction of its change")
    recorded_at = clock.now()
    entries = [_entry(fact, recorded_at) for fact in facts]
    Entry.objects.bulk_create(entries)
    if any(entry.pending for entry in entries):
        transaction.on_commit(post.hint, robust=True)
    return entries


def _entry(fact: Fact, recorded_at: dt.datetime) -> Entry:
    subject = fact.subject
    entry = Entry(
        subject_kind=subject.SUBJECT,
        subject_id=subject.pk,
        seq=subject.chain_length + 1,
        event=fact.event,
        at=fact.at,
        recorded_at=recorded_at,
        actor_id=fact.by.id,
        actor_role=fact.by.role,
        path=fact.path,
        payload=fact.payload,
        request_key=fact.request_key,
        body_hash=fact.body_hash,
        once=fact.once,
        prev_hash=subject.chain_head,
        pending=post.has_reactions(fact.event) if fact.pending is None else fact.pending,
    )
    entry.hash = digest(entry)
    subject.chain_head, subject.chain_length = entry.hash, entry.seq
    return entry


def digest(entry: Entry) -> str:
    """SHA-256 over every column but id and pending, in canonical JSON."""
    body = [
        entry.subject_kind,
        entry.subject_id,
        entry.seq,
        entry.event,
        instant(entry.at),
        instant(entry.recorded_at),
        entry.actor_id,
        entry.actor_role,
        entry.path,
        entry.payload,
        entry.request_key,
        entry.body_hash,
        entry.once,
        entry.prev_hash,
    ]
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def instant(at: dt.datetime) -> str:
    """An instant as the chain writes it: UTC, microseconds, one spelling."""
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def body_hash(body: object) -> str:
    """Fingerprint of a request's body, to tell a replay from another request under the same key."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
