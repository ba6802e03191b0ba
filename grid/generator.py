"""The invented part of the demo town: grids, estates, buildings, and all boundaries.

Real are the province, city, district, streets and communities, with their names and codes. Everything else
is made up from a fixed seed: pure, rows in and rows out, the same on every machine. A place's share of
chance hangs on its own code, so another community more does not change the ones before.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from grid import naming, subdivision
from grid.sheets import Row
from grid.subdivision import Area, Point

SEED = 123
DISTRICT = "370811"
CENTRE = (116.60, 35.40)  # degrees; the district's true shape is not public and not imitated
HALF_WIDTH, HALF_HEIGHT = 0.17, 0.13
SQUEEZE = math.cos(math.radians(CENTRE[1]))  # a degree of longitude is shorter than one of latitude

GRIDS = (3, 6)
BUILDINGS = (3, 5)
WITH_BUILDINGS = ("370811015", "370811011", "370811013")  # 观音阁, 古槐, 阜桥
FIRST_ESTATE = 701
NUMERALS = "一二三四五六七八九十"
FRONT = re.findall(
    r"\w+",
    "锦绣 阳光 翠湖 金桂 瑞景 紫荆 兰亭 望河 文昌 运河 荷香 柳岸 清风 明月 书香 桃源 梧桐 玉兰 福泽 康宁 "
    "祥云 和润 东篱 南湖 西苑 北辰 景明 丰泽 安澜 观澜 怡心 嘉禾 春晓 秋实 星河 晨曦 云锦 青禾 同德 仁和",
)
BACK = ("花园", "佳苑", "新村", "雅居", "华庭", "家园", "名邸", "公寓")


def town(base: Sequence[Row], seed: int = SEED) -> list[Row]:
    """The rows of the file with boundaries and counts, followed by the invented ones.

    `base` holds one district; what stands above it is handed through unchanged."""
    under: dict[str, list[Row]] = {}
    for row in base:
        under.setdefault(row.parent_code, []).append(row)
    district = next(row for row in base if row.level == "district")
    chance = _chance(seed, district.code)
    outline = subdivision.oval(
        (CENTRE[0] * SQUEEZE, CENTRE[1]), HALF_WIDTH * SQUEEZE, HALF_HEIGHT, 16, chance
    )
    rows = {row.code: row for row in base}
    rows[district.code] = _placed(district, outline)
    invented: list[Row] = []
    streets = _rural_outside(under.get(district.code, []), under)
    areas = _divided(outline, streets, [_weight(street, under) for street in streets], seed, district.code)
    for street, area in zip(streets, areas, strict=True):
        rows[street.code] = _placed(street, area)
        names = _estate_names(_chance(seed, street.code, "estates"))
        communities = under.get(street.code, [])
        weights = [_breadth(community) for community in communities]
        for community, part in zip(
            communities, _divided(area, communities, weights, seed, street.code), strict=True
        ):
            rows[community.code] = _placed(community, part)
            invented += _community(community, part, names, street.code in WITH_BUILDINGS, seed)
    last = max((row.number for row in base), default=1)
    made = [replace(row, number=last + n) for n, row in enumerate(invented, 1)]
    return _counted([*rows.values(), *made])


def _chance(*names: object) -> Random:
    """The same sequence for the same names, on every machine."""
    return Random(":".join(map(str, names)))  # noqa: S311 -- play ground, no secrets


def _divided(area: Area, rows: Sequence[Row], weights: Sequence[float], seed: int, code: str) -> list[Area]:
    return subdivision.parts(area, weights, _chance(seed, code, "area")) if rows else []


def _is_village(row: Row) -> bool:
    return row.name.endswith(("村委会", "村民委员会", "村"))


def _breadth(row: Row) -> float:
    """How much ground a community takes beside others: fields are wider than blocks of flats."""
    return 3.0 if _is_village(row) else 1.0


def _weight(street: Row, under: dict[str, list[Row]]) -> float:
    return sum(_breadth(row) for row in under.get(street.code, [])) or 1.0


def _rural_outside(streets: Sequence[Row], under: dict[str, list[Row]]) -> list[Row]:
    """Streets in an order that lays the town ones in the middle and the village ones around them."""
    ordered = sorted(streets, key=lambda street: (-_weight(street, under), street.code))
    return ordered[::2] + ordered[1::2][::-1]


def _community(community: Row, area: Area, names: Iterator[str], built: bool, seed: int) -> Iterator[Row]:
    """Grids of a community; its estates where it is a town one; buildings where they are wanted."""
    chance = _chance(seed, community.code)
    count = chance.randint(*GRIDS)
    areas = subdivision.parts(area, [chance.uniform(0.8, 1.25) for _n in range(count)], chance)
    short = naming.normal(community.name)
    estates = [] if _is_village(community) else _estates(community, areas, names, chance)
    yield from estates
    numbers = {estate.code: 0 for estate in estates}
    for n, part in enumerate(areas, 1):
        households = chance.randint(300, 500)
        code = f"{community.code}{n:03d}"
        name = f"{short}第{NUMERALS[n - 1]}网格"
        grid = Row(0, code, name, "grid", community.code, {"households": households})
        yield _placed(grid, part)
        if not built:
            continue
        estate = estates[(n - 1) * len(estates) // count] if estates else None
        for b in range(1, chance.randint(*BUILDINGS) + 1):
            number = b
            if estate:
                numbers[estate.code] += 1
                number = numbers[estate.code]
            yield _building(f"{code}{b:03d}", code, number, part, estate, chance)


def _estates(community: Row, areas: Sequence[Area], names: Iterator[str], chance: Random) -> list[Row]:
    count = chance.randint(1, min(3, len(areas)))
    return [
        Row(
            0,
            f"{community.code}{FIRST_ESTATE + n:03d}",
            next(names),
            "estate",
            community.code,
            {"households": chance.randint(420, 1400)} | _point(subdivision.centre(areas[n])),
        )
        for n in range(count)
    ]


def _building(code: str, above: str, number: int, area: Area, estate: Row | None, chance: Random) -> Row:
    name = f"{estate.name}{number}号楼" if estate else f"{number}号楼"
    facts: dict[str, Any] = {"households": chance.choice((24, 30, 36, 44, 48, 56, 66, 72, 88, 96))}
    facts |= _point(subdivision.somewhere(area, chance))
    if estate:
        facts["managed_by"] = estate.code
    return Row(0, code, name, "building", above, facts)


def _estate_names(chance: Random) -> Iterator[str]:
    """Invented names, each once in a street."""
    names = [front + back for front in FRONT for back in BACK]
    chance.shuffle(names)
    return iter(names)


def _counted(rows: Sequence[Row]) -> list[Row]:
    """Household counts summed upwards from the grids, and residents from households."""
    above = {row.code: row.parent_code for row in rows}
    totals: dict[str, int] = {}
    for row in rows:
        if row.level == "grid":
            code = row.code
            while code:
                totals[code] = totals.get(code, 0) + row.facts["households"]
                code = above.get(code, "")
    counted = []
    for row in rows:
        households = row.facts.get("households") or totals.get(row.code, 0)
        if households and row.level not in ("province", "city"):
            facts = {"households": households, "residents": round(households * 2.62), **row.facts}
            row = replace(row, facts=facts)
        counted.append(row)
    return counted


def _degrees(point: Point) -> Point:
    return (round(point[0] / SQUEEZE, subdivision.DECIMALS), round(point[1], subdivision.DECIMALS))


def _point(point: Point) -> dict[str, float]:
    lon, lat = _degrees(point)
    return {"lon": lon, "lat": lat}


def _placed(row: Row, area: Area) -> Row:
    ring = [list(_degrees(corner)) for corner in area]
    boundary = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    return replace(row, facts={**row.facts, "boundary": boundary, **_point(subdivision.centre(area))})
