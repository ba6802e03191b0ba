"""The columns of a sheet of places: what they are called in Chinese and English, read and written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

NEEDED = ("code", "name", "parent_code", "level")
# name → how the export heads it, and what else a sheet may call it
COLUMNS: dict[str, tuple[str, ...]] = {
    "code": ("编码", "代码", "地点编码", "统计用区划代码", "区划代码"),
    "name": ("名称", "地点名称", "区划名称"),
    "parent_code": ("上级编码", "上级", "上级代码", "父级编码", "parent"),
    "level": ("类型", "级别", "层级", "地点类型", "kind", "type"),
    "managed_by": ("所属小区", "小区编码", "estate"),
    "management": ("物业方式", "property_management"),
    "aliases": ("别名", "又名", "alias"),
    "households": ("户数",),
    "residents": ("人数", "人口", "population"),
    "lon": ("经度", "lng", "longitude"),
    "lat": ("纬度", "latitude"),
    "valid_from": ("启用日期", "启用"),
}
FORMULA_STARTS = frozenset("=+-@\t\r")  # what a spreadsheet program would take for a formula

# the national tables tell their level by the column that names what is above; the nearest first
DIVISION_LEVELS = {
    "streetcode": "community",
    "areacode": "street",
    "citycode": "district",
    "provincecode": "city",
}


def meant(columns: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What a column may be called → our name of it."""
    return {word.lower(): name for name, words in columns.items() for word in (name, *words)}


PLACES = meant(COLUMNS) | {column: column for column in DIVISION_LEVELS}


def named(header: Sequence[str], known: Mapping[str, str] = PLACES) -> list[str]:
    """The columns of a header by our names, in order; "" for one we do not know or that came before."""
    found: list[str] = []
    for cell in header:
        name = known.get("".join(cell.replace("*", "").split()).strip("：:").lower(), "")
        found.append("" if name in found else name)
    return found


def guarded(text: str) -> str:
    """A text that no spreadsheet program takes for a formula; reading takes the apostrophe off again."""
    return f"'{text}" if text[:1] in FORMULA_STARTS else text
