"""Where the duty rows leave a hole or say two things. From caches and one look at the communities: the number of
statements does not grow with the tree.

A gap is a matter that no standing unit would lead in a community; it is told per matter, with the communities.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cases import rulebook
from cases.routing.decide import COMMITTEE, organisation_for
from cases.routing.facts import LEAD, Duty
from grid.models import Place
from grid.queries import Lineage, lineages
from grid.tree import path_ids
from parties import directory

# why nobody leads: there is no row, the row's unit has ended, the row's template is filled by nobody there
NO_ROW, ENDED, UNFILLED = "no_row", "ended", "unfilled"


@dataclass(frozen=True, slots=True)
class Spot:
    """A community, as gaps name it."""

    code: str
    name: str
    street: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody leads this item in these communities. `row`: the one that would decide, where there is one."""

    item: str
    why: str
    row: Duty | None
    spots: tuple[Spot, ...]


@dataclass(frozen=True, slots=True)
class Overlap:
    """Rows on one matter in one place that hold on one day and name different leads; the newest decides."""

    rows: tuple[Duty, ...]


@dataclass
class Report:
    """Everything found for one day. `dead_units` and `dead_places`: rows that name what is no longer there;
    `unfilled`: template → streets (names) where no unit fills it, of those its rows reach."""

    communities: int = 0
    gaps: list[Gap] = field(default_factory=list)
    overlaps: list[Overlap] = field(default_factory=list)
    dead_units: list[Duty] = field(default_factory=list)
    dead_places: list[Duty] = field(default_factory=list)
    unfilled: dict[str, list[str]] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        return not (self.gaps or self.overlaps or self.dead_units or self.dead_places or self.unfilled)


def look(day: dt.date, roots: Sequence[str] = (), rows: Iterable[Duty] | None = None) -> Report:
    """What is wrong with the rows (those in force; or others, to look at them first) on a day, below these places
    (id-paths; none: everywhere). Two statements, and one for names not yet at hand."""
    every = tuple(rulebook.duty_rows() if rows is None else rows)
    held = [row for row in every if row.holds_on(day)]
    leads = [row for row in held if row.part == LEAD]
    communities = _communities(roots)
    lines = lineages(path for _code, _name, path in communities)
    report = Report(communities=len(communities))
    units: dict[tuple[int, str, int], bool] = {}
    where = _by_place(leads)
    missing: dict[tuple[str, str, Duty | None], list[Spot]] = defaultdict(list)
    for code, name, path in communities:
        line, ids = lines[path], path_ids(path)
        spot = Spot(code, name, line["street"].name if "street" in line else "")
        for item in rulebook.items():
            row = _deciding(where, item, ids)
            why = NO_ROW if row is None else _lacks(row, line, units)
            if why:
                missing[item.code, why, row].append(spot)
    report.gaps = sorted(
        (Gap(item, why, row, tuple(spots)) for (item, why, row), spots in missing.items()),
        key=lambda gap: (-len(gap.spots), gap.item, gap.why),
    )
    mine = _reaching(every, day, roots)
    report.overlaps = _overlaps(row for row in mine if row.part == LEAD)
    report.dead_units = [row for row in mine if row.holds_on(day) and _is_dead(row)]
    report.dead_places = _on_dead_places(row for row in mine if row.holds_on(day))
    report.unfilled = _unfilled(leads, lines.values())
    return report


def _communities(roots: Sequence[str]) -> list[tuple[str, str, str]]:
    rows = Place.objects.filter(kind="community", retired_at=None).order_by("path")
    found = rows.values_list("code", "name", "path")
    if not roots:
        return list(found)
    return [one for one in found if one[2].startswith(tuple(roots))]


Where = dict[int, dict[str, Duty]]


def _by_place(leads: Iterable[Duty]) -> Where:
    """place → matter ("0601", or "06*" for a category) → the newest row on it."""
    found: Where = defaultdict(dict)
    for row in sorted(leads, key=lambda row: (row.since, row.id)):
        found[row.place_id][row.item or f"{row.category}*"] = row
    return found


def _deciding(where: Where, item: rulebook.Item, ids: Sequence[int]) -> Duty | None:
    for pk in reversed(ids):
        said = where.get(pk)
        if said and (row := said.get(item.code) or said.get(f"{item.category}*")):
            return row
    return None


def _lacks(row: Duty, line: Lineage, known: dict[tuple[int, str, int], bool]) -> str:
    """Why the row names nobody here; "" where it does. What a template comes to is looked up once a place."""
    if row.organisation_id is not None:
        key = (row.organisation_id, "", 0)
    else:
        kind = "community" if row.template == COMMITTEE or "street" not in line else "street"
        key = (0, row.template, line[kind].id)
    if key not in known:
        known[key] = organisation_for(row, line) is not None
    if known[key]:
        return ""
    return ENDED if row.organisation_id is not None else UNFILLED


def _reaching(rows: Iterable[Duty], day: dt.date, roots: Sequence[str]) -> list[Duty]:
    """Rows that hold on the day or later, and lie below the roots or above them."""
    living = [row for row in rows if row.until is None or row.until > day]
    if not roots:
        return living
    paths = dict(Place.objects.filter(pk__in={row.place_id for row in living}).values_list("pk", "path"))
    return [
        row
        for row in living
        if any(paths[row.place_id].startswith(root) or root.startswith(paths[row.place_id]) for root in roots)
    ]


def _overlaps(leads: Iterable[Duty]) -> list[Overlap]:
    by_matter: dict[tuple[str, str, int], list[Duty]] = defaultdict(list)
    for row in leads:
        by_matter[row.item, row.category, row.place_id].append(row)
    found = []
    for rows in by_matter.values():
        rows.sort(key=lambda row: (row.since, row.id))
        clashing = [
            row
            for n, row in enumerate(rows)
            if any(_meet(row, other) and row.target != other.target for m, other in enumerate(rows) if m != n)
        ]
        if clashing:
            found.append(Overlap(tuple(clashing)))
    return found


def _meet(row: Duty, other: Duty) -> bool:
    starts = max(row.since, other.since)
    return all(one.until is None or one.until > starts for one in (row, other))


def _is_dead(row: Duty) -> bool:
    if row.organisation_id is None:
        return False
    unit = directory.current(directory.by_id(row.organisation_id))
    return unit is None or unit.retired


def _on_dead_places(rows: Iterable[Duty]) -> list[Duty]:
    rows = list(rows)
    wanted = {row.place_id for row in rows}
    gone = set(Place.objects.filter(pk__in=wanted, retired_at__isnull=False).values_list("pk", flat=True))
    return [row for row in rows if row.place_id in gone]


def _unfilled(leads: Iterable[Duty], lines: Iterable[Mapping]) -> dict[str, list[str]]:
    reach: dict[str, set[int]] = defaultdict(set)
    for row in leads:
        if row.template and row.template != COMMITTEE:
            reach[row.template].add(row.place_id)
    streets = {line["street"].id: line for line in lines if "street" in line}
    found: dict[str, list[str]] = {}
    for template, places in sorted(reach.items()):
        lacking = [
            line["street"].name
            for line in streets.values()
            if any(place.id in places for place in line.values()) and not directory.serving(template, line)
        ]
        if lacking:
            found[template] = lacking
    return found
