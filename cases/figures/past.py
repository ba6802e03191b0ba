"""Figures as they stood at a past instant: which rows were true then, and how they count.

What comes to be is found by its time: a stop, a resolve, a withdrawal after the instant is not seen. What was taken
back or moved since is read from the rows kept of before (cases.pasts): whoever has one is left out of the present rows
and counted by the kept row that was true then. So everything is read from two sources, the rows that nobody has changed
since and the kept ones."""

from __future__ import annotations

import datetime as dt

from django.db.models import Case as Switch
from django.db.models import Exists, F, OuterRef, Q, QuerySet, When

from cases.figures.asking import Period, Subject
from cases.figures.catalogue import (
    CAME_BACK,
    CASE,
    CLOCK,
    DONE,
    INSTRUCTION,
    LEFT,
    STAGES,
    VOICE,
    Figure,
    relieved,
)
from cases.models.case import UNCOUNTED, Case
from cases.models.clock import Clock
from cases.models.holding import Holding
from cases.models.instruction import Instruction
from cases.models.past import CasePast, ClockPast, VoicePast
from cases.models.rating import Voice

# -- which row was true


THE_CLOCK = ("case_id", "stage", "part", "round")
THE_CASE = ("case_id",)
THE_VOICE = ("call_id",)


def clock_changed_since(at: dt.datetime) -> Exists:
    """Was this clock changed after the instant?"""
    same = {name: OuterRef(name) for name in THE_CLOCK}
    return Exists(ClockPast.objects.filter(**same, until__gt=at))


def case_changed_since(at: dt.datetime) -> Exists:
    """Was this case changed after the instant?"""
    return Exists(CasePast.objects.filter(case_id=OuterRef("pk"), until__gt=at))


def voice_changed_since(at: dt.datetime) -> Exists:
    """Did this caller speak, or was told again, after the instant? Whatever comes last stands with the voice's case."""
    same = {"subject_id": OuterRef("case_id"), "call_id": OuterRef("call_id")}
    return Exists(VoicePast.objects.filter(**same, until__gt=at))


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


# -- where the rows are read


def sources(figure: Figure, subject: Subject, at: dt.datetime) -> list[QuerySet]:
    """The rows that a figure is about, as they stood: those nobody has changed since, and the kept ones."""
    if figure.rows == CLOCK:
        return clocks(subject, at, (figure.stage,))
    if figure.rows == CASE:
        return cases(subject, at, excluded=figure.with_excluded)
    if figure.rows == VOICE:
        where = Q(subject.of_clocks(), counted_then(at))
        live = Voice.objects.filter(where, ~voice_changed_since(at))
        return [live, standing(VoicePast.objects.filter(where), THE_VOICE, at)]
    if figure.rows == INSTRUCTION:  # never taken back: only word on it comes to be
        word_at = Switch(When(answered_at__lte=at, then=F("answered_at")))
        rows = Instruction.objects.alias(word_at=word_at).filter(subject.of_instructions())
        return [rows.filter(instructed_at__lte=at)]
    # a finished stay is never taken back
    return [Holding.objects.filter(subject.of_stays(), counted_then(at), until__lte=at)]


def clocks(subject: Subject, at: dt.datetime, stages: tuple[str, ...] = STAGES) -> list[QuerySet]:
    """Clocks that had begun, of cases that counted."""
    where = Q(subject.of_clocks(), counted_then(at), started_at__lte=at, stage__in=stages)
    live = Clock.objects.filter(where, ~clock_changed_since(at))
    return [live, standing(ClockPast.objects.filter(where), THE_CLOCK, at)]


def cases(subject: Subject, at: dt.datetime, *, excluded: bool = False) -> list[QuerySet]:
    """Cases that had been taken and counted; the share of what was excluded counts those too."""
    where = Q(~Q(status="merged", ended_at__lte=at), received_at__lte=at)
    if not excluded:
        where &= Q(excluded=False)
    live = Case.objects.alias(case_pk=F("pk")).filter(where, subject.of_cases(), ~case_changed_since(at))
    kept = CasePast.objects.alias(case_pk=F("case_id")).filter(where, subject.of_cases("case_id"))
    return [live, standing(kept, THE_CASE, at)]


# -- how they count


def decided(at: dt.datetime) -> Q:
    """Clocks that counted by then: stopped, or past their due."""
    return (Q(stopped_at__lte=at) | Q(due_at__lt=at)) & ~LEFT & ~Q(state="paused", due_at__gte=at)


def done(at: dt.datetime) -> Q:
    return DONE & Q(stopped_at__lte=at)


# what must have come to be by the instant, besides what the figure itself says
CAME_TO_BE = {"withdrawn": "ended_at", "rejected": "ended_at"}


def sides(figure: Figure, period: Period, at: dt.datetime) -> tuple[Q, Q]:
    """Numerator and denominator as conditions over `sources`, with what must have come to be by the instant."""
    if figure.rows == CLOCK:
        return (done(at) if figure.num is DONE else figure.num), period.holds("due_at") & decided(at)
    den = period.holds(figure.when) & figure.den(at)
    if figure.when != "promised_at":  # nothing of later; a promise lies ahead of what it is about
        den &= Q(**{f"{figure.when}__lte": at})
    if figure.rows == INSTRUCTION:
        return figure.num, den
    if figure.rows == VOICE:
        return figure.num & Q(rated_at__lte=at), den
    if figure.rows != CASE:  # there is one: who declined rightly
        returned = Exists(CAME_BACK.filter(since__lte=at)) | Q(
            case__holder_id=F("organisation_id"), case__held_since__lte=at
        )
        return ~Q(returned), den
    num = relieved(figure.relief, at) if figure.relief else figure.num
    if figure.code == "declined":
        den &= Q(first_dispatched_at__lte=at)
    if figure.code == "promise_kept":
        den &= Q(resolved_at__lte=at) | Q(promised_at__lt=at)
    if column := CAME_TO_BE.get(figure.code):
        num &= Q(**{f"{column}__lte": at})
    return num, den
