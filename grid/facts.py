"""What a place carries besides its position: names made findable, area made searchable."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from grid import geometry, naming
from grid.errors import TreeRefused
from grid.models import Place, PlaceName

FIELDS = (
    "aliases",
    "boundary",
    "datum",
    "lon",
    "lat",
    "households",
    "residents",
    "managed_by",
    "valid_from",
)
NAMES = ("name", "name_normal", "name_pinyin", "name_initials")
LONGEST_NAME = 120


def give_name(place: Place, name: str) -> None:
    """Set the name and everything it is found by. Refuses an empty or overlong one."""
    name = naming.tidy(name)
    if not name:
        raise TreeRefused(_("名称不能为空。"), fields={"name": _("必填")})
    if len(name) > LONGEST_NAME:
        raise TreeRefused(_("名称太长：最多 {n} 个字。").format(n=LONGEST_NAME), fields={"name": _("太长")})
    place.name = name
    place.name_normal = naming.normal(name)
    place.name_pinyin, place.name_initials = naming.spell(name)


def give_boundary(place: Place, boundary: dict[str, Any] | None) -> None:
    """Set the area, its box, and its centre unless one was given apart."""
    place.boundary = boundary
    if boundary is None:
        place.west = place.south = place.east = place.north = None
        return
    try:
        area = geometry.read(boundary)
    except geometry.BadBoundary:
        raise TreeRefused(
            _("边界读不懂：应为 GeoJSON 的 Polygon 或 MultiPolygon，经纬度，边线不自交。"),
            fields={"boundary": _("读不懂")},
        ) from None
    place.west, place.south, place.east, place.north = geometry.box_of(area)
    if place.lon is None or place.lat is None:
        place.lon, place.lat = geometry.centre_of(area)


def give(place: Place, values: dict[str, Any]) -> None:
    """Set any of FIELDS; an unknown one is a mistake of the caller's code."""
    unknown = values.keys() - set(FIELDS)
    if unknown:
        raise TypeError(f"a place does not carry {', '.join(sorted(unknown))}")
    for name, value in values.items():
        if name == "aliases":
            value = [naming.tidy(alias) for alias in value if naming.tidy(alias)]
        if name != "boundary":
            setattr(place, name, value)
    if "boundary" in values:
        give_boundary(place, values["boundary"])
    estate = place.managed_by
    if estate is not None and estate.kind != "estate":
        raise TreeRefused(
            _("“{name}”不是小区。").format(name=estate.name), fields={"managed_by": _("须为小区")}
        )


def alias_rows(place: Place) -> list[PlaceName]:
    """Unwritten rows that make the aliases lead to the place."""
    return [
        PlaceName(place=place, kind=PlaceName.Kind.ALIAS, value=alias, normal=naming.normal(alias))
        for alias in place.aliases
    ]
