"""认领: what is open to claims, and who may claim it.

Open are wishes and projects, items marked so, and what its desk opened. A unit may claim where it serves the place,
or where a duty row says that it offers to help with the item there."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from cases import rulebook
from cases.kinds import CLAIMABLE_KINDS
from cases.models.case import ANCESTORS, Case
from cases.routing.facts import OFFER, Duty
from cases.sla.segments import Rule
from grid.queries import by_ids
from ledger import clock
from parties import directory

GUARDED = Q(sensitive=True) | Q(confidential=True)  # never open: desk and holder only


def is_open(case: Case) -> bool:
    """Is it a matter open to claims, whatever its status?"""
    return (
        case.kind in CLAIMABLE_KINDS
        or case.item_id in rulebook.claimable_ids()
        or case.offered_at is not None
    )


def open_q() -> Q:
    """The filter of `is_open`, where it waits to be claimed and may be shown."""
    offered = Q(kind__in=CLAIMABLE_KINDS) | Q(item_id__in=sorted(rulebook.claimable_ids()))
    return Q(status="accepted") & ~GUARDED & (offered | Q(offered_at__isnull=False))


def waits(case: Case) -> bool:
    """The judge of `open_q`."""
    return case.status == "accepted" and not (case.sensitive or case.confidential) and is_open(case)


def fits(unit: directory.Org, case: Case) -> bool:
    """May this unit claim this case?"""
    here = {getattr(case, f"{kind}_id") for kind in ANCESTORS}
    if here.intersection(directory.places_served(unit)):
        return True
    return any(row.place_id in here and _speaks_of(row, case) for row in offers_of(unit))


def reach_q(units: Iterable[directory.Org]) -> Q:
    """The filter of `fits`: what any of these units may claim."""
    found = Q(pk__in=[])
    units = list(units)
    found |= _at(sorted({place for unit in units for place in directory.places_served(unit)}))
    for row in (row for unit in units for row in offers_of(unit)):
        found |= Q(item_id__in=_items_of(row)) & _at([row.place_id])
    return found


def promise(until: dt.datetime) -> Rule:
    """The claimer's date as the limit of the work."""
    with override(settings.LANGUAGE_CODE):  # its reason is kept: in the language of the record, whoever acts
        return Rule("resolve", 0, "until", policy="claim", until=until, reason=_("认领时承诺的时间"))


def offers_of(unit: directory.Org) -> list[Duty]:
    """The standing duty rows by which this unit offers to help."""
    day = clock.today()
    return [
        row
        for row in rulebook.duty_rows()
        if row.part == OFFER and row.organisation_id == unit.id and row.holds_on(day)
    ]


def _at(places: Iterable[int]) -> Q:
    """Cases at these places or below, by the columns of the case."""
    of_kind: dict[str, list[int]] = defaultdict(list)
    for place in by_ids(places).values():
        of_kind[place.kind].append(place.id)
    found = Q(pk__in=[])
    for kind in sorted(of_kind.keys() & ANCESTORS):
        found |= Q(**{f"{kind}_id__in": sorted(of_kind[kind])})
    return found


def _items_of(row: Duty) -> list[int]:
    return sorted(
        one.id
        for one in rulebook.items()
        if one.code == row.item or (not row.item and one.category == row.category)
    )


def _speaks_of(row: Duty, case: Case) -> bool:
    return case.item_id in _items_of(row)
