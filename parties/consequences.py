"""What hangs on a unit or on a person at work, without the parties knowing it.

As a change of the tree has its followers (grid.followers), so have the end of a unit and of a posting: the floor
above says what it would mean (`impact`: it only reads) and does what must happen in the same transaction (`left`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from django.utils.translation import gettext as _

from grid.followers import Impact
from ledger import clock
from ledger.actor import Actor
from parties import directory
from parties.access import actor_of
from parties.models import Organisation, Posting, Serving
from parties.models.postings import standing_q


@dataclass(frozen=True)
class UnitChange:
    """A unit is retired, or merged `into` another one; or `parted` from the one it was merged into."""

    kind: str
    unit: Organisation
    into: Organisation | None = None
    at: dt.datetime = field(default_factory=clock.now)


@dataclass(frozen=True)
class Leaving:
    """An account that from now on works no more for `units` (ids)."""

    account_id: int
    units: frozenset[int]


class Follower(Protocol):
    def impact(self, change: UnitChange | Leaving) -> Iterable[Impact]: ...

    def left(self, leaving: Leaving, at: dt.datetime, by: Actor) -> None: ...

    def open_work(self, units: Collection[int]) -> dict[int, int]: ...


_followers: list[Follower] = []


def register(follower: Follower) -> None:
    """Called from config/wiring.py; the same object again does nothing."""
    if follower not in _followers:
        _followers.append(follower)


def open_work(units: Collection[int]) -> dict[int, int]:
    """unit → how much open work it holds."""
    found: dict[int, int] = {}
    for follower in _followers:
        for unit, n in follower.open_work(units).items():
            found[unit] = found.get(unit, 0) + n
    return found


def impacts(change: UnitChange | Leaving) -> list[Impact]:
    """Everything the change touches; nothing is written."""
    own = list(_of_unit(change)) if isinstance(change, UnitChange) else []
    return own + [impact for follower in _followers for impact in follower.impact(change)]


def tell_left(leaving: Leaving, at: dt.datetime, by: Actor) -> None:
    """What this person had goes back to the unit."""
    if leaving.units:
        for follower in _followers:
            follower.left(leaving, at, by)


def leaving(posting: Posting, at: dt.datetime) -> Leaving:
    """Who no longer works for which unit when this posting ends: another posting there keeps them."""
    actor = actor_of(posting.account_id, at)
    seat = posting.place_id, posting.organisation_id
    here = {grant.unit_id for grant in actor.grants if (grant.place_id, grant.organisation_id) == seat}
    kept = {
        grant.unit_id
        for grant in actor.grants
        if (grant.role, grant.place_id, grant.organisation_id) != (posting.role, *seat)
    }
    return Leaving(posting.account_id, frozenset(unit for unit in here - kept if unit is not None))


def _of_unit(change: UnitChange) -> Iterable[Impact]:
    unit, into = change.unit, change.into
    if change.kind == "parted":
        return
    people = Posting.objects.filter(standing_q(change.at), organisation=unit).count()
    places = Serving.objects.filter(organisation=unit, until=None).count()
    children = sum(not org.retired for org in directory.children_of(unit.pk))
    if children:
        yield Impact(
            "organisations", children, _("下面还有 {n} 个单位，请先处理").format(n=children), blocks=True
        )
    if people and into is None:
        yield Impact("postings", people, _("还有 {n} 项任职，请先结束").format(n=people), blocks=True)
    elif people and into is not None:
        words = _("{n} 项任职转到“{name}”").format(n=people, name=into.name)
        yield Impact("postings", people, words)
    if places and into is None:
        yield Impact("servings", places, _("{n} 处服务范围就此结束").format(n=places))
    elif places and into is not None:
        yield Impact("servings", places, _("{n} 处服务范围转到“{name}”").format(n=places, name=into.name))
    if unit.desk_of_id and into is None:
        yield Impact(
            "desks",
            1,
            _("它是“{name}”的受理台，请先并入另一个单位").format(name=unit.desk_of.name),
            blocks=True,
        )
    elif unit.desk_of_id and into is not None and not into.desk_of_id:
        yield Impact(
            "desks", 1, _("“{name}”的受理台改为“{into}”").format(name=unit.desk_of.name, into=into.name)
        )
    elif unit.desk_of_id and into is not None and into.desk_of_id != unit.desk_of_id:
        words = _("“{name}”不再有自己的受理台，以后由上一级受理").format(name=unit.desk_of.name)
        yield Impact("desks", 1, words)
    if into is not None:
        words = _("名称、简称和别名都成为“{name}”的别名，旧名永远找得到").format(name=into.name)
        yield Impact("names", 1, words)
