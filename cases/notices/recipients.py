"""Whom an event concerns: accounts, by the postings live at its time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Q

from cases.models.case import Case
from cases.models.clock import Clock
from cases.models.holding import Holding
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
}
HOLDER_EVENTS = {
    "case.assigned": "sign",
    "case.ruled": "sign",
    "case.transferred": "sign",
    "case.reworked": "resolve",
    "case.reopened": "resolve",
    "case.urged": "resolve",
    "case.supplied": "resolve",
}
REPORTER_EVENTS = ("case.asked", "case.resolved", "case.rejected", "case.answered", "case.closed")
CLOCK_EVENTS = ("clock.warned", "clock.breached", "clock.silent")
# whose work a stage waits for
STAGES = {
    "accept": "accept",
    "dispatch": "dispatch",
    "sign": "sign",
    "verify": "verify",
    "feedback": "answer",
}


def of(entry: Entry, case: Case) -> set[int]:
    """The accounts to tell, without the one who did it."""
    found: set[int] = set()
    event, at = entry.event, entry.at
    if event in DESK_EVENTS or (event == "case.received" and case.urgency == "critical"):
        found |= people_of(_holder_then(entry, case), case.path, DESK_EVENTS.get(event, "accept"), at)
    if event in HOLDER_EVENTS and _holder_then(entry, case) != case.holder_id:
        found |= people_of(_holder_then(entry, case), case.path, HOLDER_EVENTS[event], at)
    elif event in HOLDER_EVENTS:
        found |= holder_people(case, HOLDER_EVENTS[event], at)
    if event == "case.recalled":
        stay = Holding.objects.filter(case=case, part=0, ended_by="recall").order_by("pk").last()
        found |= people_of(stay.organisation_id, case.path, "sign", at) if stay else set()
    if event in REPORTER_EVENTS:
        found |= set(case.reporter_ids)
    if event == "case.person_assigned":
        found.add(entry.payload["account"])
    if event in CLOCK_EVENTS:
        found |= people_late(entry, case, at)
    found.discard(entry.actor_id or 0)
    if case.about_account_id is not None or case.about_organisation_id is not None:
        found = {account for account in found if covers(actor_of(account, at), case)}  # not those it is about
    return found


def _holder_then(entry: Entry, case: Case) -> int:
    """Whose the case was by this entry; it may have gone on before the entry was delivered."""
    unit = (
        directory.by_code(entry.payload["holder"]) if isinstance(entry.payload.get("holder"), str) else None
    )
    return unit.id if unit is not None else case.holder_id


def holder_people(case: Case, capability: str, at: dt.datetime) -> set[int]:
    """The person who has it; while nobody took it up, the unit's people who could. At a desk that waits, those
    who accept."""
    if case.holder_account_id is not None:
        return {case.holder_account_id}
    capability = "accept" if case.status in ("received", "accepted") else capability
    return people_of(case.holder_id, case.path, capability, at)


def people_late(entry: Entry, case: Case, at: dt.datetime) -> set[int]:
    """Whom the clock runs against: the person, else the people of the unit who could stop it."""
    named = {name: entry.payload[name] for name in ("stage", "part", "round")}
    row = Clock.objects.filter(case=case, **named).first()
    if row is None:
        return set()
    if row.account_id is not None:
        return {row.account_id}
    return people_of(row.organisation_id, case.path, STAGES.get(row.stage, "resolve"), at)


def people_of(unit_id: int | None, path: str, capability: str, at: dt.datetime) -> set[int]:
    """Accounts whose live posting works for a unit: posted to it or above it, or, for a desk, to its place
    or to a place below that the case lies in."""
    unit = directory.by_id(unit_id)
    if unit is None:
        return set()
    roles = [name for name, role in ROLES.items() if not capability or capability in role.capabilities]
    where = Q(organisation_id__in=path_ids(unit.path)) if unit.desk_of is None else Q(organisation_id=unit.id)
    if unit.desk_of is not None:
        where |= Q(place_id__in=_places_of(unit, path), role__in=_desk_roles(roles))
    live = Q(since__lte=at, confirmed_at__isnull=False) & (Q(until__isnull=True) | Q(until__gt=at))
    found = Posting.objects.filter(where & live, role__in=roles).values_list(
        "account_id", "substitute_id", "substitute_from", "substitute_until"
    )
    return {account for row in found for account in _both(row, at)}


def _desk_roles(roles: Iterable[str]) -> list[str]:
    return [name for name in roles if ROLES[name].works_for_desk]


def _places_of(desk: directory.Org, path: str) -> list[int]:
    """The desk's own place, and those of the path whose workers work for it: the committee's grid, not the
    street's community."""
    ids = path_ids(path)
    found = {desk.desk_of}
    for n, place in enumerate(ids, start=1):
        above = directory.desk_of_path("/" + "/".join(map(str, ids[:n])) + "/")
        if above is not None and above.id == desk.id:
            found.add(place)
    return sorted(filter(None, found))


def _both(row: tuple, at: dt.datetime) -> list[int]:
    account, substitute, since, until = row
    stands_in = substitute is not None and since <= at < until
    return [account, substitute] if stands_in else [account]
