"""Who sits where: every posting that gives rights, kept in process, so that "could anybody there do this?" costs no
statement.

Read again when the version "postings" moved: every write of a posting moves it (parties.models.postings).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db.models import Q

from grid.tree import path_ids
from ledger import clock
from ledger.versions import Cached
from parties import directory
from parties.models import Posting
from parties.roles import ROLES

KEPT = dt.timedelta(days=7)  # ended ones, for what is asked a little later than it happened


@dataclass(frozen=True, slots=True)
class Seat:
    """A human in a role from `since` until `until`: by a posting, or standing in for who is posted."""

    role: str
    account_id: int
    person_id: int
    since: dt.datetime
    until: dt.datetime | None
    lender: int | None = None  # the human for whom one stands in

    def is_live(self, at: dt.datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True)
class _Seats:
    places: dict[int, tuple[Seat, ...]]
    units: dict[int, tuple[Seat, ...]]


def _load() -> _Seats:
    places: dict[int, list[Seat]] = defaultdict(list)
    units: dict[int, list[Seat]] = defaultdict(list)
    rows = Posting.objects.filter(
        Q(until=None) | Q(until__gt=clock.now() - KEPT), confirmed_at__isnull=False
    ).values_list(
        *("role", "place_id", "organisation_id", "since", "until", "account_id", "account__person_id"),
        *("substitute_id", "substitute__person_id", "substitute_from", "substitute_until"),
    )
    for role, place, unit, since, until, account, person, *other in rows.order_by("pk").iterator():
        seats = [Seat(role, account, person, since, until)]
        if other[0] is not None:
            ends = [end for end in (until, other[3]) if end is not None]
            seats.append(Seat(role, other[0], other[1], max(since, other[2]), min(ends), person))
        (places[place] if place is not None else units[unit]).extend(seats)
    return _Seats(
        {place: tuple(found) for place, found in places.items()},
        {unit: tuple(found) for unit, found in units.items()},
    )


_seats: Cached[_Seats] = Cached("postings", _load)


def people_of(
    unit: directory.Org,
    capability: str,
    at: dt.datetime,
    path: str = "",
    *,
    apart: Collection[int | None] = (),
) -> set[int]:
    """The humans (ids of persons) who may do this for a unit: posted to it or above it; of a desk also those at its
    place, and with a place's id-path those at places on it who work for the desk. Not those `apart`, nor by what they
    lent."""
    found = _of(unit, capability, at, path)
    return {seat.person_id for seat in found if seat.person_id not in apart and seat.lender not in apart}


def is_staffed(unit: directory.Org, capability: str, at: dt.datetime, path: str = "") -> bool:
    """Is there anybody?"""
    return next(_of(unit, capability, at, path), None) is not None


def _of(unit: directory.Org, capability: str, at: dt.datetime, path: str) -> Iterator[Seat]:
    known = _seats()
    found = [seat for pk in path_ids(unit.path) for seat in known.units.get(pk, ())]
    for place in places_of(unit, path):
        found += [seat for seat in known.places.get(place, ()) if ROLES[seat.role].works_for_desk]
    return (seat for seat in found if capability in ROLES[seat.role].capabilities and seat.is_live(at))


def places_of(desk: directory.Org, path: str) -> list[int]:
    """The desk's own place, and those of the path whose workers work for it: the committee's grid, not the
    street's community. None for a unit that is no desk."""
    if desk.desk_of is None:
        return []
    ids = path_ids(path)
    found = {desk.desk_of}
    for n, place in enumerate(ids, start=1):
        above = directory.desk_of_path("/" + "/".join(map(str, ids[:n])) + "/")
        if above is not None and above.id == desk.id:
            found.add(place)
    return sorted(found)
