"""When something was done that a phone without a signal kept: as the phone says, within bounds, beside when it came.

What is done in the world (settled, resolved, told, checked, arrived) counts from when it was done; what passes the case
on, or decides about it, counts from when it came (cases.lifecycle: CAPTURED). The ledger keeps the order of receipt.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from cases.call_sheet import FUTURE_AT_MOST, OFFLINE_AT_MOST
from cases.lifecycle import FACTS, MOVES
from cases.models.case import Case
from cases.models.clock import TERMS, Clock
from cases.refusals import not_ready
from cases.sla import clock as sla
from cases.sla.board import pure
from ledger import reading

# the entries that make a form possible, or another one of what it was
TURNS = (
    *(move.announces for move in MOVES.values()),
    *(fact.event for fact in FACTS.values() if fact.bumps),
)


def happened(when: dt.datetime | None, at: dt.datetime) -> dt.datetime:
    """The phone's time where it kept one that may be believed, never later than now; else now: what lies longer back
    counts from its receipt. Raises MoveRefused (422) for a time to come."""
    if when is None or is_too_old(when, at):
        return at
    if when > at + FUTURE_AT_MOST:
        raise not_ready(_("手机记下的时间不能在以后。"), captured_at=_("请核对手机的时间。"))
    return min(when, at)


def is_too_old(when: dt.datetime, at: dt.datetime) -> bool:
    return when < at - OFFLINE_AT_MOST


def possible_since(case: Case, by_id: int | None) -> dt.datetime:
    """No move was made before the case's last turn was there to be seen. What is taken down and settled in one go was
    there when it was taken down."""
    last = reading.last_of(Case.SUBJECT, case.pk, TURNS)
    if last is None or (last.event == "case.received" and last.actor_id == by_id):
        return case.called_at
    return last.at


def stops_at(row: Clock, done: dt.datetime, at: dt.datetime) -> dt.datetime:
    """When that stops a clock: never before it last turned. A term is over when its holder hears of it, for it is his
    time that goes on then."""
    return at if row.stage in TERMS else max(done, sla.since(pure(row)))


def told(
    when: dt.datetime | None, done: dt.datetime, at: dt.datetime, rows: Iterable[Clock] = ()
) -> dict[str, Any]:
    """What the entry keeps beside its own time: what the phone said, from when it counts, and which of the stages it
    stops are in time by the phone's word only."""
    if when is None:
        return {}
    kept: dict[str, Any] = {"captured_at": min(when, at).isoformat()}
    if is_too_old(when, at):
        return {**kept, "too_old": True}
    saved = sorted(
        {row.stage for row in rows if row.stage not in TERMS and stops_at(row, done, at) <= row.due_at < at}
    )
    return {**kept, "counted_at": done.isoformat(), **({"saved": saved} if saved else {})}
