"""The colour of a case and of a clock, by time alone: the same rule in Python and in SQL.

Past due red, past warning yellow, else green; paused violet; nothing running grey (SPEC §6).
"""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from django.db.models import Q

from cases.models.case import Case


class Timed(Protocol):
    """A clock, as a model or as a row reads it."""

    state: str
    due_at: dt.datetime
    warn_at: dt.datetime | None


COLOURS = ("green", "yellow", "red", "violet", "grey")


def of_case(case: Case, at: dt.datetime) -> str:
    """Its worst running clock's."""
    if case.next_due_at is None:
        return "violet" if case.paused else "grey"
    return _running(case.next_due_at, case.next_warn_at, at)


def of_clock(row: Timed, at: dt.datetime) -> str:
    if row.state != "running":
        return "violet" if row.state == "paused" else "grey"
    return _running(row.due_at, row.warn_at, at)


def _running(due: dt.datetime, warn: dt.datetime | None, at: dt.datetime) -> str:
    if at > due:
        return "red"
    return "yellow" if warn is not None and at >= warn else "green"


def q(colour: str, at: dt.datetime) -> Q:
    """Cases of one colour; the same rule as `of_case`."""
    warned = Q(next_warn_at__isnull=False, next_warn_at__lte=at)
    return {
        "red": Q(next_due_at__lt=at),
        "yellow": Q(next_due_at__gte=at) & warned,
        "green": Q(next_due_at__gte=at) & ~warned,
        "violet": Q(next_due_at__isnull=True, paused=True),
        "grey": Q(next_due_at__isnull=True, paused=False),
    }[colour]
