"""One place at a time: open, rename, recode, move."""

from __future__ import annotations

import copy
import datetime as dt
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from grid import codes, facts, followers, kinds, stickers, tree
from grid.commands.base import (
    NO_REQUEST,
    Outcome,
    Request,
    Why,
    check_above,
    check_estate,
    current,
    keep_past,
    record,
    refuse_blocked,
    require,
    retried,
)
from grid.errors import TreeRefused
from grid.followers import Change, Impact
from grid.models import Place, PlaceName
from grid.naming import normal
from ledger import book, versions
from ledger.actor import Actor


@retried
def open_place(
    *,
    by: Actor,
    at: dt.datetime,
    kind: str,
    name: str,
    parent: Place | None,
    code: str | None = None,
    basis: str = "",
    request: Request = NO_REQUEST,
    **carried: Any,
) -> Place:
    """Open a place under `parent`; without a code one is made. `carried` is any of `facts.FIELDS`.

    Refuses (403) a parent or an estate outside of one's right; (422) an unknown kind, a parent that may not hold it,
    either of them retired, a code ever used."""
    if kind not in kinds.TABLE:
        raise TreeRefused(_("没有这种地点类型。"), fields={"kind": _("类型不对")})
    with codes.given_once(code or ""), transaction.atomic():
        estate = carried.get("managed_by")
        named = [one.pk for one in (parent, estate) if one is not None]
        held = tree.hold(*named, forest=kind in kinds.ROOTS)
        above = held[parent.pk] if parent else None
        require(by, above)
        if estate is not None:
            carried["managed_by"] = held[estate.pk]
            check_estate(by, Place(), held[estate.pk])
        return plant(kind, name, above, code, Why(by, at, basis, request), carried)


def plant(
    kind: str, name: str, above: Place | None, code: str | None, why: Why, carried: dict[str, Any]
) -> Place:
    """Open a place under one that is held."""
    check_above(kind, above)
    if code:
        code = codes.tidy(code)
        codes.check_free(code)
    else:
        code = codes.next_code(above, kind)
    place = Place(pk=tree.next_ids(1)[0], kind=kind, code=code)
    facts.give_name(place, name)
    facts.give(place, carried)
    tree.position(place, above)
    record(place, "place.opened", why, kind=kind, code=code, parent=above.code if above else None)
    tree.insert_leaf(place, above)
    others = facts.alias_rows(place) + ([stickers.sticker(place)] if kind in stickers.KINDS else [])
    if others:
        PlaceName.objects.bulk_create(others)
    versions.bump("places")
    return place


@retried
def rename_place(
    *,
    place: Place,
    name: str,
    version: int,
    by: Actor,
    at: dt.datetime,
    basis: str = "",
    dry_run: bool = False,
    request: Request = NO_REQUEST,
) -> Outcome:
    """Give a place another name; the old one keeps leading to it."""
    with transaction.atomic():
        place = current(place, version, by, dry_run=dry_run)[place.pk]
        old = copy.copy(place)
        facts.give_name(place, name)
        if place.name == old.name:
            raise TreeRefused(_("名称没有变化。"), fields={"name": _("与现名相同")})
        change = Change("renamed", place, place.path, place.path)
        impacts = followers.impacts(change)
        refuse_blocked(impacts, dry_run)
        if dry_run:
            return Outcome(place, impacts, dry_run=True)
        keep_past([old], at)
        former = PlaceName.objects.create(
            place=place, kind=PlaceName.Kind.NAME, value=old.name, normal=normal(old.name), until=at
        )
        place.version += 1
        record(place, "place.renamed", Why(by, at, basis, request), former_name=former.pk)
        place.save(update_fields=[*facts.NAMES, "version", *book.CHAIN])
        versions.bump("places")  # the followers write the new name down
        followers.apply(change, at, by)
        return Outcome(place, impacts)


@retried
def recode_place(
    *,
    place: Place,
    code: str,
    version: int,
    by: Actor,
    at: dt.datetime,
    basis: str = "",
    dry_run: bool = False,
    request: Request = NO_REQUEST,
) -> Outcome:
    """Give a place another code; the old one and the stickers on its walls keep leading to it.

    Refuses (422) a code that any other place has or ever had; its own former one may come back."""
    with codes.given_once(code), transaction.atomic():
        place = current(place, version, by, dry_run=dry_run)[place.pk]
        code = codes.tidy(code)
        if code == place.code:
            raise TreeRefused(_("编码没有变化。"), fields={"code": _("与现编码相同")})
        codes.check_free(code, but_for=place)
        change = Change("recoded", copy.copy(place), place.path, place.path)
        impacts = followers.impacts(change)
        refuse_blocked(impacts, dry_run)
        if dry_run:
            place.code = code
            return Outcome(place, impacts, dry_run=True)
        keep_past([place], at)
        old, place.code = place.code, code
        PlaceName.objects.update_or_create(
            kind=PlaceName.Kind.CODE, value=old, defaults={"place": place, "until": at}
        )
        place.version += 1
        record(place, "place.recoded", Why(by, at, basis, request), **{"from": old, "to": code})
        place.save(update_fields=["code", "version", *book.CHAIN])
        versions.bump("places")
        followers.apply(change, at, by)
        return Outcome(place, impacts)


@retried
def move_place(
    *,
    place: Place,
    parent: Place,
    version: int,
    by: Actor,
    at: dt.datetime,
    basis: str = "",
    dry_run: bool = False,
    request: Request = NO_REQUEST,
) -> Outcome:
    """Hang a place with everything below it under another one, inside a street or across; codes stay.

    Refuses (422) a parent of a kind that may not hold it, one below the place itself, a retired one."""
    with transaction.atomic():
        held = current(place, version, by, parent, dry_run=dry_run, subtree=place.pk)
        place, above = held[place.pk], held[parent.pk]
        require(by, above)
        check_move(place, above)
        count = Place.objects.filter(tree.within(place)).count()
        impacts = [
            Impact("places", count, _("{n} 个地点改到“{name}”之下").format(n=count, name=above.name)),
            *followers.impacts(Change("moved", copy.copy(place), place.path, f"{above.path}{place.pk}/")),
        ]
        refuse_blocked(impacts, dry_run)
        if not dry_run:
            rehang(place, above, Why(by, at, basis, request))
        return Outcome(place, impacts, dry_run=dry_run)


def check_move(place: Place, above: Place) -> None:
    if tree.contains(place.path, above.path):
        raise TreeRefused(_("不能移到它自己或它下面的地点。"), fields={"parent": _("在本地点之下")})
    check_above(place.kind, above)
    if place.above_id == above.pk:
        raise TreeRefused(_("它已在该上级之下。"), fields={"parent": _("没有变化")})


def rehang(place: Place, above: Place, why: Why) -> None:
    """The move itself, of a held place under a held one; the followers move what is theirs."""
    change = Change("moved", copy.copy(place), place.path, f"{above.path}{place.pk}/")
    before = change.place.above
    keep_past([place], why.at)
    tree.move_subtree(place, above)
    place.version += 1
    record(
        place,
        "place.moved",
        why,
        **{"from": before.code if before else None, "to": above.code, "old_path": change.old_path},
    )
    place.save(update_fields=["version", *book.CHAIN])
    versions.bump("places")
    followers.apply(change, why.at, why.by)
