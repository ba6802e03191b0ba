"""What stands behind every number: its rows one by one, and the cases they are of."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet

from cases.figures.asking import Period, Subject
from cases.figures.catalogue import CASE, FED, FIGURES, HANDLING, Figure
from cases.figures.catalogue import REGISTERED as WORDS
from cases.figures.measuring import sides, sources
from cases.models.case import Case

REGISTERED = "registered"  # what a tile counts, though it is no rate
TAKEN = Figure(REGISTERED, WORDS, WORDS, WORDS, CASE, "received_at", Q())
CODES = (*FED, HANDLING.code, REGISTERED)
NUMERATOR, DENOMINATOR, MISSED = PARTS = ("numerator", "denominator", "missed")


def figure_of(code: str) -> Figure:
    return TAKEN if code == REGISTERED else FIGURES[code]


def sources_behind(code: str, part: str, subject: Subject, period: Period, at: dt.datetime) -> list[QuerySet]:
    """Clocks, cases or stays, one for each that the number counts; `missed` are those of the denominator that are not
    in the numerator. As of a past instant two sets: what nobody has changed since, and what was kept of before."""
    figure = figure_of(code)
    num, den = sides(figure, subject, period, at)
    found = [rows.filter(den) for rows in sources(figure, subject)]
    if part == NUMERATOR:
        return [rows.filter(num) for rows in found]
    return [rows.exclude(num) for rows in found] if part == MISSED else found


def rows_behind(code: str, part: str, subject: Subject, period: Period, at: dt.datetime) -> QuerySet:
    """The first of them: all there is as of now."""
    return sources_behind(code, part, subject, period, at)[0]


def cases_behind(code: str, part: str, subject: Subject, period: Period, at: dt.datetime) -> Q:
    """The filter over Case for the cases that a number counts. A case with several rounds of a stage, or several
    stays, counts once here and each of them in the rate."""
    found = Q(pk__in=())
    for rows in sources_behind(code, part, subject, period, at):
        found |= Q(pk__in=rows.values("pk" if rows.model is Case else "case_id"))
    return found
