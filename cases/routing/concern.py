"""Which units have to do with a place. Reads caches only: no SQL."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cases.routing.decide import COMMITTEE
from grid.queries import Lineage
from ledger.versions import Cached
from parties import directory


def reaches(org: directory.Org, line: Lineage) -> bool:
    """May a duty row name this unit for a place with this lineage? The district's units are there for everybody,
    a street's for their street, a community's for their community; never those of another."""
    if org.kind == "desk" or org.kind == "government":
        return False
    if org.level == "district":
        return True
    if org.level == "community" and org.desk_of is not None:
        community, own = line.get("community"), directory.by_id(org.parent_id)
        if community is not None:
            return org.desk_of == community.id
        office = _office(line)
        return own is not None and office is not None and org.path.startswith(office.path)
    office = _office(line)
    if office is not None:
        return org.path.startswith(office.path) or _serves(org, line)
    return _serves(org, line)


def _office(line: Lineage) -> directory.Org | None:
    desk = directory.desk_at(line, "street") if "street" in line else None
    return directory.by_id(desk.parent_id) if desk is not None and desk.kind == "desk" else None


def _serves(org: directory.Org, line: Lineage) -> bool:
    here = {place.id for place in line.values()}
    return not here.isdisjoint(directory.places_served(org))


def templates() -> dict[str, str]:
    """Code of every template that some standing unit fills → how such offices are called ("综合执法中队")."""
    return _templates()


def template_name(code: str) -> str:
    """综合执法中队 for TS02; the code where nobody fills it."""
    if code == COMMITTEE:
        return _("社区居委会")
    return _templates().get(code, code)


def _read() -> dict[str, str]:
    names: dict[str, list[str]] = {}
    for org in directory.search():
        if org.template:
            names.setdefault(org.template, []).append(org.short_name or org.name)
    found = {COMMITTEE: "社区居委会"}
    for code, every in sorted(names.items()):
        found[code] = _shared_ending(every) or code
    return found


def _shared_ending(names: list[str]) -> str:
    """What all the names end in: 观音阁街道城建办, 南苑街道城建办 → 城建办."""
    first = min(names, key=len)
    n = 0
    while n < len(first) and all(name[-1 - n] == first[-1 - n] for name in names):
        n += 1
    ending = first[len(first) - n :]
    for word in ("街道办事处", "街道", "镇", "乡"):  # one street only, or all of one kind
        ending = ending.rpartition(word)[2] or ending
    return ending


_templates: Cached[dict[str, str]] = Cached("organisations", _read)
