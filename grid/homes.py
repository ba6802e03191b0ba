"""Where places that have moved or ended stand in today's tree.

Records of before carry the columns of then. Whatever stood at or below a place that has since gone elsewhere stands
today where that place, or the one that took over from it, stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection

from grid import queries
from grid.kinds import rank
from grid.models import Place
from ledger import versions

# one that once stood under another, or has ended
_GONE = """
SELECT p.id, p.kind, p.path, p.retired_at IS NOT NULL FROM grid_place AS p
WHERE p.retired_at IS NOT NULL OR EXISTS (
    SELECT 1 FROM grid_placepast AS h
    WHERE h.place_id = p.id AND h.above_id IS DISTINCT FROM coalesce(p.parent_id, p.superior_id))
"""


@dataclass(frozen=True, slots=True)
class Home:
    """`line`: kind → id of what the place stands under today, itself or its heir included."""

    id: int
    kind: str
    path: str
    line: Mapping[str, int]


def moved() -> list[Home]:
    """Every place that has stood elsewhere, or has ended and has an heir, the deepest kinds first. Of several heirs
    the first. Two statements and the names of what is above, none while nothing changes."""
    return _kept()


def _read() -> list[Home]:
    with connection.cursor() as cursor:
        cursor.execute(_GONE)
        rows = cursor.fetchall()
    heirs = {old: new[0] for old, new in queries.all_heirs_of([row[0] for row in rows if row[3]]).items()}
    paths = dict(Place.objects.filter(pk__in=heirs.values()).values_list("pk", "path")) if heirs else {}
    stands = [
        (pk, kind, paths[heirs[pk]] if ended else path)
        for pk, kind, path, ended in rows
        if not ended or pk in heirs
    ]
    lines = queries.lineages(path for _pk, _kind, path in stands)
    homes = [
        Home(pk, kind, path, {above: place.id for above, place in lines[path].items()})
        for pk, kind, path in stands
    ]
    return sorted(homes, key=lambda home: (-rank(home.kind), home.id))


_kept = versions.Cached("places", _read)
