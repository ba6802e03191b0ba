"""What the moves between desks and units change: up and down a level, out to a unit, back, and by a ruling."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from cases import claims, disputes, kinds, parts, reach
from cases.guards import Context
from cases.handing import at_own_desk, hand_to, handled
from cases.parts import add
from cases.pending import Pending
from cases.refusals import not_ready
from cases.scope import is_about_unit
from parties import directory

Payload = dict[str, Any]
MOST_DAYS_AHEAD = 366


def escalate(c: Context, pending: Pending) -> Payload:
    """One level up; a level that the place lacks is passed over."""
    before = c.case.level
    level, desk = next_desk(c, kinds.above)
    if desk is None:
        raise not_ready(_("上面没有受理台可呼。"))
    parts.release_all(c, pending, "escalate")
    c.case.level, c.case.desk_id = level, desk
    hand_to(c, desk, "escalate", pending)
    wanted = [org.code for org in c.sent.get("wanted", ())]
    return {"level": [before, level], **({"wanted": wanted} if wanted else {})}


def next_desk(c: Context, step: Callable[[str], str | None]) -> tuple[str, int | None]:
    level = step(c.case.level)
    while level is not None:
        place = c.lineage.get(level)
        desk = directory.desk_at(c.lineage, level) if place is not None else None
        if desk is not None and not is_about_unit(c.case, desk):
            return level, desk.id
        level = step(level)
    return c.case.level, None


def hand_down(c: Context, pending: Pending) -> Payload:
    before = c.case.level
    level, desk = next_desk(c, kinds.below)
    if desk is None:
        raise not_ready(_("下面没有受理台可下交。"))
    c.case.level, c.case.desk_id, c.case.handed_down = level, desk, True
    hand_to(c, desk, "hand_down", pending)
    return {"level": [before, level]}


def dispatch(c: Context, pending: Pending) -> Payload:
    org, assisting = c.sent["organisation"], c.sent.get("assisting", ())
    for one in (org, *assisting):
        reach.need_reach(c, one)
    at_own_desk(c, pending, "accept")
    c.case.final = False
    return _send(c, pending, org, assisting, "dispatch") | disputes.sent(c.case, org.id, c.at)


def _send(c: Context, pending: Pending, org: directory.Org, assisting, move: str) -> Payload:
    case = c.case
    if org.id in {one.id for one in assisting}:
        raise not_ready(_("协办单位不能与主办单位相同。"), assisting=_("请去掉主办单位。"))
    hand_to(c, org.id, move, pending)
    case.dispatched_by, case.dispatched_at = c.by.person_id, c.at
    case.first_dispatched_at = case.first_dispatched_at or c.at
    for one in assisting:
        case.parts_opened += 1
        parts.open_part(c, pending, one, case.parts_opened)
        add(case.unit_ids, one.id)
    case.open_parts += len(assisting)
    payload: Payload = {"organisation": org.code}
    if assisting:
        payload["assisting"] = [one.code for one in assisting]
    return payload


def recall(c: Context, pending: Pending) -> Payload:
    parts.release_all(c, pending, "recall")
    hand_to(c, c.case.desk_id, "recall", pending)
    return {}


def sign(c: Context, pending: Pending) -> Payload:
    c.case.signed_at = c.at
    c.case.holder_account_id = c.by.id
    c.board.rehold(c.case.holder_id, c.by.id)
    handled(c)
    add(c.case.handler_units, c.case.holder_id)
    return {}


def claim(c: Context, pending: Pending) -> Payload:
    """What the claimer promises is shown, and tightens the limit; it never loosens it."""
    until = c.sent["until"]
    if not c.at < until <= c.at + dt.timedelta(days=MOST_DAYS_AHEAD):
        raise not_ready(_("承诺的时间要在今后一年之内。"), until=_("请改时间。"))
    unit = directory.by_id(c.grant.unit_id)
    if unit is None:
        raise not_ready(_("您的任职没有单位，不能认领。"))
    hand_to(c, unit.id, "claim", pending, account=c.by.id)
    c.case.signed_at = c.at
    c.case.first_dispatched_at = c.case.first_dispatched_at or c.at
    handled(c)
    c.case.claimed_until = until
    c.board.replace_rule("resolve", claims.promise(until), c.at, never_later=True)
    return {"until": until.isoformat()}


def decline(c: Context, pending: Pending) -> Payload:
    case = c.case
    parts.release_all(c, pending, "decline")
    case.last_decliner_id = case.holder_id
    case.declines += 1
    named = c.sent["organisation"]
    payload = {"ground": c.sent["ground"], "organisation": named.code, "n": case.declines}
    payload |= disputes.declined(case, named, c.at)
    hand_to(c, case.desk_id, "decline", pending)
    return payload


def rule(c: Context, pending: Pending) -> Payload:
    """A ruling of the district desk or of a supervisor is final."""
    org = c.sent["organisation"]
    reach.need_reach_of_ruling(c, org)
    parts.release_part_of(c, pending, org, "rule")
    payload = _send(c, pending, org, (), "rule")
    unit = directory.by_id(c.grant.unit_id)
    c.case.final = c.grant.role == "supervisor" or (unit is not None and unit.level == "district")
    disputes.ruled(c.case, org.id)
    return {**payload, "final": c.case.final}


def transfer(c: Context, pending: Pending) -> Payload:
    """Elsewhere than in one's own subtree the receiver consents by signing, so he gets a return window too."""
    org = c.sent["organisation"]
    reach.need_reach_of_transfer(c, org)
    parts.release_part_of(c, pending, org, "transfer")
    sender = directory.by_id(c.case.holder_id)
    payload: Payload = {"organisation": org.code, **({"unit": sender.code} if sender else {})}
    if not reach.is_own(c, org):
        c.case.dispatched_at = c.at
        payload |= disputes.sent(c.case, org.id, c.at)
    hand_to(c, org.id, "transfer", pending)
    return payload
