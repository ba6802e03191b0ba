"""One figure taken apart: by where, by whom, by how it came."""

from __future__ import annotations

import datetime as dt

from django.db.models import Case as Switch
from django.db.models import Count, F, QuerySet
from django.utils.translation import gettext_lazy as _

from cases.figures.asking import Period, Subject
from cases.figures.catalogue import CASE, CLOCK, FIGURES, STAY, VOICE, Figure, Words
from cases.figures.measuring import ONE, sides, sources
from cases.figures.values import NOTHING, Value
from cases.models.case import Case
from cases.models.past import CasePast

# what a figure may be split by, with the word for it
DIMENSIONS: dict[str, Words] = {
    "place": _("下级地点"),
    "organisation": _("单位"),
    "origin": _("来源"),
    "channel": _("渠道"),
    "level": _("层级"),
    "kind": _("类型"),
    "urgency": _("紧急程度"),
    "item": _("小项"),
}


def dimensions_of(code: str) -> list[str]:
    """A share of cases is nobody's alone, unless it is of what was resolved: then it is the resolver's."""
    figure = FIGURES[code]
    alone = figure.rows == CASE and figure.when != "resolved_at"
    return [name for name in DIMENSIONS if not (name == "organisation" and alone)]


def split(code: str, by: str, subject: Subject, period: Period, at: dt.datetime) -> dict[int | str, Value]:
    """key → value; keys are ids of places, organisations and items, else words. The parts add up to the whole, but
    for what stands at the place itself. One statement,
    two as of a past instant, and one more for cases by place where the tree has changed."""
    figure = FIGURES[code]
    num, den = sides(figure, subject, period, at)
    found: dict[int | str, Value] = {}
    for source in sources(figure, subject):
        rows = (
            source.filter(den)
            .order_by()
            .values(key=key_of(figure, by, source, subject))
            .annotate(den=Count(ONE), num=Count(ONE, filter=num))
        )
        for key, n, kept in rows.values_list("key", "den", "num"):
            if key is not None:
                found[key] = found.get(key, NOTHING) + Value(kept, n)
    return found


def key_of(figure: Figure, by: str, rows: QuerySet, subject: Subject) -> F | Switch:
    """What the rows of one source are split by."""
    if by == "place":
        if figure.rows in (CLOCK, VOICE):
            return subject.column_below()
        return subject.column_below("case__" if figure.rows == STAY else "", case_key(rows))
    if by == "organisation":
        return F("holder_id" if figure.rows == CASE else "organisation_id")
    column = "item_id" if by == "item" else by
    return F(column_of(rows, column) if figure.rows == CASE else f"case__{column}")


def column_of(rows: QuerySet, column: str) -> str:
    """A column of cases by what rows of them call it: what is not changed backwards is the case's."""
    lacks = rows.model is CasePast and column in ("channel", "level", "kind", "urgency", "item_id")
    return f"case__{column}" if lacks else column


def case_key(rows: QuerySet) -> str:
    """The column of the rows that names the case."""
    return "pk" if rows.model is Case else "case_id"
