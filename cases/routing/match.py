"""Facts against duty rows: pure, and blind to the order of the rows.

The most specific place wins, then a row for the item over one for its category, then the newest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cases.routing.facts import ASSIST, LEAD, Duty, Facts


@dataclass(frozen=True, slots=True)
class Match:
    """The row that wins. `rivals` name somebody else with the same place and the same item or category:
    then the newest was taken, and the rules want tidying."""

    row: Duty
    rivals: tuple[Duty, ...] = ()

    @property
    def unambiguous(self) -> bool:
        return not self.rivals


Rank = tuple[int, bool]


def rank(facts: Facts, row: Duty) -> Rank | None:
    """How closely a row fits: (depth of its place on the path, is it for the item itself), or None if it
    does not fit at all."""
    for_item = bool(row.item)
    fits = row.item == facts.item if for_item else row.category == facts.category
    if not fits or not (row.item or row.category) or row.place_id not in facts.path:
        return None
    if not row.holds_on(facts.on):
        return None
    return facts.path.index(row.place_id), for_item


def _closest(facts: Facts, rows: Iterable[Duty], part: str) -> list[Duty]:
    """The rows of one part that share the best rank, newest first."""
    best: Rank | None = None
    found: list[Duty] = []
    for row in rows:
        if row.part != part:
            continue
        fit = rank(facts, row)
        if fit is None or (best is not None and fit < best):
            continue
        if best is None or fit > best:
            best, found = fit, []
        found.append(row)
    return sorted(found, key=lambda row: (row.since, row.id), reverse=True)


def lead(facts: Facts, rows: Iterable[Duty]) -> Match | None:
    """Whose duty it is to lead, or None."""
    found = _closest(facts, rows, LEAD)
    if not found:
        return None
    winner = found[0]
    return Match(winner, tuple(row for row in found[1:] if row.target != winner.target))


def assisting(facts: Facts, rows: Iterable[Duty]) -> tuple[Duty, ...]:
    """Everybody named to assist by the closest rows, each target once, in the order they were written."""
    by_target: dict[int | str | None, Duty] = {}
    for row in _closest(facts, rows, ASSIST):
        by_target.setdefault(row.target, row)
    return tuple(sorted(by_target.values(), key=lambda row: row.id))
