"""What the commands of the tree share: who asks, what is checked first, what is written down."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import random
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from grid import kinds, tree
from grid.errors import TreeRefused
from grid.followers import Impact
from grid.models import Place, PlacePast
from ledger import book, reading, versions
from ledger.actor import Actor
from ledger.masking import mask_text

CAPABILITY = "tree"
TRIES = 6
TRANSIENT = ("40P01", "40001")  # a deadlock, a serialisation failure: nobody's fault, try again

Answer = TypeVar("Answer")


class Request(NamedTuple):
    """Of the request that asks for a change: its idempotency key, the fingerprint of its body, and the
    publication that the change is part of."""

    key: str = ""
    body_hash: str = ""
    draft: int | None = None

    @property
    def without_key(self) -> Request:
        """For the further entries of the same change: the key stands on one of them."""
        return Request(draft=self.draft)


NO_REQUEST = Request()


@dataclass(frozen=True)
class Why:
    """What every entry of one change says besides the facts. `part`: it only goes along with another entry, which
    tells of the whole."""

    by: Actor
    at: dt.datetime
    basis: str = ""
    request: Request = NO_REQUEST
    part: bool = False

    @property
    def further(self) -> Why:
        return Why(self.by, self.at, self.basis, self.request.without_key, part=True)


@dataclass(frozen=True)
class Outcome:
    """What a change did, or with `dry_run` what it would do: `place` as it is now, everything touched, and
    the places it `opened`.

    A dry run also tells, by an impact with `blocks`, what would make the real one refuse."""

    place: Place
    impacts: list[Impact] = field(default_factory=list)
    dry_run: bool = False
    opened: tuple[Place, ...] = ()

    @property
    def is_blocked(self) -> bool:
        return any(impact.blocks for impact in self.impacts)


def retried(command: Callable[..., Answer]) -> Callable[..., Answer]:
    """A command that the database broke off because of others is begun again; only when they keep being in
    the way does the asker hear of it (409). Inside somebody's transaction that is theirs to do."""

    @functools.wraps(command)
    def run(*args: Any, **details: Any) -> Answer:
        for attempt in range(TRIES):
            try:
                return command(*args, **details)
            except OperationalError as problem:
                state = getattr(problem.__cause__, "pgcode", None)
                if connection.in_atomic_block or state not in TRANSIENT:
                    raise
            versions.forget()  # what was read inside has never been
            time.sleep(random.uniform(0.01, 0.05 * 2**attempt))  # noqa: S311 -- only to part those in the way
        raise TreeRefused(_("此刻改动的人太多，请稍后再试。"), status=409)

    return run


@contextlib.contextmanager
def rehearsal() -> Iterator[None]:
    """Whatever is written inside was never written; nor does this thread go on believing it."""
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        versions.forget()


def replayed(by: Actor, request: Request) -> Place | None:
    """The place that a request with this key already changed; TreeRefused where the key came with another
    body."""
    entry = reading.request_entry(by.id, request.key)
    if entry is None:
        return None
    if entry.subject_kind != Place.SUBJECT or entry.body_hash != request.body_hash:
        raise TreeRefused(_("这个幂等键已用于另一个请求，请换一个。"))
    return Place.objects.get(pk=entry.subject_id)


def current(
    place: Place,
    version: int,
    by: Actor,
    *others: Place,
    dry_run: bool,
    subtree: int | None = None,
    live: bool = True,
) -> dict[int, Place]:
    """The places as they now are: locked, or for a dry run only read. Checks right, life and version of
    `place`."""
    ids = [place.pk, *(other.pk for other in others)]
    if dry_run:
        held = Place.objects.in_bulk(ids)
    else:
        held = tree.hold(*ids, forest=place.kind in kinds.ROOTS, subtree=subtree)
    check(held[place.pk], version, by, live=live)
    return held


def check(place: Place, version: int, by: Actor, *, live: bool = True) -> None:
    """May `by` change the place, is it as they saw it, does it (still or not) live?"""
    require(by, place)
    if version != place.version:
        raise TreeRefused(_("“{name}”刚被他人改过，请刷新后再试。").format(name=place.name), status=409)
    if live and not place.is_live:
        raise TreeRefused(_("“{name}”已停用，不能再改。").format(name=place.name), status=409)
    if not live and place.is_live:
        raise TreeRefused(_("“{name}”没有停用。").format(name=place.name), status=409)


def require(by: Actor, target: Place | None) -> None:
    if not by.may(CAPABILITY, path=target.path if target else None):
        raise TreeRefused(_("您没有修改这里的网格树的权限。"), status=403)


def check_above(kind: str, above: Place | None) -> None:
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


def check_heir(place: Place, heir: Place) -> None:
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


def check_estate(by: Actor, place: Place, estate: Place) -> None:
    """May `by` count the place to this estate? What it has already may stay, whoever else's it is."""
    if estate.pk == place.pk:
        raise TreeRefused(_("小区不能属于它自己。"), fields={"managed_by": _("不能是自己")})
    if estate.pk == place.managed_by_id:
        return
    require(by, estate)
    if not estate.is_live:
        raise TreeRefused(
            _("小区“{name}”已停用。").format(name=estate.name), fields={"managed_by": _("已停用")}
        )


def refuse_blocked(impacts: Sequence[Impact], dry_run: bool) -> None:
    blocking = [impact for impact in impacts if impact.blocks]
    if blocking and not dry_run:
        refusal = TreeRefused(
            _("还不能这样改：") + _("；").join(impact.sentence for impact in blocking) + _("。")
        )
        refusal.impacts = list(impacts)
        raise refusal


def keep_past(places: Iterable[Place], at: dt.datetime) -> None:
    """Write down how the places were until `at`; called before they change."""
    PlacePast.objects.bulk_create(
        PlacePast(
            place=place,
            until=at,
            code=place.code,
            name=place.name,
            above_id=place.above_id,
            retired_at=place.retired_at,
        )
        for place in places
    )


def record(place: Place, event: str, why: Why, **payload: Any) -> None:
    """One entry on the place; its chain columns are saved by the caller."""
    if why.basis:
        payload["basis"] = mask_text(why.basis)
    if why.request.draft is not None:
        payload["draft"] = why.request.draft
    if why.part:
        payload["part"] = True
    payload["version"] = place.version
    book.record(
        subject=place,
        event=event,
        by=why.by,
        at=why.at,
        path=place.path,
        payload=payload,
        request_key=why.request.key,
        body_hash=why.request.body_hash,
    )
