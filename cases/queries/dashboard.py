"""What the dashboard prints: the figures of `cases.figures` laid out for one subject and period.

Statements: the figures of stages (the ranking's groups add up to them), everything counted on cases, the
trend, the worst cases, and one grouping over places, items and days. They do not grow with rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from cases import rulebook
from cases.figures.asking import Period, Subject
from cases.figures.behind import DENOMINATOR, NUMERATOR
from cases.figures.catalogue import FIGURES, OF_ROWS
from cases.figures.measuring import count, measure, ranked_by
from cases.figures.ranking import GROUP_LABELS, ranking
from cases.figures.trend import weekly
from cases.figures.values import Value
from cases.kinds import OPEN
from cases.models.case import Case
from cases.queries import tallying
from cases.queries.figure_pages import NEAR, figure_url, number_url, state_of
from cases.queries.open_then import open_at
from cases.queries.tallying import Tally
from cases.scope import listed
from cases.templatetags.huying import duration
from grid.queries import by_ids
from ledger import clock as host
from ledger.actor import Actor

TILES = ("accept_on_time", "resolve_on_time", "promise_kept", "feedback_on_time", "settled_at_level")
TREND = ("accept_on_time", "resolve_on_time", "feedback_on_time")
WEEKS = 12
SQUARES = 19  # weeks of the calendar
SHARES = tuple(code for code in TILES if code in OF_ROWS)


def page(
    subject: Subject, period: Period, at: dt.datetime, by: Actor, *, group: str, link: Mapping[str, str]
) -> dict[str, Any]:
    """The template's context but for the frame; `link` are the parameters that name subject and period."""
    measured = measure(subject, period, at, group)
    kept, kept_before = count(subject, [period, period.before], at, SHARES)
    now, before = {**measured.now, **kept}, {**measured.before, **kept_before}
    weeks = weekly(subject, WEEKS, at, TREND)
    tally = tallying.tally(subject, period, at, since=_first_square(subject.as_of or at))
    return {
        "kpis": [_tile(code, now[code], before[code], weeks, link) for code in TILES],
        "intake": _intake(tally, link),
        "trend": trend_chart(weeks),
        "breaching": _breaching(subject, tally, at, by, link),
        "ranking": _ranking(ranking(subject, measured, group), subject, group, link),
        "places": _places(tally, link),
        "top_items": _items(tally, link),
        "calendar": _calendar(tally.days, subject.as_of or at),
    }


def list_url(link: Mapping[str, str], **more: str) -> str:
    return f"{reverse('cases:list')}?{urlencode({**link, **more})}"


def _tile(
    code: str, now: Value, before: Value, weeks: list[dict[str, Any]], link: Mapping[str, str]
) -> dict[str, Any]:
    figure = FIGURES[code]
    delta = None
    if now.rate is not None and before.rate is not None:
        delta = round((now.rate - before.rate) * 100, 1)
    spark = [week["figures"][code].percent for week in weeks if code in week["figures"]]
    return {
        "key": code,
        "label": str(figure.name),
        "rate": now.percent,
        "unit": "%",
        "numerator": now.numerator,
        "denominator": now.denominator,
        "target": figure.target,
        "delta": delta,
        "state": state_of(now, figure),
        "figure_url": figure_url(code, link),
        "num_url": number_url(code, NUMERATOR, link),
        "den_url": number_url(code, DENOMINATOR, link),
        "spark": [point for point in spark if point is not None],
    }


def _intake(tally: Tally, link: Mapping[str, str]) -> dict[str, Any]:
    now, earlier = tally.registered, tally.registered_before
    words = _("主动发现 %(n)s") % {"n": tally.patrol}
    if earlier:
        change = round((now - earlier) / earlier * 100, 1)
        sign = "+" if change > 0 else "−" if change < 0 else ""
        words = _("环比 %(sign)s%(change)s%% · ") % {"sign": sign, "change": abs(change)} + words
    here = {key: value for key, value in link.items() if key not in ("from", "to")}
    return {
        "label": _("本期登记"),
        "value": now,
        "words": words,
        **{colour: tally.colours[colour] for colour in ("green", "yellow", "red")},
        "url": list_url(link, figure="registered"),
        **{
            f"{colour}_url": list_url(here, status="open", colour=colour)
            for colour in ("green", "yellow", "red")
        },
    }


def trend_chart(weeks: list[dict[str, Any]]) -> dict[str, Any]:
    lines = []
    for code in TREND:
        points = [week["figures"][code].percent for week in weeks]
        known = [point for point in points if point is not None]
        if known:
            off = known[-1] < FIGURES[code].target
            lines.append({"label": str(FIGURES[code].name), "points": points, "off_target": off})
    labels = [f"{week['since'].month}/{week['since'].day}" for week in weeks]
    return {"title": _("近 12 周走势"), "unit": "%", "labels": labels, "lines": lines}


def _breaching(
    subject: Subject, tally: Tally, at: dt.datetime, by: Actor, link: Mapping[str, str]
) -> dict[str, Any]:
    """The worst of what the reader may list; the numbers beside them count all."""
    wanted = Q(subject.of_open(), status__in=OPEN, excluded=False, next_warn_at__lte=at)
    if subject.as_of is not None:
        live, late, near = open_at(subject, at)
        wanted, at = Q(pk__in=live.filter(late | near).values("pk")), subject.as_of
    rows = (
        listed(by)
        .filter(wanted)
        .select_related("holder", "holder_account__person")
        .only(
            "number",
            "title",
            "sensitive",
            "confidential",
            "next_due_at",
            "next_warn_at",
            "holder__short_name",
            "holder_account__person__name",
        )
        .order_by("next_due_at", "pk")[:6]
    )
    here = {key: value for key, value in link.items() if key not in ("from", "to")}
    return {
        "late": tally.colours["red"],
        "near": tally.colours["yellow"],
        "url": list_url(here, status="open", colour="red,yellow"),
        "rows": [_breaching_row(case, at) for case in rows],
    }


def _breaching_row(case: Case, at: dt.datetime) -> dict[str, Any]:
    due_at = case.next_due_at or at
    late = due_at < at
    words = _("超 %(time)s") if late else _("剩 %(time)s")
    account = case.holder_account
    return {
        "title": _("（不公开）") if case.sensitive or case.confidential else case.title,
        "url": reverse("cases:detail", args=[case.number]),
        "holder_name": case.holder.short_name,
        "holder_person": account.person.name if account else "",
        "colour": "red" if late else "yellow",
        "time_words": words % {"time": duration(due_at - at)},
        "percent": 100 if late else 90,
    }


def _ranking(
    rows: list[dict[str, Any]], subject: Subject, group: str, link: Mapping[str, str]
) -> dict[str, Any]:
    key = "organisation" if ranked_by(subject, group) == "organisation_id" else "place"
    columns = ("accept_on_time", "resolve_on_time", "feedback_on_time")
    if group:
        columns = ("sign_on_time", "resolve_on_time", "feedback_on_time")
    own = {key: value for key, value in link.items() if key != "group"}
    base = reverse("cases:dashboard")
    groups = [
        {
            "label": _("下级地点") if subject.place else _("本单位"),
            "url": f"{base}?{urlencode(own)}",
            "current": not group,
        }
    ]
    groups += [
        {
            "label": str(label),
            "url": f"{base}?{urlencode({**own, 'group': name})}",
            "current": name == group,
        }
        for name, label in GROUP_LABELS.items()
    ]
    return {
        "groups": groups,
        "columns": [str(FIGURES[code].name) for code in columns],
        "rows": [_rank_row(row, columns, own, key) for row in rows if row["n"]],
        "words": _("到期环节：受理、派遣、签收、办结、反馈、核查各算一个；综合得分是其中按时的比例。"),
    }


def _rank_row(
    row: dict[str, Any], columns: tuple[str, ...], link: Mapping[str, str], key: str
) -> dict[str, Any]:
    score = None if row["score"] is None else round(row["score"] * 100, 1)
    target = 92
    state = "ok" if (score or 0) >= target else "warn" if (score or 0) >= target - NEAR else "bad"
    return {
        "rank": row["rank"],
        "name": row["name"],
        "url": f"{reverse('cases:dashboard')}?{urlencode({**link, key: row['code']})}",
        "count": row["n"],
        "cells": [_cell(row["figures"].get(code, Value())) for code in columns],
        "score": score,
        "delta": None if row["delta"] is None else round(row["delta"] * 100, 1),
        "state": state,
        "few": _("不足 10 个，只列数，不排名") if row["few"] else "",
    }


def _cell(value: Value) -> str:
    return "—" if value.percent is None else f"{value.percent:g}%"


def _places(tally: Tally, link: Mapping[str, str]) -> list[dict[str, Any]]:
    names = by_ids(tally.places)
    shown = sorted(
        ((pk, *counts) for pk, counts in tally.places.items() if pk in names), key=lambda row: -row[1]
    )[:8]
    most = max((row[1] for row in shown), default=1)
    return [
        {
            "name": names[pk].name,
            "url": f"{reverse('cases:dashboard')}?{urlencode({**link, 'place': names[pk].code})}",
            "open": live,
            "late": late,
            "near": 0,
            "percent": live / most * 100,
        }
        for pk, live, late in shown
    ]


def _items(tally: Tally, link: Mapping[str, str]) -> list[dict[str, Any]]:
    shown = sorted(((pk, *counts) for pk, counts in tally.items.items()), key=lambda row: -row[1])[:5]
    most = shown[0][1] if shown else 1
    found = []
    for pk, now, earlier in shown:
        item = rulebook.item_by_id(pk)
        if item is None:
            continue
        delta = round((now - earlier) / earlier * 100) if earlier else None
        url = list_url(link, figure="registered", item=item.code)
        found.append(
            {"name": item.name, "count": now, "delta": delta, "percent": now / most * 100, "url": url}
        )
    return found


def _first_square(at: dt.datetime) -> dt.date:
    """The Monday that the calendar begins with."""
    today = host.local_date(at)
    return today - dt.timedelta(days=today.weekday(), weeks=SQUARES - 1)


def _calendar(totals: Mapping[dt.date, int], at: dt.datetime) -> dict[str, Any] | None:
    """The last weeks of registrations, a square a day."""
    if not totals:
        return None
    today, monday = host.local_date(at), _first_square(at)
    most = max(totals.values())
    weeks, month = [], 0
    for n in range(SQUARES):
        first = monday + dt.timedelta(weeks=n)
        days = [_square(first + dt.timedelta(days=n), totals, most, today) for n in range(7)]
        label = _("%(month)s月") % {"month": first.month} if first.month != month else ""
        month = first.month
        weeks.append({"label": label, "days": days})
    return {"title": _("每日登记热力日历"), "words": "", "weeks": weeks}


def _square(day: dt.date, counts: Mapping[dt.date, int], most: int, today: dt.date) -> dict[str, Any] | None:
    if day > today:
        return None
    n = counts.get(day, 0)
    step = 0 if not n else min(5, 1 + n * 4 // most)
    return {"n": n, "step": step, "title": f"{day:%m-%d} · {n}"}
