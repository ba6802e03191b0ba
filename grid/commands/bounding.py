"""The boundary of a place."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from grid import boundaries, facts
from grid.commands.base import NO_REQUEST, Outcome, Request, Why, current, record, retried
from grid.datum import KEPT
from grid.errors import TreeRefused
from grid.followers import Impact
from grid.models import Place
from ledger import book, versions
from ledger.actor import Actor


@retried
def set_boundary(
    *,
    place: Place,
    boundary: dict[str, Any] | None,
    version: int,
    by: Actor,
    at: dt.datetime,
    datum: str = KEPT,
    basis: str = "",
    dry_run: bool = False,
    request: Request = NO_REQUEST,
) -> Outcome:
    """Give a place its area (None takes it away). `datum` is that of the coordinates handed in; GCJ-02 is turned
    into WGS-84 before it is kept.

    What it would overlap comes back as impacts; an overlap does not refuse (neighbours are often redrawn one
    after the other), an unreadable area does (422)."""
    with transaction.atomic():
        place = current(place, version, by, dry_run=dry_run)[place.pk]
        before = place.boundary
        if boundary is None:
            if before is None:
                raise TreeRefused(_("没有变化。"))
            facts.give_boundary(place, None)
        else:
            place.lon = place.lat = None  # the centre of the new area
            facts.give(place, {"boundary": boundary, "datum": datum})
            if place.boundary == before:
                raise TreeRefused(_("没有变化。"))
        impacts = _overlaps(place)
        if dry_run:
            return Outcome(place, impacts, dry_run=True)
        place.version += 1
        record(
            place,
            "place.boundary_set",
            Why(by, at, basis, request),
            points=boundaries.points(place.boundary),
            given_in=datum if boundary is not None else None,
            overlaps=len(impacts),
        )
        place.save(
            update_fields=[
                "boundary", "datum", "west", "south", "east", "north", "lon", "lat", "version", *book.CHAIN
            ]
        )  # fmt: skip
        versions.bump("places")
        return Outcome(place, impacts)


def _overlaps(place: Place) -> list[Impact]:
    if place.boundary is None:
        return []
    found = boundaries.overlaps_of(place, place.boundary)
    return [Impact("boundaries", 1, boundaries.sentence(overlap)) for overlap in found]
