"""Rows to be written with the case, each table once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from cases import stays
from cases.models.case import Case
from cases.models.holding import Holding, Part
from cases.models.instruction import Instruction
from cases.models.rating import Voice
from cases.models.relief import Relief


class Pending:
    def __init__(self) -> None:
        self.holdings: list[Holding] = []
        self.parts: list[Part] = []
        self.reliefs: list[Relief] = []
        self.instructions: list[Instruction] = []
        self.told: dict[str, Any] = {}  # what the callers were told: columns of their calls
        self.voices: list[Voice] = []  # as they were before they changed

    def book(
        self,
        case: Case,
        unit_id: int,
        since: dt.datetime,
        until: dt.datetime,
        ended_by: str,
        *,
        account_id: int | None = None,
        signed_at: dt.datetime | None = None,
        part: int = 0,
        rests: Sequence[stays.Rest] = (),
    ) -> None:
        """A finished stay with its minutes: wall, opening, and what of these counts for the holder."""
        minutes = stays.measure(since, until, rests, stays.calendar_of(unit_id, case.path))
        self.holdings.append(
            Holding(
                case=case,
                organisation_id=unit_id,
                account_id=account_id,
                part=part,
                since=since,
                until=until,
                signed_at=signed_at,
                wall_minutes=minutes.wall,
                opening_minutes=minutes.opening,
                rests=list(rests),
                paused_minutes=minutes.paused,
                worked_minutes=minutes.worked,
                ended_by=ended_by,
            )
        )
