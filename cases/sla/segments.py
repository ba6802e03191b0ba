"""What a clock is made of: its rule, its segments, the steps its deadline took; and the same as JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from cases.sla import ladder as ladders
from cases.sla import units
from cases.sla.calendar import instant, micros
from cases.sla.units import Amount

RUN, PAUSE, STOP = TILES = ("run", "pause", "stop")  # these follow each other without a gap
EXTEND, CAP, REPLAN = ("extend", "cap", "replan")  # these are points


class ClockRefused(ValueError):
    """A clock was asked for something that runs against time or lacks an amount."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How long somebody has, copied into the clock. `anchor` says what it is counted from (call or stage);
    `policy` which policy gave it and `reason`, in words, why that one won; unit "until" carries an
    instant."""

    stage: str
    amount: Amount
    unit: str
    anchor: str = "stage"
    policy: str = ""
    no_response_after: tuple[int, str] | None = None
    calendar: str = "default"
    until: dt.datetime | None = None
    reason: str = ""
    ladder: ladders.Ladder = ()  # whom its alarms tell; empty for the standing one

    def __post_init__(self) -> None:
        if self.unit == units.UNTIL:
            if self.until is None:
                raise ClockRefused("a rule until an instant needs the instant")
            object.__setattr__(self, "until", utc(self.until))
        else:
            object.__setattr__(self, "amount", units.amount_of(self.unit, self.amount))


@dataclass(frozen=True, slots=True)
class Segment:
    """A tile (run, pause, stop; `end` open for the last) or a point (extend, cap, replan). A stop that has an
    end was voided then, and `amount` of `unit` is the floor the clock was given; a cap carries `until`, a replan
    the deadline it found."""

    kind: str
    start: dt.datetime
    end: dt.datetime | None = None
    amount: Amount | None = None
    unit: str = ""
    until: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to the deadline, for the words: `left` in microseconds of the unit's base."""

    kind: str  # start, pause, stop, resume, void, extend, cap, replan
    at: dt.datetime
    due: dt.datetime
    before: dt.datetime | None = None  # the deadline before this step
    left: int = 0
    amount: Amount | None = None
    unit: str = ""
    floored: bool = False  # a voided stop left less than the floor
    since: dt.datetime | None = None  # since when nothing has been counted
    late: bool = False  # it was past due when it halted
    days: int = 0  # legal_day: whole dates given back
    last: dt.date | None = None  # legal_day: the last date before the rest-day rule


def utc(at: dt.datetime) -> dt.datetime:
    """An aware instant in UTC; a naive one is refused."""
    return instant(micros(at))


# -- as JSON


def rule_to_json(rule: Rule) -> dict[str, Any]:
    """A rule as plain JSON; what is empty is left out."""
    amount = rule.amount if isinstance(rule.amount, int) else str(rule.amount)
    data: dict[str, Any] = {"stage": rule.stage, "amount": amount, "unit": rule.unit, "anchor": rule.anchor}
    data |= {"calendar": rule.calendar, "policy": rule.policy, "reason": rule.reason}
    if rule.no_response_after:
        data["no_response_after"] = list(rule.no_response_after)
    if rule.until:
        data["until"] = rule.until.isoformat()
    if rule.ladder:
        data["ladder"] = ladders.to_json(rule.ladder)
    return data


def rule_from_json(data: dict[str, Any]) -> Rule:
    silence = data.get("no_response_after")
    until = data.get("until")
    return Rule(
        stage=data["stage"],
        amount=_amount(data["amount"]) or 0,
        unit=data["unit"],
        anchor=data.get("anchor", "stage"),
        policy=data.get("policy", ""),
        no_response_after=(silence[0], silence[1]) if silence else None,
        calendar=data.get("calendar", "default"),
        until=dt.datetime.fromisoformat(until) if until else None,
        reason=data.get("reason", ""),
        ladder=ladders.read(data.get("ladder", ())),
    )


def segments_to_json(segments: Sequence[Segment]) -> list[dict[str, Any]]:
    """Segments as plain JSON, times in UTC; what is empty is left out."""
    return [_segment_to_json(segment) for segment in segments]


def segments_from_json(data: Sequence[dict[str, Any]]) -> tuple[Segment, ...]:
    return tuple(
        Segment(
            kind=one["kind"],
            start=dt.datetime.fromisoformat(one["from"]),
            end=dt.datetime.fromisoformat(one["to"]) if one.get("to") else None,
            amount=_amount(one.get("amount")),
            unit=one.get("unit", ""),
            until=dt.datetime.fromisoformat(one["until"]) if one.get("until") else None,
        )
        for one in data
    )


def _segment_to_json(segment: Segment) -> dict[str, Any]:
    data: dict[str, Any] = {"kind": segment.kind, "from": segment.start.isoformat()}
    if segment.end is not None:
        data["to"] = segment.end.isoformat()
    if segment.amount is not None:
        data["amount"] = segment.amount if isinstance(segment.amount, int) else str(segment.amount)
    if segment.unit:
        data["unit"] = segment.unit
    if segment.until is not None:
        data["until"] = segment.until.isoformat()
    return data


def _amount(value: int | str | None) -> Amount | None:
    if value is None:
        return None
    return value if isinstance(value, int) else Decimal(value)
