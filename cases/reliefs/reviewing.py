"""A hold is looked at again: whoever may answer it says that it goes on, or ends it. It ends by itself at its term."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from cases import moves
from cases.lifecycle import MOVES
from cases.models.relief import Relief
from cases.refusals import MoveRefused, not_yours
from cases.reliefs import ladder
from cases.reliefs.answering import YES, answer, clean
from cases.reliefs.running import payload_of
from cases.work import Work
from ledger.actor import Actor, Grant, system

SAYS = YES  # a remark, or none


def keep(
    *,
    number: str,
    n: int,
    by: Actor,
    at: dt.datetime,
    request_key: str = "",
    body_hash: str = "",
    **details: Any,
) -> Relief:
    """The hold goes on to its end."""
    return answer(number, n, by, at, (request_key, body_hash), details, _keep)


def end(
    *,
    number: str,
    n: int,
    by: Actor,
    at: dt.datetime,
    request_key: str = "",
    body_hash: str = "",
    **details: Any,
) -> Relief:
    """The hold is not needed any more: the clocks run on from now."""
    return answer(number, n, by, at, (request_key, body_hash), details, _end)


def on_hold_by(work_status: str, relief: Relief) -> bool:
    """Is this the hold that the case is on?"""
    return work_status == "on_hold" and relief.kind == "hold" and relief.state == "granted"


def _keep(work: Work, relief: Relief, details: Mapping[str, Any], key: tuple[str, str]) -> None:
    _looked(work, relief, details, key, ends=False)


def _end(work: Work, relief: Relief, details: Mapping[str, Any], key: tuple[str, str]) -> None:
    _looked(work, relief, details, key, ends=True)
    work.by = system("relief")
    moves.step(work, MOVES["resume"], {})
    work.case.version += 1


def _looked(
    work: Work, relief: Relief, details: Mapping[str, Any], key: tuple[str, str], *, ends: bool
) -> None:
    right = _right(work, relief)
    texts = clean(SAYS, details, work.case)
    relief.reviewed_at = work.at
    work.tell(
        "relief.reviewed",
        payload=payload_of(relief, ends=ends),
        texts=texts,
        grant=right,
        request_key=key[0],
        body_hash=key[1],
    )


def _right(work: Work, relief: Relief) -> Grant:
    if not work.by.system and not work.by.may("relief.grant"):
        raise not_yours(_("您没有批复申请的权限。"))
    last = Relief.objects.filter(case=work.case, kind="hold", state="granted").order_by("-n").first()
    if not on_hold_by(work.case.status, relief) or last is None or last.n != relief.n:
        raise MoveRefused("not_from_here", _("这件工单不在这份挂账中，不用复核。"), case=work.case)
    found = ladder.decider(relief, work.case, work.by)
    if isinstance(found, str):
        raise not_yours(found)
    return found
