"""A small map without tiles: a place and its neighbours as SVG figures in a flat picture.

Flat: degrees of longitude are squeezed by the middle latitude, one unit is `UNIT` degrees of latitude. The script of
the map page reads the same four numbers.
"""

from __future__ import annotations

import math
from typing import Any

from grid import boundaries, kinds
from grid.models import Place

UNIT = 1e-5  # degrees of latitude: about a metre
MOST = 60  # neighbours drawn
MARGIN = 0.15


def around(place: Place) -> dict[str, Any]:
    """{lon, lat, squeeze, unit, view (x y width height), parent, neighbours: [{name, d}], own}."""
    above = place.above
    west, south, east, north = _frame(place, above)
    lon, lat = (west + east) / 2, (south + north) / 2
    squeeze = math.cos(math.radians(lat))
    wide, high = (east - west) * squeeze / UNIT, (north - south) / UNIT
    pad = max(wide, high) * MARGIN
    draw = _Pen(lon, lat, squeeze)
    near = boundaries.neighbours(place, (west, south, east, north)).filter(kind=place.kind)
    near = near.exclude(kind=kinds.ESTATE).order_by("code")[:MOST]
    return {
        "lon": lon,
        "lat": lat,
        "squeeze": squeeze,
        "unit": UNIT,
        "view": " ".join(
            f"{value:.0f}" for value in (-wide / 2 - pad, -high / 2 - pad, wide + 2 * pad, high + 2 * pad)
        ),
        "width": max(wide, high) + 2 * pad,
        "parent": {"name": above.name, "d": draw.path(above.boundary)} if above and above.boundary else None,
        "neighbours": [
            {"name": other.name, "d": draw.path(other.boundary), "at": draw.point(other.lon, other.lat)}
            for other in near
        ],
        "own": draw.path(place.boundary) if place.boundary else "",
    }


def _frame(place: Place, above: Place | None) -> tuple[float, float, float, float]:
    """What the picture shows: the place, else what it belongs to, else a kilometre around its point."""
    for one in (place, above):
        if one is not None and one.west is not None:
            return one.west, one.south, one.east, one.north  # type: ignore[return-value]
    lon, lat = (
        place.lon or (above.lon if above else None) or 116.6,
        place.lat or (above.lat if above else None) or 35.4,
    )
    return lon - 0.01, lat - 0.008, lon + 0.01, lat + 0.008


class _Pen:
    def __init__(self, lon: float, lat: float, squeeze: float) -> None:
        self.lon, self.lat, self.squeeze = lon, lat, squeeze

    def point(self, lon: float | None, lat: float | None) -> tuple[float, float] | None:
        if lon is None or lat is None:
            return None
        return round((lon - self.lon) * self.squeeze / UNIT, 1), round((self.lat - lat) / UNIT, 1)

    def path(self, boundary: dict[str, Any]) -> str:
        """The `d` of an SVG path."""
        parts = boundary["coordinates"] if boundary["type"] == "MultiPolygon" else [boundary["coordinates"]]
        drawn = []
        for part in parts:
            for ring in part:
                points = [self.point(point[0], point[1]) or (0.0, 0.0) for point in ring[:-1]]
                drawn.append("M" + " ".join(f"{x:g},{y:g}" for x, y in points) + "Z")
        return "".join(drawn)
