"""What a move changes on the case beyond status and clocks: one small function per move that needs one.

Each may raise MoveRefused for a need that does not fit (422) and gives the entry's payload: ids, codes and
instants only. The holder changes through `hand_to`, which books the minutes of the stay that ends.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from cases import claims, disputes, kinds, merging, parts, placing, reach, resolved, rulebook, stays
from cases.guards import Context
from cases.lifecycle import Move
from cases.models.case import Case
from cases.parts import add
from cases.pending import Pending
from cases.refusals import not_ready
from cases.routing import decide
from cases.scope import is_about_unit
from grid.queries import lineage
from parties import directory

Payload = dict[str, Any]
MOST_WORK_DAYS_AHEAD = 366


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


def set_facts(c: Context) -> Payload:
    """Item and kind as confirmed; what the case has need not be sent."""
    payload: Payload = {}
    item = c.sent.get("item")
    if item is not None and item.id != c.case.item_id:
        payload["item"] = [_item_code(c.case), item.code]
        c.case.item_id = item.id
        c.case.sensitive = c.case.sensitive or item.sensitive
    kind = c.sent.get("kind")
    if kind is not None and kind != c.case.kind:
        payload["kind"] = [c.case.kind, kind]
        c.case.kind = kind
    if payload:
        route(c)
    return payload


def route(c: Context) -> None:
    """What routing proposes for the item, kind and place of now."""
    found = decide.for_the_record(rulebook.item_by_id(c.case.item_id), c.case.kind, c.lineage, c.at)
    c.case.proposed_id, c.case.routing_reason = found.lead, found.reason
    c.case.unmatched, c.case.direct = not found.matched, found.direct


def _item_code(case: Case) -> str | None:
    item = rulebook.item_by_id(case.item_id)
    return item.code if item else None


def accept(c: Context, pending: Pending) -> Payload:
    """Whoever accepts becomes the holder at its own level."""
    payload = set_facts(c)
    _at_own_desk(c, pending, "accept")
    return payload


def _at_own_desk(c: Context, pending: Pending, move: str) -> None:
    case = c.case
    unit = directory.by_id(c.grant.unit_id)
    if unit is None:
        return
    if kinds.DESK_RANK[unit.level] > kinds.DESK_RANK[case.level]:
        case.level = unit.level
    case.desk_id = unit.id
    if case.holder_id != unit.id:
        hand_to(c, unit.id, move, pending)


def start(c: Context, pending: Pending) -> Payload:
    unit = c.grant.unit_id or c.case.holder_id
    _at_own_desk(c, pending, "start")
    hand_to(c, unit, "start", pending, account=c.by.id)
    c.case.signed_at, c.case.dispatched_at = c.at, None
    handled(c)
    return {}


def settle(c: Context, pending: Pending) -> Payload:
    payload = set_facts(c)
    need_evidence(c)
    unit = directory.by_id(c.grant.unit_id)
    if unit is not None:
        c.case.desk_id = unit.id
        hand_to(c, unit.id, "settle", pending, account=c.by.id)
    c.case.signed_at = c.at
    handled(c)
    # a worker posted to a grid settles at the grid, the committee's clerks at the community
    resolved.stands(c.case, c.at, _own_level(c), settler=c.by.id)
    return payload


def _own_level(c: Context) -> str:
    if c.grant.place_kind in ("grid", "building", "unit", "household"):
        return "grid"
    unit = directory.by_id(c.grant.unit_id or c.case.holder_id)
    return unit.level if unit else c.case.level


def need_evidence(c: Context) -> None:
    item = c.item
    if item is not None and "photo" in item.evidence and not c.sent.get("attachments"):
        raise not_ready(
            _("“%(item)s”办结要有照片。") % {"item": item.name}, attachments=_("请上传至少一张现场照片。")
        )


def escalate(c: Context, pending: Pending) -> Payload:
    """One level up; a level that the place lacks is passed over."""
    before = c.case.level
    level, desk = _next_desk(c, kinds.above)
    if desk is None:
        raise not_ready(_("上面没有受理台可呼。"))
    parts.release_all(c, pending, "escalate")
    c.case.level, c.case.desk_id = level, desk
    hand_to(c, desk, "escalate", pending)
    wanted = [org.code for org in c.sent.get("wanted", ())]
    return {"level": [before, level], **({"wanted": wanted} if wanted else {})}


def _next_desk(c: Context, step: Callable[[str], str | None]) -> tuple[str, int | None]:
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
    level, desk = _next_desk(c, kinds.below)
    if desk is None:
        raise not_ready(_("下面没有受理台可下交。"))
    c.case.level, c.case.desk_id, c.case.handed_down = level, desk, True
    hand_to(c, desk, "hand_down", pending)
    return {"level": [before, level]}


def dispatch(c: Context, pending: Pending) -> Payload:
    org, assisting = c.sent["organisation"], c.sent.get("assisting", ())
    for one in (org, *assisting):
        reach.need_reach(c, one)
    _at_own_desk(c, pending, "accept")
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
    if not c.at < until <= c.at + dt.timedelta(days=MOST_WORK_DAYS_AHEAD):
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


def hold(c: Context, pending: Pending) -> Payload:
    until = c.sent["until"]
    if until <= (c.granted or c.at):
        raise not_ready(_("挂账要到今后的时间。"), until=_("请改时间。"))
    c.case.came_from = c.case.status
    return {"ground": c.sent["ground"], "until": until.isoformat()}


def ask(c: Context, pending: Pending) -> Payload:
    c.case.came_from = c.case.status
    add(c.case.asked_by, c.grant.unit_id if c.grant.unit_id is not None else c.case.holder_id)
    if c.sent.get("channel"):
        add(c.case.contacted_by, c.grant.unit_id)
        c.board.stop("contact", c.at, "met")
        return {"channel": c.sent["channel"]}
    return {}


def supply(c: Context, pending: Pending) -> Payload:
    return {"answered": not c.by.system}


def resolve(c: Context, pending: Pending) -> Payload:
    need_evidence(c)
    handled(c)
    resolved.stands(c.case, c.at, _own_level(c))
    c.case.released = False
    return {}


def rework(c: Context, pending: Pending) -> Payload:
    c.case.reworks += 1
    resolved.falls(c.case)
    return {"n": c.case.reworks}


def answer(c: Context, pending: Pending) -> Payload:
    """Every caller of the matter is told, those of the cases merged into it too."""
    c.case.answered_at = c.at
    add(c.case.contacted_by, c.grant.unit_id)
    pending.told = {"told": c.sent["told"], "told_at": c.at, "told_channel": c.sent["channel"]}
    return {"channel": c.sent["channel"]}


def reopen(c: Context, pending: Pending) -> Payload:
    case = c.case
    case.reopens += 1
    resolved.falls(case)
    case.answered_at = case.ended_at = case.verified_at = None
    if case.reopens >= 2:
        level, desk = _next_desk(c, kinds.above)
        if desk is not None:
            case.level, case.desk_id = level, desk
        case.final, case.lead_ids = False, []
        hand_to(c, desk or case.desk_id, "reopen", pending)
        c.board.rehold(case.holder_id, None)
    return {"n": case.reopens}


def revive(c: Context, pending: Pending, home: placing.Home) -> Payload:
    """An ended case goes on where its place stands now; what waits at a desk waits at the desk there."""
    moved = placing.come_home(c.case, home)
    if moved:
        c.lineage = lineage(c.case.path)
        desk = directory.desk_at(c.lineage, c.case.level)
        if desk is not None and desk.id != c.case.desk_id:
            if c.case.holder_id == c.case.desk_id and c.case.signed_at is None:
                hand_to(c, desk.id, "moved", pending)
            c.case.desk_id = desk.id
    return moved


def merge(c: Context, pending: Pending) -> Payload:
    parts.release_all(c, pending, "merge")
    before, c.case.came_from = c.case.came_from, c.case.status
    return {"came_from": before}


def unmerge(c: Context, pending: Pending) -> Payload:
    merging.take_back(c.case)
    payload = {"target": c.case.merged_into_id}
    c.case.merged_into_id = None
    return payload


def withdraw(c: Context, pending: Pending) -> Payload:
    parts.release_all(c, pending, "withdraw")
    return {}


def reject(c: Context, pending: Pending) -> Payload:
    if not c.sent["told"]:
        raise not_ready(_("不予受理前要先告知反映人。"), told=_("请先告知反映人。"))
    return {"ground": c.sent["ground"]}


CHANGES: dict[str, Callable[[Context, Pending], Payload]] = {
    function.__name__: function
    for function in (
        accept,
        start,
        settle,
        escalate,
        hand_down,
        dispatch,
        recall,
        sign,
        claim,
        decline,
        rule,
        transfer,
        hold,
        ask,
        supply,
        resolve,
        rework,
        answer,
        reopen,
        merge,
        unmerge,
        withdraw,
        reject,
    )
}


def target_of(move: Move, case: Case) -> str:
    """The status after the move, where the table leaves it to the case."""
    if move.chooses == "came_from":
        return case.came_from if case.came_from in move.to else move.to[0]
    if move.chooses == "second_time_up":
        return "received" if case.reopens >= 1 else "in_hand"
    return move.to[0]
