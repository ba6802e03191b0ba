"""Who acts: a plain value that every command takes as `by=`.

Built by `parties.access`; the ledger only keeps its id and role. Grants are the live postings,
flattened: what one may do, and over which subtree of places or of organisations.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cached_property


@dataclass(frozen=True)
class Grant:
    """One live posting: `place_path` or `organisation_path` is set, the other is empty."""

    role: str
    capabilities: frozenset[str]
    place_id: int | None = None
    place_path: str = ""
    place_kind: str = ""
    organisation_id: int | None = None
    organisation_path: str = ""
    unit_id: int | None = None  # whom one works for: the posted organisation, or the posted place's desk
    lent_by: int | None = None  # whose posting it is, where one stands in for another: the account …
    lender: int | None = None  # … and the human

    def covers(self, path: str | None, organisation: str | None) -> bool:
        """Does this posting reach the place (id-path) or the organisation (id-path)? No target: yes."""
        if path is None and organisation is None:
            return True
        by_place = bool(path and self.place_path and path.startswith(self.place_path))
        by_unit = bool(
            organisation and self.organisation_path and organisation.startswith(self.organisation_path)
        )
        return by_place or by_unit


@dataclass(frozen=True)
class Actor:
    """An account with its live postings, or a named part of the system.

    `person_id` is the human behind the account: duties are separated by human, not by login.
    """

    id: int | None
    person_id: int | None = None
    name: str = ""
    role: str = ""
    system: bool = False
    grants: tuple[Grant, ...] = field(default=())
    language: str = "zh-hans"
    username: str = ""
    at: dt.datetime | None = field(default=None, compare=False)  # the instant whose postings these are

    def may(self, capability: str, *, path: str | None = None, organisation: str | None = None) -> bool:
        """Does any live posting grant `capability` over the target (anywhere, when none is given)?"""
        if self.system:
            return True
        return any(
            capability in grant.capabilities and grant.covers(path, organisation) for grant in self.grants
        )

    def grants_for(self, capability: str) -> tuple[Grant, ...]:
        return tuple(grant for grant in self.grants if capability in grant.capabilities)

    def in_role(self, role: str) -> Actor:
        """The same somebody, signing in one of their roles; the system signs as itself."""
        return self if self.system or not role else replace(self, role=role)

    @cached_property
    def capabilities(self) -> frozenset[str]:
        return frozenset().union(*(grant.capabilities for grant in self.grants))

    @cached_property
    def units(self) -> frozenset[int]:
        return frozenset(grant.unit_id for grant in self.grants if grant.unit_id is not None)

    @cached_property
    def stands_in(self) -> frozenset[int]:
        """The accounts that one stands in for."""
        return frozenset(grant.lent_by for grant in self.grants if grant.lent_by is not None)

    def without_lent_by(self, humans: Collection[int | None]) -> Actor:
        """The same somebody, without the postings that these humans lent."""
        kept = tuple(g for g in self.grants if g.lender is None or g.lender not in humans)
        return self if len(kept) == len(self.grants) else replace(self, grants=kept)

    @cached_property
    def roles(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(grant.role for grant in self.grants))

    @property
    def is_anonymous(self) -> bool:
        return self.id is None and not self.system


ANONYMOUS = Actor(id=None)


def system(name: str) -> Actor:
    """A named part of the system ("routing", "sweep", "import"): it may everything and signs as itself."""
    return Actor(id=None, name=name, role=f"system:{name}", system=True)
