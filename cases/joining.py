"""A call about a matter that is open already joins its case as another caller's: an own receipt, an own answer and
rating, and one more voice for its urgency. The case takes the earliest call, the earliest due, the higher urgency, as
of a merge."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from cases import merging, needs
from cases.call_sheet import Sheet
from cases.kinds import OPEN, STATUSES
from cases.models.call import Call
from cases.models.case import Case
from cases.refusals import MoveRefused, not_ready
from cases.scope import reads_words
from cases.sla.board import ClockBoard
from cases.work import Work
from ledger.actor import Actor
from parties import gate


def join(
    number: str,
    planned: Case,
    board: ClockBoard,
    call: Call,
    sheet: Sheet,
    *,
    by: Actor,
    at: dt.datetime,
    request_key: str = "",
    body_hash: str = "",
) -> Case:
    """The call, planned with a case of its own, joins the open case of this number instead. Writes the case; the
    call's own rows are the caller's to write. Raises MoveRefused."""
    work = _open(number, by, at)
    target = work.case
    _check(target, planned, sheet, by)
    urgency = target.urgency
    clocks = merging.absorb(work, planned, board)
    call.case_id = target.pk
    payload: dict[str, Any] = {
        "call": call.pk,
        "channel": call.channel,
        "origin": call.origin,
        "callers": target.callers,
        "before": {"clocks": clocks},
        # what a case of its own would have been, should it turn out to be another matter
        "own": {"kind": planned.kind, "urgency": planned.urgency, **_item(sheet)},
    }
    if call.round_id is not None:
        payload["on_round"] = call.round_id
    if target.urgency != urgency:
        payload["urgency"] = [urgency, target.urgency]
        target.version += 1
    work.tell(
        "case.caller_joined",
        payload=payload,
        attachments=sheet["attachments"],
        request_key=request_key,
        body_hash=body_hash,
    )
    case = work.finish()
    case.board = work.board
    return case


def _item(sheet: Sheet) -> dict[str, str]:
    return {"item": sheet["item"].code} if sheet["item"] is not None else {}


def _open(number: str, by: Actor, at: dt.datetime) -> Work:
    try:
        return Work.on(needs.read("case", number), by=by, at=at)
    except (needs.Unfit, gate.OutOfScope):
        words = _("没有编号为 %(number)s 的工单。") % {"number": str(number)[:32]}
        raise not_ready(words, join=_("请核对编号。")) from None


def _check(target: Case, planned: Case, sheet: Sheet, by: Actor) -> None:
    if target.status not in OPEN:
        words = _("%(number)s 已经%(status)s，请另立一件。") % {
            "number": target.number,
            "status": STATUSES[target.status],
        }
        raise MoveRefused("not_from_here", words, fields={"join": _("请另立一件。")}, case=target)
    if target.street_id != planned.street_id:
        raise not_ready(_("只能并入同一街道的工单。"), join=_("请换一件。"))
    if merging.about(target) != merging.about(planned):  # or those it is about would read it in the other
        raise not_ready(_("两件工单反映的单位或人员不同，不能并案。"), join=_("请换一件。"))
    if planned.confidential or not reads_words(by, target):
        raise not_ready(_("要保密的事另立一件，不与别人的并在一起。"), join=_("请另立一件。"))
    if sheet["external_ref"]:
        raise not_ready(_("有外部编号的先登记成工单，再并案。"), join=_("请先登记。"))
