"""What routing knows: frozen values, no database, no framework."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

LEAD, ASSIST, OFFER = "lead", "assist", "offer"


class Placed(Protocol):
    """A place as the lineage gives it."""

    id: int
    code: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty row. Exactly one of `item` and `category` (codes) and one of `organisation_id` and
    `template` is set; `until` is the first day on which it no longer holds."""

    id: int
    place_id: int
    part: str
    since: dt.date
    item: str = ""
    category: str = ""
    organisation_id: int | None = None
    template: str = ""
    until: dt.date | None = None
    direct: bool = False
    basis: str = ""

    @property
    def target(self) -> int | str | None:
        return self.organisation_id if self.organisation_id is not None else self.template

    def holds_on(self, day: dt.date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a case is and where: codes of item and category ("" while unknown), the ids of its place and
    of all above it from the top down, and the local day that is asked about."""

    item: str
    category: str
    kind: str
    path: tuple[int, ...]
    on: dt.date


def facts_of(*, item: str, category: str, kind: str, lineage: Mapping[str, Placed], on: dt.date) -> Facts:
    """The facts of a case from its item and the lineage of its place (ordered from the top)."""
    return Facts(
        item=item, category=category, kind=kind, path=tuple(place.id for place in lineage.values()), on=on
    )
