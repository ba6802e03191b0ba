"""The case changes hands inside the move that says so: the holder changes through `hand_to` alone, which books the minutes
of the stay that ends."""

from __future__ import annotations

from cases import kinds, stays
from cases.guards import Context
from cases.parts import add
from cases.pending import Pending
from parties import directory


def hand_to(c: Context, unit_id: int, move: str, pending: Pending, *, account: int | None = None) -> None:
    """The case goes to another unit: the stay that ends is booked with its minutes, wall and opening."""
    case = c.case
    if unit_id != case.holder_id or move in ("transfer", "rule", "dispatch"):
        pending.book(
            case,
            case.holder_id,
            case.held_since,
            c.at,
            move,
            account_id=case.holder_account_id,
            signed_at=case.signed_at,
            rests=stays.ended(case.rests, c.at),
        )
        case.held_since, case.rests = c.at, stays.handed_on(case.rests, c.at)
    case.holder_id, case.holder_account_id = unit_id, account
    case.signed_at, case.claimed_until = None, None
    case.released = case.release_asked = False
    add(case.unit_ids, unit_id)
    c.board.rehold(unit_id, account)


def handled(c: Context) -> None:
    """The actor and the acting unit have handled the case: they will not verify, rule on or rate it."""
    add(c.case.handler_people, c.by.person_id)
    unit = c.grant.unit_id if c.grant.unit_id is not None else c.case.holder_id
    add(c.case.handler_units, unit)


def at_own_desk(c: Context, pending: Pending, move: str) -> None:
    case = c.case
    unit = directory.by_id(c.grant.unit_id)
    if unit is None:
        return
    if kinds.DESK_RANK[unit.level] > kinds.DESK_RANK[case.level]:
        case.level = unit.level
    case.desk_id = unit.id
    if case.holder_id != unit.id:
        hand_to(c, unit.id, move, pending)
