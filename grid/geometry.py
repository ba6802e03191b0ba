"""Boundaries: GeoJSON in, box, containment and area out. No query."""

from __future__ import annotations

import functools
import json
import math
from typing import Any

import shapely
from django.utils.translation import gettext as _
from shapely.geometry import Point, mapping, shape
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

Box = tuple[float, float, float, float]  # west, south, east, north, in degrees

MOST_POINTS = 20_000
EQUATOR, FLATTENING = 6378137.0, 1 / 298.257222101  # CGCS2000


class BadBoundary(ValueError):
    """Not a usable area; the message is a sentence for the reader."""


def read(boundary: Any) -> BaseGeometry:
    """The geometry of a GeoJSON Polygon or MultiPolygon in degrees of longitude and latitude. Raises
    BadBoundary."""
    if not isinstance(boundary, dict) or boundary.get("type") not in ("Polygon", "MultiPolygon"):
        raise BadBoundary(_("边界要是 GeoJSON 的 Polygon 或 MultiPolygon。"))
    _check_points(boundary.get("coordinates"), 3 if boundary["type"] == "Polygon" else 4)
    try:
        area = shape(boundary)
    except Exception as problem:  # shapely raises many kinds for one cause: unreadable coordinates
        raise BadBoundary(_("边界的坐标读不懂：每个环至少要四个点，首尾相同。")) from problem
    if area.is_empty:
        raise BadBoundary(_("边界是空的。"))
    west, south, east, north = area.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise BadBoundary(_("坐标要是经度、纬度（度），经度在前。"))
    if not area.is_valid:
        where = explain_validity(area).partition("[")[2].rstrip("]")
        raise BadBoundary(
            _("边界线自己相交（在 {where} 附近）。").format(where=where) if where else _("边界线自己相交。")
        )
    return area


def _check_points(coordinates: Any, depth: int) -> None:
    """Numbers all the way down, and not too many of them; walked without recursion deeper than the depth."""
    points = 0
    level = [coordinates]
    for _step in range(depth - 1):
        if not all(isinstance(part, list | tuple) and part for part in level):
            raise BadBoundary(_("边界的坐标读不懂：每个环至少要四个点，首尾相同。"))
        level = [one for part in level for one in part]
        points = len(level)
        if points > MOST_POINTS:
            raise BadBoundary(_("边界的点太多：最多 {n} 个，请先简化。").format(n=MOST_POINTS))
    for point in level:
        if (
            not isinstance(point, list | tuple)
            or not 2 <= len(point) <= 3
            or any(
                isinstance(x, bool) or not isinstance(x, int | float) or not math.isfinite(x) for x in point
            )
        ):
            raise BadBoundary(_("边界的坐标读不懂：每个点是一对数字，经度在前。"))


def plain(area: BaseGeometry) -> dict[str, Any]:
    """A geometry as GeoJSON."""
    return json.loads(json.dumps(mapping(area)))


def areas_only(found: BaseGeometry) -> BaseGeometry:
    """Of whatever two areas have in common only what has area: no points, no lines."""
    parts = [part for part in getattr(found, "geoms", [found]) if part.geom_type.endswith("Polygon")]
    return shapely.union_all(parts)


def box_of(area: BaseGeometry) -> Box:
    return area.bounds


def centre_of(area: BaseGeometry) -> tuple[float, float]:
    """(lon, lat) of a point that lies inside the area, whatever its shape."""
    point = area.centroid if area.contains(area.centroid) else area.representative_point()
    return round(point.x, 6), round(point.y, 6)


def square_metres(area: BaseGeometry) -> float:
    """The area on the ground, by the lengths of a degree at its middle latitude: good to a thousandth for
    anything up to a city."""
    if area.is_empty:
        return 0.0
    _west, south, _east, north = area.bounds
    east_west, north_south = degree_lengths((south + north) / 2)
    return area.area * east_west * north_south


def width_of(area: BaseGeometry) -> float:
    """Metres that an area is wide on average, taken for a strip: twice what it holds by what goes around it."""
    if area.is_empty:
        return 0.0
    _west, south, _east, north = area.bounds
    metres = sum(degree_lengths((south + north) / 2)) / 2
    return 2 * square_metres(area) / (area.length * metres)


def degree_lengths(lat: float) -> tuple[float, float]:
    """Metres of one degree of longitude and of latitude at a latitude."""
    angle = math.radians(lat)
    squared = FLATTENING * (2 - FLATTENING)
    bend = 1 - squared * math.sin(angle) ** 2
    return (
        math.radians(EQUATOR * math.cos(angle) / math.sqrt(bend)),
        math.radians(EQUATOR * (1 - squared) / (bend * math.sqrt(bend))),
    )


def covers(boundary: dict[str, Any], lon: float, lat: float) -> bool:
    """Does the area hold the point? Its edge counts as inside, so no point falls between neighbours."""
    return bool(kept(json.dumps(boundary)).covers(Point(lon, lat)))


def size(boundary: dict[str, Any]) -> float:
    """Area in square degrees: only for telling which of two areas is the smaller."""
    return kept(json.dumps(boundary)).area


@functools.lru_cache(maxsize=512)
def kept(boundary: str) -> BaseGeometry:
    area = shape(json.loads(boundary))
    shapely.prepare(area)
    return area
