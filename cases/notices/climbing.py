"""Whom a clock tells: the people named by the ladder of its rule, from the holder upwards."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from cases.models.case import Case
from cases.models.clock import Clock
from cases.notices.postings import held_by, people_of
from cases.sla import ladder
from grid.tree import path_ids
from ledger.models import Entry
from parties import directory
from parties.models.postings import live_q
from parties.roles import ROLES

OVERDUE = "clock.overdue"  # a timed rung; its number from 1 in the payload
EVENTS = ("clock.warned", "clock.breached", "clock.silent", OVERDUE)
# whose work a stage waits for
STAGES = {
    "accept": "accept",
    "dispatch": "dispatch",
    "sign": "sign",
    "verify": "verify",
    "feedback": "answer",
}


def people(entry: Entry, case: Case, at: dt.datetime) -> set[int]:
    """The accounts of the rung. Where a step has nobody (a unit without a head), the next step above hears."""
    named = {name: entry.payload[name] for name in ("stage", "part", "round")}
    row = Clock.objects.filter(case=case, **named).first()
    if row is None:
        return set()
    found: set[int] = set()
    for name in _rung(entry, row):
        for step in ladder.TELL[ladder.TELL.index(name) :]:
            if some := STEPS[step](row, case, at):
                found |= some
                break
    return found


def _rung(entry: Entry, row: Clock) -> tuple[str, ...]:
    rungs = ladder.read(row.rule.get("ladder", ()))
    if entry.event != OVERDUE:
        return ladder.tells(rungs, entry.event.removeprefix("clock."))
    number = entry.payload["rung"]
    return next(
        (rung.tell for rung in ladder.timed(rungs)[number - 1 : number]), ()
    )  # the rule may have changed


def _holder(row: Clock, case: Case, at: dt.datetime) -> set[int]:
    """The person it runs against, else the people of the unit who could stop it."""
    if row.account_id is not None:
        return {row.account_id}
    return people_of(row.organisation_id, case.path, STAGES.get(row.stage, "resolve"), at)


def _head(row: Clock, case: Case, at: dt.datetime) -> set[int]:
    """Who hands work to people in that unit; at a desk, who leads the shift."""
    unit = directory.by_id(row.organisation_id)
    at_desk = unit is not None and unit.desk_of is not None
    return people_of(row.organisation_id, case.path, "adjudicate" if at_desk else "assign", at)


def _dispatcher(row: Clock, case: Case, at: dt.datetime) -> set[int]:
    """The desk whose case it is."""
    return people_of(case.desk_id, case.path, "dispatch", at)


def _supervisor(row: Clock, case: Case, at: dt.datetime) -> set[int]:
    """Who supervises the place of the case or the unit it runs against."""
    roles = [name for name, role in ROLES.items() if "order" in role.capabilities]
    unit = directory.by_id(row.organisation_id)
    where = Q(place_id__in=path_ids(case.path)) | Q(organisation_id__in=path_ids(unit.path) if unit else ())
    return held_by(where & live_q(at), roles, at)


STEPS = {
    ladder.HOLDER: _holder,
    ladder.HEAD: _head,
    ladder.DISPATCHER: _dispatcher,
    ladder.SUPERVISOR: _supervisor,
}
