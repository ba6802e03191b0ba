"""`perform`: the only place where a status changes.

Order of the checks: readable, in scope, capability, version, source, who, needs, guard. Two people at
once: the lock lets one through, the other finds the version moved (409). The same request again finds
its own entry and gets the same answer.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cases import (
    authority,
    captured,
    changes,
    disputes,
    effects,
    guards,
    merging,
    needs,
    onward,
    parts,
    placing,
    replays,
    stays,
)
from cases.kinds import STATUSES
from cases.lifecycle import CAPTURED, MOVES, Move, start
from cases.models.case import Case
from cases.models.holding import Part
from cases.refusals import MoveRefused, malformed, not_ready, not_yours
from cases.scope import visible_to
from cases.work import Work
from ledger.actor import Actor, Grant
from parties import directory, gate

Step = tuple[str, Mapping[str, Any]]
REVIVES = ("reopen", "unmerge")  # an ended case goes on, where its place stands now


def perform(
    *,
    number: str,
    move: str,
    by: Actor,
    at: dt.datetime,
    version: Any,
    request_key: str = "",
    body_hash: str = "",
    granted: dt.datetime | None = None,
    **details: Any,
) -> Case:
    """Make one move. `granted`: a relief was, and counts from then. Raises gate.OutOfScope (404) or MoveRefused
    (400, 403, 409, 422)."""
    return perform_chain(
        number=number,
        steps=[(move, details)],
        by=by,
        at=at,
        version=version,
        request_key=request_key,
        body_hash=body_hash,
        granted=granted,
    )


def perform_chain(
    *,
    number: str,
    steps: Sequence[Step],
    by: Actor,
    at: dt.datetime,
    version: Any,
    request_key: str = "",
    body_hash: str = "",
    granted: dt.datetime | None = None,
) -> Case:
    """Several moves as one write: all or none (受理并派遣). The request's key stands on the first entry."""
    try:
        with transaction.atomic():
            work = _open(number, steps, by, at)
            check_version_is_readable(version)
            expected = int(version)
            for n, (name, details) in enumerate(steps):
                key = (request_key, body_hash) if n == 0 else ("", "")
                step(work, MOVES[name], details, expected if n == 0 else None, key, granted)
            if steps and steps[-1][0] == "accept":
                _send_on(work)
            work.case.version += 1
            case = work.finish()
            case.board = work.board
            return case
    except (MoveRefused, IntegrityError, gate.OutOfScope) as refusal:
        if replayed := replay(by, request_key, body_hash):
            return replayed
        if isinstance(refusal, MoveRefused) and refusal.kind in ("stale", "not_from_here"):
            refusal.case = Case.objects.filter(visible_to(by), number=number).first()
        raise


def _open(number: str, steps: Sequence[Step], by: Actor, at: dt.datetime) -> Work:
    home = None
    for name, details in steps:
        if name in REVIVES:
            home = placing.hold_of(number)
        if name == "merge" and isinstance(details.get("target"), str):
            return Work.on_pair(number, details["target"].strip(), by=by, at=at)
        if name == "unmerge":
            work = Work.on_pair(number, by=by, at=at)
            break
    else:
        work = Work.on(number, by=by, at=at)
    work.home = home
    return work


def check_version_is_readable(version: Any) -> None:
    # not isdigit(): "²" is a digit, but no number
    if isinstance(version, bool) or not re.fullmatch("[0-9]{1,9}", str(version)):
        raise malformed(_("请带上您看到的版本号再提交。"), version=_("缺少版本号。"))


def step(
    work: Work,
    row: Move,
    details: Mapping[str, Any],
    expected: int | None = None,
    key: tuple[str, str] = ("", ""),
    granted: dt.datetime | None = None,
) -> None:
    """One move on a case in hand, checked and planned but not written: for `perform_chain`, and for those who
    write many new cases at once. Without `expected` the version is not asked for."""
    case, by = work.case, work.by
    if not authority.may_try(row, case, by):
        raise not_yours(_("您没有“%(move)s”的权限。") % {"move": row.label})
    if expected is not None and case.version != expected:
        raise MoveRefused("stale", _("这件工单刚被别人改过，请看最新情况后再提交。"), case=case)
    if own := parts.own_part(case, by, row.name):
        _move_part(work, row, *own, details, key)
        return
    if case.status not in row.sources:
        raise MoveRefused(
            "not_from_here",
            _("工单现在是“%(status)s”，不能“%(move)s”。")
            % {"status": STATUSES[case.status], "move": row.label},
            case=case,
        )
    grant = authority.acting(row, case, by)
    if isinstance(grant, str):
        raise not_yours(grant)
    sent, faults = needs.clean(row.needs, details, case)
    if faults:
        raise not_ready(_("还缺：%(fields)s") % {"fields": "；".join(faults.values())}, **faults)
    context = guards.Context(
        case,
        by,
        work.at,
        grant,
        work.board,
        work.lineage,
        sent,
        granted=granted or (work.at if by.system else None),
    )
    if sentence := guards.why_not(row.guards, context):
        raise not_ready(sentence)
    if when := sent.get("captured_at"):
        _as_done(work, row, context, when)
    _change(work, row, context, key)
    work.tell_what_was()


def _as_done(work: Work, row: Move, c: guards.Context, when: dt.datetime) -> None:
    """Made on a phone without a signal: it counts from when it was done, but not from before it could be."""
    done = captured.happened(when, c.at)
    if done < c.at and CAPTURED in row.needs:
        done = c.done = min(max(done, captured.possible_since(c.case, c.by.id)), c.at)
    else:
        done = c.at
    c.kept = captured.told(when, done, c.at, effects.stopped_by(row.clocks, c))
    c.saved = "resolve" in c.kept.get("saved", ())


def _send_on(work: Work) -> None:
    """直派: what was accepted goes out in the same write, where the duty rows and its desk let it; who accepted has
    not chosen to whom, so routing signs."""
    found = onward.of(work.case, work.lineage, work.at)
    if isinstance(found, str):
        if found:
            work.explain(stays=found)
        return
    by, work.by = work.by, onward.ROUTING
    try:
        step(work, MOVES["dispatch"], found.details)
    finally:
        work.by = by
    work.explain({"reason": found.reason}, duty_row=found.row)


def _change(work: Work, row: Move, context: guards.Context, key: tuple[str, str]) -> None:
    case, before = work.case, work.case.status
    to = changes.target_of(row, case)
    holder_before = case.holder_id
    moved = changes.revive(context, work.pending, _home(work)) if row.name in REVIVES else {}
    effects.let_go(row.clocks, context)
    change = changes.CHANGES.get(row.name)
    payload = change(context, work.pending) if change else {}
    case.status = to
    disputes.follow(case, before)
    if row.name == "unmerge":
        case.came_from = case.merge_trace.merged.get("came_from", "")
    effects.carry_out(_effects(row, to), context)
    stays.turn(case, before, left_at=effects.term_end(context), at=effects.rests_from(context))
    if moved:
        payload |= moved
        effects.settle_in(context)
    if row.name == "merge":
        payload |= merging.join(work, context)
    elif row.name == "unmerge":
        payload |= merging.part(work, payload)
    if to in ("closed", "rejected", "withdrawn", "merged"):
        case.ended_at, case.ended_by = work.at, work.by.person_id
    elif case.ended_at is not None:
        case.ended_at = case.ended_by = None
    payload = {"status": [before, to], **payload, **context.kept}
    if case.holder_id != holder_before:
        holder = directory.by_id(case.holder_id)
        payload["holder"] = holder.code if holder else case.holder_id
    texts = {
        need.field: context.sent[need.field]
        for need in row.needs
        if need.type == "text" and need.field in context.sent
    }
    work.tell(
        row.announces,
        payload=payload,
        texts=texts,
        attachments=context.sent.get("attachments", ()),
        grant=context.grant,
        request_key=key[0],
        body_hash=key[1],
    )


def _home(work: Work) -> placing.Home:
    """Held before the case was; who brought a case already locked (a bulk of new ones) meets nobody there. A case
    that is not written yet has never left home."""
    if not work.case.number:
        return placing.Home(work.case.place_id, "", work.case.path, live=True)
    home = work.home or placing.hold_of(work.case.number)
    assert home is not None  # the case is in hand, so it has a place
    return home


def _move_part(
    work: Work, row: Move, part: Part, grant: Grant, details: Mapping[str, Any], key: tuple[str, str]
) -> None:
    """An assisting unit's own sign, decline or resolve: the lead's status stays."""
    context = guards.Context(work.case, work.by, work.at, grant, work.board, work.lineage)
    event, payload, texts = parts.move_part(context, work.pending, row, part, details)
    work.tell(
        event,
        payload=payload,
        texts=texts,
        attachments=context.sent.get("attachments", ()),
        grant=grant,
        request_key=key[0],
        body_hash=key[1],
    )


def _effects(row: Move, to: str):
    """The second reopening goes back to a desk, which accepts anew."""
    if row.chooses == "second_time_up" and to == "received":
        return (*row.clocks, start("reaccept"))
    return row.clocks


def replay(by: Actor, request_key: str, body_hash: str) -> Case | None:
    """The case that a request with this key already changed; 422 when the key came with another body."""
    entry = replays.entry_of(by, request_key, body_hash, Case.SUBJECT)
    return Case.objects.get(pk=entry.subject_id) if entry is not None else None
