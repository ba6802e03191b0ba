"""Every calendar as the clocks read it, cached per process: what it inherits, as of any entry of its table.

A clock names its calendar as `code@seq`: the calendar as it stood after that entry. So a change of a calendar
touches new clocks only, and an old deadline can be computed anew for ever; `cases.replanning` gives open
clocks the calendar of now.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from cases.models import calendars as rows
from cases.sla import calendar as opening
from grid.tree import path_ids
from ledger.versions import Cached
from parties import directory

ROOT = "default"
MOST_KEPT = 256  # calendars as of some entry, built and kept
Spans = list[list[str]]


@dataclass(frozen=True, slots=True)
class Own:
    """What one calendar says itself, as of some entry."""

    code: str
    weekly: Mapping[str, Spans] | None
    tz: str
    published_from: dt.date | None
    published_until: dt.date | None
    days: Mapping[dt.date, rows.CalendarDay]


@dataclass(frozen=True, slots=True)
class Instead:
    """What one calendar would say after a change that nobody made yet: a day that is None falls away."""

    code: str
    days: Mapping[dt.date, rows.CalendarDay | None] = field(default_factory=dict)
    published_until: dt.date | None = None


@dataclass(frozen=True)
class _Books:
    by_id: Mapping[int, rows.Calendar]
    by_code: Mapping[str, rows.Calendar]
    by_place: Mapping[int, str]
    by_organisation: Mapping[int, str]
    days: Mapping[int, tuple[rows.CalendarDay, ...]]
    kept: dict[str, opening.Calendar] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)


# -- what the house asks


def calendar(ref: str = ROOT) -> opening.Calendar:
    """A calendar with everything it inherits: `code` as it is now, `code@seq` as it was after that entry. An
    unknown code gets the root, and without any rows the shipped one."""
    books = _books()
    found = books.kept.get(ref)
    if found is None:
        code, _at, seq = ref.partition("@")
        if code not in books.by_code:
            return calendar(ROOT) if ROOT in books.by_code else opening.DEFAULT
        if not seq.isdigit():
            return calendar(pinned(code))
        found = _build(books, code, int(seq))
        if len(books.kept) >= MOST_KEPT:
            books.kept.clear()
        books.kept[ref] = found
    return found


def ref_for(organisation_id: int | None, path: str = "") -> str:
    """The calendar, as of now, that a clock starting against this organisation counts by: its own, that of
    the nearest organisation above, else of the nearest place on the path, else the root."""
    return pinned(code_for(organisation_id, path))


def code_for(organisation_id: int | None, path: str = "") -> str:
    """As `ref_for`, without the entry."""
    books = _books()
    if books.by_organisation:
        org = directory.by_id(organisation_id)
        for pk in reversed(path_ids(org.path)) if org is not None else ():
            if (code := books.by_organisation.get(pk)) is not None:
                return code
    if books.by_place:
        for pk in reversed(path_ids(path)):
            if (code := books.by_place.get(pk)) is not None:
                return code
    return ROOT


def pinned(code: str) -> str:
    """`code@seq` of a calendar as it stands: seq is the last entry that changed it or what it inherits."""
    return f"{code}@{revision(code)}"


def code_of(ref: str) -> str:
    return ref.partition("@")[0]


def revision(code: str) -> int:
    """The last entry that changed this calendar or one it inherits from; 0 where none ever did."""
    books = _books()
    found = books.revisions.get(code)
    if found is None:
        found = books.revisions[code] = _revision(books, code)
    return found


def line(code: str) -> tuple[rows.Calendar, ...]:
    """A calendar and those it inherits from, the root last."""
    books = _books()
    return tuple(_line(books, books.by_code[code], None)) if code in books.by_code else ()


def below(code: str) -> tuple[str, ...]:
    """The calendar and all that inherit from it."""
    return tuple(one for one in _books().by_code if any(each.code == code for each in line(one)))


def all_rows() -> tuple[rows.Calendar, ...]:
    return tuple(_books().by_code.values())


def own_days(code: str) -> Mapping[dt.date, rows.CalendarDay]:
    """The standing exceptions that a calendar names itself."""
    books = _books()
    row = books.by_code.get(code)
    return _days(books, row.pk, None) if row is not None else {}


def if_so(code: str, instead: Instead) -> opening.Calendar:
    """How a calendar would read if one of its line said something else; for previews."""
    return _build(_books(), code, None, instead)


def hours(spans: Iterable[Iterable[str]]) -> opening.Hours:
    """Opening intervals as the rows write them, [["08:30", "12:00"], …], as times."""
    return tuple((dt.time.fromisoformat(opens), dt.time.fromisoformat(closes)) for opens, closes in spans)


# -- reading the rows


def _read() -> _Books:
    found = {row.pk: row for row in rows.Calendar.objects.order_by("code")}
    days: dict[int, list[rows.CalendarDay]] = defaultdict(list)
    for day in rows.CalendarDay.objects.order_by("date", "since_seq"):
        days[day.calendar_id].append(day)
    return _Books(
        by_id=MappingProxyType(found),
        by_code=MappingProxyType({row.code: row for row in found.values()}),
        by_place=MappingProxyType({row.place_id: row.code for row in found.values() if row.place_id}),
        by_organisation=MappingProxyType(
            {row.organisation_id: row.code for row in found.values() if row.organisation_id}
        ),
        days=MappingProxyType({pk: tuple(own) for pk, own in days.items()}),
    )


def _own_columns(row: rows.Calendar, seq: int | None) -> Mapping[str, Any]:
    if seq is not None:
        for before in row.past:
            if before["until"] > seq:
                return {
                    **before,
                    **{name: _date(before[name]) for name in ("published_from", "published_until")},
                }
    return {name: getattr(row, name) for name in rows.OWN}


def _date(value: str | None) -> dt.date | None:
    return dt.date.fromisoformat(value) if value else None


def _line(books: _Books, row: rows.Calendar, seq: int | None) -> list[rows.Calendar]:
    found = [row]
    while (above := books.by_id.get(_own_columns(found[-1], seq)["parent_id"])) is not None:
        if above in found:
            break
        found.append(above)
    return found


def _days(books: _Books, pk: int, seq: int | None) -> dict[dt.date, rows.CalendarDay]:
    return {
        day.date: day
        for day in books.days.get(pk, ())
        if (
            day.until_seq is None
            if seq is None
            else day.since_seq <= seq and (day.until_seq is None or day.until_seq > seq)
        )
    }


def _own(books: _Books, row: rows.Calendar, seq: int | None, instead: Instead | None) -> Own:
    columns, days = _own_columns(row, seq), _days(books, row.pk, seq)
    until = columns["published_until"]
    if instead is not None and instead.code == row.code:
        changed = {**days, **instead.days}
        days = {date: day for date, day in changed.items() if day is not None}
        until = instead.published_until or until
    return Own(row.code, columns["weekly"], columns["tz"], columns["published_from"], until, days)


def _build(books: _Books, code: str, seq: int | None, instead: Instead | None = None) -> opening.Calendar:
    """One calendar with what it inherits: own hours and own days before the parent's."""
    heard = [_own(books, row, seq, instead) for row in _line(books, books.by_code[code], seq)]
    weekly = next(one.weekly for one in heard if one.weekly is not None)
    week = {int(weekday): hours(spans) for weekday, spans in weekly.items()}
    ordinary = next((week[weekday] for weekday in range(7) if week.get(weekday)), ())
    exceptions: dict[dt.date, opening.Day] = {}
    for one in reversed(heard):
        for date, day in one.days.items():
            spans = ordinary if day.intervals is None else hours(day.intervals)
            exceptions[date] = opening.Day(day.kind, spans, day.name)
    return opening.Calendar(
        week,
        exceptions,
        ZoneInfo(heard[0].tz),
        published_until=next(one.published_until for one in heard if one.published_until is not None),
        published_from=next(
            (one.published_from for one in heard if one.published_from is not None), opening.PUBLISHED_FROM
        ),
        name=code,
    )


def _revision(books: _Books, code: str) -> int:
    found = 0
    for row in _line(books, books.by_code[code], None) if code in books.by_code else ():
        found = max([found, *(before["until"] for before in row.past)])
        for day in books.days.get(row.pk, ()):
            found = max(found, day.since_seq, day.until_seq or 0)
    return found


_books: Cached[_Books] = Cached("calendars", _read)
