"""What a move changes on the case beyond status and clocks: one small function per move that needs one.

Each may raise MoveRefused for a need that does not fit (422) and gives the entry's payload: ids, codes and
instants only. The holder changes through `hand_to`, which books the minutes of the stay that ends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from cases import hearing, kinds, merging, parts, placing, resolved, rulebook, sending, told
from cases.guards import Context
from cases.handing import at_own_desk, hand_to, handled
from cases.lifecycle import Move
from cases.models.call import Call
from cases.models.case import Case
from cases.parts import add
from cases.pending import Pending
from cases.refusals import not_ready
from cases.routing import decide
from grid.queries import lineage
from parties import directory

Payload = dict[str, Any]


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
    at_own_desk(c, pending, "accept")
    return payload


def start(c: Context, pending: Pending) -> Payload:
    unit = c.grant.unit_id or c.case.holder_id
    at_own_desk(c, pending, "start")
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
    resolved.stands(c.case, c.done_at, _own_level(c), settler=c.by.id)
    if not c.case.self_settled:
        _visit(c)
    return payload


def _visit(c: Context) -> None:
    """Who asked for it is told at the door; who works the ground goes there."""
    if told.wish_a_visit(c):
        c.case.door_since = c.at


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
    return {"answered": not c.by.system or c.by.name == kinds.RESIDENT}


def resolve(c: Context, pending: Pending) -> Payload:
    need_evidence(c)
    handled(c)
    resolved.stands(c.case, c.done_at, _own_level(c))
    _visit(c)
    c.case.released = False
    return {}


def rework(c: Context, pending: Pending) -> Payload:
    c.case.reworks += 1
    c.case.door_since, c.case.door_interim = None, False
    resolved.falls(c.case)
    return {"n": c.case.reworks}


def answer(c: Context, pending: Pending) -> Payload:
    """Every caller of the matter is told, those of the cases merged into it too."""
    told.check(c, told.untold(c), at_door=c.case.answer_at_door)
    c.case.answered_at, c.case.door_since, c.case.door_interim = c.at, None, False
    add(c.case.contacted_by, c.grant.unit_id)
    pending.told = {
        "told": c.sent["told"],
        "told_at": max(c.done_at, c.case.resolved_at or c.done_at),
        "told_channel": c.sent["channel"],
        "missed_at": None,
    }
    return {"channel": c.sent["channel"]}


def miss(c: Context, pending: Pending) -> Payload:
    """The text with the answer did not arrive: that caller was not told, and somebody goes to the door. The words
    stand, for who goes there."""
    Call.objects.filter(pk=c.sent["call"]).update(told_at=None, missed_at=c.at)
    hearing.untell(c.case, c.sent["call"], pending)
    c.case.answered_at, c.case.door_since, c.case.door_interim = None, c.case.door_since or c.at, False
    return {"call": c.sent["call"]}


def reopen(c: Context, pending: Pending) -> Payload:
    case = c.case
    doubted = {"doubted": _code_of(case.holder_id)} if case.doubted_at is not None else {}
    case.doubted_at = None
    case.reopens += 1
    resolved.falls(case)
    case.answered_at = case.ended_at = case.verified_at = case.door_since = None
    case.door_interim = False
    if case.reopens >= 2:
        level, desk = sending.next_desk(c, kinds.above)
        if desk is not None:
            case.level, case.desk_id = level, desk
        case.final, case.lead_ids = False, []
        hand_to(c, desk or case.desk_id, "reopen", pending)
        c.board.rehold(case.holder_id, None)
    return {"n": case.reopens, **doubted}


def _code_of(unit_id: int) -> str:
    unit = directory.by_id(unit_id)
    return unit.code if unit is not None else ""


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
        sending.escalate,
        sending.hand_down,
        sending.dispatch,
        sending.recall,
        sending.sign,
        sending.claim,
        sending.decline,
        sending.rule,
        sending.transfer,
        hold,
        ask,
        supply,
        resolve,
        rework,
        answer,
        miss,
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
