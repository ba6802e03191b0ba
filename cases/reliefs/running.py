"""What every command on a relief shares: the locked case, the answer to a request sent twice, the granter's clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction

from cases import effects, replays
from cases.models.case import Case
from cases.models.relief import Relief
from cases.refusals import MoveRefused
from cases.reliefs import ladder
from cases.scope import visible_to
from cases.work import Work
from ledger.actor import Actor
from parties import gate


def run(
    number: str,
    by: Actor,
    at: dt.datetime,
    key: tuple[str, str],
    act: Callable[[Work], Relief],
    *,
    n: int | None = None,
) -> Relief:
    """`act` on the locked case in one transaction. The same request again gets the same relief."""
    try:
        with transaction.atomic():
            work = Work.on(number, by=by, at=at)
            relief = act(work)
            relief.case = work.case
            work.case.board = work.board
            return relief
    except (MoveRefused, IntegrityError, gate.OutOfScope) as refusal:
        if done := _replay(by, *key, n):
            return done
        if isinstance(refusal, MoveRefused) and refusal.status == 409:
            refusal.case = Case.objects.filter(visible_to(by), number=number).first()
        raise


def _replay(by: Actor, request_key: str, body_hash: str, n: int | None) -> Relief | None:
    entry = replays.entry_of(by, request_key, body_hash, Case.SUBJECT)
    if entry is None:
        return None
    which = {"seq": entry.seq} if n is None else {"n": n}
    return Relief.objects.select_related("case").filter(case_id=entry.subject_id, **which).first()


def wait(work: Work, rung: ladder.Rung) -> None:
    """The granter's own clock begins."""
    rule = effects.rule_of("relief", work.case, work.at)
    work.board.start("relief", rule, anchor=work.at, at=work.at, organisation=rung.desk)


def payload_of(relief: Relief, **more: Any) -> dict[str, Any]:
    """What an entry says of a relief."""
    told: dict[str, Any] = {"n": relief.n, "relief": relief.kind, "ground": relief.ground}
    if relief.amount is not None:
        told |= {"amount": relief.amount, "unit": relief.unit}
    if relief.until is not None:
        told["until"] = relief.until.isoformat()
    return {**told, **more}
