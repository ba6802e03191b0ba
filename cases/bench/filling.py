"""Many cases quickly: a few real ones, taken and moved by the commands, are multiplied set-based in the
database with their clocks shifted in time. Every row satisfies the product's own constraints."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connection

from cases.models.call import Call
from cases.models.case import Case
from cases.models.clock import Clock

TIMES = {
    Case: ("called_at", "received_at", "last_at", "held_since", "next_due_at", "next_warn_at", "promised_at",
           "dispatched_at", "first_dispatched_at", "signed_at", "resolved_at", "first_resolved_at"),
    Clock: ("anchor", "started_at", "due_at", "warn_at", "next_at", "stopped_at"),
    Call: ("called_at", "received_at"),
}  # fmt: skip
TABLES = [model._meta.db_table for model in TIMES]


def multiply(templates: list[Case], copies: int, *, spread: dt.timedelta) -> None:
    """`copies` new cases (with clocks and calls) from the templates, each moved back in time by its share of
    `spread`, numbers made unique by a running suffix."""
    ids = [case.pk for case in templates]
    plan: list[Any] = [ids, len(ids), spread, copies, copies]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bench_copy (src bigint, dst bigint, n bigint, back interval)")
        cursor.execute(
            "INSERT INTO bench_copy SELECT (%s::bigint[])[1 + n %% %s], nextval('cases_case_id_seq'), n, "
            "%s * (n::float / %s) FROM generate_series(1, %s) AS n",
            plan,
        )
        cursor.execute("CREATE INDEX ON bench_copy (src)")
        indexes = _drop_indexes(cursor)
        _copy(
            cursor,
            Case,
            "b.dst",
            {"number": "left(t.number, 20) || '-' || b.n", "chain_head": "''", "chain_length": "0"},
        )
        _copy(
            cursor,
            Clock,
            "nextval('cases_clock_id_seq')",
            {"case_id": "b.dst", "segments": _segments()},
            join="t.case_id",
        )
        _copy(
            cursor,
            Call,
            "nextval('cases_call_id_seq')",
            {"case_id": "b.dst", "tracking_code": "lpad((b.dst + 5000000000)::text, 12, '1')"},
            join="t.case_id",
        )
        cursor.execute("DROP TABLE bench_copy")
        for definition in indexes:
            cursor.execute(definition)
        # a database that lives is vacuumed, and only then do its indexes answer alone; not inside a transaction
        tidy = "ANALYZE" if connection.in_atomic_block else "VACUUM (ANALYZE)"
        for table in TABLES:
            cursor.execute(f"{tidy} {table}")


def _drop_indexes(cursor) -> list[str]:
    """All but those of constraints; how to make them again, which is quicker than keeping them up."""
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) "
        "AND indexname NOT IN (SELECT conname FROM pg_constraint)",
        [list(TABLES)],
    )
    found = cursor.fetchall()
    for name, _definition in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [definition for _name, definition in found]


def _segments() -> str:
    """Segments with every instant moved back."""
    moved = "to_jsonb(((one->>'%s')::timestamptz - b.back))"
    parts = [f"'{key}', CASE WHEN one ? '{key}' THEN {moved % key} END" for key in ("from", "to", "until")]
    each = f"one || jsonb_strip_nulls(jsonb_build_object({', '.join(parts)}))"
    rows = "jsonb_array_elements(t.segments) WITH ORDINALITY AS s(one, ord)"
    return f"(SELECT jsonb_agg({each} ORDER BY ord) FROM {rows})"  # noqa: S608


def _copy(cursor, model, pk: str, replaced: dict[str, str], *, join: str = "t.id") -> None:
    table = model._meta.db_table
    columns, values = [], []
    for field in model._meta.concrete_fields:
        column = field.column
        columns.append(f'"{column}"')
        if column == "id":
            values.append(pk)
        elif column in replaced:
            values.append(replaced[column])
        elif column in TIMES[model]:
            values.append(f't."{column}" - b.back')
        else:
            values.append(f't."{column}"')
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} "  # noqa: S608
        f"FROM bench_copy b JOIN {table} t ON {join} = b.src"
    )
