"""Tree followers: what lives on the tree without the grid knowing it.

A tree change must show and move open work in its own transaction, so the floors above register one
follower each (in config/wiring.py). `impact` only reads and is all that a dry run calls; `apply` writes,
inside the transaction of the change, after the tree itself has been written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ledger.actor import Actor

if TYPE_CHECKING:
    from grid.models import Place


@dataclass(frozen=True)
class Change:
    """One change of the tree: `kind` is renamed, recoded, moved, retired, merged, split or restored.

    `place` is the place as it was before; every path below it starts with `old_path` before and, where
    the change is a move, with `new_path` after. `successors` are the places that take over (at a return: that
    had taken over); the first takes what only one can have. Merged and split are only asked about, as a whole:
    what is applied are the moves of what is below and the end of the place; of a split's successors only name
    and kind are known when it is asked."""

    kind: str
    place: Place
    old_path: str
    new_path: str
    successors: tuple[Place, ...] = ()

    @property
    def successor(self) -> Place | None:
        return self.successors[0] if self.successors else None


@dataclass(frozen=True)
class Impact:
    """What a change does to one sort of thing: `count` of them, in words where each goes, and a few by name.

    `blocks`: they would be left without a home, so the change is refused as long as this holds."""

    subject: str  # "cases", "postings", "duty_rows", "places" …
    count: int
    sentence: str
    blocks: bool = False
    examples: tuple[str, ...] = ()


class Follower(Protocol):
    def impact(self, change: Change) -> Iterable[Impact]: ...

    def apply(self, change: Change, at: dt.datetime, by: Actor) -> None: ...


_followers: list[Follower] = []


def register(follower: Follower) -> None:
    """Called once per follower, from config/wiring.py; registering the same object again does nothing."""
    if follower not in _followers:
        _followers.append(follower)


def unregister(follower: Follower) -> None:
    """For tests that bring a follower of their own."""
    if follower in _followers:
        _followers.remove(follower)


def impacts(change: Change) -> list[Impact]:
    """Everything the change touches, in the order the followers were registered; nothing is written."""
    return [impact for follower in _followers for impact in follower.impact(change)]


def apply(change: Change, at: dt.datetime, by: Actor) -> None:
    """Let every follower move what is theirs."""
    for follower in _followers:
        follower.apply(change, at, by)
