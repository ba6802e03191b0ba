"""The tree in one piece, for an editor that draws it itself: every live place below some places, written as JSON
by the database, for Python need not touch forty thousand rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from grid import kinds

MOST = (
    60_000  # rows in one answer; a deeper tree is cut at a kind, and asked for again below each place of it
)
COLUMNS = ("id", "above", "kind", "code", "name", "households", "deeper", "managed_by")


class Outline(NamedTuple):
    """`rows`: JSON text, a list of lists in the order of COLUMNS, each tree from the top down and each place after
    what stands above it; `deeper`: are there places below this one, here or not. `total`: live places below;
    `cut`: below which kind the rows end, empty where all are here."""

    rows: str
    total: int
    cut: str


def outline(paths: Sequence[str], *, most: int = MOST) -> Outline:
    """The places with these id-paths and all below them; two statements. Nothing for no paths."""
    if not paths:
        return Outline("[]", 0, "")
    below = {"below": [f"{path}%" for path in paths], "tops": list(paths)}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, count(*) FROM grid_place WHERE retired_at IS NULL AND path LIKE ANY(%(below)s) GROUP BY kind",
            below,
        )
        counts = dict(cursor.fetchall())
        shown = _kinds_that_fit(counts, most)
        cursor.execute(
            """
            SELECT coalesce(json_agg(json_build_array(
                       id, coalesce(parent_id, superior_id), kind, code, name, households, rght - lft > 1,
                       managed_by_id) ORDER BY path_rank, street, lft), '[]')::text
            FROM (SELECT *, CASE WHEN kind = ANY(%(upper)s) THEN length(code) ELSE 99 END AS path_rank,
                         CASE WHEN kind = ANY(%(upper)s) THEN code ELSE tree_id::text END AS street
                  FROM grid_place
                  WHERE retired_at IS NULL AND path LIKE ANY(%(below)s)
                    AND (kind = ANY(%(shown)s) OR path = ANY(%(tops)s))) AS places
            """,
            {**below, "upper": list(kinds.UPPER), "shown": shown},
        )
        rows = cursor.fetchone()[0]
    cut = "" if len(shown) >= len(counts) else max(shown, key=kinds.rank, default=kinds.STREET)
    return Outline(rows, sum(counts.values()), cut)


def _kinds_that_fit(counts: dict[str, int], most: int) -> list[str]:
    """From the top down, as many kinds as stay within the measure; estates go with the grids beside them."""
    shown: list[str] = []
    taken = 0
    for rank in sorted({kinds.rank(kind) for kind in counts}):
        level = [kind for kind in counts if kinds.rank(kind) == rank]
        taken += sum(counts[kind] for kind in level)
        if taken > most and shown:
            break
        shown += level
    return shown
