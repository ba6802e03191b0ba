"""What the dashboard prints: the figures of `cases.figures` laid out for one subject and period.

Statements: the figures of stages (the ranking's groups add up to them), what is counted on cases and of a year ago,
the trend, the worst cases, and one grouping over places, items and days. They do not grow with rows. What is read
further down comes by itself (cases.queries.dashboard_parts).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from cases.figures import statements
from cases.figures.asking import Period, Subject
from cases.figures.behind import DENOMINATOR, NUMERATOR
from cases.figures.catalogue import FIGURES, OF_ROWS
from cases.figures.measuring import count_each, measure
from cases.figures.open_then import open_at
from cases.figures.ranking import ranking
from cases.figures.statements import Statement
from cases.figures.trend import weekly
from cases.figures.values import Value
from cases.kinds import OPEN
from cases.queries import dashboard_tables, lists, tallying
from cases.queries.addresses import address
from cases.queries.figure_pages import figure_url, list_url, number_url, plain_url, points, state_of
from cases.queries.tallying import Tally
from cases.scope import listed
from cases.templatetags.huying import duration
from ledger.actor import Actor

TILES = ("accept_on_time", "resolve_on_time", "promise_kept", "feedback_on_time", "settled_at_level")
TREND = ("accept_on_time", "resolve_on_time", "feedback_on_time")
WEEKS = 12
# the lights of what is open, and the number behind each
COLOURS = {"green": "fine", "yellow": "near", "red": "late"}
ROW = (
    "number",
    "title",
    "sensitive",
    "confidential",
    "next_due_at",
    "holder__short_name",
    "holder_account__person__name",
)
WORST = 6
VOICES = ("solved", "satisfied", "rated")  # what callers say
SHARES = tuple(code for code in TILES if code in OF_ROWS) + VOICES


def page(
    subject: Subject, period: Period, at: dt.datetime, by: Actor, *, group: str, link: Mapping[str, str]
) -> dict[str, Any]:
    """The template's context but for the frame; `link` are the parameters that name subject and period."""
    measured = measure(subject, period, at, group)
    kept, kept_before, year = count_each(
        subject, [(period, SHARES), (period.before, SHARES), (period.year_before, TILES + VOICES)], at
    )
    now, before = {**measured.now, **kept}, {**measured.before, **kept_before}
    weeks = weekly(subject, WEEKS, at, TREND)
    day = subject.as_of or at
    tally = tallying.tally(subject, period, at, since=dashboard_tables.first_square(day))
    return {
        "kpis": [_tile(code, now[code], before[code], year[code], weeks, link) for code in TILES],
        "intake": _intake(tally, link),
        "voices": [_tile(code, now[code], before[code], year[code], weeks, link) for code in VOICES],
        "trend": trend_chart(weeks),
        "breaching": _breaching(subject, tally, at, by, link),
        "ranking": dashboard_tables.ranked(ranking(subject, measured, group), subject, group, link),
        "places": dashboard_tables.places(tally, link),
        "top_items": dashboard_tables.items(tally, link),
        "calendar": dashboard_tables.calendar(tally.days, day, link),
    }


def _tile(
    code: str, now: Value, before: Value, year: Value, weeks: list[dict[str, Any]], link: Mapping[str, str]
) -> dict[str, Any]:
    figure = FIGURES[code]
    spark = [week["figures"][code].percent for week in weeks if code in week["figures"]]
    return {
        "key": code,
        "label": str(figure.name),
        "rate": now.percent,
        "unit": "%",
        "numerator": now.numerator,
        "denominator": now.denominator,
        "target": figure.target,
        "deltas": [
            {"label": _("环比"), "points": points(now, before)},
            {"label": _("同比"), "points": points(now, year)},
        ],
        "state": state_of(now, figure),
        "figure_url": figure_url(code, link),
        "num_url": number_url(code, NUMERATOR, link),
        "den_url": number_url(code, DENOMINATOR, link),
        "spark": [point for point in spark if point is not None],
    }


def _intake(tally: Tally, link: Mapping[str, str]) -> dict[str, Any]:
    now, earlier = tally.registered, tally.registered_before
    change = round((now - earlier) / earlier * 100, 1) if earlier else None
    return {
        "label": _("本期登记"),
        "value": now,
        "change": change,
        "patrol": tally.patrol,
        "url": plain_url("registered", link),
        "patrol_url": plain_url("registered", link, origin="patrol"),
        **{colour: tally.colours[colour] for colour in COLOURS},
        **{f"{colour}_url": plain_url(code, link) for colour, code in COLOURS.items()},
    }


def trend_chart(weeks: list[dict[str, Any]]) -> dict[str, Any]:
    lines = []
    for code in TREND:
        points = [week["figures"][code].percent for week in weeks]
        known = [point for point in points if point is not None]
        if known:
            off = known[-1] < FIGURES[code].target
            cells = ["–" if point is None else f"{point}%" for point in points]
            line = {"label": str(FIGURES[code].name), "points": points, "cells": cells, "off_target": off}
            lines.append(line)
    labels = [f"{week['since'].month}/{week['since'].day}" for week in weeks]
    return {"title": _("近 12 周走势"), "unit": "%", "labels": labels, "lines": lines}


def _breaching(
    subject: Subject, tally: Tally, at: dt.datetime, by: Actor, link: Mapping[str, str]
) -> dict[str, Any]:
    """The worst of what the reader may list; the numbers beside them count all."""
    readable = listed(by)

    def make(subject: Subject, instants: Sequence[dt.datetime]) -> Statement:
        rows = readable if subject.organisation is None else lists.held(by, subject.units())
        if subject.as_of is None:
            rows = rows.filter(
                subject.of_open(), status__in=OPEN, excluded=False, next_warn_at__lte=instants[0]
            )
        else:
            live, late, near = open_at(subject, subject.as_of)
            rows = readable.filter(pk__in=live.filter(late | near).values("pk"))
        return rows.order_by("next_due_at", "pk").values_list(*ROW)[:WORST].query.sql_with_params()

    rows = statements.rows(("breaching", readable), subject, [at], make)
    return {
        "late": tally.colours["red"],
        "near": tally.colours["yellow"],
        "late_url": plain_url("late", link),
        "near_url": plain_url("near", link),
        "url": list_url(
            {key: link[key] for key in ("place", "organisation") if key in link},
            status="open",
            colour="red,yellow",
        ),
        "rows": [_breaching_row(dict(zip(ROW, row, strict=True)), subject.as_of or at) for row in rows],
    }


def _breaching_row(case: Mapping[str, Any], at: dt.datetime) -> dict[str, Any]:
    due_at = case["next_due_at"] or at
    late = due_at < at
    words = _("超 %(time)s") if late else _("剩 %(time)s")
    return {
        "title": _("（不公开）") if case["sensitive"] or case["confidential"] else case["title"],
        "url": address("detail", case["number"]),
        "holder_name": case["holder__short_name"],
        "holder_person": case["holder_account__person__name"] or "",
        "colour": "red" if late else "yellow",
        "time_words": words % {"time": duration(due_at - at)},
        "percent": 100 if late else 90,
    }
