"""When a running clock speaks up: warned, breached, silent, and the timed rungs of its ladder. Pure.

Everything after the due time is counted from it, so a stored `due_at` and the rule are all it takes.
"""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from cases.sla import units
from cases.sla.calendar import Calendar
from cases.sla.ladder import Ladder, timed
from cases.sla.units import Amount

Moments = tuple[dt.datetime, ...]


class Alarms(Protocol):
    """When each falls due; a clock of `cases.sla.clock` has them, and so has what the sweep reads of a row."""

    @property
    def warn_at(self) -> dt.datetime | None: ...
    @property
    def due_at(self) -> dt.datetime: ...
    @property
    def no_response_at(self) -> dt.datetime | None: ...
    @property
    def climbs_at(self) -> Moments: ...


def silence(after: tuple[Amount, str] | None, due: dt.datetime, cal: Calendar) -> dt.datetime | None:
    """When 不响应 is told, where the rule tells it."""
    return units.deadline(after[1], after[0], due, cal) if after else None


def climbs(ladder: Ladder, due: dt.datetime, cal: Calendar) -> Moments:
    """When each timed rung is told; none before the one written above it."""
    found: list[dt.datetime] = []
    for rung in timed(ladder):
        assert rung.after is not None
        amount, unit = rung.after
        found.append(max([units.deadline(unit, amount, due, cal), *found[-1:]]))
    return tuple(found)


def upcoming(
    alarms: Alarms, *, warned: bool, breached: bool, silent: bool, rungs: int = 0
) -> dt.datetime | None:
    """The next instant to look at a running clock that has told so much already; None when it has told all."""
    wanted = [
        at
        for at, done in (
            (alarms.warn_at, warned),
            (alarms.due_at, breached),
            (alarms.no_response_at, silent),
            *((at, n < rungs) for n, at in enumerate(alarms.climbs_at)),
        )
        if at is not None and not done
    ]
    return min(wanted, default=None)
