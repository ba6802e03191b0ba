"""A unit that was retired or merged stands again."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from grid.models import Place
from ledger.actor import Actor
from ledger.models import Entry
from parties.commands.merging import merge_entry, part
from parties.commands.organisations import clash, lock, lock_two, on_basis, require_unit, write
from parties.commands.reach import hold_places
from parties.errors import PartiesRefused
from parties.models import Organisation, Serving


@transaction.atomic
def restore_organisation(
    *, by: Actor, at: dt.datetime, organisation: Organisation, version: int, basis: str = ""
) -> Organisation:
    """A retired unit stands again and serves what it served where that is still there; a merged one takes back the
    people, places and desk that went over with it and have not been touched since; the floors above hand back the work."""
    ended = Serving.objects.filter(organisation=organisation, until=organisation.retired_at)
    places = [row.place for row in ended.select_related("place")]
    hold_places(*places, Place.objects.filter(pk=_desk_that_went(organisation)).first())
    into = organisation.merged_into
    unit, target = lock_two(organisation, into) if into is not None else (lock(organisation), None)
    require_unit(by, unit)
    if unit.version != version:
        raise PartiesRefused(_("该单位刚被别人改过，请看过再改。"), status=409, now=unit)
    if unit.retired_at is None:
        raise PartiesRefused(_("该单位没有停用。"), status=409)
    if unit.parent is not None and unit.parent.retired_at is not None:
        raise PartiesRefused(_("它的上级单位已停用，请先恢复上级。"), status=409)
    try:
        with transaction.atomic():
            if target is None:
                return _stand_again(unit, by, at, basis)
            require_unit(by, target)
            if target.retired_at is not None:
                raise PartiesRefused(_("它并入的单位也已停用，请先恢复那个单位。"), status=409)
            _give_back_desk(unit, target)
            return part(unit, by=by, at=at, basis=basis)
    except IntegrityError as problem:
        raise clash(problem, unit) from None


def _stand_again(unit: Organisation, by: Actor, at: dt.datetime, basis: str) -> Organisation:
    places = Serving.objects.filter(
        organisation=unit, until=unit.retired_at, place__retired_at=None
    ).values_list("place_id", flat=True)
    Serving.objects.bulk_create(
        Serving(organisation=unit, place_id=pk, since=at) for pk in sorted(set(places))
    )
    unit.retired_at = None
    return write(unit, "organisation.restored", by, at, on_basis(basis), "retired_at")


def _give_back_desk(unit: Organisation, target: Organisation) -> None:
    """The desk that went over with the merge, where it is still the target's."""
    desk = _desk_that_went(unit)
    if desk is None or target.desk_of_id != desk:
        return
    Organisation.objects.filter(pk=target.pk).update(desk_of=None)
    unit.desk_of_id = desk
    unit.save(update_fields=["desk_of"])


def _desk_that_went(unit: Organisation) -> int | None:
    told: Entry | None = merge_entry(unit) if unit.merged_into_id else None
    return told.payload.get("desk") if told is not None else None
