"""Measuring figures: what clocks, cases and stays say of a subject, for several periods in one statement each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Count, F, Func, Q, QuerySet
from django.db.models import Value as Constant

from cases.figures.asking import Period, Subject
from cases.figures.catalogue import (
    BY_STAGE,
    CASE,
    CLOCK,
    DONE,
    FED,
    IN_TIME,
    OF_CLOCKS,
    OF_ROWS,
    STAGES,
    UNCOUNTED_OF,
    Figure,
    decided,
)
from cases.figures.values import NOTHING, Value
from cases.models.case import Case
from cases.models.clock import Clock
from cases.models.holding import Holding

ONE = Constant(1)  # a row, whatever it holds: a key would not stand in the indexes
Values = dict[str, Value]
NOW, BEFORE = ("now", "before")


@dataclass
class Measured:
    """What the clocks say of a subject and two periods: in all, and for each of what stands beside each other
    in a ranking (id → values by figure code)."""

    now: Values = field(default_factory=dict)
    before: Values = field(default_factory=dict)
    each: dict[int, Values] = field(default_factory=dict)
    each_before: dict[int, Values] = field(default_factory=dict)


def clocks(subject: Subject, since: dt.datetime, until: dt.datetime, at: dt.datetime) -> QuerySet[Clock]:
    """Those that count in a period."""
    return Clock.objects.filter(
        subject.of_clocks(), UNCOUNTED_OF, decided(at), stage__in=STAGES, due_at__gte=since, due_at__lt=until
    )


def measure(subject: Subject, period: Period, at: dt.datetime, group: str = "") -> Measured:
    """Every figure of clocks, of the period and of the one before, in one statement. Grouped by the places one kind
    below, or (`group`) by the units that the clocks ran against; the groups add up to the whole."""
    key = ranked_by(subject, group)
    sides = {NOW: period.holds("due_at"), BEFORE: period.before.holds("due_at")}
    rows = (
        clocks(subject, period.before.since, period.until, at)
        .order_by()
        .values(key, "stage")
        .annotate(
            **{f"den_{name}": Count(ONE, filter=span) for name, span in sides.items()},
            **{f"num_{name}": Count(ONE, filter=span & IN_TIME) for name, span in sides.items()},
            **{f"done_{name}": Count(ONE, filter=span & DONE) for name, span in sides.items()},
        )
    )
    found = Measured(dict.fromkeys(OF_CLOCKS, NOTHING), dict.fromkeys(OF_CLOCKS, NOTHING))
    for row in rows:
        for name, total, each in ((NOW, found.now, found.each), (BEFORE, found.before, found.each_before)):
            values = _of_stage(row, name)
            for code, value in values.items():
                total[code] += value
            if row[key] is not None:
                each.setdefault(row[key], {}).update(values)
    return found


def _of_stage(row: Mapping[str, Any], name: str) -> Values:
    den = row[f"den_{name}"]
    found = {BY_STAGE[row["stage"]].code: Value(row[f"num_{name}"], den)}
    for code, figure in OF_CLOCKS.items():
        if figure.stage == row["stage"] and figure.num is DONE:
            found[code] = Value(row[f"done_{name}"], den)
    return found


def ranked_by(subject: Subject, group: str) -> str:
    """The column of a clock that a ranking groups by."""
    return "organisation_id" if group or subject.place is None else f"{subject.kind_below}_id"


def count(
    subject: Subject, periods: Iterable[Period], at: dt.datetime, codes: Iterable[str] = OF_ROWS
) -> list[Values]:
    """The figures of `codes` for each period, by default those of cases and stays (`measure` has those of clocks
    quicker, all at once); one statement."""
    periods = list(periods)
    asked: dict[tuple[str, str, str, bool], list[Figure]] = {}
    for code in codes:
        figure = FED[code]
        asked.setdefault((figure.rows, figure.stage, figure.when, figure.with_excluded), []).append(figure)
    branches = [_branch(n, figures, subject, periods, at) for n, figures in enumerate(asked.values())]
    found: list[Values] = [{} for _period in periods]
    groups = list(asked.values())
    for n, sides in branches[0].union(*branches[1:], all=True) if branches else ():
        numbers = iter(sides)
        for values in found:
            for figure in groups[n]:
                values[figure.code] = Value(next(numbers), next(numbers))
    return found


def _branch(
    n: int, figures: list[Figure], subject: Subject, periods: list[Period], at: dt.datetime
) -> QuerySet:
    """One pass over the rows that figures share: [numerator, denominator] of each, period by period."""
    when = figures[0].when
    spans = [period.holds(when) for period in periods]
    sides = [
        Count(ONE, filter=side)
        for span in spans
        for figure in figures
        for side in (span & figure.den(at) & figure.num, span & figure.den(at))
    ]
    whole = Period(min(period.since for period in periods), max(period.until for period in periods))
    numbers = Func(
        *sides, template="ARRAY[%(expressions)s]", output_field=ArrayField(base_field=BigIntegerField())
    )
    return (
        rows_of(figures[0], subject)
        .filter(whole.holds(when))
        .order_by()
        .annotate(branch=Constant(n))
        .values("branch")
        .annotate(sides=numbers)
        .values_list("branch", "sides")
    )


def rows_of(figure: Figure, subject: Subject) -> QuerySet:
    """The clocks, cases or stays that a figure is about, whenever they were."""
    if figure.rows == CLOCK:
        return Clock.objects.filter(subject.of_clocks(), UNCOUNTED_OF, stage=figure.stage)
    if figure.rows == CASE:
        return counted(subject, excluded=figure.with_excluded)
    return Holding.objects.filter(subject.of_stays(), ~Q(case__excluded=True), ~Q(case__status="merged"))


def counted(subject: Subject, *, excluded: bool = False) -> QuerySet[Case]:
    """The cases of a subject that count; the share of what was excluded counts those too."""
    rows = Case.objects.alias(case_pk=F("pk")).filter(subject.of_cases()).exclude(status="merged")
    return rows if excluded else rows.filter(excluded=False)


def summary(subject: Subject, period: Period, at: dt.datetime) -> Values:
    """Every figure of the period, by code. Two statements."""
    return {**measure(subject, period, at).now, **count(subject, [period], at)[0]}
