"""What stands behind every number: its rows one by one, and the cases they are of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from cases.figures.asking import Period, Subject
from cases.figures.catalogue import CASE, CLOCK, FIGURES, HANDLING, IN_TIME, INSTRUCTION, RATES, Figure, Words
from cases.figures.measuring import clocks, sides, sources
from cases.figures.open_then import open_at
from cases.figures.parts import Part, part_of
from cases.models.case import Case
from cases.models.past import CasePast

NUMERATOR, DENOMINATOR, MISSED = PARTS = ("numerator", "denominator", "missed")
REGISTERED = "registered"
MANY = 2  # callers of one matter, calls of one caller
# what is counted by voices or drawn on a map leaves out what nobody but its desk is to know of
SHOWN = Q(sensitive=False)
HEARD = Q(sensitive=False, confidential=False)


def _plain(code: str, name: Words, when: str, den: Q | None = None, rows: str = CASE) -> Figure:
    return Figure(code, name, name, name, rows, when, Q(), lambda at: den or Q())


def _open(code: str, name: Words, den) -> Figure:
    return Figure(code, name, name, name, CASE, "", Q(), den)


def _instructed(code: str, name: Words, den: Callable[[dt.datetime], Q]) -> Figure:
    return Figure(code, name, name, name, INSTRUCTION, "instructed_at", Q(), den)


# numbers that are no rates: of a period, or (`when` empty) of what is open now
PLAIN: dict[str, Figure] = {
    one.code: one
    for one in (
        _plain(REGISTERED, _("本期登记"), "received_at"),
        _plain("heat", _("本期登记（不含敏感事项）"), "received_at", SHOWN),
        _plain("voices", _("本期登记（不含敏感、保密的）"), "received_at", HEARD),
        _plain("done", _("本期办结"), "resolved_at"),
        _plain("stages", _("到期环节"), "due_at", rows=CLOCK),
        _open("open", _("在办"), lambda at: Q()),
        _open("late", _("在办超时"), lambda at: Q(next_due_at__lt=at)),
        _open("near", _("在办临期"), lambda at: Q(next_due_at__gte=at, next_warn_at__lte=at)),
        _open(
            "fine",
            _("在办正常"),
            lambda at: Q(next_due_at__gte=at) & ~Q(next_warn_at__isnull=False, next_warn_at__lte=at),
        ),
        _instructed("instructed", _("本期批示"), lambda at: Q()),
        _instructed("instructed_answered", _("已回复的批示"), lambda at: Q(word_at__isnull=False)),
        _instructed(
            "instructed_waiting", _("待回复的批示"), lambda at: Q(word_at__isnull=True, answer_by__gte=at)
        ),
        _instructed(
            "instructed_late", _("逾期未回复的批示"), lambda at: Q(word_at__isnull=True, answer_by__lt=at)
        ),
        _open("crowded", _("多人反映的在办"), lambda at: HEARD & Q(callers__gte=MANY)),
    )
}
CODES = (*RATES, HANDLING.code, *PLAIN)


def figure_of(code: str) -> Figure:
    return PLAIN[code] if code in PLAIN else FIGURES[code]


def sources_behind(code: str, part: str, subject: Subject, period: Period, at: dt.datetime) -> list[QuerySet]:
    """Clocks, cases, stays or voices, one for each that the number counts; `missed` are those of the denominator that are not
    in the numerator. As of a past instant two sets: what nobody has changed since, and what was kept of before."""
    figure = figure_of(code)
    if not figure.when:
        return [_open_at(code, figure, subject, at)]
    if figure.rows == CLOCK and not figure.stage:
        num, found = IN_TIME, clocks(subject, period.since, period.until, at)
    else:
        num, den = sides(figure, subject, period, at)
        found = [_guarded(rows, code).filter(den) for rows in sources(figure, subject)]
    if part == NUMERATOR:
        return [rows.filter(num) for rows in found]
    return [rows.exclude(num) for rows in found] if part == MISSED else found


def _guarded(rows: QuerySet, code: str) -> QuerySet:
    """Who may know of a case is asked of the case, whatever it had counted for."""
    if rows.model is not CasePast or code not in ("heat", "voices"):
        return rows
    return rows.alias(sensitive=F("case__sensitive"), confidential=F("case__confidential"))


def _open_at(code: str, figure: Figure, subject: Subject, at: dt.datetime) -> QuerySet:
    """Of what is open: now by its columns, as of a past instant by the clocks that ran then."""
    live, late, near = open_at(subject, at)
    if code == "crowded":
        return heard_then(live, subject.as_of).filter(HEARD, heard__gte=MANY)
    if subject.as_of is None:
        return live.filter(figure.den(at))
    return live.filter({"late": late, "near": near, "fine": ~late & ~near}.get(code, Q()))


def heard_then(rows: QuerySet, at: dt.datetime | None) -> QuerySet:
    """Cases with `heard`, how many callers they had: now, or at a past instant."""
    if at is None:
        return rows.annotate(heard=F("callers"))
    before = CasePast.objects.filter(case_id=OuterRef("pk"), until__gt=at).order_by("until", "seq")
    return rows.annotate(heard=Coalesce(Subquery(before.values("callers")[:1]), F("callers")))


def rows_behind(code: str, part: str, subject: Subject, period: Period, at: dt.datetime) -> QuerySet:
    """The first of them: all there is as of now."""
    return sources_behind(code, part, subject, period, at)[0]


def dated_by(code: str) -> str:
    """The column in time by which its rows are ordered."""
    return figure_of(code).when or "next_due_at"


def part_asked(
    code: str, asked: Mapping[str, str], *, kept: bool = False, as_of: dt.datetime | None = None
) -> Part:
    """What an address narrows the rows of this number by; `kept` rows of cases lack what is not changed backwards."""
    rows = figure_of(code).rows
    unit = {CASE: "holder_id", INSTRUCTION: "case__holder_id"}.get(rows, "organisation_id")
    prefix = "" if rows == CASE and not kept else "case__"
    return part_of(asked, prefix=prefix, unit=unit, when=dated_by(code), staged=rows == CLOCK, as_of=as_of)


def narrowed(
    code: str, part: str, subject: Subject, period: Period, at: dt.datetime, asked: Mapping[str, str]
) -> list[QuerySet]:
    """The rows behind a number, of the part that an address names, from one source or two."""
    return [
        rows.filter(part_asked(code, asked, kept=rows.model is CasePast, as_of=subject.as_of).q)
        for rows in sources_behind(code, part, subject, period, at)
    ]


def cases_behind(
    code: str,
    part: str,
    subject: Subject,
    period: Period,
    at: dt.datetime,
    asked: Mapping[str, str] | None = None,
) -> Q:
    """The filter over Case for the cases that a number counts, of the part that `asked` names. A case with several
    rounds of a stage, or several stays, counts once here and each of them in the rate."""
    found = Q(pk__in=())
    for rows in narrowed(code, part, subject, period, at, asked or {}):
        found |= Q(pk__in=rows.values("pk" if rows.model is Case else "case_id"))
    return found
