"""Changes of the tree, one at a time: open, rename, move, retire.

Each takes the tree's lock before it reads, checks right and version, changes the rows through `grid.tree`,
records one fact on the place and says that places changed. With `dry_run` nothing is locked or written and
the effect comes back. Recode, merge, split and restore will stand beside these with the same shape.
"""

from __future__ import annotations

import copy
import datetime as dt
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from grid import codes, facts, followers, kinds, stickers, tree
from grid.errors import TreeRefused
from grid.followers import Change, Impact
from grid.models import Place, PlaceName, Succession
from grid.naming import normal
from ledger import book, reading, versions
from ledger.actor import Actor

CAPABILITY = "tree"


class Request(NamedTuple):
    """Of the request that asks for a change: its idempotency key and the fingerprint of its body."""

    key: str = ""
    body_hash: str = ""


NO_REQUEST = Request()


@dataclass(frozen=True)
class Outcome:
    """What a change did, or with `dry_run` what it would do: `place` as it is now and everything touched.

    A dry run also tells, by an impact with `blocks`, what would make the real one refuse."""

    place: Place
    impacts: list[Impact] = field(default_factory=list)
    dry_run: bool = False

    @property
    def is_blocked(self) -> bool:
        return any(impact.blocks for impact in self.impacts)


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

    Refuses (422) an unknown kind, a parent that may not hold it or is retired, a code ever used."""
    if kind not in kinds.TABLE:
        raise TreeRefused(_("没有这种地点类型。"), fields={"kind": _("类型不对")})
    try:
        with transaction.atomic():
            return _open(by, at, kind, name, parent, code, (basis, request), carried)
    except IntegrityError as problem:
        if "grid_place_code" in str(problem):  # the same code was given in another tree, a moment ago
            raise codes.refused_as_used(code or "") from None
        raise


def _open(
    by: Actor,
    at: dt.datetime,
    kind: str,
    name: str,
    parent: Place | None,
    code: str | None,
    why: tuple[str, Request],
    carried: dict[str, Any],
) -> Place:
    held = tree.hold(*([parent.pk] if parent else []), forest=kind in kinds.ROOTS)
    above = held[parent.pk] if parent else None
    _require(by, above)
    _check_above(kind, above)
    if code:
        code = codes.tidy(code)
        codes.check_free(code)
    else:
        code = codes.next_code(above, kind)
    place = Place(pk=tree.next_ids(1)[0], kind=kind, code=code)
    facts.give_name(place, name)
    facts.give(place, carried)
    tree.position(place, above)
    _record(place, "place.opened", by, at, *why, kind=kind, code=code, parent=above.code if above else None)
    tree.insert_leaf(place, above)
    others = facts.alias_rows(place) + ([stickers.sticker(place)] if kind in stickers.KINDS else [])
    if others:
        PlaceName.objects.bulk_create(others)
    versions.bump("places")
    return place


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
        place = _now(place, version, by, dry_run=dry_run)[place.pk]
        old = place.name
        facts.give_name(place, name)
        if place.name == old:
            raise TreeRefused(_("名称没有变化。"), fields={"name": _("与现名相同")})
        change = Change("renamed", place, place.path, place.path)
        impacts = followers.impacts(change)
        _refuse_blocked(impacts, dry_run)
        if dry_run:
            return Outcome(place, impacts, dry_run=True)
        former = PlaceName.objects.create(
            place=place, kind=PlaceName.Kind.NAME, value=old, normal=normal(old), until=at
        )
        place.version += 1
        _record(place, "place.renamed", by, at, basis, request, former_name=former.pk)
        place.save(update_fields=[*facts.NAMES, "version", *book.CHAIN])
        versions.bump("places")  # the followers write the new name down
        followers.apply(change, at, by)
        return Outcome(place, impacts)


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
        held = _now(place, version, by, parent, dry_run=dry_run, subtree=place.pk)
        place, above = held[place.pk], held[parent.pk]
        _require(by, above)
        if tree.contains(place.path, above.path):
            raise TreeRefused(_("不能移到它自己或它下面的地点。"), fields={"parent": _("在本地点之下")})
        _check_above(place.kind, above)
        if place.above_id == above.pk:
            raise TreeRefused(_("它已在该上级之下。"), fields={"parent": _("没有变化")})
        change = Change("moved", copy.copy(place), place.path, f"{above.path}{place.pk}/")
        count = Place.objects.filter(tree.within(place)).count()
        impacts = [
            Impact("places", count, _("{n} 个地点改到“{name}”之下").format(n=count, name=above.name)),
            *followers.impacts(change),
        ]
        _refuse_blocked(impacts, dry_run)
        if dry_run:
            return Outcome(place, impacts, dry_run=True)
        before = change.place.above
        tree.move_subtree(place, above)
        place.version += 1
        _record(
            place,
            "place.moved",
            by,
            at,
            basis,
            request,
            **{"from": before.code if before else None, "to": above.code, "old_path": change.old_path},
        )
        place.save(update_fields=["version", *book.CHAIN])
        followers.apply(change, at, by)
        versions.bump("places")
        return Outcome(place, impacts)


def retire_place(
    *,
    place: Place,
    version: int,
    by: Actor,
    at: dt.datetime,
    successor: Place | None = None,
    basis: str = "",
    dry_run: bool = False,
    request: Request = NO_REQUEST,
) -> Outcome:
    """Close a place for good; with a successor, its code, names and stickers lead there.

    Refuses (422) while something live hangs under it, or while open work would be left without a home."""
    with transaction.atomic():
        held = _now(place, version, by, *([successor] if successor else []), dry_run=dry_run)
        place = held[place.pk]
        heir = held[successor.pk] if successor else None
        if heir:
            _check_heir(place, heir)
        change = Change("retired", copy.copy(place), place.path, place.path, heir)
        impacts = [*_what_hangs_on(place, heir), *followers.impacts(change)]
        _refuse_blocked(impacts, dry_run)
        if dry_run:
            return Outcome(place, impacts, dry_run=True)
        place.retired_at = at
        place.version += 1
        if heir:
            Succession.objects.create(old=place, new=heir, at=at)
        if place.kind == kinds.ESTATE:
            estate = heir if heir and heir.kind == kinds.ESTATE else None
            Place.objects.filter(managed_by=place, retired_at=None).update(managed_by=estate)
        _record(place, "place.retired", by, at, basis, request, successor=heir.code if heir else None)
        place.save(update_fields=["retired_at", "version", *book.CHAIN])
        followers.apply(change, at, by)
        versions.bump("places")
        return Outcome(place, impacts)


def replayed(by: Actor, request: Request) -> Place | None:
    """The place that a request with this key already changed; TreeRefused where the key came with another
    body."""
    entry = reading.request_entry(by.id, request.key)
    if entry is None:
        return None
    if entry.subject_kind != Place.SUBJECT or entry.body_hash != request.body_hash:
        raise TreeRefused(_("这个幂等键已用于另一个请求，请换一个。"))
    return Place.objects.get(pk=entry.subject_id)


# -- what the commands share


def _now(
    place: Place, version: int, by: Actor, *others: Place, dry_run: bool, subtree: int | None = None
) -> dict[int, Place]:
    """The places as they now are: locked, or for a dry run only read. Checks right, life and version."""
    ids = [place.pk, *(other.pk for other in others)]
    if dry_run:
        held = Place.objects.in_bulk(ids)
    else:
        held = tree.hold(*ids, forest=place.kind in kinds.ROOTS, subtree=subtree)
    current = held[place.pk]
    _require(by, current)
    if version != current.version:
        raise TreeRefused(_("“{name}”刚被他人改过，请刷新后再试。").format(name=current.name), status=409)
    if not current.is_live:
        raise TreeRefused(_("“{name}”已停用，不能再改。").format(name=current.name), status=409)
    return held


def _require(by: Actor, target: Place | None) -> None:
    if not by.may(CAPABILITY, path=target.path if target else None):
        raise TreeRefused(_("您没有修改这里的网格树的权限。"), status=403)


def _check_above(kind: str, above: Place | None) -> None:
    if above is None:
        if not kinds.may_stand_alone(kind):
            raise TreeRefused(
                _("{kind}必须有上级。").format(kind=kinds.label(kind)), fields={"parent": _("必填")}
            )
        return
    if not above.is_live:
        raise TreeRefused(_("上级“{name}”已停用。").format(name=above.name), fields={"parent": _("已停用")})
    if not kinds.may_hold(above.kind, kind):
        raise TreeRefused(
            _("{kind}不能放在{above}之下。").format(kind=kinds.label(kind), above=kinds.label(above.kind)),
            fields={"parent": _("层级不对")},
        )


def _check_heir(place: Place, heir: Place) -> None:
    if heir.pk == place.pk:
        raise TreeRefused(_("承接地点不能是它自己。"), fields={"target": _("不能是自己")})
    if not heir.is_live:
        raise TreeRefused(
            _("承接地点“{name}”已停用。").format(name=heir.name), fields={"target": _("已停用")}
        )
    if not kinds.may_succeed(place.kind, heir.kind):
        raise TreeRefused(
            _("{kind}不能由{heir}承接。").format(kind=kinds.label(place.kind), heir=kinds.label(heir.kind)),
            fields={"target": _("层级不对")},
        )


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


def _refuse_blocked(impacts: list[Impact], dry_run: bool) -> None:
    blocking = [impact for impact in impacts if impact.blocks]
    if blocking and not dry_run:
        refusal = TreeRefused(
            _("还不能这样改：") + _("；").join(impact.sentence for impact in blocking) + _("。")
        )
        refusal.impacts = impacts
        raise refusal


def _record(
    place: Place, event: str, by: Actor, at: dt.datetime, basis: str, request: Request, **payload: Any
) -> None:
    if basis:
        payload["basis"] = basis
    payload["version"] = place.version
    book.record(
        subject=place,
        event=event,
        by=by,
        at=at,
        path=place.path,
        payload=payload,
        request_key=request.key,
        body_hash=request.body_hash,
    )
