"""Caches of rules that change rarely: read again only when the version row moved.

The current versions come with the statement that reads the actor's postings (parties.access), so a
request pays no statement for them; a task asks once by `refresh()`.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from django.db import connection

Value = TypeVar("Value")

NAMES = (
    "places",
    "organisations",
    "roles",
    "checklist",
    "duty",
    "policies",
    "calendars",
    "filters",
    "postings",
    "accused",
    "opted_out",
)

_current = threading.local()


def bump(name: str) -> None:
    """Say that the rules of this name changed; inside the changing transaction, seen on its commit.

    The number is drawn, not counted: what was cached inside a transaction that rolled back would come to life
    again when the next change took the same number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_version (name, n) VALUES (%s, %s) "
            "ON CONFLICT (name) DO UPDATE SET n = EXCLUDED.n",
            [name, secrets.randbits(62)],
        )
    known = dict(getattr(_current, "versions", None) or {})
    known.pop(name, None)
    _current.versions = known


def adopt(versions: Mapping[str, int]) -> None:
    """Take over versions that were read with another statement."""
    _current.versions = {name: versions.get(name, 0) for name in NAMES}
    _current.database = str(connection.settings_dict["NAME"])  # whose versions they are


def refresh() -> None:
    """Read all versions in one statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, n FROM ledger_version")
        adopt(dict(cursor.fetchall()))


def forget() -> None:
    """Know nothing: the next look reads. Called at the end of a request or task."""
    _current.versions = None


def current(name: str) -> int:
    known = getattr(_current, "versions", None)
    if known is None or name not in known:
        refresh()
        known = _current.versions
    return int(known[name])


class Cached(Generic[Value]):
    """`Cached("duty", load)()` gives what `load()` gave when the version last moved.

    The loader must return something that nobody changes."""

    _all: list[Cached] = []

    def __init__(self, name: str, load: Callable[[], Value]) -> None:
        self.name, self.load = name, load
        self._kept: tuple[int, str, Value] | None = None
        self._lock = threading.Lock()
        Cached._all.append(self)

    def __call__(self) -> Value:
        version, kept = current(self.name), self._kept
        database = _current.database
        if kept is None or kept[0] != version or kept[1] != database:
            with self._lock:
                kept = (version, database, self.load())
                self._kept = kept
        return kept[2]

    def clear(self) -> None:
        self._kept = None


def clear_all() -> None:
    """Drop every kept value; tests call it between databases and rolled-back transactions."""
    for cached in Cached._all:
        cached.clear()
    forget()
