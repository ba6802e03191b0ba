"""What a case keeps of its resolve: when, at which level, after how long, and whether somebody settled what they
had reported themselves."""

from __future__ import annotations

import datetime as dt

from cases import stays
from cases.models.case import Case


def stands(case: Case, at: dt.datetime, level: str, *, settler: int | None = None) -> None:
    """Resolved at `at`. `handling_minutes` is the opening time of the holder's calendar since the first dispatch;
    what was never dispatched has none. `settler`: the account that settled it on the spot."""
    case.resolved_at, case.resolved_level = at, level
    case.first_resolved_at = case.first_resolved_at or at
    case.forget_lost_interim()  # now the answer is due
    case.self_settled = settler is not None and settler in case.reporter_ids
    if case.first_dispatched_at is not None:
        cal = stays.calendar_of(case.holder_id, case.path)
        case.handling_minutes = int(cal.opening_seconds(case.first_dispatched_at, at) // 60)


def falls(case: Case) -> None:
    """The resolve did not stand."""
    case.resolved_at, case.resolved_level = None, ""
    case.self_settled, case.handling_minutes = False, None
