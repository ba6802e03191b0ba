"""Many cases quickly: a few real ones, taken and moved by the commands, are multiplied set-based in the
database with their clocks shifted in time. Every row satisfies the product's own constraints."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import ProgrammingError, connection, transaction

from cases.kinds import OPEN
from cases.models.call import Call
from cases.models.case import ANCESTORS, Case
from cases.models.clock import Clock
from cases.models.holding import Holding
from cases.models.rating import Voice
from cases.models.relief import Relief
from grid.models import Place
from grid.queries import lineages

TIMES = {
    Case: ("called_at", "received_at", "last_at", "held_since", "next_due_at", "next_warn_at", "promised_at",
           "dispatched_at", "first_dispatched_at", "signed_at", "resolved_at", "first_resolved_at", "answered_at",
           "ended_at", "verified_at", "word_due_at"),
    Clock: ("anchor", "started_at", "due_at", "warn_at", "next_at", "stopped_at", "warned_at", "breached_at",
            "silent_at"),
    Call: ("called_at", "received_at", "told_at"),
    Voice: ("told_at", "rated_at"),
    Holding: ("since", "until", "signed_at"),
    Relief: ("asked_at", "decided_at", "due_before", "due_after", "until", "reviewed_at"),
}  # fmt: skip
PIECE = 100_000  # cases to a transaction
LIVELY = 0.03  # of many years' cases so many are open
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
            {"case_id": "b.dst", "tracking_code": _code("t.id")},
            join="t.case_id",
        )
        cursor.execute("DROP TABLE bench_copy")
        for definition in indexes:
            cursor.execute(definition)
        # a database that lives is vacuumed, and only then do its indexes answer alone; not inside a transaction
        tidy = "ANALYZE" if connection.in_atomic_block else "VACUUM (ANALYZE)"
        for table in TABLES:
            cursor.execute(f"{tidy} {table}")


def fill_years(
    templates: list[Case], cases: int, *, years: float, told: float = 0.0, say: Callable[[str], Any]
) -> None:
    """Until there are so many cases: what ended spread over so many years back (before the years that are `told`
    already, and then all of it ended), what is open over the last days, all of them over every grid of every street alike.
    With clocks, calls and their voices, stays and reliefs."""
    ended = [case.pk for case in templates if case.status not in OPEN]
    lively = [case.pk for case in templates if case.status in OPEN]
    first, missing = Case.objects.count(), cases - Case.objects.count()
    if missing <= 0:
        return
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'; SET synchronous_commit = off")
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE"
        )  # of what this transaction wrote before, if it is in one
        _trust_references(cursor)
        homes = _homes(cursor)
        indexes = _drop_indexes(cursor)
        for done in range(0, missing, PIECE):
            count = min(PIECE, missing - done)
            cursor.execute(
                "CREATE TEMP TABLE bench_copy AS SELECT (CASE WHEN lives THEN %(lively)s::bigint[] ELSE %(ended)s END)"
                "[1 + (n / %(every)s) %% (CASE WHEN lives THEN %(livelies)s ELSE %(endeds)s END)] AS src, "
                "nextval('cases_case_id_seq') AS dst, n, n %% %(homes)s AS home, CASE WHEN lives THEN "
                "interval '3 days' * random() ELSE interval '1 day' * (%(told)s + %(days)s * random()) END AS back "
                "FROM (SELECT n, %(told)s = 0 AND n %% %(every)s = 0 AS lives "
                "FROM generate_series(%(from)s, %(to)s) AS n) AS numbered",
                {
                    "lively": lively,
                    "ended": ended,
                    "livelies": len(lively),
                    "endeds": len(ended),
                    "every": round(1 / LIVELY),
                    "homes": homes,
                    "told": 365 * told,
                    "days": 365 * (years - told),
                    "from": first + done,
                    "to": first + done + count - 1,
                },
            )
            cursor.execute("ANALYZE bench_copy")
            here = {"path": "h.path", **{f"{kind}_id": f"h.{kind}_id" for kind in ANCESTORS}}
            number = {"number": "left(t.number, 20) || '-' || b.n", "chain_head": "''", "chain_length": "0"}
            at_home = {**here, **number, "place_id": "h.id", "external_ref": "''"}
            of_case = {"case_id": "b.dst"}
            _copy(cursor, Case, "b.dst", at_home, home=True)
            _copy(cursor, Clock, _next(Clock), {**here, **of_case}, join="t.case_id", home=True)
            _copy(cursor, Call, _next(Call), {**of_case, "tracking_code": _code("t.id")}, join="t.case_id")
            own = f"JOIN cases_call k ON k.tracking_code = {_code('t.call_id')}"
            _copy(
                cursor,
                Voice,
                "",
                {**here, **of_case, "call_id": "k.id"},
                join="t.case_id",
                home=True,
                also=own,
            )
            _copy(cursor, Holding, _next(Holding), of_case, join="t.case_id")
            _copy(cursor, Relief, _next(Relief), of_case, join="t.case_id")
            cursor.execute("DROP TABLE bench_copy")
            say(f"  {first + done + count:,} 件")
        cursor.execute("DROP TABLE bench_home; SET session_replication_role = DEFAULT")
        for definition in indexes:
            cursor.execute(definition)
        tidy = "ANALYZE" if connection.in_atomic_block else "VACUUM (ANALYZE)"
        for table in TABLES:
            cursor.execute(f"{tidy} {table}")


def _trust_references(cursor) -> None:
    """Copies refer to what their originals refer to: looking each up again would cost more than to write it. Whoever may
    not say so to the database waits longer."""
    with contextlib.suppress(ProgrammingError), transaction.atomic():
        cursor.execute("SET session_replication_role = replica")


def _homes(cursor) -> int:
    """A table of every grid, street by street in turn; how many."""
    columns = ", ".join(f"{kind}_id bigint" for kind in ANCESTORS)
    cursor.execute(f"CREATE TEMP TABLE bench_home (n bigint, id bigint, path text, {columns})")
    paths = dict(Place.objects.filter(kind="grid", retired_at=None).values_list("path", "pk"))
    lines = lineages(paths)
    by_street: dict[int, list[tuple[str, int]]] = {}
    for path, pk in sorted(paths.items()):
        by_street.setdefault(lines[path]["street"].id, []).append((path, pk))
    most = max(map(len, by_street.values()))
    n = 0
    for turn in range(most):  # each street as often as the others, whatever it is divided into
        for grids in by_street.values():
            path, pk = grids[turn % len(grids)]
            ids = [lines[path][kind].id if kind in lines[path] else None for kind in ANCESTORS]
            marks = ", ".join(["%s"] * (3 + len(ids)))
            cursor.execute(f"INSERT INTO bench_home VALUES ({marks})", [n, pk, path, *ids])  # noqa: S608
            n += 1
    cursor.execute("CREATE INDEX ON bench_home (n)")
    return n


def _code(call: str) -> str:
    """A tracking code for the copy of a call, told apart from those of its case's others."""
    return f"lpad(({call} % 1000)::text, 3, '0') || lpad(b.dst::text, 9, '0')"


def _next(model) -> str:
    return f"nextval('{model._meta.db_table}_id_seq')"


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


def _copy(
    cursor,
    model,
    pk: str,
    replaced: dict[str, str],
    *,
    join: str = "t.id",
    home: bool = False,
    also: str = "",
) -> None:
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
        + (" JOIN bench_home h ON h.n = b.home " if home else " ")
        + also
    )
