"""Whom a unit serves: begun and ended place by place, or set as a whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from grid.models import Place
from ledger.actor import Actor
from parties.commands.organisations import fresh, lock, on_basis, require_unit, write
from parties.commands.reach import hold_places, require_ground
from parties.errors import PartiesRefused
from parties.models import Organisation, Serving


@transaction.atomic
def begin_serving(
    *,
    by: Actor,
    at: dt.datetime,
    organisation: Organisation,
    place: Place,
    version: int,
    basis: str = "",
) -> Organisation:
    """The unit serves this place and everything below it, from `at` on. The place must be in the admin's reach too."""
    place = hold_places(place)[place.pk]
    unit = lock(organisation)
    require_unit(by, unit)
    fresh(unit, version)
    require_ground(by, place)
    if Serving.objects.filter(organisation=unit, place=place, until=None).exists():
        raise PartiesRefused(_("它已经在服务这个地点。"), fields={"place": place.code})
    Serving.objects.create(organisation=unit, place=place, since=at)
    return _tell(unit, by, at, basis, begun=[place.pk])


@transaction.atomic
def end_serving(
    *,
    by: Actor,
    at: dt.datetime,
    organisation: Organisation,
    place: Place,
    version: int,
    basis: str = "",
) -> Organisation:
    """From `at` on the unit no longer serves this place; that it did stays known."""
    unit = lock(organisation)
    require_unit(by, unit)
    fresh(unit, version)
    if not _end(unit, [place.pk], at):
        raise PartiesRefused(_("它不在服务这个地点。"), fields={"place": place.code})
    return _tell(unit, by, at, basis, ended=[place.pk])


@transaction.atomic
def set_serving(
    *, by: Actor, at: dt.datetime, organisation: Organisation, places: Iterable[Place]
) -> Organisation:
    """From now on the unit serves exactly these places; what it no longer serves ends at `at`."""
    wanted = hold_places(*places)
    unit = lock(organisation)
    require_unit(by, unit)
    standing = set(Serving.objects.filter(organisation=unit, until=None).values_list("place_id", flat=True))
    ended, begun = sorted(standing - wanted.keys()), sorted(wanted.keys() - standing)
    for pk in begun:
        require_ground(by, wanted[pk])
    if not ended and not begun:
        return unit
    _end(unit, ended, at)
    Serving.objects.bulk_create(Serving(organisation=unit, place_id=pk, since=at) for pk in begun)
    return _tell(unit, by, at, "", begun=begun, ended=ended)


def _end(unit: Organisation, places: Iterable[int], at: dt.datetime) -> int:
    """How many ended; one that began at this very instant has never been."""
    standing = Serving.objects.filter(organisation=unit, until=None, place_id__in=list(places))
    ended = standing.filter(since__lt=at).update(until=at)
    return ended + standing.delete()[0]


def _tell(
    unit: Organisation,
    by: Actor,
    at: dt.datetime,
    basis: str,
    *,
    begun: Iterable[int] = (),
    ended: Iterable[int] = (),
) -> Organisation:
    payload = {"begun": list(begun), "ended": list(ended), **on_basis(basis)}
    return write(unit, "organisation.serving_set", by, at, payload)
