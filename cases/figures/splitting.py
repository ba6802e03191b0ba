"""One figure taken apart: by where, by whom, by how it came."""

from __future__ import annotations

import datetime as dt

from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from cases.figures.asking import Period, Subject
from cases.figures.catalogue import CASE, CLOCK, FIGURES, Words
from cases.figures.measuring import ONE, sides, sources
from cases.figures.values import NOTHING, Value
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
    two as of a past instant."""
    figure = FIGURES[code]
    column = column_of(code, by, subject)
    num, den = sides(figure, subject, period, at)
    found: dict[int | str, Value] = {}
    for source in sources(figure, subject):
        name = column if not by_past(source, column) else f"case__{column}"
        rows = source.filter(den).order_by().values_list(name)
        for key, n, kept in rows.annotate(den=Count(ONE), num=Count(ONE, filter=num)):
            if key is not None:
                found[key] = found.get(key, NOTHING) + Value(kept, n)
    return found


def by_past(rows: QuerySet, column: str) -> bool:
    """Is this a column that the kept rows of cases lack, since it is not changed backwards? Then it is the case's."""
    return rows.model is CasePast and column in ("channel", "level", "kind", "urgency", "item_id")


def column_of(code: str, by: str, subject: Subject) -> str:
    rows = FIGURES[code].rows
    if by == "place":
        column = f"{subject.kind_below}_id"
        return column if rows in (CASE, CLOCK) else f"case__{column}"
    if by == "organisation":
        return "holder_id" if rows == CASE else "organisation_id"
    column = "item_id" if by == "item" else by
    return column if rows == CASE else f"case__{column}"
