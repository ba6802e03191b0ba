"""The people behind a unit: accounts, by the postings live at an instant."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from grid.tree import path_ids
from parties import directory
from parties.models import Posting
from parties.models.postings import live_q
from parties.roles import ROLES
from parties.seats import places_of


def people_of(unit_id: int | None, path: str, capability: str, at: dt.datetime) -> set[int]:
    """Accounts whose live posting works for a unit: posted to it or above it, or, for a desk, to its place
    or to a place below that the case lies in."""
    unit = directory.by_id(unit_id)
    if unit is None:
        return set()
    roles = [name for name, role in ROLES.items() if not capability or capability in role.capabilities]
    where = Q(organisation_id__in=path_ids(unit.path)) if unit.desk_of is None else Q(organisation_id=unit.id)
    if unit.desk_of is not None:
        where |= Q(place_id__in=places_of(unit, path), role__in=_desk_roles(roles))
    return held_by(where & live_q(at), roles, at)


def held_by(where: Q, roles: Iterable[str], at: dt.datetime) -> set[int]:
    """The accounts of these postings, and who stands in for them."""
    return {account for account, *_rest in holders(where, roles, at)}


def holders(where: Q, roles: Iterable[str], at: dt.datetime, *columns: str) -> list[tuple[Any, ...]]:
    """(account, columns of the posting…), for these postings and who stands in for them; one statement."""
    found = Posting.objects.filter(where, role__in=roles).values_list(
        "account_id", "substitute_id", "substitute_from", "substitute_until", *columns
    )
    return [(account, *row[4:]) for row in found for account in _both(row[:4], at)]


def _desk_roles(roles: Iterable[str]) -> list[str]:
    return [name for name in roles if ROLES[name].works_for_desk]


def _both(row: tuple, at: dt.datetime) -> list[int]:
    account, substitute, since, until = row
    stands_in = substitute is not None and since <= at < until
    return [account, substitute] if stands_in else [account]
