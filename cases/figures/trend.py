"""Figures week by week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncWeek

from cases.figures.asking import Subject
from cases.figures.catalogue import BY_STAGE, FIGURES, IN_TIME
from cases.figures.kept import kept
from cases.figures.measuring import ONE, clocks, together
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
    until = host.local_midnight(monday + dt.timedelta(weeks=1))
    rows = together(
        source.filter(stage__in=stages)
        .order_by()
        .annotate(week=TruncWeek("due_at", tzinfo=host.LOCAL))
        .values("week", "stage")
        .annotate(den=Count(ONE), num=Count(ONE, filter=IN_TIME))
        for source in clocks(subject, host.local_midnight(first), until, at)
    )
    for row in rows:
        values = found.setdefault(row["week"].astimezone(host.LOCAL).date(), {})
        code = stages[row["stage"]]
        values[code] = values.get(code, NOTHING) + Value(row["num"], row["den"])
    return [
        {
            "since": (week := first + dt.timedelta(weeks=n)),
            "until": week + dt.timedelta(days=6),
            "figures": {code: found.get(week, {}).get(code, NOTHING) for code in stages.values()},
        }
        for n in range(weeks)
    ]
