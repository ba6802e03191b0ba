"""The ground under a file's calls: places it names are opened, and the desks that will take them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from grid import importing
from grid.sheets import Row as PlaceRow
from ledger import versions
from ledger.actor import Actor
from parties.seeding import load_organisations


def lay(rows: Sequence[PlaceRow], *, by: Actor, at: dt.datetime) -> tuple[int, int]:
    """Open what is missing of these places, then the district's, streets' and communities' own organisations,
    so that every call finds its desk. How many of each; a second time none. Raises grid.errors.Unreadable."""
    report = importing.load(rows, by=by, at=at, keep=True)
    versions.refresh()
    units = load_organisations(by=by, at=at)
    versions.refresh()
    return report.count(importing.OPEN), units
