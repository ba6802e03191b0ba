"""Own boundaries as small shapes for drawings: corners thinned to what a screen can show, kept until a place changes."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from grid import geometry
from grid.models import Place
from ledger import versions

FINE = 900.0  # a corner that moves less than this part of the whole is not drawn
KEPT = 128  # drawings


@dataclass(frozen=True, slots=True)
class Shape:
    """One place in the drawing's own units: `d` as SVG writes a path, `x`, `y` where its name stands."""

    id: int
    name: str
    d: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """Some places side by side, `width` × `height` units."""

    width: int = 0
    height: int = 0
    shapes: tuple[Shape, ...] = ()
    outlines: tuple[Shape, ...] = ()


def drawing(path: str, fine: str, coarse: str, width: int, height: int) -> Drawing:
    """The places of kind `fine` below an id-path ("" for everything), fitted into a frame, with the `coarse` ones
    around them; empty where none has a boundary. One statement, none while nothing changes."""
    return _kept()(path, fine, coarse, width, height)


def _draw(path: str, fine: str, coarse: str, width: int, height: int) -> Drawing:
    rows = list(
        Place.objects.filter(
            path__startswith=path or "/", kind__in={fine, coarse}, retired_at=None, west__isnull=False
        )
        .order_by("path")
        .values_list("id", "name", "kind", "boundary", "west", "south", "east", "north")
    )
    if not rows:
        return Drawing()
    west, south = min(float(row[4]) for row in rows), min(float(row[5]) for row in rows)
    east, north = max(float(row[6]) for row in rows), max(float(row[7]) for row in rows)
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = min(width / max((east - west) * squeeze, 1e-9), height / max(north - south, 1e-9))

    def spot(lon: float, lat: float) -> tuple[int, int]:
        return round((lon - west) * squeeze * scale), round((north - lat) * scale)

    thin = max(east - west, north - south) / FINE
    found: dict[str, list[Shape]] = {fine: [], coarse: []}
    for pk, name, kind, boundary, *_box in rows:
        area = geometry.kept(json.dumps(boundary)).simplify(thin)
        parts = getattr(area, "geoms", [area])
        rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
        d = "".join(
            "M" + " ".join("{},{}".format(*spot(*corner[:2])) for corner in ring.coords[:-1]) + "Z"
            for ring in rings
        )
        point = area.representative_point()
        found[kind].append(Shape(pk, name, d, *spot(point.x, point.y)))
    size = spot(east, south)
    outlines = () if coarse == fine else tuple(found[coarse])
    return Drawing(size[0], size[1], tuple(found[fine]), outlines)


def _fresh() -> Callable[[str, str, str, int, int], Drawing]:
    return lru_cache(maxsize=KEPT)(_draw)


_kept = versions.Cached("places", _fresh)
