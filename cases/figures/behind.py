"""What stands behind every number: its rows one by one, and the cases they are of."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet

from cases.figures.asking import Period, Subject
from cases.figures.catalogue import CASE, FED, FIGURES
from cases.figures.measuring import counted, rows_of

REGISTERED = "registered"  # what a tile counts, though it is no rate
CODES = (*FED, REGISTERED)
NUMERATOR, DENOMINATOR, MISSED = PARTS = ("numerator", "denominator", "missed")


def rows_behind(code: str, part: str, subject: Subject, period: Period, at: dt.datetime) -> QuerySet:
    """Clocks, cases or stays, one for each that the number counts; `missed` are those of the denominator that are not
    in the numerator."""
    if code == REGISTERED:
        return counted(subject).filter(period.holds("received_at"))
    figure = FIGURES[code]
    rows = rows_of(figure, subject).filter(period.holds(figure.when), figure.den(at))
    if part == NUMERATOR:
        return rows.filter(figure.num)
    return rows.exclude(figure.num) if part == MISSED else rows


def cases_behind(code: str, part: str, subject: Subject, period: Period, at: dt.datetime) -> Q:
    """The filter over Case for the cases that a number counts. A case with several rounds of a stage, or several
    stays, counts once here and each of them in the rate."""
    rows = rows_behind(code, part, subject, period, at)
    key = "pk" if code == REGISTERED or FIGURES[code].rows == CASE else "case_id"
    return Q(pk__in=rows.values(key))
