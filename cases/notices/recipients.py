"""Whom an event concerns: accounts, by the postings live at its time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Q

from cases.models.case import Case
from cases.scope import covers
from grid.tree import path_ids
from ledger.models import Entry
from parties import directory
from parties.access import actor_of
from parties.models import Posting
from parties.roles import ROLES

DESK_EVENTS = {
    "case.escalated": "accept",
    "case.handed_down": "accept",
    "case.declined": "dispatch",
    "case.supplied": "accept",
}
HOLDER_EVENTS = {
    "case.assigned": "sign",
    "case.ruled": "sign",
    "case.transferred": "sign",
    "case.reworked": "resolve",
    "case.reopened": "resolve",
    "case.urged": "resolve",
}
REPORTER_EVENTS = ("case.asked", "case.resolved", "case.rejected", "case.answered", "case.closed")
CLOCK_EVENTS = ("clock.warned", "clock.breached", "clock.silent")


def of(entry: Entry, case: Case) -> set[int]:
    """The accounts to tell, without the one who did it."""
    found: set[int] = set()
    event, at = entry.event, entry.at
    if event in DESK_EVENTS or (event == "case.received" and case.urgency == "critical"):
        found |= people_of(case.holder_id, case.path, DESK_EVENTS.get(event, "accept"), at)
    if event in HOLDER_EVENTS:
        found |= holder_people(case, HOLDER_EVENTS[event], at)
    if event == "case.recalled":
        found |= people_of(case.last_decliner_id, case.path, "sign", at) if case.last_decliner_id else set()
    if event in REPORTER_EVENTS:
        found |= set(case.reporter_ids)
    if event == "case.person_assigned":
        found.add(entry.payload["account"])
    if event in CLOCK_EVENTS:
        stage = entry.payload.get("stage", "")
        found |= holder_people(case, "verify" if stage == "verify" else "", at)
    found.discard(entry.actor_id or 0)
    if case.about_account_id is not None or case.about_organisation_id is not None:
        found = {account for account in found if covers(actor_of(account, at), case)}  # not those it is about
    return found


def holder_people(case: Case, capability: str, at: dt.datetime) -> set[int]:
    """The person who has it; while nobody took it up, the unit's people who could."""
    if case.holder_account_id is not None:
        return {case.holder_account_id}
    return people_of(case.holder_id, case.path, capability, at)


def people_of(unit_id: int | None, path: str, capability: str, at: dt.datetime) -> set[int]:
    """Accounts whose live posting works for a unit: posted to it or above it, or, for a desk, to its place
    or to a place below that the case lies in."""
    unit = directory.by_id(unit_id)
    if unit is None:
        return set()
    roles = [name for name, role in ROLES.items() if not capability or capability in role.capabilities]
    where = Q(organisation_id__in=path_ids(unit.path)) if unit.desk_of is None else Q(organisation_id=unit.id)
    if unit.desk_of is not None:
        where |= Q(place_id__in=_below(path, unit.desk_of), role__in=_desk_roles(roles))
    live = Q(since__lte=at, confirmed_at__isnull=False) & (Q(until__isnull=True) | Q(until__gt=at))
    found = Posting.objects.filter(where & live, role__in=roles).values_list(
        "account_id", "substitute_id", "substitute_from", "substitute_until"
    )
    return {account for row in found for account in _both(row, at)}


def _desk_roles(roles: Iterable[str]) -> list[str]:
    return [name for name in roles if ROLES[name].works_for_desk]


def _below(path: str, place_id: int) -> list[int]:
    ids = path_ids(path)
    return ids[ids.index(place_id) :] if place_id in ids else [place_id]


def _both(row: tuple, at: dt.datetime) -> list[int]:
    account, substitute, since, until = row
    stands_in = substitute is not None and since <= at < until
    return [account, substitute] if stands_in else [account]
