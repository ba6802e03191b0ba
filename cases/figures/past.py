"""Figures as they stood at a past instant, and what changed them since.

What comes to be is found by its time: a stop, a resolve, a withdrawal after the instant is not seen. What was taken
back or moved since is read from the rows kept of before (cases.pasts): whoever has one is left out of the present rows
and counted by the kept row that was true then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from cases.figures.asking import Period, Subject
from cases.figures.catalogue import (
    CAME_BACK,
    CASE,
    DONE,
    FED,
    IN_TIME,
    LEFT,
    OF_CLOCKS,
    OF_ROWS,
    STAGES,
    Figure,
    relieved,
)
from cases.figures.measuring import ONE, Values
from cases.figures.values import NOTHING, Value
from cases.models.case import UNCOUNTED, Case
from cases.models.clock import Clock
from cases.models.holding import Holding
from cases.models.past import CasePast, ClockPast


def summary(subject: Subject, period: Period, at: dt.datetime, codes: Iterable[str] = FED) -> Values:
    """Every figure of the period as it stood at `at`. Two statements of clocks, two of cases for each column they are
    dated by (two more where the excluded count), one of stays."""
    codes = list(codes)
    found = _of_clocks(subject, period, at, [code for code in codes if code in OF_CLOCKS])
    asked: dict[tuple[str, str, bool], list[Figure]] = {}
    for code in codes:
        if code in OF_ROWS:
            figure = OF_ROWS[code]
            asked.setdefault((figure.rows, figure.when, figure.with_excluded), []).append(figure)
    for (rows, _when, _excluded), figures in asked.items():
        found |= (_of_cases if rows == CASE else _of_stays)(figures, subject, period, at)
    return found


# -- which row was true


THE_CLOCK = ("case_id", "stage", "part", "round")
THE_CASE = ("case_id",)


def clock_changed_since(at: dt.datetime) -> Exists:
    """Was this clock changed after the instant?"""
    same = {name: OuterRef(name) for name in THE_CLOCK}
    return Exists(ClockPast.objects.filter(**same, until__gt=at))


def case_changed_since(at: dt.datetime) -> Exists:
    """Was this case changed after the instant?"""
    return Exists(CasePast.objects.filter(case_id=OuterRef("pk"), until__gt=at))


def standing(rows: QuerySet, key: tuple[str, ...], at: dt.datetime) -> QuerySet:
    """Of kept rows those that were true at the instant: the first that ended after it."""
    earlier = rows.model.objects.filter(
        Q(until__lt=OuterRef("until")) | Q(until=OuterRef("until"), pk__lt=OuterRef("pk")),
        **{name: OuterRef(name) for name in key},
        until__gt=at,
    )
    return rows.filter(~Exists(earlier), until__gt=at)


def counted_then(at: dt.datetime) -> Q:
    """Rows of clocks or stays whose case counted at the instant."""
    out_now = Case.objects.filter(UNCOUNTED, ~case_changed_since(at), pk=OuterRef("case_id"))
    kept = CasePast.objects.filter(UNCOUNTED, case_id=OuterRef("case_id"))
    return ~Exists(out_now) & ~Exists(standing(kept, THE_CASE, at))


# -- clocks


def _of_clocks(subject: Subject, period: Period, at: dt.datetime, codes: list[str]) -> Values:
    found: Values = dict.fromkeys(codes, NOTHING)
    decided = (Q(stopped_at__lte=at) | Q(due_at__lt=at)) & ~LEFT & ~Q(state="paused", due_at__gte=at)
    where = Q(
        subject.of_clocks(),
        decided,
        counted_then(at),
        period.holds("due_at"),
        started_at__lte=at,
        stage__in=STAGES,
    )
    live = Clock.objects.filter(where, ~clock_changed_since(at))
    kept = standing(ClockPast.objects.filter(where), THE_CLOCK, at)
    for rows in (live, kept):
        counted = (
            rows.order_by()
            .values_list("stage")
            .annotate(
                den=Count(ONE),
                in_time=Count(ONE, filter=IN_TIME),
                done=Count(ONE, filter=DONE & Q(stopped_at__lte=at)),
            )
        )
        for stage, den, in_time, done in counted:
            for code in codes:
                figure = OF_CLOCKS[code]
                if figure.stage == stage:
                    found[code] += Value(done if figure.num is DONE else in_time, den)
    return found


# -- cases

# what must have come to be by the instant, besides what the figure itself says
CAME_TO_BE = {"withdrawn": "ended_at", "rejected": "ended_at"}


def _of_cases(figures: list[Figure], subject: Subject, period: Period, at: dt.datetime) -> Values:
    """Those dated by the same column."""
    when, found = figures[0].when, dict.fromkeys((figure.code for figure in figures), NOTHING)
    seen = period
    if when != "promised_at":  # nothing of later; a promise lies ahead of what it is about
        seen = replace(period, until=min(period.until, at + dt.timedelta(microseconds=1)))
    where = Q(subject.of_cases(), seen.holds(when), ~Q(status="merged", ended_at__lte=at))
    if not figures[0].with_excluded:
        where &= Q(excluded=False)
    sides: dict[str, Count] = {}
    for figure in figures:
        num, den = _sides_of_cases(figure, seen, at)
        sides |= {
            f"{figure.code}_num": Count(ONE, filter=den & num),
            f"{figure.code}_den": Count(ONE, filter=den),
        }
    live = Case.objects.alias(case_pk=F("pk")).filter(where, ~case_changed_since(at))
    kept = standing(CasePast.objects.alias(case_pk=F("case_id")).filter(where), THE_CASE, at)
    for rows in (live, kept):
        counted = rows.order_by().aggregate(**sides)
        for code in found:
            found[code] += Value(counted[f"{code}_num"], counted[f"{code}_den"])
    return found


def _sides_of_cases(figure: Figure, seen: Period, at: dt.datetime) -> tuple[Q, Q]:
    """Numerator and denominator, with what must have come to be by the instant."""
    num = relieved(figure.relief, at) if figure.relief else figure.num
    den = seen.holds(figure.when) & figure.den(at)
    if figure.code == "declined":
        den &= Q(first_dispatched_at__lte=at)
    if figure.code == "promise_kept":
        den &= Q(resolved_at__lte=at) | Q(promised_at__lt=at)
    if column := CAME_TO_BE.get(figure.code):
        num &= Q(**{f"{column}__lte": at})
    return num, den


# -- stays


def _of_stays(figures: list[Figure], subject: Subject, period: Period, at: dt.datetime) -> Values:
    """A finished stay is never taken back; whether the case came back to the unit is seen up to the instant."""
    (figure,) = figures  # there is one: who declined rightly
    rows = Holding.objects.filter(
        subject.of_stays(), counted_then(at), figure.den(at), period.holds("until"), until__lte=at
    )
    returned = Exists(CAME_BACK.filter(since__lte=at)) | Q(
        case__holder_id=F("organisation_id"), case__held_since__lte=at
    )
    sides = rows.order_by().aggregate(num=Count(ONE, filter=~Q(returned)), den=Count(ONE))
    return {figure.code: Value(sides["num"], sides["den"])}
