"""COPY into a table: rows as PostgreSQL's text format wants them."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import Field, JSONField, Model

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows of plain values (str, int, float, None) in one COPY. Names come from our own models."""
    text = io.StringIO("".join("\t".join(map(_spelled, row)) + "\n" for row in rows))
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        cursor.copy_expert(f'COPY "{table}" ({names}) FROM STDIN', text)


def copy_values(row: Model, fields: Iterable[Field]) -> list[Any]:
    """The columns of an unwritten row as plain values: JSON and arrays as PostgreSQL reads them from text."""
    return [_plain(field, getattr(row, field.attname)) for field in fields]


def _plain(field: Field, value: Any) -> Any:
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


def _spelled(value: Any) -> str:
    return r"\N" if value is None else str(value).translate(_ESCAPES)
