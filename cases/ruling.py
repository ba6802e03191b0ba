"""Who rules between a desk and a unit that will not have the case: the lowest desk above both.

A higher one does where the lowest is a party itself, has handled it, or has nobody left who may; or when the lowest
calls it upward, which makes the higher desk the one that has it. Reads caches only: no SQL.
"""

from __future__ import annotations

import datetime as dt

from cases.models.case import Case
from cases.scope import is_about_unit
from parties import directory, seats


def desk_for(case: Case, at: dt.datetime) -> directory.Org | None:
    """The lowest desk above both parties that is no party itself, has not handled it, and where somebody is who may
    rule: not who dispatched it, nor who handled it, nor who only stands in for them. None: a supervisor rules."""
    apart = {case.dispatched_by, *case.handler_people} - {None}
    for desk in reversed(directory.desks_over(case.path)):
        if desk.id in case.party_ids or desk.id in case.handler_units or is_about_unit(case, desk):
            continue
        if _is_above_parties(case, directory.authority_of(desk)):
            if seats.people_of(desk, "adjudicate", at, apart=apart):
                return desk
    return None


def _is_above_parties(case: Case, above: str) -> bool:
    """Are both who dispatched and who declined it, or has it now, in this subtree of organisations?"""
    opponent = case.holder_id if case.status == "assigned" else case.last_decliner_id
    parties = [unit.path for unit in map(directory.by_id, (case.desk_id, opponent)) if unit is not None]
    return all(path.startswith(above) for path in parties)
