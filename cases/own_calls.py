"""What a caller does about an own call, without an account: answers what was asked, takes it back.

Who it is was proved at the edge. Each caller of a joined case acts for the own call alone; the case ends with the last.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cases import kinds, merging, moves, needs
from cases.lifecycle import MOVES, REASON
from cases.models.call import Call, matter_of
from cases.models.case import Case
from cases.refusals import MoveRefused, not_ready
from cases.work import Work
from ledger.actor import system

RESIDENT = system(kinds.RESIDENT)


def supply(
    *,
    call: Call,
    answer: str,
    attachments: Sequence[Any] = (),
    at: dt.datetime,
    request_key: str = "",
    body_hash: str = "",
) -> Case:
    """The move `supply`, by the caller who was asked. Raises MoveRefused."""
    try:
        with transaction.atomic():
            work = Work.on(matter_of(call).number, by=RESIDENT, at=at)
            standing(call)
            sent = {"answer": answer, "attachments": attachments}
            moves.step(work, MOVES["supply"], sent, key=(request_key, body_hash))
            work.explain(call=call.pk)
            work.case.version += 1
            return work.finish()
    except (MoveRefused, IntegrityError):
        if replayed := moves.replay(RESIDENT, request_key, body_hash):
            return replayed
        raise


def withdraw(*, call: Call, reason: str, at: dt.datetime, request_key: str = "", body_hash: str = "") -> Case:
    """The own call is taken back; with the last one the case ends. The deadlines that it brought along stay: they may
    have moved others. Raises MoveRefused."""
    try:
        with transaction.atomic():
            return _withdraw(call, reason, at, (request_key, body_hash))
    except (MoveRefused, IntegrityError):
        if replayed := moves.replay(RESIDENT, request_key, body_hash):
            return replayed
        raise


def _withdraw(call: Call, reason: str, at: dt.datetime, key: tuple[str, str]) -> Case:
    row, matter = MOVES["withdraw"], matter_of(call)
    work = Work.on(matter.number, by=RESIDENT, at=at)
    case = work.case
    standing(call)
    if case.status not in row.sources:
        words = _("这件事现在是“%(status)s”，不用收回了。") % {"status": kinds.RESIDENT_STATUSES[case.status]}
        raise MoveRefused("not_from_here", words, case=case)
    sent, faults = needs.clean((REASON,), {"reason": reason}, case)
    if faults:
        raise not_ready(_("请说一句为什么收回。"), reason=_("请说一句为什么收回。"))
    Call.objects.filter(pk=call.pk).update(withdrawn_at=work.at)
    if call.case_id != case.pk:
        Case.objects.filter(pk=call.case_id, callers__gt=0).update(callers=F("callers") - 1)
    left = merging.leaving(case, call.pk).left
    if not left.tellings:
        moves.step(work, row, sent, key=key)
        work.explain(call=call.pk)
        work.case.version += 1
        return work.finish()
    left.count_callers(case)
    if not case.has_caller:
        work.board.stop("feedback", work.at, "ended")
    work.tell(
        "case.caller_withdrew",
        payload={"call": call.pk, "callers": case.callers},
        texts=sent,
        request_key=key[0],
        body_hash=key[1],
    )
    return work.finish()


def standing(call: Call) -> None:
    """It was not taken back; asked with the case in hand. Raises MoveRefused."""
    if Call.objects.filter(pk=call.pk, withdrawn_at__isnull=False).exists():
        raise MoveRefused("not_from_here", _("您已经收回了这次反映。"))
