"""What one may listen to: a case, a unit with all below it, a place with all below it, one's own inbox.

Nobody listens *to* what stands with an x, a unit of one's own or one above it: it says whom a hint is not for.
A topic is a letter and an id and says nothing by itself; whoever hears it asks for what they may see.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cases.models.case import Case
from cases.scope import own_and_above
from grid.tree import path_ids
from ledger.actor import Actor
from parties import directory


def case(pk: int) -> str:
    return f"c{pk}"


def place(pk: int) -> str:
    return f"p{pk}"


def unit(pk: int) -> str:
    return f"u{pk}"


def inbox(account: int) -> str:
    return f"a{account}"


def of_actor(actor: Actor) -> list[str]:
    """What this person's postings reach: the own inbox, the posted units and desks, the posted places."""
    if actor.id is None:
        return []
    found = {inbox(actor.id)} | {f"x{pk}" for pk in own_and_above(actor)}
    for grant in actor.grants:
        found |= {unit(pk) for pk in (grant.organisation_id, grant.unit_id) if pk is not None}
        found |= {place(grant.place_id)} if grant.place_id is not None else set()
    return sorted(found)


def around(subject: Any, path: str = "") -> set[str]:
    """The units and places in whose lists a case stands, stood or will stand; a subject may be as little of a
    case as its writer read."""
    units = {getattr(subject, "holder_id", None), getattr(subject, "desk_id", None)}
    units |= set(getattr(subject, "unit_ids", ()))
    return {place(pk) for pk in path_ids(path or subject.path)} | _with_those_above(units)


def counted(subject: Any) -> set[str]:
    """The places and units that figures count the case or one of its clocks for, before this change or after it."""
    paths, units = getattr(subject, "counted_for", ((), ()))
    return {place(pk) for path in paths for pk in path_ids(path)} | _with_those_above(units)


def deaf_to(subject: Any) -> set[str]:
    """Whoever listens to one of these hears nothing of the case: it is about them, or about a unit of theirs."""
    unit = getattr(subject, "about_organisation_id", None)
    account = getattr(subject, "about_account_id", None)
    found = {f"x{unit}"} if unit is not None else set()
    return found | {inbox(account)} if account is not None else found


def _with_those_above(units: Iterable[int | None]) -> set[str]:
    found = (directory.by_id(pk) for pk in units)
    return {unit(pk) for org in found if org is not None for pk in path_ids(org.path)}


def is_case(subject: Any) -> bool:
    return bool(subject.SUBJECT == Case.SUBJECT)
