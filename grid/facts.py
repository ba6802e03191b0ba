"""What a place carries besides its position: names made findable, area made searchable."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grid import datum, geometry, kinds, naming
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
    "management",
    "valid_from",
)
LABELS: dict[str, Promise] = {
    "aliases": gettext_lazy("别名"),
    "households": gettext_lazy("户数"),
    "residents": gettext_lazy("人数"),
    "lon": gettext_lazy("经度"),
    "lat": gettext_lazy("纬度"),
    "managed_by": gettext_lazy("所属小区"),
    "management": gettext_lazy("物业方式"),
    "valid_from": gettext_lazy("启用日期"),
}
NAMES = ("name", "name_normal", "name_pinyin", "name_initials")
LONGEST_NAME = 120


def give_name(place: Place, name: str) -> None:
    """Set the name and everything it is found by. Refuses an empty or overlong one."""
    name = naming.tidy(name)
    if not name:
        raise TreeRefused(_("名称不能为空。"), fields={"name": _("必填")})
    if len(name) > LONGEST_NAME:
        raise TreeRefused(_("名称太长：最多 {n} 个字。").format(n=LONGEST_NAME), fields={"name": _("太长")})
    for field, value in names_of(name).items():
        setattr(place, field, value)


def names_of(name: str) -> dict[str, str]:
    """The columns of NAMES for a name that fits."""
    pinyin, initials = naming.spell(name)
    return dict(zip(NAMES, (naming.tidy(name), naming.normal(name), pinyin, initials), strict=True))


def give_boundary(place: Place, boundary: dict[str, Any] | None) -> None:
    """Set the area, its box, and its centre unless one was given apart."""
    place.boundary = boundary
    if boundary is None:
        place.west = place.south = place.east = place.north = None
        return
    try:
        area = geometry.read(boundary)
    except geometry.BadBoundary as bad:
        raise TreeRefused(str(bad), fields={"boundary": _("读不懂")}) from None
    place.west, place.south, place.east, place.north = geometry.box_of(area)
    if place.lon is None or place.lat is None:
        place.lon, place.lat = geometry.centre_of(area)


def give(place: Place, values: dict[str, Any]) -> None:
    """Set any of FIELDS; an unknown one is a mistake of the caller's code."""
    unknown = values.keys() - set(FIELDS)
    if unknown:
        raise TypeError(f"a place does not carry {', '.join(sorted(unknown))}")
    values = in_our_datum(values)
    for name, value in values.items():
        if name == "aliases":
            value = tidy_names(value)
        if name != "boundary":
            setattr(place, name, value)
    if "boundary" in values:
        give_boundary(place, values["boundary"])
    if place.management and (place.kind != kinds.ESTATE or place.management not in kinds.MANAGEMENT):
        raise TreeRefused(_("物业方式只能写在小区上，且须是已有的一种。"), fields={"management": _("不合适")})
    estate = place.managed_by
    if estate is not None and estate.kind != "estate":
        raise TreeRefused(
            _("“{name}”不是小区。").format(name=estate.name), fields={"managed_by": _("须为小区")}
        )


def in_our_datum(values: dict[str, Any]) -> dict[str, Any]:
    """The same with coordinates turned from the datum that `datum` says into one in which they are kept."""
    if "datum" not in values:
        return values
    given = datum.read(str(values["datum"]))
    if given is None:
        raise TreeRefused(
            _("不认识的坐标基准，请用 CGCS2000、WGS-84 或 GCJ-02。"), fields={"datum": _("不认识")}
        )
    turned = {**values, "datum": given if given != datum.GCJ else "WGS-84"}
    if given == datum.GCJ:
        if turned.get("boundary"):
            try:
                geometry.read(turned["boundary"])
            except geometry.BadBoundary as bad:
                raise TreeRefused(str(bad), fields={"boundary": _("读不懂")}) from None
            turned["boundary"] = datum.converted(turned["boundary"], given)
        if turned.get("lon") is not None and turned.get("lat") is not None:
            lon, lat = datum.from_gcj(turned["lon"], turned["lat"])
            turned["lon"], turned["lat"] = round(lon, 7), round(lat, 7)
    return turned


def tidy_names(names: Iterable[str]) -> list[str]:
    """Names as they are stored, each once, without empty ones."""
    return list(dict.fromkeys(tidy for name in names if (tidy := naming.tidy(name))))


def alias_rows(place: Place) -> list[PlaceName]:
    """Unwritten rows that make the aliases lead to the place."""
    return [
        PlaceName(place=place, kind=PlaceName.Kind.ALIAS, value=alias, normal=naming.normal(alias))
        for alias in place.aliases
    ]
