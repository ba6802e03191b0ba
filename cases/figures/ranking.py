"""Comparable ones beside each other: places one kind below, or units of one group."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from cases.figures.asking import Subject
from cases.figures.catalogue import BY_STAGE
from cases.figures.measuring import BY_UNIT, Measured, Values, ranked_by
from cases.figures.values import FEW, NOTHING, Value
from grid.queries import by_ids
from parties import directory

KEPT = tuple(figure.code for figure in BY_STAGE.values())  # one for each stage: what a score adds up

# who is comparable with whom
GROUPS: dict[str, tuple[str, ...]] = {
    "department": ("department", "branch", "institution", "party", "mass", "vertical"),
    "utility": ("utility",),
    "office": ("office",),
    "committee": ("committee",),
    "desk": ("desk",),
    "property": ("property",),
}
GROUP_LABELS = {
    "department": _("区直部门"),
    "utility": _("公用企业"),
    "office": _("镇街机构"),
    "committee": _("社区"),
    "desk": _("指挥中心"),
}


def ranking(subject: Subject, measured: Measured, group: str = "") -> list[dict[str, Any]]:
    """By the share of all stages that was kept; small samples stand unranked at the end."""
    by_unit = ranked_by(subject, group) == BY_UNIT
    shown = _units(measured, group) if by_unit else _places(measured)
    shown.sort(key=lambda one: (one["few"], -(one["score"] or 0), one["name"]))
    rank = 0
    for one in shown:
        rank += not one["few"]
        one["rank"] = None if one["few"] else rank
    return shown


def _places(measured: Measured) -> list[dict[str, Any]]:
    places = by_ids(measured.each)
    return [
        _ranked(places[pk].name, places[pk].code, places[pk].kind, measured, pk)
        for pk in measured.each
        if pk in places
    ]


def _units(measured: Measured, group: str) -> list[dict[str, Any]]:
    units = {pk: directory.by_id(pk) for pk in measured.each}
    return [
        _ranked(unit.short_name or unit.name, unit.code, unit.kind, measured, pk)
        for pk, unit in units.items()
        if unit is not None and (not group or unit.kind in GROUPS.get(group, (group,)))
    ]


def _ranked(name: str, code: str, kind: str, measured: Measured, pk: int) -> dict[str, Any]:
    values = measured.each[pk]
    total, earlier = _total(values), _total(measured.each_before.get(pk, {}))
    score = total.rate
    return {
        "name": name,
        "code": code,
        "kind": kind,
        "figures": {one: values.get(one, NOTHING) for one in measured.now},
        "n": total.denominator,
        "kept": total.numerator,
        "score": score,
        "delta": None if score is None or earlier.rate is None else score - earlier.rate,
        "few": total.denominator < FEW,
    }


def _total(values: Values) -> Value:
    """All that was due in one: the score is the share of it that was kept."""
    return sum((values.get(code, NOTHING) for code in KEPT), NOTHING)
