"""办理时长: opening minutes from the first dispatch to the resolve that stands, of what was resolved in a period.

What was settled without ever being dispatched has none. Rework and reopening go on counting, since the first dispatch
stays; so does a hold, which the figure of holds shows (cases/DECISIONS.md)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any

from django.db.models import (
    Aggregate,
    Avg,
    BigIntegerField,
    Count,
    DateTimeField,
    F,
    Field,
    FloatField,
    IntegerField,
    TextField,
)
from django.db.models import Value as Constant

from cases import stays
from cases.figures.asking import Period, Subject
from cases.figures.catalogue import HANDLING
from cases.figures.kept import kept
from cases.figures.measuring import ONE, sides, sources, together
from cases.figures.splitting import key_of
from cases.figures.values import FEW
from cases.models.past import CasePast

Key = int | str
MINUTES = "handling_minutes"
# what the minutes of a kept row are measured by
SPAN: dict[str, Field] = {
    "holder_id": BigIntegerField(),
    "path": TextField(),
    "first_dispatched_at": DateTimeField(),
    "resolved_at": DateTimeField(),
}


@dataclass(frozen=True)
class Times:
    """Of `n` cases; no minutes where there is none."""

    n: int = 0
    median: float | None = None
    mean: float | None = None

    @classmethod
    def of(cls, minutes: list[int]) -> Times:
        return cls(len(minutes), float(median(minutes)), fmean(minutes)) if minutes else cls()

    @property
    def few(self) -> bool:
        return self.n < FEW

    def json(self) -> dict[str, Any]:
        return {
            "n": self.n,
            "median_minutes": None if self.median is None else round(self.median),
            "mean_minutes": None if self.mean is None else round(self.mean),
        }


class Median(Aggregate):
    template = "percentile_cont(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


@kept
def times(subject: Subject, periods: Iterable[Period], at: dt.datetime) -> list[Times]:
    """For each period; one statement."""
    periods = list(periods)
    if subject.as_of is not None:
        minutes: list[list[int]] = [[] for _period in periods]
        for nth, _key, n in _minutes(subject, periods, at):
            minutes[nth].append(n)
        return [Times.of(found) for found in minutes]
    asked: dict[str, Aggregate] = {}
    for n, period in enumerate(periods):
        _num, den = sides(HANDLING, subject, period, at)
        asked |= {
            f"n{n}": Count(ONE, filter=den),
            f"median{n}": Median(MINUTES, filter=den),
            f"mean{n}": Avg(MINUTES, filter=den),
        }
    (rows,) = sources(HANDLING, subject)
    whole = Period(min(one.since for one in periods), max(one.until for one in periods))
    found = rows.filter(whole.holds(HANDLING.when)).order_by().aggregate(**asked)
    return [
        Times(found[f"n{n}"], found[f"median{n}"], _float(found[f"mean{n}"])) for n in range(len(periods))
    ]


@kept
def split(subject: Subject, by: str, period: Period, at: dt.datetime) -> dict[Key, Times]:
    """By one of its dimensions; one statement."""
    if subject.as_of is not None:
        apart: dict[Key, list[int]] = {}
        for _nth, key, minutes in _minutes(subject, [period], at, by):
            apart.setdefault(key, []).append(minutes)
        return {key: Times.of(minutes) for key, minutes in apart.items() if key is not None}
    _num, den = sides(HANDLING, subject, period, at)
    (rows,) = sources(HANDLING, subject)
    grouped = rows.filter(den).order_by().values(key=key_of(HANDLING, by, rows, subject))
    found = grouped.annotate(n=Count(ONE), half=Median(MINUTES), mean=Avg(MINUTES))
    return {
        key: Times(n, half, _float(mean))
        for key, n, half, mean in found.values_list("key", "n", "half", "mean")
        if key is not None
    }


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def _minutes(
    subject: Subject, periods: Sequence[Period], at: dt.datetime, by: str = ""
) -> list[tuple[int, Any, int]]:
    """(which period, key, minutes) of each; those of kept rows are measured again, for the row does not hold them."""
    branches = []
    for nth, period in enumerate(periods):
        _num, den = sides(HANDLING, subject, period, at)
        for rows in sources(HANDLING, subject):
            remeasured = rows.model is CasePast
            key = key_of(HANDLING, by, rows, subject) if by else F("pk")
            minutes = Constant(None, IntegerField()) if remeasured else F(MINUTES)
            span = [F(name) if remeasured else Constant(None, field) for name, field in SPAN.items()]
            branches.append(rows.filter(den).order_by().values_list(Constant(nth), key, minutes, *span))
    return [
        (nth, key, _measured(*span) if minutes is None else minutes)
        for nth, key, minutes, *span in together(branches)
    ]


def _measured(holder: int, path: str, since: dt.datetime, until: dt.datetime) -> int:
    return int(stays.calendar_of(holder, path).opening_seconds(since, until) // 60)
