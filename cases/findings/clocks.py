"""What a clock says of whom it ran against: nothing, or the kind of fault. Read off its segments, so a relief, a new
calendar or a cap given back is seen at once."""

from __future__ import annotations

import datetime as dt

from cases.models.clock import Clock
from cases.sla.board import pure

RESPONSES = ("accept", "sign", "contact")  # where one has to show oneself
STAGES = (*RESPONSES, "resolve")


def still_of(row: Clock, kind: str, at: dt.datetime) -> bool:
    """Does a draft of this kind still rest on the clock? A resolve that was late at a stop and runs again after
    rework is late still."""
    if kind == "late_resolve" and row.stage == "resolve" and row.stopped_at is None:
        return row.outcome != "cancelled" and pure(row).missed_at is not None
    return fault_of(row, at) == kind


def fault_of(row: Clock, at: dt.datetime) -> str:
    """late_response, no_response, late_resolve or "". Who showed himself after the time for silence was over had not
    responded: one clock is one fault."""
    if row.stage not in STAGES or row.outcome == "cancelled":
        return ""
    clock = pure(row)
    if clock.missed_at is None and not (clock.state == "running" and at > clock.due_at):
        return ""
    until = clock.stopped_at or at
    if row.stage == "resolve":
        return "late_resolve" if clock.stopped_at is not None else ""
    if clock.no_response_at is not None and until >= clock.no_response_at:
        return "no_response"
    return "late_response" if clock.stopped_at is not None else ""
