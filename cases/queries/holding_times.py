"""办理时长 per holder: how long each unit had what it handed on or resolved in a period.

In opening minutes from dispatch on, without hold, question and what came after the resolve (cases.stays). A stay
counts in the period it ended in: handed on, or resolved and standing. One statement, off two indexes by time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, IntegerField, Q, QuerySet
from django.db.models.expressions import RawSQL

from cases.figures.asking import Period, Subject
from cases.figures.values import FEW
from cases.models.case import UNCOUNTED, Case
from cases.models.holding import Holding
from cases.sla.phrases import minutes_words
from parties import directory

MOST = 200  # units; more than any street or department has
# what the holder had done when the case came to rest; none where it rests in no done state
WORKED = RawSQL("(cases_case.rests->-1->>'worked')::int", [], output_field=IntegerField())
DONE = RawSQL("cases_case.rests->-1->>'kind'", [])


@dataclass(frozen=True)
class Times:
    """`stays` of one unit with the median and the mean of their minutes."""

    unit: directory.Org
    stays: int
    median: int
    mean: int

    @property
    def few(self) -> bool:
        return self.stays < FEW


def of(subject: Subject, period: Period) -> list[Times]:
    """By unit, those with the most stays first; one statement, none where nothing can be found."""
    return [
        Times(unit, n, round(median), round(mean))
        for pk, n, median, mean, _sum in _grouped(_handed_on(subject, period), _resolved(subject, period))
        if (unit := directory.by_id(pk)) is not None
    ]


def by_person(subject: Subject, period: Period) -> dict[int, int]:
    """Account → minutes of what that person had when it was handed on or resolved; one statement."""
    handed_on = _handed_on(subject, period).values_list("account_id", "worked_minutes")
    resolved = _resolved(subject, period).values_list("holder_account_id", "worked")
    return {pk: minutes for pk, *_rest, minutes in _grouped(handed_on, resolved) if pk is not None}


def _grouped(*stays: QuerySet) -> list[tuple[Any, ...]]:
    """(whose, how many, median, mean, sum) over pairs of whose and minutes."""
    found: list[str] = []
    params: list[Any] = []
    for rows in stays:
        try:
            sql, given = rows.order_by().query.sql_with_params()
        except EmptyResultSet:
            continue
        found.append(sql)
        params += given
    if not found:
        return []
    whole = " UNION ALL ".join(f"({sql})" for sql in found)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT whose, count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY worked), avg(worked), sum(worked) "  # noqa: S608
            f"FROM ({whole}) AS stays (whose, worked) GROUP BY whose ORDER BY 2 DESC, 1 LIMIT {MOST}",
            params,
        )
        return cursor.fetchall()


def _handed_on(subject: Subject, period: Period) -> QuerySet:
    counted = ~(Q(case__excluded=True) | Q(case__status="merged"))
    rows = Holding.objects.filter(
        subject.of_stays(), counted, until__gte=period.since, until__lt=period.until, until__gt=F("since")
    )
    return rows.values_list("organisation_id", "worked_minutes")


def _resolved(subject: Subject, period: Period) -> QuerySet:
    rows = Case.objects.filter(
        subject.of_place("", "pk") & subject.known("pk"),
        ~UNCOUNTED,
        resolved_at__gte=period.since,
        resolved_at__lt=period.until,
    )
    if subject.organisation is not None:
        rows = rows.filter(holder_id__in=sorted(subject.units()))
    rows = rows.annotate(worked=WORKED, rest=DONE).filter(rest="done", worked__isnull=False)
    return rows.values_list("holder_id", "worked")


def rows(found: list[Times]) -> list[dict[str, Any]]:
    """As the page prints them; `percent` of the longest median, for the bar."""
    most = max((one.median for one in found if not one.few), default=0)
    return [
        {
            "name": one.unit.short_name or one.unit.name,
            "code": one.unit.code,
            "stays": one.stays,
            "median": minutes_words(one.median),
            "mean": minutes_words(one.mean),
            "few": one.few,
            "percent": 0 if one.few or not most else round(one.median * 100 / most),
        }
        for one in found
    ]


def as_json(found: list[Times]) -> list[dict[str, Any]]:
    return [
        {
            "code": one.unit.code,
            "name": one.unit.name,
            "stays": one.stays,
            "median_minutes": one.median,
            "mean_minutes": one.mean,
            "few": one.few,
        }
        for one in found
    ]
