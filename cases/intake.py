"""Command: take a call. One transaction, planned in memory, each table written once."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from cases import call_sheet, effects, first_rows, guards, joining, needs, numbering, rounds
from cases.authority import SYSTEM_GRANT
from cases.call_sheet import OFFLINE_AT_MOST, Sheet
from cases.first_rows import Where
from cases.lifecycle import MOVES, Effect
from cases.models.call import Call, Caller
from cases.models.case import Case
from cases.models.evidence import Attachment
from cases.placing import parted
from cases.refusals import MoveRefused, not_ready, not_yours
from cases.sla import clock as sla
from cases.sla.board import ClockBoard
from grid import finding, naming
from grid.queries import Lineage, lineage
from ledger import book, reading, versions
from ledger.actor import Actor, Grant
from parties import directory


@dataclass
class Taken:
    call: Call
    case: Case
    replayed: bool = False
    joined: bool = False  # it went to a case that was open already


@dataclass
class Planned:
    """A call, its case and their clocks, planned in memory: `fact` is to be recorded, the rows to be written,
    the case's number to be drawn last."""

    case: Case
    call: Call
    caller: Caller | None
    board: ClockBoard
    lineage: Lineage
    fact: book.Fact


def take_call(
    *,
    by: Actor,
    at: dt.datetime,
    place_code: str,
    text: str = "",
    attachments: Sequence[Any] = (),
    subject: str = "",
    item: str = "",
    kind: str = "",
    urgency: str = "",
    channel: str = "app",
    origin: str = "",
    caller: Mapping[str, Any] | None = None,
    about: str = "",
    confidential: bool = False,
    lat: float | None = None,
    lng: float | None = None,
    captured_at: Any = None,
    called_at: Any = None,
    external_ref: str = "",
    outer_due_at: Any = None,
    join: str = "",
    round: Any = "",
    request_key: str = "",
    body_hash: str = "",
) -> Taken:
    """Write one call and open its case at the desk of its level; or let it `join` an open one, by its number. `round`: the
    taker's own 巡查走访 on which it was seen, by its id, or by the key under which a phone sent it.

    Text, a photo or a voice recording: one is enough. Raises MoveRefused (400, 403, 422); the same request
    again gives the first answer."""
    try:
        sheet = call_sheet.read(
            text=text,
            subject=subject,
            item=item,
            kind=kind,
            urgency=urgency,
            channel=channel,
            origin=origin,
            caller=caller,
            about=about,
            attachments=attachments,
            confidential=confidential,
            lat=lat,
            lng=lng,
            captured_at=captured_at,
            called_at=called_at,
            external_ref=external_ref,
            outer_due_at=outer_due_at,
            round=round,
            at=at,
        )
        with transaction.atomic():
            return _take(by, at, place_code, sheet, join, request_key, body_hash)
    except (MoveRefused, IntegrityError) as refusal:
        if replayed := _replay(by, request_key, body_hash):
            return replayed
        if isinstance(refusal, IntegrityError) and "case_external_once" in str(refusal):
            raise not_ready(
                _("外部编号 %(ref)s 已登记过。") % {"ref": external_ref}, external_ref=_("已登记过。")
            ) from refusal
        raise


# -- writing


def _take(
    by: Actor, at: dt.datetime, place_code: str, sheet: Sheet, join: str, request_key: str, body_hash: str
) -> Taken:
    planned = plan(by, at, place(place_code), sheet)
    case, call, caller = planned.case, planned.call, planned.caller
    if sheet["round"] and (seen_on := rounds.own(by, sheet["round"])) is not None:
        call.round = seen_on
        planned.fact.payload["on_round"] = seen_on.pk
    if join:
        case = joining.join(
            join,
            planned.case,
            planned.board,
            call,
            sheet,
            by=by,
            at=at,
            request_key=request_key,
            body_hash=body_hash,
        )
        _write_call(call, caller)
        return Taken(call, case, joined=True)
    planned.fact.request_key, planned.fact.body_hash = request_key, body_hash
    write(planned, sheet["attachments"])
    case.board, case.taken_call = planned.board, call
    return Taken(call, case)


def write(planned: Planned, files: Sequence[Any] = ()) -> None:
    """A planned call with its case: each table once."""
    write_case(planned, files)
    _write_call(planned.call, planned.caller)


def write_case(planned: Planned, files: Sequence[Any] = ()) -> None:
    """The case without its call, for one that is written already."""
    case = planned.case
    book.record_many([planned.fact])
    if files:
        _take_files(planned.fact.by, case, files)
    planned.board.save()
    # the counter is the last lock that others may wait for
    case.number = numbering.next_number(prefix_of(planned.lineage), planned.fact.at)
    Case.objects.bulk_create([case])
    if case.about_organisation_id or case.about_account_id:
        versions.bump("accused")


def _write_call(call: Call, caller: Caller | None) -> None:
    Call.objects.bulk_create([call])
    if caller is not None:
        Caller.objects.bulk_create([caller])
        call.caller = caller


def plan(
    by: Actor,
    at: dt.datetime,
    where: Where,
    sheet: Sheet,
    *,
    with_limit: bool = True,
    accepted_from: dt.datetime | None = None,
) -> Planned:
    """One call received at `at`, in memory; raises MoveRefused. Writing is the caller's: one call's rows here,
    many calls' in `cases.importing`. Without `with_limit` no resolve clock starts: what is replayed from
    elsewhere and had no deadline there gets none."""
    line = lineage(where.path)
    if not where.live or "street" not in line:
        raise not_ready(_("请选街道或街道以下、仍在用的地点。"), place=_("这个地点不能登记。"))
    grant = _grant(by, where)
    called = sheet["called_at"]
    if called is not None and called < at - OFFLINE_AT_MOST and not by.may("backdate", path=where.path):
        raise not_yours(_("补录 72 小时以前的来电，需要补录权限。"))
    case, call, caller = first_rows.rows(by, at, where, line, sheet, grant)
    board = ClockBoard(case, [])
    context = guards.Context(case, by, at, grant, board, line)
    # an offline call is accepted against the clock of its receipt; a backdated one against the call's
    context.sent["accept_anchor"] = accepted_from or (at if sheet["captured_at"] else case.called_at)
    context.sent["offline"] = sheet["captured_at"] is not None
    clocks = MOVES["take"].clocks
    effects.carry_out(clocks if with_limit else tuple(map(_without_limit, clocks)), context)
    if sheet["outer_due_at"]:
        rule = sla.Rule("resolve", 0, "until", anchor="call", policy="outer", until=sheet["outer_due_at"])
        board.replace_rule("resolve", rule, at)
    case.next_due_at, case.next_warn_at, case.paused = effects.worst(board.rows)
    fact = book.Fact(case, "case.received", by, at, path=case.path, payload=_payload(case, sheet))
    return Planned(case, call, caller, board, line, fact)


def _without_limit(effect: Effect) -> Effect:
    return Effect(effect.verb, tuple(stage for stage in effect.stages if stage != "resolve"))


def place(code: str) -> Where:
    """The place's row, held against a move for the length of the transaction, and the ids of the new rows:
    one statement. Old codes lead to their successor."""
    try:
        code = needs.read("code:place", code)
    except needs.Unfit:
        code = ""
    if not code:
        raise not_ready(_("请选地点。"), place=_("请选地点。"))
    row = _locked_place(code)
    if row is None or not row[2]:  # an old code, or a retired place: to the successor
        found = finding.by_code(code)
        row = _locked_place(found.code) if found is not None else row
        if found is not None and not found.is_live and (refusal := parted(found)):
            raise refusal
    if row is None:
        raise not_ready(_("没有编码为“%(code)s”的地点。") % {"code": code[:40]}, place=_("没有这个地点。"))
    return Where(*row)


def _locked_place(code: str) -> tuple | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, path, retired_at IS NULL, kind, nextval('cases_case_id_seq'), "
            "nextval('cases_call_id_seq') FROM grid_place WHERE code = %s FOR SHARE",
            [code],
        )
        return cursor.fetchone()


def _grant(by: Actor, where: Where) -> Grant:
    if by.system:
        return SYSTEM_GRANT
    for grant in by.grants_for("take"):
        if grant.place_path and where.path.startswith(grant.place_path):
            return grant
    if by.may("take"):
        raise not_yours(_("这个地点不在您负责的范围内。"))
    raise not_yours(_("您没有登记权限。"))


def prefix_of(line: Lineage) -> str:
    """The street's pinyin initials (观音阁街道: GYG). Streets that share them share the counter."""
    return _initials(line["street"].name)


@lru_cache(maxsize=4096)
def _initials(street: str) -> str:
    short = re.sub(r"(街道办事处|街道|镇|乡)$", "", street) or street
    _pinyin, initials = naming.spell(short)
    return initials.upper()[:8] or "HY"


def _payload(case: Case, sheet: Sheet) -> dict[str, Any]:
    item = sheet["item"]
    payload: dict[str, Any] = {
        "status": [None, "received"],
        "kind": case.kind,
        "urgency": case.urgency,
        "level": case.level,
        "origin": case.origin,
        "channel": case.channel,
        "called_at": case.called_at.isoformat(),
    }
    holder = directory.by_id(case.holder_id)
    payload["holder"] = holder.code if holder else None
    if item is not None:
        payload["item"] = item.code
    if sheet["captured_at"]:
        payload["captured_at"] = sheet["captured_at"].isoformat()
    return payload


def _take_files(by: Actor, case: Case, files: Sequence[uuid.UUID]) -> None:
    if Attachment.free(files, by.id).update(case_id=case.pk, seq=1) != len(files):
        raise not_ready(_("有材料找不到或已用在别处，请重新上传。"), attachments=_("请重新上传。"))


def _replay(by: Actor, request_key: str, body_hash: str) -> Taken | None:
    entry = reading.request_entry(by.id, request_key)
    if entry is None:
        return None
    if entry.body_hash != body_hash or entry.event not in ("case.received", "case.caller_joined"):
        raise not_ready(_("这个幂等键已用于另一个请求，请换一个。"))
    case = Case.objects.get(pk=entry.subject_id)
    joined = entry.event == "case.caller_joined"
    calls = Call.objects.filter(case=case, reporter_id=by.id).select_related("caller")
    call = calls.get(pk=entry.payload["call"]) if joined else calls.earliest("id")
    return Taken(call, case, replayed=True, joined=joined)


__all__ = ["Planned", "Taken", "Where", "plan", "prefix_of", "take_call"]
