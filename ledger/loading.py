"""Facts of a big load: written down one by one while their subjects stream by, then copied in at once.

Entries are the same as those of `book.record_many`, hash for hash; only their number is another.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import tempfile
from collections.abc import Iterator
from typing import Any

from django.db import transaction

from ledger import clock, copying, post
from ledger.actor import Actor
from ledger.book import NotInTransaction, instant
from ledger.models import Entry

_COLUMNS = (
    "subject_kind", "subject_id", "seq", "event", "at", "recorded_at", "actor_id", "actor_role", "path",
    "payload", "request_key", "body_hash", "once", "prev_hash", "hash", "pending",
)  # fmt: skip
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_SPOOLED = 4 * 1024 * 1024  # bytes kept in memory before a temporary file takes over


class FirstFacts:
    """The first fact of each of many new subjects of one kind: one event, one actor, one instant.

    `add` gives the hash that becomes the subject's chain head (its chain length is 1); `write` copies them."""

    def __init__(self, *, kind: str, event: str, by: Actor, at: dt.datetime) -> None:
        if not transaction.get_connection().in_atomic_block:
            raise NotInTransaction("facts are recorded in the transaction of their change")
        self._kind, self._event, self._by = kind, event, by
        recorded_at = clock.now()
        self._at, self._recorded_at = instant(at), instant(recorded_at)
        self._pending = post.has_reactions(event)
        self._file = tempfile.SpooledTemporaryFile(_SPOOLED, "w+", encoding="utf-8", newline="\n")  # noqa: SIM115
        self._spell = copying.spelled
        self._tail = ["", "", "", ""]  # request_key, body_hash, once, prev_hash
        actor = copying.spelled(by.id)
        self._middle = [event, self._at, self._recorded_at, actor, copying.spelled(by.role)]

    def add(self, subject_id: int, path: str, payload: dict[str, Any]) -> str:
        body = [
            self._kind, subject_id, 1, self._event, self._at, self._recorded_at, self._by.id, self._by.role,
            path, payload, "", "", "", "",
        ]  # fmt: skip
        digest = hashlib.sha256(_encode(body).encode()).hexdigest()
        values = [self._kind, str(subject_id), "1", *self._middle, path, self._spell(_encode(payload))]
        self._file.write(copying.line([*values, *self._tail, digest, "t" if self._pending else "f"]))
        return digest

    def write(self) -> None:
        self._file.seek(0)
        copying.copy_lines(Entry._meta.db_table, _COLUMNS, self._lines())
        self._file.close()
        if self._pending:
            transaction.on_commit(post.hint, robust=True)

    def _lines(self) -> Iterator[str]:
        yield from self._file
