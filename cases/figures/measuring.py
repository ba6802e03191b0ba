"""Measuring figures: what clocks, cases and stays say of a subject, for several periods in one statement each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Count, F, Func, Q, QuerySet
from django.db.models import Value as Constant

from cases.figures import past, statements
from cases.figures.asking import Period, Subject
from cases.figures.catalogue import (
    BY_STAGE,
    CASE,
    CLOCK,
    DONE,
    FIGURES,
    IN_TIME,
    INSTRUCTION,
    OF_CLOCKS,
    OF_ROWS,
    STAGES,
    UNCOUNTED_OF,
    VOICE,
    Figure,
    decided,
)
from cases.figures.kept import kept
from cases.figures.statements import Statement
from cases.figures.values import NOTHING, Value
from cases.kinds import OPEN
from cases.models.case import Case
from cases.models.clock import Clock
from cases.models.holding import Holding
from cases.models.instruction import Instruction
from cases.models.rating import Voice

ONE = Constant(1)  # a row, whatever it holds: a key would not stand in the indexes
Values = dict[str, Value]
NOW, BEFORE = ("now", "before")
DEN, NUM, MET = ("den_", "num_", "met_")
BY_UNIT = "organisation_id"


@dataclass
class Measured:
    """What the clocks say of a subject and two periods: in all, and for each of what stands beside each other
    in a ranking (id → values by figure code)."""

    now: Values = field(default_factory=dict)
    before: Values = field(default_factory=dict)
    each: dict[int, Values] = field(default_factory=dict)
    each_before: dict[int, Values] = field(default_factory=dict)


def clocks(subject: Subject, since: dt.datetime, until: dt.datetime, at: dt.datetime) -> list[QuerySet]:
    """Those that count in a period; from two sources where they are read as of a past instant."""
    due = {"due_at__gte": since, "due_at__lt": until}
    if subject.as_of is not None:
        then = past.decided(subject.as_of)
        return [rows.filter(then, **due) for rows in past.clocks(subject, subject.as_of)]
    return [Clock.objects.filter(subject.of_clocks(), UNCOUNTED_OF, decided(at), stage__in=STAGES, **due)]


@kept
def measure(subject: Subject, period: Period, at: dt.datetime, group: str = "") -> Measured:
    """Every figure of clocks, of the period and of the one before, in one statement. Grouped
    by the places one kind below, or (`group`) by the units that the clocks ran against; the groups add up to the
    whole."""
    counted = [(side, name) for side in (DEN, NUM, MET) for name in (NOW, BEFORE)]

    def make(subject: Subject, instants: Sequence[dt.datetime]) -> Statement:
        now, before, at = Period(*instants[:2]), Period(*instants[2:4]), instants[4]
        column = F(BY_UNIT) if ranked_by(subject, group) == BY_UNIT else subject.column_below()
        spans = {NOW: now.holds("due_at"), BEFORE: before.holds("due_at")}
        what = {DEN: Q(), NUM: IN_TIME, MET: past.done(subject.as_of) if subject.as_of else DONE}
        counts = {side + name: Count(ONE, filter=spans[name] & what[side]) for side, name in counted}
        return together(
            source.order_by()
            .values("stage", ranked=column)
            .annotate(**counts)
            .values_list("stage", "ranked", *counts)
            for source in clocks(subject, before.since, now.until, at)
        ).query.sql_with_params()

    found = Measured(dict.fromkeys(OF_CLOCKS, NOTHING), dict.fromkeys(OF_CLOCKS, NOTHING))
    instants = [period.since, period.until, period.before.since, period.before.until, at]
    for stage, ranked, *counts in statements.rows(("measure", group), subject, instants, make):
        numbers = dict(zip(counted, counts, strict=True))
        for name, total, each in ((NOW, found.now, found.each), (BEFORE, found.before, found.each_before)):
            values = _of_stage(stage, *(numbers[side, name] for side in (DEN, NUM, MET)))
            one = each.setdefault(ranked, {}) if ranked is not None else {}
            for code, value in values.items():
                total[code] += value
                one[code] = one.get(code, NOTHING) + value
    return found


def together(sources: Iterable[QuerySet]) -> QuerySet:
    """The rows of all of them, by one statement; nothing is counted in two of them."""
    first, *rest = sources
    return first.union(*rest, all=True) if rest else first


def _of_stage(stage: str, den: int, num: int, met: int) -> Values:
    found = {BY_STAGE[stage].code: Value(num, den)}
    for code, figure in OF_CLOCKS.items():
        if figure.stage == stage and figure.num is DONE:
            found[code] = Value(met, den)
    return found


def ranked_by(subject: Subject, group: str) -> str:
    """The column of a clock that a ranking groups by."""
    return BY_UNIT if group or subject.place is None else f"{subject.kind_below}_id"


def count(
    subject: Subject, periods: Iterable[Period], at: dt.datetime, codes: Iterable[str] = OF_ROWS
) -> list[Values]:
    """The figures of `codes` for each period, by default those of cases and stays (`measure` has those of clocks
    quicker, all at once); one statement, also as of a past instant."""
    codes = tuple(codes)
    return count_each(subject, [(period, codes) for period in periods], at)


@kept
def count_each(
    subject: Subject, asked: Sequence[tuple[Period, tuple[str, ...]]], at: dt.datetime
) -> list[Values]:
    """The figures of its own codes for each period, in one statement: a pass over the rows of each stretch of time, and
    none over what lies between."""
    passes = _passes(asked)

    def make(subject: Subject, instants: Sequence[dt.datetime]) -> Statement:
        spans, at = [Period(*instants[n : n + 2]) for n in range(0, len(instants) - 1, 2)], instants[-1]
        return together(
            _branch(n, rows, [(spans[span], figure) for span, figure in wanted], subject, at)
            for n, wanted in enumerate(passes)
            for rows in sources(wanted[0][1], subject)
        ).query.sql_with_params()

    found: list[Values] = [dict.fromkeys(codes, NOTHING) for _period, codes in asked]
    question = ("count", tuple(codes for _period, codes in asked))
    instants = [edge for period, _codes in asked for edge in (period.since, period.until)]
    for branch, numbers in statements.rows(question, subject, [*instants, at], make) if passes else ():
        pairs = iter(numbers)
        for n, figure in passes[branch]:
            found[n][figure.code] += Value(next(pairs), next(pairs))
    return found


def _passes(asked: Sequence[tuple[Period, tuple[str, ...]]]) -> list[list[tuple[int, Figure]]]:
    """What is read together: of each stretch of time the figures of the same rows, each with the period it is asked for."""
    found: list[list[tuple[int, Figure]]] = []
    for stretch in _stretches([period for period, _codes in asked]):
        alike: dict[tuple[str, str, str, bool], list[tuple[int, Figure]]] = {}
        for n in stretch:
            for code in asked[n][1]:
                figure = FIGURES[code]
                key = (figure.rows, figure.stage, figure.when, figure.with_excluded)
                alike.setdefault(key, []).append((n, figure))
        found += alike.values()
    return found


def _stretches(periods: Sequence[Period]) -> list[list[int]]:
    """Which periods touch: one pass reads them all."""
    found: list[list[int]] = []
    until = None
    for n in sorted(range(len(periods)), key=lambda n: periods[n].since):
        if until is None or periods[n].since > until:
            found.append([])
            until = periods[n].until
        found[-1].append(n)
        until = max(until, periods[n].until)
    return found


def _branch(
    n: int, rows: QuerySet, asked: list[tuple[Period, Figure]], subject: Subject, at: dt.datetime
) -> QuerySet:
    """One pass over the rows that figures share: [numerator, denominator] of each in its period."""
    counts = []
    for period, figure in asked:
        num, den = sides(figure, subject, period, at)
        counts += [Count(ONE, filter=den & num), Count(ONE, filter=den)]
    whole = Period(min(period.since for period, _ in asked), max(period.until for period, _ in asked))
    numbers = Func(
        *counts, template="ARRAY[%(expressions)s]", output_field=ArrayField(base_field=BigIntegerField())
    )
    return (
        rows.filter(whole.holds(asked[0][1].when))
        .order_by()
        .annotate(branch=Constant(n))
        .values("branch")
        .annotate(sides=numbers)
        .values_list("branch", "sides")
    )


def sources(figure: Figure, subject: Subject) -> list[QuerySet]:
    """Where the rows of a figure are read, as of now or as the subject says."""
    if subject.as_of is not None:
        return past.sources(figure, subject, subject.as_of)
    return [rows_of(figure, subject)]


def sides(figure: Figure, subject: Subject, period: Period, at: dt.datetime) -> tuple[Q, Q]:
    """(numerator, denominator) as conditions over the rows of the sources."""
    if subject.as_of is not None:
        return past.sides(figure, period, subject.as_of)
    return figure.num, period.holds(figure.when) & figure.den(at)


def rows_of(figure: Figure, subject: Subject) -> QuerySet:
    """The clocks, cases, stays, voices or instructions that a figure is about, whenever they were."""
    if figure.rows == CLOCK:
        return Clock.objects.filter(subject.of_clocks(), UNCOUNTED_OF, stage=figure.stage)
    if figure.rows == CASE:
        return counted(subject, excluded=figure.with_excluded)
    if figure.rows == VOICE:
        return Voice.objects.filter(subject.of_clocks(), UNCOUNTED_OF)
    if figure.rows == INSTRUCTION:  # whatever became of the case: who wrote it wants to know
        return Instruction.objects.alias(word_at=F("answered_at")).filter(subject.of_instructions())
    return Holding.objects.filter(subject.of_stays(), ~Q(case__excluded=True), ~Q(case__status="merged"))


def counted(subject: Subject, *, excluded: bool = False) -> QuerySet[Case]:
    """The cases of a subject that count; the share of what was excluded counts those too."""
    rows = Case.objects.alias(case_pk=F("pk")).filter(subject.of_cases()).exclude(status="merged")
    return rows if excluded else rows.filter(excluded=False)


def open_now(subject: Subject) -> QuerySet[Case]:
    """What is open now and counts, where it stands now."""
    return Case.objects.filter(subject.of_open(), status__in=OPEN, excluded=False)


def summary(subject: Subject, period: Period, at: dt.datetime) -> Values:
    """Every figure of the period, by code. Two statements."""
    return {**measure(subject, period, at).now, **count(subject, [period], at)[0]}
