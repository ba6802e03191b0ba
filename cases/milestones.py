"""What is done on the way, each a fact: the caller was reached, somebody came, the danger was stopped, it was checked.

The clock of a milestone runs from whoever has to handle the case (where a policy sets one) and is met by its fact, as
of the time that a phone without a signal kept: never before the round began.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from cases import captured, guards
from cases.models.case import Case
from cases.models.clock import Clock
from cases.parts import add
from cases.refusals import not_ready
from cases.sla.board import ClockBoard
from cases.work import Work

STAGES = ("contact", "arrive", "secure")  # each met by the fact of its name

Payload = dict[str, Any]


@dataclass(frozen=True)
class Milestone:
    """One that the handler is asked for: its clock, and whether the fact has met it."""

    stage: str
    clock: Clock

    @property
    def met(self) -> bool:
        return self.clock.state == "stopped"


def of(case: Case, board: ClockBoard) -> list[Milestone]:
    """Those of whoever has the case: asked for and open, or met in time or not; none that was called off."""
    rows = [(stage, board.latest(stage)) for stage in STAGES]
    return [
        Milestone(stage, row)
        for stage, row in rows
        if row is not None and row.organisation_id == case.holder_id and (row.state == "running" or row.outcome == "met")
    ]  # fmt: skip


def reach(work: Work, c: guards.Context, *stages: str) -> Payload:
    """The fact meets the clocks of these stages, as of when it happened."""
    when = c.sent.get("captured_at")
    done = captured.happened(when, work.at)
    rows = [row for stage in stages if (row := work.board.open(stage)) is not None]
    kept = captured.told(when, done, work.at, rows)
    for row in rows:
        work.board.stop(
            row.stage, work.at if done == work.at else captured.stops_at(row, done, work.at), "met"
        )
    return kept


# -- the facts


def contact(work: Work, c: guards.Context) -> Payload:
    reached = c.sent.get("reached", True)
    payload: Payload = {"channel": c.sent["channel"], "reached": reached}
    if reached:
        add(work.case.contacted_by, c.grant.unit_id if c.grant.unit_id is not None else work.case.holder_id)
        payload |= reach(work, c, "contact")
    return payload


def arrive(work: Work, c: guards.Context) -> Payload:
    return reach(work, c, "arrive")


def secure(work: Work, c: guards.Context) -> Payload:
    return reach(work, c, "secure")


def verify(work: Work, c: guards.Context) -> Payload:
    """Outside the chain. Done stops the check; not done is a rework, which is a move of its own."""
    if not c.sent["done"]:
        if work.case.doubted_at is not None:
            raise not_ready(_("没有办好请用“重办”，写明缺什么。"), done=_("请用“重办”。"))
        raise not_ready(_("没有办好请用“返工”，写明缺什么。"), done=_("请用“返工”。"))
    kept = reach(work, c, "verify")
    work.case.verified_at = work.at
    doubted, work.case.doubted_at = work.case.doubted_at is not None, None
    return {"done": True, **({"doubted": True} if doubted else {}), **kept}


def left(one: Milestone, at: dt.datetime) -> dt.timedelta:
    """Till it is due, or by how much it is late."""
    return one.clock.due_at - (one.clock.stopped_at or at)
