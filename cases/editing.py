"""Facts beside the moves: status unchanged, one entry each (SPEC §5)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from cases import (
    authority,
    corrections,
    disputes,
    duty_edits,
    families,
    guards,
    hearing,
    in_hands,
    instructions,
    interims,
    mentions,
    milestones,
    needs,
    parts,
    rulebook,
    splitting,
    stopping,
    told,
)
from cases.captured import happened
from cases.kinds import STATUSES
from cases.lifecycle import FACTS, FactKind
from cases.models.call import Call, matter_q
from cases.models.case import Case
from cases.moves import check_version_is_readable, replay
from cases.parts import add
from cases.refusals import MoveRefused, not_ready, not_yours
from cases.scope import reads_words, visible_to
from cases.work import Work
from grid import finding
from grid.tree import path_ids
from ledger.actor import Actor
from parties import gate

Payload = dict[str, Any]


def add_fact(
    *,
    number: str,
    fact: str,
    by: Actor,
    at: dt.datetime,
    version: Any = None,
    request_key: str = "",
    body_hash: str = "",
    **details: Any,
) -> Case:
    """Record one fact. Those that change item, kind, place, urgency or holder need the version; for the
    others it is looked at only when sent. Raises gate.OutOfScope or MoveRefused."""
    row = FACTS[fact]
    try:
        with transaction.atomic():
            if row.name == "relocate":
                corrections.hold_place(details.get("place"))
            work = _open(number, row, details, by, at)
            step(work, row, details, version, (request_key, body_hash))
            case = work.finish()
            case.board = work.board
            return case
    except (MoveRefused, IntegrityError, gate.OutOfScope) as refusal:
        if replayed := replay(by, request_key, body_hash):
            return replayed
        if isinstance(refusal, MoveRefused) and refusal.status == 409:
            refusal.case = Case.objects.filter(visible_to(by), number=number).first()
        raise


def _open(number: str, row: FactKind, details: Mapping[str, Any], by: Actor, at: dt.datetime) -> Work:
    """The case, and what a fact needs beside it; places are taken before the case."""
    if row.name == "link" and isinstance(details.get("parent"), str):
        return Work.on_pair(number, details["parent"].strip(), by=by, at=at)
    if row.name == "unlink":
        return Work.on_pair(number, by=by, at=at, kin="children")
    wheres = []
    if row.name == "spread":
        sent, _faults = needs.clean(row.needs, details, None)
        wheres = families.places_of(sent.get("places", ()))
    if row.name == "split":
        sent, _faults = needs.clean(row.needs, details, None)
        wheres = splitting.place_of(number, sent.get("call"))
    work = Work.on(number, by=by, at=at)
    work.wheres = wheres
    return work


def step(
    work: Work,
    row: FactKind,
    details: Mapping[str, Any],
    version: Any = None,
    key: tuple[str, str] = ("", ""),
) -> None:
    """One fact on a case in hand, checked and planned but not written, as `moves.step`."""
    case, by = work.case, work.by
    if not authority.may_try(row, case, by):
        raise not_yours(_("您没有“%(move)s”的权限。") % {"move": row.label})
    if row.bumps or version is not None:
        check_version_is_readable(version)
        if int(version) != case.version:
            raise MoveRefused("stale", _("这件工单刚被别人改过，请看最新情况后再提交。"))
    if case.status not in row.sources:
        raise MoveRefused(
            "not_from_here",
            _("工单现在是“%(status)s”，不能“%(move)s”。")
            % {"status": STATUSES[case.status], "move": row.label},
        )
    grant = authority.acting(row, case, by)
    if isinstance(grant, str):
        raise not_yours(grant)
    sent, faults = needs.clean(row.needs, details, case)
    if faults:
        raise not_ready(_("还缺：%(fields)s") % {"fields": "；".join(faults.values())}, **faults)
    context = guards.Context(case, by, work.at, grant, work.board, work.lineage, sent)
    if sentence := guards.why_not(row.guards, context):
        raise not_ready(sentence)
    change = CHANGES.get(row.name)
    payload = change(work, context) if change else {}
    if row.bumps:
        case.version += 1
    texts = {need.field: sent[need.field] for need in row.needs if need.type == "text" and need.field in sent}
    work.tell(
        row.event,
        payload=payload,
        texts=texts,
        attachments=sent.get("attachments", ()),
        grant=grant,
        request_key=key[0],
        body_hash=key[1],
    )


# -- what each changes


def may_tell(case: Case, by: Actor) -> bool:
    """May this person write something for the caller to read? Whoever may answer him, as long as he waits."""
    row = FACTS["interim"]
    return (
        case.has_caller
        and case.status in row.sources
        and authority.may_try(row, case, by)
        and not isinstance(authority.acting(row, case, by), str)
    )


def note(work: Work, c: guards.Context) -> Payload:
    """For colleagues, unless it says that it is for the caller, who reads it as progress. Who is named by @ is told."""
    payload: Payload = {}
    if c.sent.get("public"):
        if not may_tell(work.case, c.by):
            raise not_yours(_("只有能答复反映人的单位可以写给反映人看，请改为内部留言。"))
        payload["public"] = True
    if "@" in c.sent["text"]:
        named = mentions.named(c.sent["text"], mentions.colleagues(work.case, c.by, work.at))
        if named and payload:
            raise not_ready(_("写给反映人的话里不点同事的名：请另写一条内部留言。"), text=_("请去掉 @。"))
        payload |= {"mentions": named} if named else {}
    return payload


def assist(work: Work, c: guards.Context) -> Payload:
    return parts.assist(c, work.pending)


def tell(work: Work, c: guards.Context) -> Payload:
    """One of the callers is told apart from the others, in own words. `answer` tells those who are left and is the
    feedback of the case: so it is in time when the last of them was."""
    since = work.case.resolved_at or work.at
    kept = milestones.reach(work, c)
    told_at = max(happened(c.sent.get("captured_at"), work.at), since)
    callers = Call.objects.filter(matter_q(work.case.pk), withdrawn_at=None, origin="resident")
    waiting = Call.objects.filter(pk__in=callers.filter(pk=c.sent["call"]).values("pk"))
    if waiting.filter(told_at__gte=since).exists():
        raise not_ready(_("这位反映人已经答复过了。"), call=_("请选还没有答复的。"))
    told.check(c, waiting.select_related("caller"), at_door=work.case.answer_at_door)
    words = {"told": c.sent["told"], "told_at": told_at, "told_channel": c.sent["channel"]}
    if not hearing.tell(work.case, words, work.pending, since=since, only=c.sent["call"]):
        raise not_ready(_("没有这位反映人。"), call=_("请选还没有答复的。"))
    add(work.case.contacted_by, c.grant.unit_id)
    return {"call": c.sent["call"], "channel": c.sent["channel"], **kept}


def release_part(work: Work, c: guards.Context) -> Payload:
    return parts.release_one(c, work.pending, c.sent["organisation"])


def release(work: Work, c: guards.Context) -> Payload:
    work.case.released, work.case.release_asked = True, False
    return {}


def ask_release(work: Work, c: guards.Context) -> Payload:
    work.case.release_asked = True
    return {}


def refuse_release(work: Work, c: guards.Context) -> Payload:
    work.case.release_asked = False
    return {}


def open_claims(work: Work, c: guards.Context) -> Payload:
    work.case.offered_at = work.at
    return {}


def close_claims(work: Work, c: guards.Context) -> Payload:
    work.case.offered_at = None
    return {}


def state(work: Work, c: guards.Context) -> Payload:
    """A party's view, for who rules and for the other parties."""
    return disputes.speak(work.case, c.by)


def keep_ruling(work: Work, c: guards.Context) -> Payload:
    """属地管理清单: the last ruling becomes a duty row of the case's item, for a place on the case's path."""
    case = work.case
    place = finding.by_code(c.sent["place"])
    if place is None or place.pk not in path_ids(case.path):
        raise not_ready(_("请选这件工单所在的地点或其上级。"), place=_("请改范围。"))
    unit, item = disputes.last_ruled(case), rulebook.item_by_id(case.item_id)
    if unit is None or item is None:
        raise not_ready(_("这件工单没有裁定可写入职责清单。"))
    row = duty_edits.from_ruling(
        item=item.code, place=place, organisation=unit, ruling=case.number, by=c.by, at=work.at
    )
    case.ruled_row_id = row.pk
    return {"duty_row": row.pk, "organisation": unit.code}


def reveal(work: Work, c: guards.Context) -> Payload:
    """The entry is the price of reading a phone; the edge reads it after this returned. Of a guarded case only
    desk and holder may."""
    if not reads_words(c.by, work.case):
        raise not_yours(_("这件工单的内容只给受理台和承办单位看。"))
    return {}


CHANGES: dict[str, Callable[[Work, guards.Context], Payload]] = {
    function.__name__: function
    for function in (
        note,
        milestones.contact,
        milestones.arrive,
        milestones.secure,
        milestones.verify,
        interims.interim,
        interims.miss_interim,
        instructions.instruct,
        instructions.report,
        in_hands.take_up,
        in_hands.assign,
        in_hands.pass_on,
        in_hands.put_back,
        release,
        ask_release,
        refuse_release,
        open_claims,
        close_claims,
        state,
        assist,
        tell,
        families.link,
        families.unlink,
        families.spread,
        splitting.split,
        stopping.resume_texts,
        stopping.stop_texts,
        keep_ruling,
        release_part,
        corrections.reclassify,
        corrections.urgency,
        corrections.relocate,
        reveal,
    )
}
