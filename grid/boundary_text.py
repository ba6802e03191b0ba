"""An area as lines of text, for a form without script: a point a line, `经度,纬度`.

An empty line begins the next ring of the same part (a hole); a line with a plus sign begins another part. Rings need
not be closed by hand. `static/js/boundary_map.js` reads and writes the same lines.
"""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _

from grid import geometry
from grid.errors import TreeRefused

_BETWEEN = re.compile(r"[,，\s;；]+")
LONGEST = 1_000_000  # characters


def written(boundary: dict[str, Any] | None) -> str:
    """The lines of an area; empty for none."""
    if boundary is None:
        return ""
    parts = boundary["coordinates"] if boundary["type"] == "MultiPolygon" else [boundary["coordinates"]]
    return "\n+\n".join(
        "\n\n".join("\n".join(f"{point[0]:.7f},{point[1]:.7f}" for point in ring[:-1]) for ring in part)
        for part in parts
    )


def read(text: str) -> dict[str, Any] | None:
    """The area that the lines say, None for no lines. Refuses (422) with the number of the first bad line."""
    if len(text) > LONGEST:
        raise TreeRefused(_("边界的点太多：最多 {n} 个，请先简化。").format(n=geometry.MOST_POINTS))
    parts: list[list[list[list[float]]]] = [[[]]]
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if line == "+":
            parts.append([[]])
        elif not line:
            if parts[-1][-1]:
                parts[-1].append([])
        else:
            parts[-1][-1].append(_point(line, number))
    kept = [[_closed(ring) for ring in part if ring] for part in parts]
    kept = [part for part in kept if part]
    if not kept:
        return None
    if len(kept) == 1:
        return {"type": "Polygon", "coordinates": kept[0]}
    return {"type": "MultiPolygon", "coordinates": kept}


def _point(line: str, number: int) -> list[float]:
    try:
        lon, lat = (float(word) for word in _BETWEEN.split(line))
    except ValueError:
        raise TreeRefused(
            _("第 {n} 行读不懂，应是“经度,纬度”。").format(n=number),
            fields={"points": _("第 {n} 行").format(n=number)},
        ) from None
    return [lon, lat]


def _closed(ring: list[list[float]]) -> list[list[float]]:
    return ring if len(ring) > 1 and ring[0] == ring[-1] else [*ring, ring[0]]
