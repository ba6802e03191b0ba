"""Several into one, one into several: each old place is retired with its successors, what is below goes along.

Both are made of moves and ends, so the ledger, the followers and the history know no third thing; what they
mean is asked once, before anything is written.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from grid import codes, facts, followers, kinds, naming, tree
from grid.commands import counts
from grid.commands.base import (
    NO_REQUEST,
    Outcome,
    Request,
    Why,
    check,
    check_above,
    check_heir,
    refuse_blocked,
    rehearsal,
    require,
    retried,
)
from grid.commands.ending import end
from grid.commands.places import plant, rehang
from grid.errors import TreeRefused
from grid.followers import Change, Impact
from grid.models import Place
from ledger.actor import Actor


@dataclass(frozen=True)
class Part:
    """One of the places that another is split into: its name, its code (none: one is made), what it takes
    over, and what it carries (any of `facts.FIELDS`)."""

    name: str
    children: tuple[Place, ...] = ()
    code: str | None = None
    carried: dict[str, Any] = field(default_factory=dict)


@retried
def merge_places(
    *,
    places: Sequence[Place],
    versions: Sequence[int],
    target: Place | None = None,
    name: str = "",
    code: str | None = None,
    by: Actor,
    at: dt.datetime,
    basis: str = "",
    dry_run: bool = False,
    request: Request = NO_REQUEST,
) -> Outcome:
    """Merge places into `target`, which goes on, or into a new one of this name beside the first: each is retired
    with it as successor, its live children move under it. The outcome's place is the first of them.

    Refuses (422) a target that may not succeed, one below a merged place, and children that it may not hold."""
    if not places or len({place.pk for place in places}) < len(places):
        raise TreeRefused(_("请选要并入的地点，每个只选一次。"), fields={"parts": _("请选择")})
    if (target is None) == (not name):
        raise TreeRefused(_("请选并入哪里，或写新地点的名称，只要一样。"), fields={"target": _("请选择")})
    why = Why(by, at, basis, request)
    if target is None and dry_run:  # what it would do to one that does not stand yet, only doing it can tell
        return _rehearsed(places, versions, name, code, why)
    with codes.given_once(code or ""), transaction.atomic():
        held = _held([*places, *([target] if target else [])], dry_run)
        goes = [held[place.pk] for place in places]
        heir = held[target.pk] if target else _beside(goes[0], name, code, why)
        for place, version in zip(goes, versions, strict=True):
            check(place, version, by)
            check_heir(place, heir)
            if tree.contains(place.path, heir.path):
                raise TreeRefused(_("不能并入它下面的地点。"), fields={"target": _("在本地点之下")})
        require(by, heir)
        below = {place.pk: list(_children(place).exclude(pk=heir.pk)) for place in goes}
        impacts: list[Impact] = []
        for place in goes:
            for child in below[place.pk]:
                check_above(child.kind, heir)
            impacts += _of_merge(place, heir, len(below[place.pk]))
        impacts += counts.impacts(goes, heir, stays=target is not None)
        refuse_blocked(impacts, dry_run)
        if dry_run:
            return Outcome(goes[0], impacts, dry_run=True)
        counts.add_up(goes, heir, why.further, stays=target is not None)
        for n, place in enumerate(goes):
            for child in below[place.pk]:
                heir.refresh_from_db(fields=["lft", "rght", "level", "tree_id", "path"])
                child.refresh_from_db()
                if child.is_live and child.above_id != heir.pk:
                    rehang(child, heir, why.further)
            place.refresh_from_db()
            end(place, [heir], why if n == 0 else why.further)
        return Outcome(goes[0], impacts, opened=() if target else (heir,))


def _beside(place: Place, name: str, code: str | None, why: Why) -> Place:
    """A new place of the same kind, under the same one."""
    above = place.above
    if above is not None:
        above = Place.objects.get(pk=above.pk)
    require(why.by, above)
    return plant(place.kind, name, above, code, why.further, {})


def _rehearsed(
    places: Sequence[Place], versions: Sequence[int], name: str, code: str | None, why: Why
) -> Outcome:
    impacts: Sequence[Impact]
    with rehearsal():
        try:
            with transaction.atomic():
                done = merge_places(
                    places=places,
                    versions=versions,
                    name=name,
                    code=code,
                    by=why.by,
                    at=why.at,
                    basis=why.basis,
                )
            impacts = done.impacts
        except TreeRefused as refusal:
            if not refusal.impacts:
                raise
            impacts = refusal.impacts
    return Outcome(places[0], list(impacts), dry_run=True)


@retried
def split_place(
    *,
    place: Place,
    version: int,
    parts: Sequence[Part],
    by: Actor,
    at: dt.datetime,
    basis: str = "",
    dry_run: bool = False,
    request: Request = NO_REQUEST,
) -> Outcome:
    """Split a place into new ones beside it, which take over its live children (an estate's: its buildings).
    It is retired with all of them as successors; what only one can have (its desk, work that no boundary
    places) goes to the first.

    Refuses (422) fewer than two parts, a name given twice, and a child that no part or more than one takes."""
    code = next((part.code for part in parts if part.code), "")
    with codes.given_once(code or ""), transaction.atomic():
        held = _held([place], dry_run)
        place = held[place.pk]
        check(place, version, by)
        above = place.above
        if above is not None:
            above = Place.objects.get(pk=above.pk)
        require(by, above)
        _check_parts(place, parts)
        impacts = _of_split(place, parts)
        refuse_blocked(impacts, dry_run)
        if dry_run:
            return Outcome(place, impacts, dry_run=True)
        why = Why(by, at, basis, request)
        opened = []
        for part in parts:
            if above is not None:
                above.refresh_from_db()
            opened.append(plant(place.kind, part.name, above, part.code, why.further, dict(part.carried)))
        for part, new in zip(parts, opened, strict=True):
            if place.kind == kinds.ESTATE:
                Place.objects.filter(pk__in=[child.pk for child in part.children]).update(managed_by=new)
                continue
            for child in part.children:
                new.refresh_from_db()
                rehang(Place.objects.get(pk=child.pk), new, why.further)
        place.refresh_from_db()
        handed = [child.pk for part in parts for child in part.children] if place.kind == kinds.ESTATE else []
        end(place, [Place.objects.get(pk=new.pk) for new in opened], why, handed)
        return Outcome(place, impacts, opened=tuple(opened))


def _held(places: Sequence[Place], dry_run: bool) -> dict[int, Place]:
    if dry_run:
        return Place.objects.in_bulk([place.pk for place in places])
    held = tree.hold(*(place.pk for place in places), forest=any(p.kind in kinds.ROOTS for p in places))
    for place in places:
        if held[place.pk].kind in kinds.UPPER:
            tree.lock_below(held[place.pk].path)
    return held


def _children(place: Place) -> QuerySet[Place]:
    """What goes along: live children, in their order."""
    under = Place.objects.filter(Q(parent=place) | Q(superior=place), retired_at=None)
    return under.order_by("tree_id", "lft")


def charges(place: Place) -> QuerySet[Place]:
    """What a split hands out: an estate's buildings, everybody else's live children."""
    if place.kind == kinds.ESTATE:
        return Place.objects.filter(managed_by=place, retired_at=None).defer("boundary").order_by("code")
    return _children(place).defer("boundary")


def _check_parts(place: Place, parts: Sequence[Part]) -> None:
    if len(parts) < 2:
        raise TreeRefused(_("拆分至少要有两部分。"), fields={"parts": _("至少两部分")})
    names = [naming.tidy(part.name) for part in parts]
    if len(set(names)) < len(names):
        raise TreeRefused(_("各部分的名称要不同。"), fields={"parts": _("名称重复")})
    for part in parts:
        facts.give_name(Place(), part.name)
        if part.code:
            codes.check_free(codes.tidy(part.code))
    given = [codes.tidy(part.code) for part in parts if part.code]
    if len(set(given)) < len(given):
        raise TreeRefused(_("各部分的编码要不同。"), fields={"parts": _("编码重复")})
    wanted = {child.pk: child for child in charges(place)}
    assigned = [child.pk for part in parts for child in part.children]
    strange = [child for part in parts for child in part.children if child.pk not in wanted]
    if strange:
        raise TreeRefused(
            _("“{name}”不在“{place}”之下。").format(name=strange[0].name, place=place.name),
            fields={"parts": _("不在其下")},
        )
    if len(set(assigned)) < len(assigned):
        raise TreeRefused(_("同一个地点只能分到一部分。"), fields={"parts": _("分了两次")})
    left = [child for pk, child in wanted.items() if pk not in assigned]
    if left:
        raise TreeRefused(
            _("“{name}”等 {n} 个下级还没有分到哪一部分。").format(name=left[0].name, n=len(left)),
            fields={"parts": _("有未分配的")},
        )


def _of_merge(place: Place, heir: Place, children: int) -> list[Impact]:
    found = []
    if children:
        found.append(
            Impact(
                "places", children, _("“{place}”下 {n} 个地点改到“{name}”之下").format(
                    place=place.name, n=children, name=heir.name
                )
            )
        )  # fmt: skip
    if place.kind == kinds.ESTATE:
        count = charges(place).count()
        if count:
            words = _("{n} 栋楼改属“{name}”").format(n=count, name=heir.name)
            found.append(Impact("buildings", count, words))
    change = Change("merged", copy.copy(place), place.path, heir.path, (heir,))
    return [*found, *followers.impacts(change)]


def _of_split(place: Place, parts: Sequence[Part]) -> list[Impact]:
    found = [
        Impact(
            "places",
            len(part.children),
            _("{n} 个地点分到“{name}”").format(n=len(part.children), name=naming.tidy(part.name)),
        )
        for part in parts
    ]
    heirs = tuple(Place(name=naming.tidy(part.name), kind=place.kind) for part in parts)
    return [*found, *followers.impacts(Change("split", copy.copy(place), place.path, place.path, heirs))]
