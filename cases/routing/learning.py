"""What past dispatches suggest: whose duty a matter was where, how often, and how sure that makes one. Pure.

Every dispatch that stood is counted in five cells, from the narrowest to the widest: the matter in the community, the
matter in the street, its category in the street, the matter anywhere, its category anywhere. The shares of a cell lean
on those of the next wider one as much as `LEAN` dispatches would weigh: three of three in a community that agree with
the district are surer than three of three that do not. That share is the confidence. What is suggested are duty
rows; they decide by the same match as all others, and nothing is a row before somebody said yes.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

LEAN = 1.0
DOUBT = 0.5  # what nobody ever saw weighs, in the widest cell
SUPPORT, CONFIDENCE = 3, 0.7
MOST_ALTERNATIVES = 4
MATTERS = 3  # a row for a whole category speaks for matters nobody saw: so many of its matters must agree


@dataclass(frozen=True, slots=True)
class Sent:
    """One past dispatch that stood. Names, codes or ids: whatever they are, equal is equal; "" where not known."""

    matter: str
    category: str
    community: str
    street: str
    unit: str
    at: dt.datetime | None = None


class Cell(NamedTuple):
    """Where something is counted: a matter or a category, in a place ("" for anywhere). `width` 0 to 2: community,
    street, anywhere; so that a community and a street of one name stay apart."""

    is_matter: bool
    what: str
    place: str
    width: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A row that the past speaks for. `support` of `total` dispatches of the cell went to the unit."""

    cell: Cell
    unit: str
    support: int
    total: int
    confidence: float
    alternatives: tuple[tuple[str, int], ...]


def cells_of(matter: str, category: str, community: str, street: str) -> list[Cell]:
    """The cells of a matter in a place, the narrowest first: the order in which duty rows decide."""
    near = [Cell(True, matter, community, 0), Cell(True, matter, street, 1), Cell(False, category, street, 1)]
    found = [cell for cell in near if cell.place] + [Cell(True, matter, "", 2), Cell(False, category, "", 2)]
    return [cell for cell in found if cell.what]


@dataclass
class Experience:
    """What was learnt. `learn` in any order; `suggestions` and `shares` may be asked at any time."""

    counts: dict[Cell, Counter[str]] = field(default_factory=dict)
    wider: dict[Cell, Cell | None] = field(default_factory=dict)
    matters: dict[Cell, set[str]] = field(default_factory=dict)
    _shares: dict[Cell, dict[str, float]] = field(default_factory=dict)

    @classmethod
    def of(cls, past: Iterable[Sent]) -> Experience:
        made = cls()
        for one in past:
            made.learn(one)
        return made

    def learn(self, one: Sent, times: int = 1) -> None:
        cells = cells_of(one.matter, one.category, one.community, one.street)
        for cell, wider in zip(cells, [*cells[1:], None], strict=True):
            self.counts.setdefault(cell, Counter())[one.unit] += times
            self.wider.setdefault(cell, wider)
            self.matters.setdefault(cell, set()).add(one.matter)
        self._shares.clear()

    def shares(self, cell: Cell) -> Mapping[str, float]:
        """unit → how likely a dispatch of this cell goes to it."""
        known = self._shares.get(cell)
        if known is None:
            counts, wider = self.counts.get(cell, Counter()), self.wider.get(cell)
            above = self.shares(wider) if wider is not None else {}
            lean = LEAN if wider is not None else DOUBT
            whole = counts.total() + lean
            known = {unit: lean * share / whole for unit, share in above.items()}
            for unit, n in counts.items():
                known[unit] = known.get(unit, 0.0) + n / whole
            self._shares[cell] = known
        return known

    def best(self, cell: Cell) -> Suggestion | None:
        """What the cell speaks for most, however little."""
        shares, counts = self.shares(cell), self.counts.get(cell, Counter())
        if not shares:
            return None
        unit = min(shares, key=lambda one: (-shares[one], one))
        others = sorted(
            ((name, n) for name, n in counts.items() if name != unit), key=lambda one: (-one[1], one[0])
        )
        return Suggestion(
            cell, unit, counts[unit], counts.total(), shares[unit], tuple(others[:MOST_ALTERNATIVES])
        )

    def suggestions(self, *, support: int = SUPPORT, confidence: float = CONFIDENCE) -> list[Suggestion]:
        """The rows worth writing down: enough dispatches, sure enough, and saying something that the row which
        would decide without them does not say already. The widest come first."""
        found: dict[Cell, Suggestion] = {}
        for cell in sorted(self.counts, key=lambda cell: (len(list(self._above(cell))), cell)):
            best = self.best(cell)
            if best is None or best.support < support or best.confidence < confidence:
                continue
            if not cell.is_matter and len(self.matters[cell]) < MATTERS:
                continue
            decides = next((found[one] for one in self._above(cell) if one in found), None)
            if decides is None or decides.unit != best.unit:
                found[cell] = best
        return list(found.values())

    def _above(self, cell: Cell) -> Iterator[Cell]:
        above = self.wider.get(cell)
        while above is not None:
            yield above
            above = self.wider.get(above)


# -- how well it would have gone


@dataclass
class Outcome:
    """Later dispatches routed by what the earlier ones taught. Abstaining is no mistake: the case waits at its
    desk, marked. `confused`: (the unit it went to, the unit named) → how often."""

    hit: int = 0
    abstained: int = 0
    wrong: int = 0
    confused: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.hit + self.abstained + self.wrong

    def count(self, went_to: str, named: str | None) -> None:
        if named is None:
            self.abstained += 1
        elif named == went_to:
            self.hit += 1
        else:
            self.wrong += 1
            self.confused[went_to, named] += 1


def named_by(rows: Mapping[Cell, str], cells: Iterable[Cell]) -> str | None:
    """Who decides of these rows, the narrowest first: as `cases.routing.match` does on duty rows."""
    return next((rows[cell] for cell in cells if cell in rows), None)


def replay(
    experience: Experience, later: Iterable[Sent], *, support: int = SUPPORT, confidence: float = CONFIDENCE
) -> Outcome:
    """Route by the rows that would be suggested, by no other rule."""
    rows = {one.cell: one.unit for one in experience.suggestions(support=support, confidence=confidence)}
    outcome = Outcome()
    for one in later:
        cells = cells_of(one.matter, one.category, one.community, one.street)
        outcome.count(one.unit, named_by(rows, cells))
    return outcome
