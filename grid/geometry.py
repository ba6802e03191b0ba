"""Boundaries: GeoJSON in, box and containment out. No query."""

from __future__ import annotations

import functools
import json
from typing import Any

import shapely
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

Box = tuple[float, float, float, float]  # west, south, east, north, in degrees


class BadBoundary(ValueError):
    """Not a usable area; the message says what is wrong, for a log, not for a reader."""


def read(boundary: dict[str, Any]) -> BaseGeometry:
    """The geometry of a GeoJSON Polygon or MultiPolygon in degrees of longitude and latitude."""
    if not isinstance(boundary, dict) or boundary.get("type") not in ("Polygon", "MultiPolygon"):
        raise BadBoundary("a boundary is a GeoJSON Polygon or MultiPolygon")
    try:
        area = shape(boundary)
    except Exception as problem:  # shapely raises many kinds for one cause: unreadable coordinates
        raise BadBoundary(str(problem)) from problem
    if area.is_empty or not area.is_valid:
        raise BadBoundary("the boundary is empty or crosses itself")
    west, south, east, north = area.bounds
    if west < -180 or east > 180 or south < -90 or north > 90:
        raise BadBoundary("coordinates are longitude and latitude in degrees")
    return area


def box_of(area: BaseGeometry) -> Box:
    return area.bounds


def centre_of(area: BaseGeometry) -> tuple[float, float]:
    """(lon, lat) of a point that lies inside the area, whatever its shape."""
    point = area.centroid if area.contains(area.centroid) else area.representative_point()
    return round(point.x, 6), round(point.y, 6)


def covers(boundary: dict[str, Any], lon: float, lat: float) -> bool:
    """Does the area hold the point? Its edge counts as inside, so no point falls between neighbours."""
    return bool(_kept(json.dumps(boundary)).covers(Point(lon, lat)))


def size(boundary: dict[str, Any]) -> float:
    """Area in square degrees: only for telling which of two areas is the smaller."""
    return _kept(json.dumps(boundary)).area


@functools.lru_cache(maxsize=512)
def _kept(boundary: str) -> BaseGeometry:
    area = shape(json.loads(boundary))
    shapely.prepare(area)
    return area
