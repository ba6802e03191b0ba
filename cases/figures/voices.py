"""What many say, and who says it again: open matters with the most callers, and numbers that called more than once.

What is guarded is left out; a caller stands here by a masked number and a count, never by name."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import BooleanField, Count, ExpressionWrapper, Max, Min, Q

from cases.figures.asking import Period, Subject
from cases.figures.behind import DENOMINATOR, MANY, rows_behind, sources_behind
from cases.figures.open_then import open_at
from cases.figures.splitting import case_key
from cases.models.call import Call
from cases.models.case import Case

SHOWN = 6


@dataclass(frozen=True)
class Again:
    """Somebody's number: heard in `cases` of the period, last at `last_at`; `call` is one of the calls."""

    phone: str
    call: int
    cases: int
    last_at: dt.datetime


def again(subject: Subject, period: Period, at: dt.datetime) -> list[Again]:
    """Those heard in the most cases first; one statement."""
    taken = Q(pk__in=())
    for source in sources_behind("voices", DENOMINATOR, subject, period, at):
        taken |= Q(case__in=source.values(case_key(source)))
    if subject.as_of is not None:
        taken &= Q(received_at__lte=subject.as_of)
    rows = (
        Call.objects.filter(taken)
        .exclude(caller__phone="")
        .filter(caller__anonymous=False)
        .order_by()
        .values("caller__phone")
        .annotate(n=Count("case", distinct=True), call=Min("pk"), last=Max("called_at"))
        .filter(n__gte=MANY)
        .order_by("-n", "-last", "call")
        .values_list("caller__phone", "call", "n", "last")
    )
    return [Again(*row) for row in rows[:SHOWN]]


def crowded(subject: Subject, period: Period, at: dt.datetime) -> tuple[list[Case], int]:
    """(open matters with the most callers, how many have more than one); two statements."""
    rows = rows_behind("crowded", DENOMINATOR, subject, period, at)
    _live, late, _near = open_at(subject, at)
    rows = rows.annotate(late=ExpressionWrapper(late, BooleanField()))
    shown = rows.select_related("holder").order_by("-heard", "received_at", "pk")[:SHOWN]
    return list(shown), rows.count()
