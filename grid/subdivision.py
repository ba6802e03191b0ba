"""Cut a convex area into convex parts of given weights: the invented ground of the demo town.

Pure and deterministic. Neighbours share the very points of the cut between them, so parts of one area
neither overlap nor leave gaps (beyond the rounding of the output), and parts of parts nest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

Point = tuple[float, float]
Area = list[Point]  # corners of a convex polygon, counter-clockwise, the first not repeated

DECIMALS = 7  # about a centimetre
HALVINGS = 22  # the cut's place, to a millionth of the area's width
TILT = 0.35  # radians a cut may lean, so that the map does not look like a chessboard


def oval(centre: Point, width: float, height: float, corners: int, chance: Random) -> Area:
    """A convex area with uneven corners on an ellipse."""
    step = 2 * math.pi / corners
    angles = [(n + chance.uniform(-0.35, 0.35)) * step for n in range(corners)]
    return [(centre[0] + width * math.cos(a), centre[1] + height * math.sin(a)) for a in angles]


def size(area: Area) -> float:
    pairs = zip(area, area[1:] + area[:1], strict=True)
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs) / 2


def centre(area: Area) -> Point:
    """The centroid; inside, since the area is convex."""
    x0, y0 = area[0]  # from a corner: the areas are tiny and far from the origin
    total = x = y = 0.0
    for (xa, ya), (xb, yb) in zip(area, area[1:] + area[:1], strict=True):
        ax, ay, bx, by = xa - x0, ya - y0, xb - x0, yb - y0
        cross = ax * by - bx * ay
        total += cross
        x += (ax + bx) * cross
        y += (ay + by) * cross
    return (x0 + x / (3 * total), y0 + y / (3 * total))


def somewhere(area: Area, chance: Random) -> Point:
    """A point well inside the area."""
    weights = [chance.expovariate(1) for _corner in area]
    total = sum(weights)
    x, y = centre(area)
    px = sum(w * corner[0] for w, corner in zip(weights, area, strict=True)) / total
    py = sum(w * corner[1] for w, corner in zip(weights, area, strict=True)) / total
    return (x + 0.75 * (px - x), y + 0.75 * (py - y))


def parts(area: Area, weights: Sequence[float], chance: Random) -> list[Area]:
    """One part per weight, in order, with sizes in proportion to the weights."""
    if len(weights) == 1:
        return [area]
    total, so_far, cut_after = sum(weights), 0.0, 1
    for n, weight in enumerate(weights[:-1], 1):
        so_far += weight
        cut_after = n
        if so_far + weights[n] / 2 >= total / 2:
            break
    one, other = _cut_in_proportion(area, so_far / total, chance)
    return parts(one, weights[:cut_after], chance) + parts(other, weights[cut_after:], chance)


def _cut_in_proportion(area: Area, share: float, chance: Random) -> tuple[Area, Area]:
    """Two parts by a line across the area's longer side; the first has `share` of the size."""
    wide = max(x for x, _y in area) - min(x for x, _y in area)
    high = max(y for _x, y in area) - min(y for _x, y in area)
    angle = (0.0 if wide >= high else math.pi / 2) + chance.uniform(-TILT, TILT)
    normal = (math.cos(angle), math.sin(angle))
    along = [x * normal[0] + y * normal[1] for x, y in area]
    low, top, wanted = min(along), max(along), size(area) * share
    for _halving in range(HALVINGS):
        middle = (low + top) / 2
        one, _other = _cut(area, normal, middle)
        if len(one) > 2 and size(one) > wanted:
            top = middle
        else:
            low = middle
    return _cut(area, normal, (low + top) / 2)


def _cut(area: Area, normal: Point, offset: float) -> tuple[Area, Area]:
    """The parts before and behind a line; both hold the same two points of the cut."""
    before: Area = []
    behind: Area = []
    sides = [x * normal[0] + y * normal[1] - offset for x, y in area]
    for n, (corner, side) in enumerate(zip(area, sides, strict=True)):
        (before if side <= 0 else behind).append(corner)
        following, next_side = area[(n + 1) % len(area)], sides[(n + 1) % len(area)]
        if (side <= 0) != (next_side <= 0):
            t = side / (side - next_side)
            point = (corner[0] + t * (following[0] - corner[0]), corner[1] + t * (following[1] - corner[1]))
            before.append(point)
            behind.append(point)
    return before, behind
