"""Figures week by week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Count, DateTimeField, F, Func, IntegerField
from django.db.models import Value as Constant

from cases.figures import statements
from cases.figures.asking import Subject
from cases.figures.catalogue import BY_STAGE, FIGURES, IN_TIME
from cases.figures.kept import kept
from cases.figures.measuring import ONE, clocks, together
from cases.figures.statements import Statement
from cases.figures.values import NOTHING, Value
from ledger import clock as host


@kept
def weekly(subject: Subject, weeks: int, at: dt.datetime, codes: Iterable[str]) -> list[dict[str, Any]]:
    """The oldest first: {since, until, figures: {code: Value}}, of those figures that say whether a stage was kept.
    One statement; as of a past instant of the weeks before it."""
    stages = {
        FIGURES[code].stage: code for code in codes if BY_STAGE.get(FIGURES[code].stage) is FIGURES[code]
    }
    today = host.local_date(subject.as_of or at)
    monday = today - dt.timedelta(days=today.weekday())
    first = monday - dt.timedelta(weeks=weeks - 1)
    found: dict[dt.date, dict[str, Value]] = {}
    mondays = [first + dt.timedelta(weeks=n) for n in range(weeks)]
    edges = [host.local_midnight(day) for day in (*mondays, monday + dt.timedelta(weeks=1))]

    def make(subject: Subject, instants: Sequence[dt.datetime]) -> Statement:
        # which week: a search among their beginnings costs half of what a truncated local time does
        begins = Constant(list(instants[:weeks]), ArrayField(DateTimeField()))
        nth = Func(F("due_at"), begins, function="width_bucket", output_field=IntegerField())
        return together(
            source.filter(stage__in=stages)
            .order_by()
            .annotate(week=nth)
            .values("week", "stage")
            .annotate(den=Count(ONE), num=Count(ONE, filter=IN_TIME))
            .values_list("week", "stage", "den", "num")
            for source in clocks(subject, instants[0], instants[weeks], instants[-1])
        ).query.sql_with_params()

    for week, stage, den, num in statements.rows(("weekly", tuple(stages)), subject, [*edges, at], make):
        values = found.setdefault(mondays[week - 1], {})
        values[stages[stage]] = values.get(stages[stage], NOTHING) + Value(num, den)
    return [
        {
            "since": week,
            "until": week + dt.timedelta(days=6),
            "figures": {code: found.get(week, {}).get(code, NOTHING) for code in stages.values()},
        }
        for week in mondays
    ]
