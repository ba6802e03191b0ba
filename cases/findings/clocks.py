"""What a clock says of whom it ran against: nothing, or the kind of fault. Read off its segments, so a relief, a new
calendar or a cap given back is seen at once."""

from __future__ import annotations

import datetime as dt

from cases.models.clock import Clock
from cases.sla.board import pure

RESPONSES = ("accept", "sign", "contact")  # where one has to show oneself
STAGES = (*RESPONSES, "resolve")


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
