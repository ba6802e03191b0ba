"""Telling in the entry that changes it what figures had read before (cases.models.past)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from cases.models.case import ANCESTORS, Case
from cases.models.clock import TERMS, Clock
from cases.models.past import CasePast
from cases.models.rating import Voice

PLACE = ("path", *(f"{kind}_id" for kind in ANCESTORS))
OF_CLOCK = (
    "stage",
    "part",
    "round",
    "started_at",
    "organisation_id",
    "state",
    "outcome",
    "due_at",
    "stopped_at",
    *PLACE,
)
OF_CASE = tuple(
    field.attname
    for field in CasePast._meta.concrete_fields
    if field.attname not in ("id", "case_id", "until", "event", "seq")
)
OF_VOICE = ("call_id", "case_id", "organisation_id", "told_at", "rated_at", "step", "solved", *PLACE)
COUNTS = ("excluded", "path", "origin", "reworks", "reopens", "declines")
OUT = ("withdrawn", "rejected", "merged")

Stood = Mapping[str, Any]


def stood(row: Clock) -> Stood:
    """A clock's columns as they are now, for the figures."""
    held = row.__dict__
    return {name: held[name] for name in OF_CLOCK}


def verdict(row: Stood, at: dt.datetime) -> tuple[Any, ...] | None:
    """How figures judge a clock at `at`: whether in time, when due, against whom and where; None where it does not
    count. That it was done at all is not in it: what is done late is found by its time."""
    stopped_at, due_at = row["stopped_at"], row["due_at"]
    if row["state"] == "paused" or row["outcome"] == "cancelled":
        return None
    if row["outcome"] == "ended" and stopped_at <= due_at:
        return None
    if stopped_at is None and due_at >= at:
        return None
    in_time = row["outcome"] == "met" and stopped_at <= due_at
    return in_time, due_at, row["organisation_id"], row["path"]


def of_clock(row: Clock, before: Stood, at: dt.datetime) -> dict[str, Any] | None:
    """What to tell of a clock that had counted and counts otherwise now, or that counts from now on as if it had all
    the time."""
    if row.stage in TERMS:
        return None
    was, now = verdict(before, at), verdict(stood(row), at)
    backward = now is not None and (
        row.due_at < at or (row.stopped_at or at) < at
    )  # it did not count till now
    if was == now or (was is None and not backward):
        return None
    return _plain(before)


def of_voice(row: Voice) -> dict[str, Any]:
    """What to tell of a voice before it changes."""
    return _plain({name: row.__dict__[name] for name in OF_VOICE})


def counted(case: Case) -> dict[str, Any]:
    """A case's columns as they are now, for the figures."""
    row = case.__dict__
    return {name: list(row[name]) if isinstance(row[name], list) else row[name] for name in OF_CASE}


def of_case(case: Case, before: Mapping[str, Any], at: dt.datetime) -> dict[str, Any] | None:
    """What to tell of a case of which something that counted was taken back, added to, or moved. What merely comes
    to be (resolved, withdrawn, refused) is found by its time; what a phone told of late is as if it had been known."""
    now = case.__dict__
    was_out, is_out = before["status"] in OUT, case.status in OUT
    changed = (
        any(before[name] != now[name] for name in COUNTS)
        or (before["resolved_at"] is not None and before["resolved_at"] != case.resolved_at)
        or (before["resolved_at"] is None and case.resolved_at is not None and case.resolved_at < at)
        or (was_out and not is_out)
        or (is_out and case.status == "merged" and not was_out)
        or (before["callers"] >= 1 and before["callers"] != case.callers)
        or (
            case.promised_at != before["promised_at"]
            and case.promised_at is not None
            and case.promised_at < at
        )
    )
    return _plain(before) if changed else None


def _plain(columns: Mapping[str, Any]) -> dict[str, Any]:
    """As the ledger keeps them; what is empty is left out."""
    return {
        name: value.isoformat() if isinstance(value, dt.datetime) else value
        for name, value in columns.items()
        if value is not None
    }
