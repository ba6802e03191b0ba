"""The end of a place and its return: retire, restore. Nothing is deleted."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from grid import followers, kinds, tree
from grid.commands.base import (
    NO_REQUEST,
    Outcome,
    Request,
    Why,
    check_above,
    check_heir,
    current,
    keep_past,
    record,
    refuse_blocked,
    require,
    retried,
)
from grid.followers import Change, Impact
from grid.models import Place, Succession
from ledger import book, reading, versions
from ledger.actor import Actor


@retried
def retire_place(
    *,
    place: Place,
    version: int,
    by: Actor,
    at: dt.datetime,
    successor: Place | None = None,
    successors: Sequence[Place] = (),
    buildings: Sequence[int] = (),
    basis: str = "",
    dry_run: bool = False,
    request: Request = NO_REQUEST,
) -> Outcome:
    """Close a place; with a successor, its code, names and stickers lead there. Several share it as the parts of a
    split one do: what only one can have goes to the first. `buildings`: those of an estate that its heirs have already,
    and that come back with it.

    Refuses (422) while something live hangs under it, or while open work would be left without a home."""
    with transaction.atomic():
        named = {heir.pk: heir for heir in ([successor] if successor else successors)}
        held = current(place, version, by, *named.values(), dry_run=dry_run)
        place = held[place.pk]
        heirs = tuple(held[pk] for pk in named)
        for heir in heirs:
            require(by, heir)
            check_heir(place, heir)
        impacts = [
            *_what_hangs_on(place, heirs[0] if heirs else None),
            *followers.impacts(Change("retired", copy.copy(place), place.path, place.path, heirs)),
        ]
        refuse_blocked(impacts, dry_run)
        if not dry_run:
            end(place, heirs, Why(by, at, basis, request), buildings)
        return Outcome(place, impacts, dry_run=dry_run)


def end(place: Place, heirs: Sequence[Place], why: Why, buildings: Sequence[int] = ()) -> None:
    """The end itself, of a held place; the first of several heirs takes over what only one can have.

    `buildings`: those of an estate that its parts have taken over already."""
    change = Change("retired", copy.copy(place), place.path, place.path, tuple(heirs))
    keep_past([place], why.at)
    place.retired_at = why.at
    place.version += 1
    Succession.objects.bulk_create(Succession(old=place, new=heir, at=why.at) for heir in heirs)
    if place.kind == kinds.ESTATE:
        estate = next((heir for heir in heirs if heir.kind == kinds.ESTATE), None)
        mine = Place.objects.filter(managed_by=place, retired_at=None)
        buildings = sorted({*buildings, *mine.values_list("pk", flat=True)})
        mine.update(managed_by=estate)
    record(
        place,
        "place.retired",
        why,
        successor=heirs[0].code if heirs else None,
        **({"successors": [heir.code for heir in heirs]} if len(heirs) > 1 else {}),
        **({"buildings": list(buildings)} if buildings else {}),
    )
    place.save(update_fields=["retired_at", "version", *book.CHAIN])
    versions.bump("places")
    followers.apply(change, why.at, why.by)


@retried
def restore_place(
    *,
    place: Place,
    version: int,
    by: Actor,
    at: dt.datetime,
    basis: str = "",
    dry_run: bool = False,
    request: Request = NO_REQUEST,
) -> Outcome:
    """Bring a retired place back under its old code, where it was. What had gone over to its successor at its
    end and has not been touched since comes back with it; its code, names and stickers lead to it again.

    Refuses (422) while what stands above is retired, and (409) a place that lives."""
    with transaction.atomic():
        held = current(place, version, by, dry_run=dry_run, live=False)
        place = held[place.pk]
        check_above(place.kind, place.above)
        heirs = tuple(row.new for row in place.successions.select_related("new").order_by("pk"))
        for heir in heirs:
            require(by, heir)
        change = Change("restored", copy.copy(place), place.path, place.path, heirs)
        impacts = [
            Impact("places", len(heirs), _("“{name}”不再承接它").format(name=heir.name)) for heir in heirs
        ]
        buildings = _buildings_to_return(place, heirs)
        if count := len(buildings):
            words = _("{n} 栋楼改属“{name}”").format(n=count, name=place.name)
            impacts.append(Impact("buildings", count, words))
        impacts += followers.impacts(change)
        refuse_blocked(impacts, dry_run)
        if dry_run:
            return Outcome(place, impacts, dry_run=True)
        keep_past([place], at)
        Place.objects.filter(pk__in=buildings).update(managed_by=place)
        place.successions.all().delete()  # a pointer only: that it was so stands in the ledger
        place.retired_at = None
        place.version += 1
        record(place, "place.restored", Why(by, at, basis, request), successors=[heir.code for heir in heirs])
        place.save(update_fields=["retired_at", "version", *book.CHAIN])
        versions.bump("places")
        followers.apply(change, at, by)
        return Outcome(place, impacts)


def _buildings_to_return(place: Place, heirs: Sequence[Place]) -> list[int]:
    """An estate's buildings at its end that still are where they were given to."""
    if place.kind != kinds.ESTATE:
        return []
    ends = [entry for entry in reading.timeline(Place.SUBJECT, place.pk) if entry.event == "place.retired"]
    then = ends[-1].payload.get("buildings", []) if ends else []
    estates = [heir.pk for heir in heirs if heir.kind == kinds.ESTATE]
    given = Q(managed_by__in=estates) if estates else Q(managed_by=None)
    rows = Place.objects.filter(given, pk__in=then, retired_at=None)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _what_hangs_on(place: Place, heir: Place | None) -> list[Impact]:
    """What the tree itself has to say to the end of a place."""
    live = Place.objects.filter(tree.below(place), retired_at=None).count()
    found = []
    if live:
        found.append(
            Impact("places", live, _("下面还有 {n} 个在用的地点，请先移走或停用").format(n=live), blocks=True)
        )
    if place.kind == kinds.ESTATE:
        count = Place.objects.filter(managed_by=place, retired_at=None).count()
        if count and heir and heir.kind == kinds.ESTATE:
            found.append(
                Impact("buildings", count, _("{n} 栋楼改属“{name}”").format(n=count, name=heir.name))
            )
        elif count:
            found.append(Impact("buildings", count, _("{n} 栋楼不再属于任何小区").format(n=count)))
    return found
