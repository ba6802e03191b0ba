"""Boundaries among each other: what lies over what, and what no neighbour covers.

Reading only; `commands.set_boundary` writes. Compared are places of one kind (streets with streets); estates,
which lie across grids, are not. Areas in square metres.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _
from shapely import STRtree
from shapely.geometry.base import BaseGeometry

from grid import geometry, kinds, tree
from grid.models import Place

TRIFLE = 20.0  # square metres: what rounding to centimetres leaves along kilometres of border is not told
THIN = 0.1  # metres: a sliver on average no wider than this is where one line was drawn twice


@dataclass(frozen=True)
class Trifle:
    """What is too small to be told."""

    area: float = TRIFLE
    width: float = THIN

    def size_of(self, shape: BaseGeometry) -> float:
        """Square metres of an area; 0 for a trifle."""
        size = geometry.square_metres(shape)
        return size if size >= self.area and geometry.width_of(shape) >= self.width else 0.0


USUAL = Trifle()


@dataclass(frozen=True)
class Overlap:
    """Ground that two places of one kind both claim."""

    one: Place
    other: Place
    area: float
    shape: dict[str, Any]


@dataclass(frozen=True)
class Gap:
    """Ground of a place that none of its children covers, though some do; `area` of it, `of` the whole."""

    place: Place
    area: float
    of: float
    shape: dict[str, Any]


@dataclass(frozen=True)
class Outside:
    """Ground of a place that lies outside of what it belongs to."""

    place: Place
    above: Place
    area: float


@dataclass(frozen=True)
class Findings:
    overlaps: list[Overlap]
    gaps: list[Gap]
    outside: list[Outside]
    without: int  # places of the compared kinds that have no boundary
    drawn: int

    @property
    def is_clean(self) -> bool:
        return not (self.overlaps or self.gaps or self.outside)


def check(root: Place | None = None, kind: str | None = None, trifle: Trifle = USUAL) -> Findings:
    """Everything amiss at or below `root`; two statements, whatever the number of places."""
    places = _drawn(root)
    if kind:
        wanted = places.filter(kind=kind)
    else:
        wanted = places.exclude(kind=kinds.ESTATE)
    rows = list(wanted.only("id", "code", "name", "kind", "path", "boundary", "parent", "superior"))
    areas = {place.pk: geometry.kept(json.dumps(place.boundary)) for place in rows}
    overlaps: list[Overlap] = []
    for _kind, group in _by_kind(rows):
        overlaps += _overlaps(group, areas, trifle)
    gaps, outside = _against_parents(rows, areas, trifle)
    bare = Place.objects.filter(retired_at=None, west__isnull=True).exclude(kind=kinds.ESTATE)
    bare = bare.filter(kind=kind) if kind else bare.filter(kind__in={place.kind for place in rows})
    if root is not None:
        bare = bare.filter(tree.within(root))
    return Findings(
        sorted(overlaps, key=lambda found: -found.area),
        sorted(gaps, key=lambda found: -found.area),
        sorted(outside, key=lambda found: -found.area),
        bare.count(),
        len(rows),
    )


def overlaps_of(place: Place, boundary: dict[str, Any], trifle: Trifle = USUAL) -> list[Overlap]:
    """What a boundary would claim that another place of the same kind has; for a look before saving. One
    statement."""
    area = geometry.read(boundary)
    found = []
    for other in neighbours(place, area.bounds).filter(kind=place.kind):
        shared = geometry.areas_only(area.intersection(geometry.kept(json.dumps(other.boundary))))
        if size := trifle.size_of(shared):
            found.append(Overlap(place, other, size, geometry.plain(shared)))
    return sorted(found, key=lambda overlap: -overlap.area)


def neighbours(place: Place, box: geometry.Box) -> QuerySet[Place]:
    """Other live places whose box touches this one, with their boundary."""
    return Place.objects.filter(near(box), retired_at=None).exclude(pk=place.pk).order_by()


def near(box: geometry.Box) -> Q:
    """Filter for places whose box touches this one; the index answers it."""
    touching = RawSQL(
        "box(point(grid_place.west, grid_place.south), point(grid_place.east, grid_place.north)) "
        "&& box(point(%s, %s), point(%s, %s))",
        list(box),
        output_field=BooleanField(),
    )
    return Q(touching, west__isnull=False)


def collection(root: Place | None = None, kind: str | None = None) -> Iterator[dict[str, Any]]:
    """The features of a subtree's boundaries, one by one."""
    places = _drawn(root)
    if kind:
        places = places.filter(kind=kind)
    for place in places.order_by("path").iterator(200):
        yield {
            "type": "Feature",
            "properties": {
                "code": place.code,
                "name": place.name,
                "kind": place.kind,
                "datum": place.datum,
            },
            "geometry": place.boundary,
        }


def pieces(root: Place | None = None, kind: str | None = None) -> Iterator[bytes]:
    """A FeatureCollection as bytes, piece by piece."""
    yield b'{"type":"FeatureCollection","features":['
    for n, feature in enumerate(collection(root, kind)):
        text = json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
        yield (",\n" if n else "\n").encode() + text.encode()
    yield b"\n]}\n"


def _drawn(root: Place | None) -> QuerySet[Place]:
    places = Place.objects.filter(retired_at=None, west__isnull=False)
    return places.filter(tree.within(root)) if root is not None else places


def _by_kind(places: Sequence[Place]) -> Iterable[tuple[str, list[Place]]]:
    groups: dict[str, list[Place]] = {}
    for place in places:
        groups.setdefault(place.kind, []).append(place)
    return groups.items()


def _overlaps(group: Sequence[Place], areas: dict[int, BaseGeometry], trifle: Trifle) -> Iterator[Overlap]:
    shapes = [areas[place.pk] for place in group]
    pairs = STRtree(shapes).query(shapes, predicate="intersects")
    for a, b in sorted({(min(a, b), max(a, b)) for a, b in pairs.T.tolist() if a != b}):
        shared = geometry.areas_only(shapes[a].intersection(shapes[b]))
        if size := trifle.size_of(shared):
            yield Overlap(group[a], group[b], size, geometry.plain(shared))


def _against_parents(
    places: Sequence[Place], areas: dict[int, BaseGeometry], trifle: Trifle
) -> tuple[list[Gap], list[Outside]]:
    """Each drawn parent against the union of its drawn children of one kind."""
    by_id = {place.pk: place for place in places}
    under: dict[int, list[Place]] = {}
    for place in places:
        if place.above_id in by_id and place.kind != kinds.ESTATE:
            under.setdefault(place.above_id, []).append(place)
    gaps, outside = [], []
    for pk, children in under.items():
        whole = areas[pk]
        together = shapely.union_all([areas[child.pk] for child in children])
        bare = geometry.areas_only(whole.difference(together))
        if size := trifle.size_of(bare):
            gaps.append(Gap(by_id[pk], size, geometry.square_metres(whole), geometry.plain(bare)))
        for child in children:
            over = geometry.areas_only(areas[child.pk].difference(whole))
            if size := trifle.size_of(over):
                outside.append(Outside(child, by_id[pk], size))
    return gaps, outside


def points(boundary: dict[str, Any] | None) -> int:
    """How many corners an area is drawn with."""
    if boundary is None:
        return 0
    rings = boundary["coordinates"]
    if boundary["type"] == "MultiPolygon":
        rings = [ring for part in rings for ring in part]
    return sum(len(ring) - 1 for ring in rings)


def sentence(found: Overlap | Gap | Outside) -> str:
    """One finding in words."""
    if isinstance(found, Overlap):
        return _("重叠 {area} 平方米：{one} 与 {other}").format(
            area=_m2(found.area), one=_named(found.one), other=_named(found.other)
        )
    if isinstance(found, Gap):
        return _("空白 {area} 平方米（占 {share:.2%}）：{place}之内没有下级覆盖").format(
            area=_m2(found.area), share=found.area / found.of, place=_named(found.place)
        )
    return _("越界 {area} 平方米：{place}伸出{above}之外").format(
        area=_m2(found.area), place=_named(found.place), above=_named(found.above)
    )


def _m2(area: float) -> str:
    return f"{area:,.0f}" if area >= 10 else f"{area:.1f}"


def _named(place: Place) -> str:
    return f"{place.name}（{place.code}）"
