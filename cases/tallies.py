"""What stands beside its source so that figures and lists need no join: the worst running clock of a case, its counts of
parts and places, the ancestors of every path. Written in the transaction of the change; here they are made anew from
their sources in one statement each, and compared.

There are no sums kept of figures: measured at a million cases none was needed."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from cases.models.case import ANCESTORS, Case
from cases.models.clock import TERMS, Clock
from cases.models.holding import Part

COLUMNS = tuple(f"{kind}_id" for kind in ANCESTORS)


@dataclass(frozen=True)
class Tally:
    """`source` gives `id` and the columns as they should be, for every row of `table` (or those of `whose` only)."""

    label: str
    table: str
    columns: tuple[str, ...]
    source: str
    params: tuple[object, ...] = ()

    @property
    def _differing(self) -> str:
        mine = ", ".join(f"t.{column}" for column in self.columns)
        right = ", ".join(f"s.{column}" for column in self.columns)
        return f"s.id = t.id AND ({mine}) IS DISTINCT FROM ({right})"

    def faults(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM {self.table} t, ({self.source}) s WHERE {self._differing}",  # noqa: S608
                self.params,
            )
            return int(cursor.fetchone()[0])

    def rebuild(self) -> int:
        """How many were wrong."""
        sets = ", ".join(f"{column} = s.{column}" for column in self.columns)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {self.table} t SET {sets} FROM ({self.source}) s WHERE {self._differing}",  # noqa: S608
                self.params,
            )
            return int(cursor.rowcount)


def _of_paths(table: str) -> str:
    """Each row's path taken apart: the ids in it by the kind of place that they are."""
    kinds = ", ".join(f"max(p.id) FILTER (WHERE p.kind = '{kind}') AS {kind}_id" for kind in ANCESTORS)
    return f"""
        SELECT r.id, {", ".join(f"line.{column}" for column in COLUMNS)} FROM {table} r JOIN (
            SELECT paths.path, {kinds}
            FROM (SELECT DISTINCT path FROM {table}) AS paths
            CROSS JOIN unnest(string_to_array(trim('/' FROM path), '/')::bigint[]) AS step(place_id)
            JOIN grid_place p ON p.id = step.place_id GROUP BY paths.path
        ) AS line USING (path)"""  # noqa: S608


WORST = """
    SELECT c.id, k.due AS next_due_at, k.warn AS next_warn_at, coalesce(k.rests, false) AS paused
    FROM cases_case c LEFT JOIN (
        SELECT case_id, bool_or(state = 'paused') AS rests,
               min(due_at) FILTER (WHERE state = 'running' AND stage <> ALL(%s)) AS due,
               min(warn_at) FILTER (WHERE state = 'running' AND stage <> ALL(%s)) AS warn
        FROM cases_clock WHERE state <> 'stopped' GROUP BY case_id
    ) AS k ON k.case_id = c.id"""
PARTS = """
    SELECT c.id, count(p.id) AS open_parts FROM cases_case c
    LEFT JOIN cases_part p ON p.case_id = c.id AND p.state = ANY(%s) GROUP BY c.id"""
PLACES = """
    SELECT c.id, count(o.id) AS child_count FROM cases_case c
    LEFT JOIN cases_case o ON o.parent_id = c.id GROUP BY c.id"""
CASES, CLOCKS = Case._meta.db_table, Clock._meta.db_table

TALLIES = (
    Tally(
        gettext_noop("工单最紧的时限"),
        CASES,
        ("next_due_at", "next_warn_at", "paused"),
        WORST,
        (list(TERMS), list(TERMS)),
    ),
    Tally(gettext_noop("工单未完成的协办"), CASES, ("open_parts",), PARTS, (list(Part.OPEN),)),
    Tally(gettext_noop("一件事的各处"), CASES, ("child_count",), PLACES),
    Tally(gettext_noop("工单的上级地点"), CASES, COLUMNS, _of_paths(CASES)),
    Tally(gettext_noop("时钟的上级地点"), CLOCKS, COLUMNS, _of_paths(CLOCKS)),
)


def check() -> dict[str, int]:
    """label → how many rows are not what their source makes of them; none where all is well."""
    return {_(tally.label): n for tally in TALLIES if (n := tally.faults())}


def rebuild() -> dict[str, int]:
    """label → how many rows were made anew. No entry tells of it: nothing happened, only a reading was wrong."""
    with transaction.atomic():
        return {_(tally.label): n for tally in TALLIES if (n := tally.rebuild())}
