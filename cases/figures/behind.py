"""The cases behind every number."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from cases.figures.asking import Period, Subject
from cases.figures.catalogue import CLOCK, FED, FIGURES
from cases.figures.measuring import clocks, rows_of
from cases.models.case import Case

REGISTERED = "registered"  # what a tile counts, though it is no rate
CODES = (*FED, REGISTERED)
NUMERATOR, DENOMINATOR, MISSED = PARTS = ("numerator", "denominator", "missed")


def cases_behind(code: str, part: str, subject: Subject, period: Period, at: dt.datetime) -> Q:
    """The filter over Case for the cases that a number counts. A case with several rounds of a stage, or several
    stays, counts once here and each of them in the rate."""
    if code == REGISTERED:
        return _ids(Case.objects.filter(subject.of_cases(), excluded=False).exclude(status="merged"), period)
    figure = FIGURES[code]
    if figure.rows == CLOCK:
        rows = clocks(subject, period.since, period.until, at).filter(stage=figure.stage)
        key = "case_id"
    else:
        rows = rows_of(figure, subject).filter(period.holds(figure.when), figure.den(at))
        key = "case_id" if figure.rows == "stay" else "pk"
    if part == NUMERATOR:
        rows = rows.filter(figure.num)
    elif part == MISSED:
        rows = rows.exclude(figure.num) if figure.rows == CLOCK else rows.filter(~figure.num)
    return Q(pk__in=rows.values(key))


def _ids(rows, period: Period) -> Q:
    return Q(pk__in=rows.filter(period.holds("received_at")).values("pk"))
