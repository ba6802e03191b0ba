"""Whom an event concerns: accounts, by the postings live at its time."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from cases.findings import scope
from cases.instructions import wrote
from cases.models.case import Case
from cases.models.deliveries import Endpoint
from cases.models.finding import Finding
from cases.models.holding import Holding
from cases.models.relief import Relief
from cases.notices import climbing
from cases.notices.postings import held_by, people_of
from cases.reliefs import ladder
from cases.ruling import desk_for
from cases.scope import covers
from grid.tree import path_ids
from ledger.actor import Grant
from ledger.models import Entry
from parties import directory
from parties.access import actor_of
from parties.models.postings import live_q
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
    "case.instructed": "resolve",
    "case.word_due": "resolve",
    "case.word_late": "resolve",
    "case.supplied": "resolve",
    "case.missed": "answer",
    "case.interim_missed": "answer",
    "case.release_refused": "resolve",
}
REPORTER_EVENTS = ("case.asked", "case.resolved", "case.rejected", "case.answered", "case.closed")


def of(entry: Entry, case: Case) -> set[int]:
    """The accounts to tell, without the one who did it."""
    found: set[int] = set()
    event, at = entry.event, entry.at
    if event in DESK_EVENTS or (event == "case.received" and case.urgency == "critical"):
        found |= people_of(holder_then(entry, case), case.path, DESK_EVENTS.get(event, "accept"), at)
    if event in HOLDER_EVENTS and holder_then(entry, case) != case.holder_id:
        found |= people_of(holder_then(entry, case), case.path, HOLDER_EVENTS[event], at)
    elif event in HOLDER_EVENTS:
        found |= holder_people(case, HOLDER_EVENTS[event], at)
    if event == "case.recalled":
        stay = Holding.objects.filter(case=case, part=0, ended_by="recall").order_by("pk").last()
        found |= people_of(stay.organisation_id, case.path, "sign", at) if stay else set()
    if event == "case.release_asked":
        found |= people_of(case.holder_id, case.path, "release", at)
    if event == "case.stated":
        found |= _who_rules(case, at)
    for code in entry.payload.get("assisting", ()):  # who is to help signs a part of its own
        if (unit := directory.by_code(code)) is not None:
            found |= people_of(unit.id, case.path, "sign", at)
    if event == "case.lifted":
        found |= people_of(case.desk_id, case.path, "accept", at) | holder_people(case, "resolve", at)
    if event in REPORTER_EVENTS:
        found |= set(case.reporter_ids)
    if event in ("case.person_assigned", "case.passed_on"):
        found.add(entry.payload["account"])
    if event == "case.noted":
        named = entry.payload.get("mentions", ())
        found |= {account for account in named if covers(actor_of(account, at), case)}
    if event == "case.instruction_answered":
        found |= wrote(case, entry.payload["instructions"])
    if event == "case.word_late" and entry.payload["n"] == 1:
        found |= wrote(case, [entry.payload["instruction"]])
    if event in climbing.EVENTS:
        found |= climbing.people(entry, case, at)
    if event.startswith("relief."):
        found |= _of_relief(entry, case)
    return _innocent(found, entry, case)


def _innocent(found: set[int], entry: Entry, case: Case) -> set[int]:
    """Without who did it, and without those it is about."""
    found.discard(entry.actor_id or 0)
    if case.about_account_id is not None or case.about_organisation_id is not None:
        found = {account for account in found if covers(actor_of(account, entry.at), case)}
    return found


def of_dispute(entry: Entry, case: Case) -> set[int]:
    """Who has to rule."""
    return _innocent(_who_rules(case, entry.at), entry, case)


def _who_rules(case: Case, at: dt.datetime) -> set[int]:
    desk = desk_for(case, at)
    return people_of(desk.id, case.path, "adjudicate", at) if desk is not None else set()


def of_finding(entry: Entry, finding: Finding) -> set[int]:
    """The unit it is about; what it stated, those who decide there."""
    case, at = finding.case, entry.at
    if entry.event == "finding.stated":
        supervisors = [name for name, role in ROLES.items() if "finding.confirm" in role.capabilities]
        where = Q(place_id__in=path_ids(finding.path)) | Q(organisation_id__in=_line(finding.organisation_id))
        found = held_by(where & live_q(at), supervisors, at)
    else:
        found = people_of(finding.organisation_id, case.path, "sign", at) | people_of(
            finding.organisation_id, case.path, "accept", at
        )
    found.discard(entry.actor_id or 0)
    return {account for account in found if scope.covers(actor_of(account, at), finding)}


def of_absence(entry: Entry) -> set[int]:
    """The substitute, the person, and who hands out the work of their units; not who entered it."""
    told = {entry.subject_id, entry.payload["substitute"]}
    for unit in actor_of(entry.subject_id, entry.at).units:
        org = directory.by_id(unit)
        at_desk = org is not None and org.desk_of is not None
        told |= people_of(unit, "", "adjudicate" if at_desk else "assign", entry.at)
    return {account for account in told - {entry.actor_id} if account is not None}


def of_endpoint(entry: Entry, endpoint: Endpoint) -> set[int]:
    """Who set it up last, and who leads its unit."""
    unit, found = endpoint.organisation_id, {endpoint.edited_by} - {None}
    found |= people_of(unit, "", "assign", entry.at) | people_of(unit, "", "adjudicate", entry.at)
    return {account for account in found if account is not None}


def _line(unit_id: int) -> list[int]:
    unit = directory.by_id(unit_id)
    return path_ids(unit.path) if unit is not None else []


def holder_then(entry: Entry, case: Case) -> int:
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


def _of_relief(entry: Entry, case: Case) -> set[int]:
    """Who has to answer it; once answered, who asked; who granted a hold looks at it again."""
    relief = Relief.objects.filter(case=case, n=entry.payload.get("n")).first()
    if relief is None:
        return set()
    if entry.event in ("relief.granted", "relief.refused"):
        return {relief.asked_by_id} if relief.asked_by_id else set()
    if entry.event == "relief.review_due" and relief.decided_by_id:
        return {relief.decided_by_id}
    to = entry.payload.get("to") or (relief.desk.code if relief.desk else "")
    desk = directory.by_code(to)
    found = _posted(case, entry.at, desk)
    return {
        account
        for account in found
        if isinstance(ladder.decider(relief, case, actor_of(account, entry.at)), Grant)
    }


def _posted(case: Case, at: dt.datetime, desk: directory.Org | None) -> set[int]:
    """Who may answer a relief at this desk; without one the supervisors of the place and of the units that have or
    had the case."""
    if desk is not None:
        return people_of(desk.id, case.path, "relief.grant", at)
    units = {pk for unit in case.unit_ids for pk in _line(unit)}
    where = Q(place_id__in=path_ids(case.path)) | Q(organisation_id__in=sorted(units))
    return held_by(where & live_q(at), ("supervisor",), at)
