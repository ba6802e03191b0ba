"""What the dashboard prints: the figures of `cases.queries.figures` laid out for one subject and period.

Statements: the figures of stages (the ranking's groups add up to them), everything counted on cases, the
trend, the worst cases, and one grouping over places, items and days. They do not grow with rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.urls import reverse
from django.utils.translation import gettext as _

from cases import rulebook
from cases.kinds import OPEN
from cases.models.case import ANCESTORS, Case
from cases.queries import figures
from cases.queries.figures import FIGURES, Period, Subject, Value
from cases.templatetags.huying import duration
from grid.queries import by_ids
from ledger import clock as host
from ledger.actor import Actor

TILES = ("accept_on_time", "resolve_on_time", "promise_kept", "feedback_on_time", "settled_at_level")
TREND = ("accept_on_time", "resolve_on_time", "feedback_on_time")
WEEKS = 12
NEAR = 3  # points below target that are still a warning
PERIODS = ("today", "week", "month", "quarter")


def period_of(name: str, at: dt.datetime) -> Period:
    """today, this week, month or quarter, whole: what is due later in it counts when it is decided."""
    today = host.local_date(at)
    if name == "today":
        return Period.of_days(today, today)
    if name == "week":
        monday = today - dt.timedelta(days=today.weekday())
        return Period.of_days(monday, monday + dt.timedelta(days=6))
    first = today.replace(day=1)
    if name == "quarter":
        first = first.replace(month=(today.month - 1) // 3 * 3 + 1)
    months = 3 if name == "quarter" else 1
    after = first
    for _month in range(months):
        after = (after + dt.timedelta(days=32)).replace(day=1)
    return Period.of_days(first, after - dt.timedelta(days=1))


def page(
    subject: Subject, period: Period, at: dt.datetime, by: Actor, *, group: str, link: Mapping[str, str]
) -> dict[str, Any]:
    """The template's context but for the frame; `link` are the parameters that name subject and period."""
    measured = figures.measure(subject, period, at, group)
    counted = figures.count(subject, period, at)
    now, before = {**measured.now, **counted.now}, {**measured.before, **counted.before}
    weeks = figures.trend(subject, WEEKS, at, TREND)
    grouped = _grouped(subject, period)
    return {
        "kpis": [_tile(code, now[code], before[code], weeks, link) for code in TILES],
        "intake": _intake(counted.numbers, link),
        "trend": _trend(weeks),
        "breaching": _breaching(subject, counted.numbers, at, link),
        "ranking": _ranking(figures.ranking(subject, measured, group), group, link),
        "places": _places(subject, grouped["place"], link),
        "top_items": _items(grouped["item"], link),
        "calendar": _calendar(grouped["day"], at),
    }


def state_of(value: Value, target: float) -> str:
    """ok at or above target, warn up to 3 points below, bad below; few: too small a sample for a lamp."""
    if value.rate is None or value.few:
        return "few"
    percent = value.rate * 100
    return "ok" if percent >= target else "warn" if percent >= target - NEAR else "bad"


def percent(value: Value) -> float | None:
    return None if value.rate is None else round(value.rate * 100, 1)


def list_url(link: Mapping[str, str], **more: str) -> str:
    return f"{reverse('cases:list')}?{urlencode({**link, **more})}"


def _tile(
    code: str, now: Value, before: Value, weeks: list[dict[str, Any]], link: Mapping[str, str]
) -> dict[str, Any]:
    figure = FIGURES[code]
    delta = None
    if now.rate is not None and before.rate is not None:
        delta = round((now.rate - before.rate) * 100, 1)
    spark = [percent(week["figures"][code]) for week in weeks if code in week["figures"]]
    return {
        "key": code,
        "label": str(figure.name),
        "rate": percent(now),
        "unit": "%",
        "numerator": now.numerator,
        "denominator": now.denominator,
        "target": figure.target,
        "delta": delta,
        "state": state_of(now, figure.target),
        "url": list_url(link, figure=code, part="denominator"),
        "spark": [point for point in spark if point is not None],
    }


def _intake(counts: dict[str, int], link: Mapping[str, str]) -> dict[str, Any]:
    now, earlier = counts["registered"], counts["registered_before"]
    words = _("主动发现 %(n)s") % {"n": counts["patrol"]}
    if earlier:
        change = round((now - earlier) / earlier * 100, 1)
        sign = "+" if change > 0 else "−" if change < 0 else ""
        words = _("环比 %(sign)s%(change)s%% · ") % {"sign": sign, "change": abs(change)} + words
    here = {key: value for key, value in link.items() if key not in ("from", "to")}
    return {
        "label": _("本期登记"),
        "value": now,
        "words": words,
        "green": counts["green"],
        "yellow": counts["yellow"],
        "red": counts["red"],
        "url": list_url(link, figure="registered"),
        **{
            f"{colour}_url": list_url(here, status="open", colour=colour)
            for colour in ("green", "yellow", "red")
        },
    }


def _trend(weeks: list[dict[str, Any]]) -> dict[str, Any]:
    lines = []
    for code in TREND:
        points = [percent(week["figures"][code]) for week in weeks]
        known = [point for point in points if point is not None]
        if known:
            off = known[-1] < FIGURES[code].target
            lines.append({"label": str(FIGURES[code].name), "points": points, "off_target": off})
    labels = [f"{week['since'].month}/{week['since'].day}" for week in weeks]
    return {"title": _("近 12 周走势"), "unit": "%", "labels": labels, "lines": lines}


def _breaching(
    subject: Subject, counts: dict[str, int], at: dt.datetime, link: Mapping[str, str]
) -> dict[str, Any]:
    rows = (
        Case.objects.filter(subject.of_cases(), status__in=OPEN, excluded=False, next_warn_at__lte=at)
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
        "late": counts["red"],
        "near": counts["yellow"],
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


def _ranking(rows: list[dict[str, Any]], group: str, link: Mapping[str, str]) -> dict[str, Any]:
    columns = ("accept_on_time", "resolve_on_time", "feedback_on_time")
    if group:
        columns = ("sign_on_time", "resolve_on_time", "feedback_on_time")
    own = {key: value for key, value in link.items() if key != "group"}
    base = reverse("cases:dashboard")
    groups = [{"label": _("下级地点"), "url": f"{base}?{urlencode(own)}", "current": not group}]
    groups += [
        {
            "label": str(label),
            "url": f"{base}?{urlencode({**own, 'group': name})}",
            "current": name == group,
        }
        for name, label in figures.GROUP_LABELS.items()
    ]
    return {
        "groups": groups,
        "columns": [str(FIGURES[code].name) for code in columns],
        "rows": [_rank_row(row, columns, own, group) for row in rows],
    }


def _rank_row(
    row: dict[str, Any], columns: tuple[str, ...], link: Mapping[str, str], group: str
) -> dict[str, Any]:
    score = None if row["score"] is None else round(row["score"] * 100, 1)
    target = 92
    state = "ok" if (score or 0) >= target else "warn" if (score or 0) >= target - NEAR else "bad"
    key = "organisation" if group else "place"
    return {
        "rank": row["rank"],
        "name": row["name"],
        "url": f"{reverse('cases:dashboard')}?{urlencode({**link, key: row['code']})}",
        "count": row["n"],
        "cells": [_cell(row["figures"].get(code, Value())) for code in columns],
        "score": score,
        "delta": None if row["delta"] is None else round(row["delta"] * 100, 1),
        "state": state,
        "few": _("不足 10 件，只列数，不排名") if row["few"] else "",
    }


def _cell(value: Value) -> str:
    return "—" if value.rate is None else f"{round(value.rate * 100, 1):g}%"


def _grouped(subject: Subject, period: Period) -> dict[str, list[tuple[Any, ...]]]:
    """Cases by next lower place (open, late), by item and by local day, in one statement."""
    child = figures.next_kind(subject.place)
    where, params = (
        Case.objects.filter(subject.of_cases(), excluded=False)
        .exclude(status="merged")
        .values("pk")
        .query.sql_with_params()
    )
    column = f"{child}_id" if child in ANCESTORS else "building_id"
    since, until = period.since, period.until
    year_ago = until - dt.timedelta(days=133)
    sql = f"""
        SELECT grouping(c.{column}, c.item_id, d.day), c.{column}, c.item_id, d.day,
               count(*) FILTER (WHERE c.status = ANY (%s)),
               count(*) FILTER (WHERE c.status = ANY (%s) AND c.next_due_at < now()),
               count(*) FILTER (WHERE c.received_at >= %s AND c.received_at < %s),
               count(*) FILTER (WHERE c.received_at >= %s AND c.received_at < %s)
        FROM cases_case c
        CROSS JOIN LATERAL (SELECT CASE WHEN c.received_at >= %s
                                        THEN (c.received_at AT TIME ZONE 'Asia/Shanghai')::date END AS day) d
        WHERE c.id IN ({where})
        GROUP BY GROUPING SETS ((c.{column}), (c.item_id), (d.day))
    """  # noqa: S608 — the column is one of ANCESTORS, the inner query is the ORM's
    before = period.before
    values = [list(OPEN), list(OPEN), since, until, before.since, before.until, year_ago, *params]
    found: dict[str, list[tuple[Any, ...]]] = {"place": [], "item": [], "day": []}
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        for level, place, item, day, live, late, now, earlier in cursor.fetchall():
            if level == 3 and place is not None:
                found["place"].append((place, live, late))
            elif level == 5 and item is not None and now:
                found["item"].append((item, now, earlier))
            elif level == 6 and day is not None:
                found["day"].append((day, live, now))
    return found


def _places(subject: Subject, rows: list[tuple[Any, ...]], link: Mapping[str, str]) -> list[dict[str, Any]]:
    names = by_ids(pk for pk, _live, _late in rows)
    shown = sorted((row for row in rows if row[0] in names and row[1]), key=lambda row: -row[1])[:8]
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


def _items(rows: list[tuple[Any, ...]], link: Mapping[str, str]) -> list[dict[str, Any]]:
    shown = sorted(rows, key=lambda row: -row[1])[:5]
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


def _calendar(rows: list[tuple[Any, ...]], at: dt.datetime) -> dict[str, Any] | None:
    """The last 19 weeks of registrations, a square a day."""
    counts = {day: n for day, _live, n in rows}
    totals = counts if any(counts.values()) else {}
    if not totals:
        return None
    today = host.local_date(at)
    monday = today - dt.timedelta(days=today.weekday())
    most = max(totals.values())
    weeks, month = [], 0
    for back in range(18, -1, -1):
        first = monday - dt.timedelta(weeks=back)
        days = [_square(first + dt.timedelta(days=n), totals, most, today) for n in range(7)]
        label = _("%(month)s月") % {"month": first.month} if first.month != month else ""
        month = first.month
        weeks.append({"label": label, "days": days})
    return {"title": _("每日登记热力日历"), "words": "", "weeks": weeks}


def _square(day: dt.date, counts: dict[dt.date, int], most: int, today: dt.date) -> dict[str, Any] | None:
    if day > today:
        return None
    n = counts.get(day, 0)
    step = 0 if not n else min(5, 1 + n * 4 // most)
    return {"n": n, "step": step, "title": f"{day:%m-%d} · {n}"}
