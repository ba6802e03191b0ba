"""Who had a hand in a case, and who is left to check it: nobody verifies what they handled. Reads caches only: no SQL."""

from __future__ import annotations

import datetime as dt

from cases.models.case import Case
from cases.scope import is_about_unit
from ledger.actor import Actor
from parties import directory, seats

A_DESK, A_HUMAN, NOBODY = "desk", "human", ""


def left(case: Case, at: dt.datetime) -> str:
    """A desk of the place that did not handle the case, or only a human who did not, or not even that. A desk that the
    case is about is none, nor one where nobody may verify but who handled it."""
    people = {
        unit.id: seats.people_of(unit, "verify", at, case.path, apart=case.handler_people)
        for unit in directory.desks_over(case.path)
        if not is_about_unit(case, unit)
    }
    if any(found for unit, found in people.items() if unit not in case.handler_units):
        return A_DESK
    return A_HUMAN if any(people.values()) else NOBODY


def is_in_chain(case: Case, by: Actor) -> bool:
    """Did this human, or a unit this human works for, handle the case?"""
    return has_handled(case, by) or bool(by.units & set(case.handler_units))


def has_handled(case: Case, by: Actor) -> bool:
    """Did this human?"""
    return by.person_id is not None and by.person_id in case.handler_people
