"""COPY into a table: rows as PostgreSQL's text format wants them, sent while they are made."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import Field, JSONField, Model

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
NULL = r"\N"


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows of plain values (str, int, float, None) in one COPY. Names come from our own models."""
    copy_lines(table, columns, (line(map(spelled, row)) for row in rows))


def copy_lines(table: str, columns: Sequence[str], lines: Iterable[str]) -> None:
    """Write lines that are already spelled, in one COPY; they are taken from `lines` while the database reads."""
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.copy_expert(f'COPY "{table}" ({names}) FROM STDIN', _Stream(lines), 1 << 16)


def line(values: Iterable[str]) -> str:
    return "\t".join(values) + "\n"


def copy_values(row: Model, fields: Iterable[Field]) -> list[Any]:
    """The columns of an unwritten row as plain values: JSON and arrays as PostgreSQL reads them from text."""
    return [plain(field, getattr(row, field.attname)) for field in fields]


def plain(field: Field, value: Any) -> Any:
    """A field's value as COPY takes it, before it is spelled."""
    if value is None:
        return None
    if isinstance(field, JSONField):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(field, ArrayField):
        quoted = (str(item).replace("\\", "\\\\").replace('"', '\\"') for item in value)
        return "{" + ",".join(f'"{item}"' for item in quoted) + "}"
    if isinstance(value, (dt.datetime, dt.date)):
        return value.isoformat()
    return value


def spelled(value: Any) -> str:
    if value is None:
        return NULL
    text = value if type(value) is str else str(value)
    if "\\" in text or "\t" in text or "\n" in text or "\r" in text:
        return text.translate(_ESCAPES)
    return text


class _Stream:
    """Lines as a file that is read once, piece by piece."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines: Iterator[str] = iter(lines)
        self._rest = b""

    def read(self, size: int) -> bytes:
        pieces, length = [self._rest], len(self._rest)
        while length < size and (more := next(self._lines, None)) is not None:
            pieces.append(more.encode())
            length += len(pieces[-1])
        whole = b"".join(pieces)
        self._rest = whole[size:]
        return whole[:size]
