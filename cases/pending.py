"""Rows to be written with the case, each table once."""

from __future__ import annotations

import datetime as dt
from typing import Any

from cases import rulebook
from cases.models.case import Case
from cases.models.holding import Holding, Part


class Pending:
    def __init__(self) -> None:
        self.holdings: list[Holding] = []
        self.parts: list[Part] = []
        self.told: dict[str, Any] = {}  # what the callers were told: columns of their calls

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
    ) -> None:
        """A finished stay with its minutes, wall and opening."""
        cal = rulebook.calendar(rulebook.ref_for(unit_id, case.path))
        self.holdings.append(
            Holding(
                case=case,
                organisation_id=unit_id,
                account_id=account_id,
                part=part,
                since=since,
                until=until,
                signed_at=signed_at,
                wall_minutes=max(0, int((until - since).total_seconds() // 60)),
                opening_minutes=max(0, int(cal.opening_seconds(since, until) // 60)),
                ended_by=ended_by,
            )
        )
