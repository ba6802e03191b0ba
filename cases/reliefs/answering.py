"""Answering relief: yes, no, or taken back by who asked.

A grant counts from the filing: an extension lengthens the resolve clock from then, a hold is the move `hold` made in
the same transaction with its clocks paused from then, an exclusion takes the case out of every figure. A refusal
changes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import moves, needs
from cases.lifecycle import MOVES, Need
from cases.models.case import Case
from cases.models.evidence import Words
from cases.models.relief import Relief
from cases.refusals import MoveRefused, not_ready, not_yours
from cases.reliefs import ladder
from cases.reliefs.asking import CLOCK, may_ask
from cases.reliefs.policy import STATES, TABLE
from cases.reliefs.running import payload_of, run
from cases.work import Work
from ledger.actor import Actor, Grant
from parties import gate

YES = (Need("reason", "text", False, gettext_lazy("批复意见")),)
NO = (Need("reason", "text", True, gettext_lazy("不批准的理由")),)

Answer = Callable[[Work, Relief, Mapping[str, Any], tuple[str, str]], None]


def grant(
    *,
    number: str,
    n: int,
    by: Actor,
    at: dt.datetime,
    request_key: str = "",
    body_hash: str = "",
    **details: Any,
) -> Relief:
    """Say yes; it counts from the filing. Raises gate.OutOfScope or MoveRefused."""
    return answer(number, n, by, at, (request_key, body_hash), details, allow)


def refuse(
    *,
    number: str,
    n: int,
    by: Actor,
    at: dt.datetime,
    request_key: str = "",
    body_hash: str = "",
    **details: Any,
) -> Relief:
    """Say no, with a reason; nothing changes."""
    return answer(number, n, by, at, (request_key, body_hash), details, deny)


def allow(work: Work, relief: Relief, details: Mapping[str, Any], key: tuple[str, str] = ("", "")) -> None:
    """One grant on a case in hand, planned but not written."""
    right = _right(work, relief)
    sent = clean(YES, details, work.case)
    row = work.board.latest(CLOCK)
    assert row is not None, "a relief is filed against a clock"
    if relief.kind == "hold" and work.case.status not in MOVES["hold"].sources:
        raise MoveRefused("not_from_here", _("工单已不在办理中，不能再挂账；请不予批准。"), case=work.case)
    if relief.kind == "extension":
        work.board.extend(CLOCK, relief.amount or 0, relief.unit, relief.asked_at)
    elif relief.kind == "exclusion":
        work.case.excluded = True
    _answered(work, relief, "granted", right)
    relief.due_after = row.due_at
    changed: dict[str, Any] = {"due_at": [relief.due_before.isoformat(), row.due_at.isoformat()]}
    if relief.kind == "hold":
        changed = {"until": relief.until.isoformat() if relief.until else ""}
    work.tell(
        "relief.granted",
        payload=payload_of(relief, **changed),
        texts=sent,
        grant=right,
        request_key=key[0],
        body_hash=key[1],
    )
    if relief.kind == "hold":
        moves.step(work, MOVES["hold"], _hold_details(work, relief), granted=relief.asked_at)
        work.case.version += 1


def deny(work: Work, relief: Relief, details: Mapping[str, Any], key: tuple[str, str] = ("", "")) -> None:
    """One refusal on a case in hand, planned but not written."""
    right = _right(work, relief)
    sent = clean(NO, details, work.case)
    _answered(work, relief, "refused", right)
    work.tell(
        "relief.refused",
        payload=payload_of(relief),
        texts=sent,
        grant=right,
        request_key=key[0],
        body_hash=key[1],
    )


def withdraw(
    *,
    number: str,
    n: int,
    by: Actor,
    at: dt.datetime,
    request_key: str = "",
    body_hash: str = "",
    **details: Any,
) -> Relief:
    """Take it back: by who asked, or by who holds the case now."""
    return answer(number, n, by, at, (request_key, body_hash), details, take_back)


def take_back(
    work: Work, relief: Relief, details: Mapping[str, Any], key: tuple[str, str] = ("", "")
) -> None:
    """One withdrawal on a case in hand, planned but not written."""
    by = work.by
    right = may_ask(work.case, by, TABLE[relief.kind])
    if isinstance(right, str) and not (relief.organisation_id in by.units and by.may("relief.ask")):
        raise not_yours(_("由提出申请的单位撤回。"))
    _answered(
        work, relief, "withdrawn", right if isinstance(right, Grant) else by.grants_for("relief.ask")[0]
    )
    work.tell("relief.withdrawn", payload=payload_of(relief), request_key=key[0], body_hash=key[1])


def answer(
    number: str,
    n: int,
    by: Actor,
    at: dt.datetime,
    key: tuple[str, str],
    details: Mapping[str, Any],
    act: Answer,
) -> Relief:
    """The relief in hand, answered and written. The case's lock lets one of two answers through."""

    def decide(work: Work) -> Relief:
        relief = gate.find(Relief.objects.filter(case=work.case), n=n)
        act(work, relief, details, key)
        work.finish()
        relief.save(update_fields=ANSWERED)
        return relief

    return run(number, by, at, key, decide, n=n)


ANSWERED = ["state", "decided_at", "decided_by", "decided_role", "decided_seq", "due_after", "reviewed_at"]


def is_waiting(work: Work, relief: Relief) -> bool:
    return relief.state == "asked" and work.board.open("relief") is not None


def _right(work: Work, relief: Relief) -> Grant:
    if not work.by.system and not work.by.may("relief.grant"):
        raise not_yours(_("您没有批复申请的权限。"))
    if not is_waiting(work, relief):
        raise MoveRefused("not_from_here", _settled(relief), case=work.case)
    found = ladder.decider(relief, work.case, work.by)
    if isinstance(found, str):
        raise not_yours(found)
    return found


def _settled(relief: Relief) -> str:
    state = "lapsed" if relief.state == "asked" else relief.state
    return _("这份申请%(state)s，不用再批复。") % {"state": STATES[state]}


def _answered(work: Work, relief: Relief, state: str, right: Grant) -> None:
    if not is_waiting(work, relief):
        raise MoveRefused("not_from_here", _settled(relief), case=work.case)
    work.board.stop("relief", work.at, "ended" if state == "withdrawn" else "met")
    relief.state, relief.decided_at, relief.decided_by_id = state, work.at, work.by.id
    relief.decided_role = work.by.in_role(right.role).role
    relief.decided_seq = work.next_seq


def clean(asked: tuple[Need, ...], details: Mapping[str, Any], case: Case) -> dict[str, Any]:
    """What an answer says; a refusal names what is missing."""
    sent, faults = needs.clean(asked, details, case)
    if faults:
        raise not_ready(_("还缺：%(fields)s") % {"fields": "；".join(faults.values())}, **faults)
    return sent


def _hold_details(work: Work, relief: Relief) -> dict[str, Any]:
    """What the move asks for, as it was said when it was filed."""
    said = next((row.texts for row in work.words if row.seq == relief.seq), None)
    if said is None:
        said = (
            Words.objects.filter(case=work.case, seq=relief.seq).values_list("texts", flat=True).first() or {}
        )
    words = {name: said.get(name) or "—" for name in ("measure", "next_step")}
    return {"ground": relief.ground, "until": relief.until, **words}
