"""谁手里多久: every stay of one case with its minutes, from dispatch on, the lead's and the assisting units'.

Read off the dossier and the clocks in hand: no statement. What counts for a holder is without the time in which
nobody's hand was needed (cases.stays); its share is of the whole limit of the work, in the base the limit is kept in.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from cases import parts, stays
from cases.models.case import Case
from cases.queries.dossier import Dossier
from cases.sla import units
from cases.sla.board import ClockBoard, pure
from cases.sla.phrases import minutes_words
from cases.templatetags.huying import duration
from parties import directory

MINUTE = 60_000_000  # microseconds


@dataclass(frozen=True)
class Stay:
    """`until` is None while the unit has it. `share` of the limit, None where no clock limits the work."""

    unit: int
    part: int
    since: dt.datetime
    until: dt.datetime | None
    signed_at: dt.datetime | None
    minutes: stays.Minutes
    share: float | None
    ended_by: str = ""


def of(case: Case, papers: Dossier, board: ClockBoard, at: dt.datetime) -> list[Stay]:
    """All stays in the order they began, those that go on last."""
    limits: dict[int, tuple[int, bool]] = {}

    def stay(
        unit: int, part: int, since: dt.datetime, until: dt.datetime | None, rests: Any, **more: Any
    ) -> Stay:
        cal = stays.calendar_of(unit, case.path)
        minutes = stays.measure(since, until or at, rests, cal)
        if part not in limits:
            limits[part] = _limit(board, part)
        allowance, in_opening = limits[part]
        counted = minutes.worked if in_opening else minutes.busy
        share = counted * MINUTE / allowance if allowance > 0 else None
        return Stay(unit, part, since, until, minutes=minutes, share=share, **more)

    found = [
        stay(
            row["unit"],
            row["part"],
            _at(row["since"]),
            _at(row["until"]),
            row["rests"],
            signed_at=_at(row["signed_at"]),
            ended_by=row["ended_by"],
        )
        for row in papers.stays
    ]
    found += [
        stay(
            one["organisation_id"],
            one["n"],
            _at(one["since"]),
            None,
            stays.of_part(board.latest("resolve", one["n"])),
            signed_at=_at(one["signed_at"]),
        )
        for one in papers.parts
        if one["state"] in parts.OPEN
    ]
    over = None if case.is_open else case.ended_at or case.answered_at or case.last_at
    found.append(stay(case.holder_id, 0, case.held_since, over, case.rests, signed_at=case.signed_at))
    return found


def _limit(board: ClockBoard, part: int) -> tuple[int, bool]:
    """What the work was given in all, in microseconds of its base; is that opening time?"""
    row = board.latest("resolve", part)
    if row is None:
        return 0, False
    return pure(row).allowance, row.rule.get("unit") in units.IN_OPENING_TIME


def _at(text: str | None) -> Any:
    return dt.datetime.fromisoformat(text) if text else None


def rows(found: list[Stay]) -> list[dict[str, Any]]:
    """As the page prints them."""
    return [
        {
            "name": directory.name_of(one.unit, short=True),
            "part": _("协办") if one.part else "",
            "since": one.since,
            "until": one.until,
            "wall_words": duration(one.minutes.wall * 60),
            "opening_words": minutes_words(one.minutes.opening),
            "paused_words": minutes_words(one.minutes.paused) if one.minutes.paused else "",
            "worked_words": minutes_words(one.minutes.worked),
            "percent": None if one.share is None else round(one.share * 100),
        }
        for one in found
    ]
