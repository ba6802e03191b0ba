"""Coordinates of one datum in another. Pure arithmetic on degrees.

CGCS2000 and WGS-84 differ by centimetres and are taken for one. GCJ-02 is WGS-84 shifted by the public
formula of the Chinese map services: some hundred metres, smooth, and only inside the country's box.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

KEPT = "CGCS2000"
GCJ = "GCJ-02"
KNOWN = (KEPT, "WGS-84", GCJ)

AXIS = 6378245.0  # metres: Krasovsky's ellipsoid, on which the formula stands
FLATNESS = 0.00669342162296594323
WEST, SOUTH, EAST, NORTH = 72.004, 0.8293, 137.8347, 55.8271  # outside nothing is shifted
CLOSE = 1e-9  # degrees: a tenth of a millimetre

Point = tuple[float, float]


def read(word: str) -> str | None:
    """The datum meant by a word, or None."""
    plain = word.upper().replace("-", "").replace("_", "").replace(" ", "")
    names = {"CGCS2000": KEPT, "EPSG4490": KEPT, "WGS84": "WGS-84", "EPSG4326": "WGS-84", "GCJ02": GCJ}
    return names.get(plain)


def to_gcj(lon: float, lat: float) -> Point:
    """WGS-84 → GCJ-02."""
    if not (WEST <= lon <= EAST and SOUTH <= lat <= NORTH):
        return lon, lat
    x, y = lon - 105.0, lat - 35.0
    waves = (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + waves
    north += (20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    north += (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + waves
    east += (20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    east += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    angle = math.radians(lat)
    bend = 1.0 - FLATNESS * math.sin(angle) ** 2
    north_degrees = north * 180.0 / (AXIS * (1.0 - FLATNESS) / (bend * math.sqrt(bend)) * math.pi)
    east_degrees = east * 180.0 / (AXIS / math.sqrt(bend) * math.cos(angle) * math.pi)
    return lon + east_degrees, lat + north_degrees


def from_gcj(lon: float, lat: float) -> Point:
    """GCJ-02 → WGS-84: the point that the formula shifts to this one, found step by step."""
    x, y = lon, lat
    for _step in range(30):
        there = to_gcj(x, y)
        dx, dy = lon - there[0], lat - there[1]
        x, y = x + dx, y + dy
        if abs(dx) < CLOSE and abs(dy) < CLOSE:
            break
    return x, y


def converter(given: str, wanted: str = KEPT) -> Callable[[float, float], Point] | None:
    """What turns points of one datum into points of another; None where they are the same."""
    if (given == GCJ) == (wanted == GCJ):
        return None
    return from_gcj if given == GCJ else to_gcj


def converted(boundary: dict[str, Any], given: str, wanted: str = KEPT) -> dict[str, Any]:
    """A GeoJSON area in another datum, to seven decimals (a centimetre). Any nesting of coordinates."""
    turn = converter(given, wanted)
    if turn is None:
        return boundary

    def walk(part: Any) -> Any:
        if isinstance(part[0], int | float):
            lon, lat = turn(part[0], part[1])
            return [round(lon, 7), round(lat, 7)]
        return [walk(one) for one in part]

    return {**boundary, "coordinates": walk(boundary["coordinates"])}
