"""Pages by key: each begins after the last row of the one before, so nothing is skipped or shown twice when
rows come in meanwhile, and the thousandth page costs what the first does."""

from __future__ import annotations

import base64
import binascii
import bisect
import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import F, Model, Q, QuerySet
from django.http import QueryDict

Row = TypeVar("Row", bound=Model)

DEFAULT_SIZE, MOST = 50, 100


class BadPage(ValueError):
    """The cursor or the size cannot be read; the message names the parameter."""


@dataclass(frozen=True)
class Key:
    """One column of the order. What is not there comes last, either way."""

    field: str
    descending: bool = False
    nullable: bool = False


@dataclass(frozen=True)
class Page:
    """`next` and `previous` are query strings, or None."""

    rows: list[Any]
    next: str | None
    previous: str | None


def page(
    rows: QuerySet[Row],
    order: Sequence[Key],
    asked: Mapping[str, str],
    ways: Sequence[Q] = (),
    most: int = MOST,
) -> Page:
    """The page that `asked` (a query string with `cursor` and `page_size`) wants; one statement. The last key
    must be unique. With `ways` only the rows that go by any of them: each way gives its first rows by an index of
    its own, and the page is taken from those. Raises BadPage."""
    size = _size(asked.get("page_size"), most)
    cursor = asked.get("cursor")
    backwards, values = _read(cursor, order) if cursor else (False, None)
    if values is not None:
        try:
            rows = rows.filter(_beyond(order, values, backwards))
        except (ValueError, TypeError) as problem:  # a value of another sort than the column's
            raise BadPage("cursor") from problem
    ordered = [_ordering(key, backwards) for key in order]
    if len(ways) == 1:
        rows = rows.filter(ways[0])
    elif ways:
        firsts = [rows.filter(way).order_by(*ordered).values("pk")[: size + 1] for way in ways]
        rows = rows.filter(pk__in=firsts[0].union(*firsts[1:]))
    return _cut(list(rows.order_by(*ordered)[: size + 1]), size, order, asked, backwards, values is not None)


def page_of(rows: Sequence[Any], order: Sequence[Key], asked: Mapping[str, str]) -> Page:
    """The same for rows that are all at hand, in their (ascending) order. Raises BadPage."""
    size = _size(asked.get("page_size"))
    cursor = asked.get("cursor")
    backwards, values = _read(cursor, order) if cursor else (False, None)
    if values is not None:
        try:
            keyed = [[getattr(row, key.field) for key in order] for row in rows]
            at = bisect.bisect_left(keyed, values) if backwards else bisect.bisect_right(keyed, values)
        except TypeError as problem:
            raise BadPage("cursor") from problem
        rows = rows[:at][::-1] if backwards else rows[at:]
    return _cut(list(rows[: size + 1]), size, order, asked, backwards, values is not None)


def _cut(
    found: list[Any], size: int, order: Sequence[Key], asked: Mapping[str, str], backwards: bool, onward: bool
) -> Page:
    """A page from its rows and one more; `onward`: it is not the first that was asked for."""
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    before = more if backwards else onward
    after = onward if backwards else more
    return Page(
        found,
        _query(asked, _write(False, order, found[-1])) if found and after else None,
        _query(asked, _write(True, order, found[0])) if found and before else None,
    )


def answer(
    page: Page, results: Sequence[Mapping[str, Any]], absolute: Callable[[str], str]
) -> dict[str, Any]:
    """{results, next, previous} with whole addresses; `absolute` turns a query string into one."""
    return {
        "results": list(results),
        "next": absolute(page.next) if page.next else None,
        "previous": absolute(page.previous) if page.previous else None,
    }


def _size(raw: str | None, most: int = MOST) -> int:
    if raw is None or raw == "":
        return DEFAULT_SIZE
    if not (raw.isascii() and raw.isdigit()) or not 1 <= int(raw[:9]) <= most:
        raise BadPage("page_size")
    return int(raw)


def _ordering(key: Key, backwards: bool) -> Any:
    down = key.descending != backwards
    if key.nullable:
        nulls = {"nulls_first": True} if backwards else {"nulls_last": True}
        return F(key.field).desc(**nulls) if down else F(key.field).asc(**nulls)
    return F(key.field).desc() if down else F(key.field).asc()


def _beyond(order: Sequence[Key], values: Sequence[Any], backwards: bool) -> Q:
    """Rows after these values in the order (before them, when going backwards)."""
    beyond, same = Q(pk__in=[]), Q()
    for key, value in zip(order, values, strict=True):
        down = key.descending != backwards
        if key.nullable and value is None:
            step = Q(**{f"{key.field}__isnull": False}) if backwards else Q(pk__in=[])
            equal = Q(**{f"{key.field}__isnull": True})
        else:
            step = Q(**{f"{key.field}__{'lt' if down else 'gt'}": value})
            if key.nullable and not backwards:
                step |= Q(**{f"{key.field}__isnull": True})
            equal = Q(**{key.field: value})
        beyond |= same & step
        same &= equal
    return beyond


def _write(backwards: bool, order: Sequence[Key], row: Any) -> str:
    values = [getattr(row, key.field) for key in order]
    plain = [value.isoformat() if isinstance(value, dt.datetime) else value for value in values]
    text = json.dumps([int(backwards), *plain], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str, order: Sequence[Key]) -> tuple[bool, list[Any]]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        backwards, *values = json.loads(base64.b64decode(padded.encode("ascii"), b"-_", validate=True))
        if backwards not in (0, 1) or len(values) != len(order):
            raise BadPage("cursor")
        return bool(backwards), [_value(key, value) for key, value in zip(order, values, strict=True)]
    except (ValueError, TypeError, binascii.Error, RecursionError) as problem:
        raise BadPage("cursor") from problem


def _value(key: Key, value: Any) -> Any:
    """A cursor comes from outside: only what we may have written is let in."""
    if value is None and key.nullable:
        return None
    if key.field.endswith("_at"):
        found = dt.datetime.fromisoformat(value)
        if found.tzinfo is None:
            raise BadPage("cursor")
        return found
    whole = isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63
    text = isinstance(value, str) and "\0" not in value and key.field not in ("id", "pk")
    if not (whole or text):
        raise BadPage("cursor")
    return value


def _query(asked: Mapping[str, str], cursor: str) -> str:
    kept = QueryDict(mutable=True)
    for name, value in asked.items():
        if name != "cursor":
            kept[name] = value
    kept["cursor"] = cursor
    return kept.urlencode()
