"""Joint handling 主办/协办: an assisting organisation signs, declines or finishes its own part.

The lead's status does not change by it; the lead cannot resolve while a part is open, unless the desk that
dispatched releases the part. Each part has its own signing and resolving clock and its own stay booked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from cases import captured, effects, needs, reach, stays
from cases.guards import Context
from cases.lifecycle import Move
from cases.models.case import Case
from cases.models.holding import Part
from cases.pending import Pending
from cases.refusals import MoveRefused, not_ready
from cases.sla import clock as sla
from cases.sla.board import LEAD
from ledger.actor import Actor, Grant
from parties import directory

OPEN = Part.OPEN
open_parts = Part.open_of
# the move → the state a part must be in, the state it gets, the event
MOVES = {
    "sign": ("assigned", "in_hand", "part.signed"),
    "decline": ("assigned", "declined", "part.declined"),
    "resolve": ("in_hand", "done", "part.done"),
}


def own_part(case: Case, by: Actor, move: str) -> tuple[Part, Grant] | None:
    """The open part of a unit the actor works for with this capability; None for the lead's own people."""
    if move not in MOVES or not case.open_parts:
        return None
    grants = [grant for grant in by.grants_for(move) if grant.organisation_path or grant.unit_id is not None]
    if any(_works_for(grant, case.holder_id) for grant in grants):
        return None
    for part in open_parts(case):
        for grant in grants:
            if _works_for(grant, part.organisation_id):
                return part, grant
    return None


def _works_for(grant: Grant, unit_id: int) -> bool:
    unit = directory.by_id(unit_id)
    if unit is None:
        return False
    if grant.organisation_path:
        return unit.path.startswith(grant.organisation_path)
    return grant.unit_id == unit_id


def open_part(c: Context, pending: Pending, org: directory.Org, n: int) -> None:
    """A new part gets a signing clock, and its share of the work is due when the lead's is."""
    pending.parts.append(Part(case=c.case, n=n, organisation_id=org.id, since=c.at))
    shared = {"anchor": c.at, "at": c.at, "organisation": org.id, "part": n}
    c.board.start("sign", effects.rule_of("sign", c.case, c.at, org.id), **shared)
    if (lead := c.board.open("resolve")) is not None:
        c.board.start("resolve", sla.Rule("resolve", 0, "until", policy=LEAD, until=lead.due_at), **shared)


def assist(c: Context, pending: Pending) -> dict[str, Any]:
    """Later than at dispatch: who else is to help. A unit that helps or leads already cannot be added."""
    case, helping = c.case, {part.organisation_id for part in open_parts(c.case)}
    added = c.sent["assisting"]
    for org in added:
        reach.need_reach(c, org)
        if org.id == case.holder_id:
            raise not_ready(_("协办单位不能与主办单位相同。"), assisting=_("请去掉主办单位。"))
        if org.id in helping:
            words = _("%(unit)s已经在协办。") % {"unit": org.short_name or org.name}
            raise not_ready(words, assisting=words)
    for org in added:
        case.parts_opened += 1
        open_part(c, pending, org, case.parts_opened)
        add(case.unit_ids, org.id)
    case.open_parts += len(added)
    return {"assisting": [org.code for org in added]}


def move_part(
    c: Context, pending: Pending, row: Move, part: Part, details: Mapping[str, Any]
) -> tuple[str, dict[str, Any], dict[str, str]]:
    """One move on a part: (event, payload, words) for the case's chain."""
    source, target, event = MOVES[row.name]
    case = c.case
    if part.state != source:
        raise MoveRefused("not_from_here", _("协办部分现在不能“%(move)s”。") % {"move": row.label}, case=case)
    c.sent, faults = needs.clean(row.needs, details, case)
    if faults:
        raise not_ready(_("还缺：%(fields)s") % {"fields": "；".join(faults.values())}, **faults)
    if (when := c.sent.get("captured_at")) is not None:
        c.done = max(captured.happened(when, c.at), part.signed_at or part.since)
        mine = [
            one
            for one in c.board.rows
            if one.part == part.n and one.stage == "resolve" and one.state == "running"
        ]
        c.kept = captured.told(when, c.done, c.at, mine)
    part.state = target
    if target == "in_hand":
        part.signed_at = c.at
        c.board.stop("sign", c.at, "met", part.n)
    else:
        _close(c, pending, part, "met" if target == "done" else "ended", row.name)
        case.open_parts -= 1
    part.result = c.sent.get("result", "")
    part.save(update_fields=["state", "signed_at", "ended_at", "result"])
    if target != "declined":
        add(case.handler_people, c.by.person_id)
        add(case.handler_units, part.organisation_id)
    texts = {n.field: c.sent[n.field] for n in row.needs if n.type == "text" and n.field in c.sent}
    return event, {"part": part.n, "organisation": _code(part), **c.kept}, texts


def release_all(c: Context, pending: Pending, how: str) -> None:
    """Recall, decline, escalate, merge and withdraw release what is open; one statement."""
    if not c.case.open_parts:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_part SET state = 'released', ended_at = %s WHERE case_id = %s AND state = ANY (%s) "
            "RETURNING n, organisation_id, since, signed_at",
            [c.at, c.case.pk, list(OPEN)],
        )
        for n, unit, since, signed_at in sorted(cursor.fetchall()):
            # what a merge calls off can be undone, and counts for nobody
            outcome = "cancelled" if how == "merge" else "ended"
            _end(c, pending, n, unit, since, signed_at, outcome, how)
    c.case.open_parts = 0


def release_one(c: Context, pending: Pending, org: directory.Org) -> dict[str, Any]:
    """The dispatcher lets one assisting unit go, so that the lead can resolve."""
    for part in open_parts(c.case):
        if part.organisation_id == org.id:
            _release(c, pending, part, "release")
            c.case.open_parts -= 1
            return {"organisation": org.code, "part": part.n}
    raise not_ready(_("这个单位没有在协办。"), organisation=_("请核对单位。"))


def release_part_of(c: Context, pending: Pending, org: directory.Org, how: str) -> None:
    """Who becomes the lead no longer assists."""
    for part in open_parts(c.case):
        if part.organisation_id == org.id:
            _release(c, pending, part, how)
            c.case.open_parts -= 1


def _release(c: Context, pending: Pending, part: Part, how: str) -> None:
    part.state = "released"
    _close(c, pending, part, "ended", how)
    part.save(update_fields=["state", "ended_at"])


def _close(c: Context, pending: Pending, part: Part, outcome: str, how: str) -> None:
    part.ended_at = c.at
    _end(c, pending, part.n, part.organisation_id, part.since, part.signed_at, outcome, how)


def _end(
    c: Context,
    pending: Pending,
    n: int,
    unit: int,
    since: dt.datetime,
    signed_at: dt.datetime | None,
    outcome: str,
    how: str,
) -> None:
    """The part is over: its clocks stop, its stay is booked."""
    for stage in ("sign", "resolve"):
        if (row := c.board.open(stage, n)) is not None:
            done = c.done if outcome == "met" else None
            c.board.stop(stage, c.at if done is None else captured.stops_at(row, done, c.at), outcome, n)
    rests = stays.of_part(c.board.latest("resolve", n))
    pending.book(c.case, unit, since, c.at, how, signed_at=signed_at, part=n, rests=rests)


def add(values: list[int], value: int | None) -> None:
    if value is not None and value not in values:
        values.append(value)


def _code(part: Part) -> str | int:
    unit = directory.by_id(part.organisation_id)
    return unit.code if unit else part.organisation_id
