"""Reading the tree: lineages, children, and a place as interfaces show it.

Names of ancestors come from a cache that lives as long as nobody changed a place; a list of places costs
at most one statement for all the ancestors that the cache does not hold.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet

from grid import kinds, tree
from grid.models import Place
from ledger import versions


@dataclass(frozen=True, slots=True)
class PlaceLite:
    """What a path shows of a place."""

    id: int
    code: str
    name: str
    kind: str


class Shelf:
    """The places used last, at most `size` of them. One shelf per state of the tree, so nothing ages."""

    def __init__(self, size: int = 20_000) -> None:
        self.size = size
        self._rows: OrderedDict[int, PlaceLite] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, ids: Iterable[int]) -> dict[int, PlaceLite]:
        with self._lock:
            found = {pk: self._rows[pk] for pk in ids if pk in self._rows}
            for pk in found:
                self._rows.move_to_end(pk)
            return found

    def put(self, rows: Iterable[PlaceLite]) -> None:
        with self._lock:
            for row in rows:
                self._rows[row.id] = row
            while len(self._rows) > self.size:
                self._rows.popitem(last=False)


_shelf = versions.Cached("places", Shelf)


def by_ids(ids: Iterable[int]) -> dict[int, PlaceLite]:
    """The places with these ids, id → PlaceLite; one statement for those not yet on the shelf."""
    wanted = set(ids)
    shelf = _shelf()
    found = shelf.take(wanted)
    missing = wanted - found.keys()
    if missing:
        rows = Place.objects.filter(pk__in=missing).order_by().values_list("id", "code", "name", "kind")
        fresh = [PlaceLite(*row) for row in rows]
        shelf.put(fresh)
        found.update({row.id: row for row in fresh})
    return found


Lineage = dict[str, PlaceLite]


def lineage(place: Place | str) -> Lineage:
    """kind → place, from the top down to the place itself; `place` may be its id-path."""
    path = place if isinstance(place, str) else place.path
    return lineages([path])[path]


def lineages(paths: Iterable[str]) -> dict[str, Lineage]:
    """path → lineage for many id-paths in at most one statement."""
    wanted = {path: tree.path_ids(path) for path in paths}
    known = by_ids(pk for ids in wanted.values() for pk in ids)
    return {path: {known[pk].kind: known[pk] for pk in ids if pk in known} for path, ids in wanted.items()}


def path_json(place: Place | str) -> list[dict[str, str]]:
    """The path as interfaces show it: [{code, name, kind}] from the top down, the place itself last."""
    return _path(lineage(place))


def path_text(place: Place | str, *, below: str | None = None, between: str = " / ") -> str:
    """The path in words; `below` drops what stands at or above that kind ("district": 街道 / 社区 / …)."""
    line = list(lineage(place).values())
    if below is not None:
        line = [lite for lite in line if kinds.rank(lite.kind) > kinds.rank(below)] or line[-1:]
    return between.join(lite.name for lite in line)


def _path(line: Lineage) -> list[dict[str, str]]:
    return [{"code": lite.code, "name": lite.name, "kind": lite.kind} for lite in line.values()]


def place_json(place: Place, *, boundary: bool = False) -> dict[str, Any]:
    """A place as SPEC §10 has it; with `boundary` also its area as GeoJSON."""
    shown = places_json([place])[0]
    if boundary:
        shown["boundary"] = place.boundary
        shown["datum"] = place.datum
    return shown


def places_json(places: Sequence[Place]) -> list[dict[str, Any]]:
    """Many places as interfaces show them; the number of statements does not grow with them."""
    lines = lineages(place.path for place in places)
    estates = by_ids(place.managed_by_id for place in places if place.managed_by_id)
    heirs = _successor_codes([place.pk for place in places if not place.is_live])
    return [_json(place, _path(lines[place.path]), estates, heirs) for place in places]


def _json(
    place: Place, path: list[dict[str, str]], estates: Mapping[int, PlaceLite], heirs: Mapping[int, list[str]]
) -> dict[str, Any]:
    estate = estates.get(place.managed_by_id) if place.managed_by_id else None
    return {
        "code": place.code,
        "name": place.name,
        "kind": place.kind,
        "parent": path[-2]["code"] if len(path) > 1 else None,
        "path": path,
        "version": place.version,
        "aliases": place.aliases,
        "managed_by": estate.code if estate else None,
        "management": place.management,
        "lon": place.lon,
        "lat": place.lat,
        "households": place.households,
        "residents": place.residents,
        "valid_from": place.valid_from.isoformat() if place.valid_from else None,
        "retired_at": place.retired_at.isoformat() if place.retired_at else None,
        "successors": heirs.get(place.pk, []),
    }


def _successor_codes(ids: Sequence[int]) -> dict[int, list[str]]:
    """id of a retired place → codes of the live places that took over, however many steps later."""
    heirs = all_heirs_of(ids)
    known = by_ids(pk for found in heirs.values() for pk in found)
    return {old: [known[pk].code for pk in found if pk in known] for old, found in heirs.items()}


def light() -> QuerySet[Place]:
    """Places without their boundary, which may be long: for lists."""
    return Place.objects.defer("boundary")


def roots() -> QuerySet[Place]:
    """What nothing stands above."""
    return light().filter(parent=None, superior=None, retired_at=None).order_by("code")


def children(place: Place | None, *, retired: bool = False) -> QuerySet[Place]:
    """The places directly under one, by code; None gives the roots. Live ones only, unless asked."""
    if place is None:
        return roots()
    under = light().filter(Q(parent=place) | Q(superior=place)).order_by("code")
    return under if retired else under.filter(retired_at=None)


def child_counts(places: Sequence[Place]) -> dict[int, int]:
    """id → number of live places directly under it, for a tree that shows which nodes open."""
    ids = [place.pk for place in places]
    counts = dict.fromkeys(ids, 0)
    for link in ("parent_id", "superior_id"):
        rows = Place.objects.filter(**{f"{link}__in": ids}, retired_at=None).order_by()
        for pk, n in rows.values_list(link).annotate(n=Count("pk")):
            counts[pk] += n
    return counts


def kind_counts(place: Place) -> dict[str, int]:
    """kind → number of live places at or below one."""
    rows = Place.objects.filter(tree.within(place), retired_at=None).order_by()
    return dict(rows.values_list("kind").annotate(n=Count("pk")))


def heirs_of(ids: Sequence[int]) -> dict[int, int]:
    """id of a retired place → id of the live one that asking for it leads to, over any number of steps.

    A place that was split among several leads to none of them by itself and is left out, as is one without
    a live successor."""
    return {old: heirs[0] for old, heirs in all_heirs_of(ids).items() if len(heirs) == 1}


def all_heirs_of(ids: Sequence[int]) -> dict[int, list[int]]:
    """id of a retired place → ids of all live ones that took over, over any number of steps, the first
    successor's first; one statement."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE heir AS ("
            " SELECT s.old_id AS origin, s.new_id AS id, ARRAY[s.id] AS way FROM grid_succession s"
            " WHERE s.old_id = ANY(%s)"
            " UNION ALL SELECT h.origin, s.new_id, h.way || s.id FROM heir h"
            " JOIN grid_place p ON p.id = h.id AND p.retired_at IS NOT NULL"
            " JOIN grid_succession s ON s.old_id = h.id"
            " WHERE NOT s.id = ANY(h.way)"
            ") SELECT h.origin, h.id FROM heir h"
            " JOIN grid_place p ON p.id = h.id AND p.retired_at IS NULL"
            " GROUP BY h.origin, h.id ORDER BY min(h.way)",
            [list(ids)],
        )
        found: dict[int, list[int]] = {}
        for origin, pk in cursor.fetchall():
            found.setdefault(origin, []).append(pk)
        return found


def children_of_kind(path: str, kind: str) -> list[PlaceLite]:
    """The live places of a kind at or below an id-path ("" for everything), in the order of their codes."""
    rows = Place.objects.filter(path__startswith=path or "/", kind=kind, retired_at=None).order_by("code")
    return [PlaceLite(*row) for row in rows.values_list("id", "code", "name", "kind")]
