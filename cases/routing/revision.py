"""The duty rows as they would be after some changes: pure, dated, and told as a difference.

A revision begins from rows as they stand. Opening a row lets what stood before on the same matter give way for as
long as the new one holds; ending one dates it; a row that never held a whole day is taken back as if it had
not been. Nothing here writes: commands do, and replays look at what would be.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from cases.routing.facts import LEAD, Duty

Matter = tuple[str, str, int, str, int | str | None]


@dataclass
class Clash(Exception):
    """Why a change does not fit, with the row it does not fit to. `why`: "said" (the same row stands),
    "later" (one begins within its term), "ended" (its end is set), "not_after" (the end is not after its
    first day), "past" (before today), "gone" (no such row)."""

    why: str
    row: Duty | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """What a revision comes to: rows that get another end (as they were, as they will be), rows taken back,
    and new rows (with ids below zero)."""

    dated: tuple[tuple[Duty, Duty], ...] = ()
    gone: tuple[Duty, ...] = ()
    begun: tuple[Duty, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.dated or self.gone or self.begun)


def matter(row: Duty) -> Matter:
    """Rows that say the same thing: of one lead there is one at a time; of the others, each unit its own."""
    return row.item, row.category, row.place_id, row.part, None if row.part == LEAD else row.target


def says_the_same(row: Duty, other: Duty) -> bool:
    """Do they agree in everything but when?"""
    return matter(row) == matter(other) and (row.target, row.direct, row.basis) == (
        other.target,
        other.direct,
        other.basis,
    )


def _beyond(row: Duty, day: dt.date) -> bool:
    """Does it hold on this day or later?"""
    return row.until is None or row.until > day


@dataclass
class Revision:
    """`today`: the local day on which the change is made; nothing begins or ends before it."""

    today: dt.date
    rows: dict[int, Duty] = field(default_factory=dict)
    _first: dict[int, Duty] = field(default_factory=dict)
    _by_matter: dict[Matter, set[int]] = field(default_factory=dict)
    _new: int = 0

    @classmethod
    def of(cls, rows: Iterable[Duty], today: dt.date) -> Revision:
        made = cls(today)
        for row in rows:
            made._put(row)
        made._first = dict(made.rows)
        return made

    # -- changes

    def open(self, new: Duty, *, instead_of: int | None = None) -> Duty:
        """Let `new` hold for its term (its id is not looked at). `instead_of`: a row that it replaces for good.
        Raises Clash."""
        if new.since < self.today:
            raise Clash("past")
        if new.until is not None and new.until <= new.since:
            raise Clash("not_after")
        if instead_of is not None:
            old = self._living(instead_of)
            if says_the_same(old, new) and old.until == new.until and old.since <= new.since:
                raise Clash("said", old)
            self._stop(old, max(new.since, old.since))
        for row in self.same_matter(new):
            if not _beyond(row, new.since) or (new.until is not None and row.since >= new.until):
                continue
            if row.since <= new.since and says_the_same(row, new) and row.until == new.until:
                raise Clash("said", row)
            if row.since >= new.since:
                raise Clash("later", row)
            self._stop(row, new.since)
            if new.until is not None and _beyond(row, new.until) and not says_the_same(row, new):
                self._put(replace(row, id=self._fresh(), since=new.until))
        row = replace(new, id=self._fresh())
        self._put(row)
        return row

    def end(self, pk: int, on: dt.date) -> Duty | None:
        """Let a row hold no longer from a day on; None where it never held and is taken back. Raises Clash."""
        row = self._living(pk)
        if on < self.today:
            raise Clash("past", row)
        if row.until is not None and on >= row.until:
            raise Clash("ended", row)
        if on <= row.since and row.since < self.today:
            raise Clash("not_after", row)
        return self._stop(row, on)

    def restore(self, pk: int, until: dt.date | None) -> None:
        """Give a row its former end again, where what it gave way to was taken back and nothing else holds."""
        row = self.rows.get(pk)
        if row is None or row.until is None or row.until < self.today:
            return
        back = replace(row, until=until)
        later = [one for one in self.same_matter(row) if one.id != pk and _beyond(one, row.until)]
        if all(until is not None and one.since >= until for one in later):
            self._put(back)

    # -- what is asked

    def same_matter(self, row: Duty) -> list[Duty]:
        """The rows that say the same thing, oldest first."""
        found = [self.rows[pk] for pk in self._by_matter.get(matter(row), ())]
        return sorted(found, key=lambda one: (one.since, one.id))

    def difference(self) -> Difference:
        """What changed since the beginning."""
        dated = tuple(
            (was, self.rows[pk])
            for pk, was in self._first.items()
            if pk in self.rows and self.rows[pk].until != was.until
        )
        gone = tuple(was for pk, was in self._first.items() if pk not in self.rows)
        begun = tuple(self.rows[pk] for pk in sorted(self.rows.keys() - self._first.keys(), reverse=True))
        return Difference(dated, gone, begun)

    # -- within

    def _living(self, pk: int) -> Duty:
        row = self.rows.get(pk)
        if row is None:
            raise Clash("gone")
        if row.until is not None and row.until <= self.today:
            raise Clash("ended", row)
        return row

    def _stop(self, row: Duty, on: dt.date) -> Duty | None:
        if row.since >= on:  # it would never have held
            del self.rows[row.id]
            self._by_matter[matter(row)].discard(row.id)
            return None
        stopped = replace(row, until=on)
        self._put(stopped)
        return stopped

    def _put(self, row: Duty) -> None:
        self.rows[row.id] = row
        self._by_matter.setdefault(matter(row), set()).add(row.id)

    def _fresh(self) -> int:
        self._new -= 1
        return self._new


def apply(rows: Iterable[Duty], found: Difference) -> tuple[Duty, ...]:
    """The rows with a difference laid over them."""
    dated: Mapping[int, Duty] = {was.id: now for was, now in found.dated}
    gone = {row.id for row in found.gone}
    return (*(dated.get(row.id, row) for row in rows if row.id not in gone), *found.begun)
