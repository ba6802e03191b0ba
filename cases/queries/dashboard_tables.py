"""The tables of the dashboard: who stands where among its like, what is open where, what came most, day by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from cases import rulebook
from cases.figures.asking import Subject
from cases.figures.behind import DENOMINATOR, NUMERATOR
from cases.figures.catalogue import FIGURES
from cases.figures.measuring import BY_UNIT, ranked_by
from cases.figures.parts import WEEKDAYS
from cases.figures.ranking import GROUP_LABELS
from cases.figures.values import NOTHING, Value
from cases.queries.addresses import address
from cases.queries.figure_pages import NEAR, plain_url, short
from cases.queries.tallying import Tally
from grid.queries import by_ids
from ledger import clock as host

SQUARES = 19  # weeks of the calendar
TARGET = 92


def ranked(
    rows: list[dict[str, Any]], subject: Subject, group: str, link: Mapping[str, str]
) -> dict[str, Any]:
    key = "organisation" if ranked_by(subject, group) == BY_UNIT else "place"
    columns = ("accept_on_time", "resolve_on_time", "feedback_on_time")
    if group:
        columns = ("sign_on_time", "resolve_on_time", "feedback_on_time")
    own = {key: value for key, value in link.items() if key != "group"}
    base = address("dashboard")
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
    sides = (NUMERATOR, DENOMINATOR)
    opens = {
        (code, side): address("figure_rows", code, side) for code in ("stages", *columns) for side in sides
    }
    return {
        "groups": groups,
        "by_unit": key == "organisation",
        "columns": [str(FIGURES[code].name) for code in columns],
        "rows": [_rank_row(row, columns, own, key, opens) for row in rows if row["n"]],
        "words": _("到期环节：受理、派遣、签收、办结、反馈、核查各算一个；综合得分是其中按时的比例。"),
    }


def _rank_row(
    row: dict[str, Any],
    columns: tuple[str, ...],
    link: Mapping[str, str],
    key: str,
    opens: Mapping[tuple[str, str], str],
) -> dict[str, Any]:
    """`opens` says where the rows of each side of a figure are, whoever's they are."""
    score = None if row["score"] is None else round(row["score"] * 100, 1)
    state = "ok" if (score or 0) >= TARGET else "warn" if (score or 0) >= TARGET - NEAR else "bad"
    # a place with all below it, a unit alone
    own = urlencode({**link, "place" if key == "place" else "unit": row["code"]})
    return {
        "rank": row["rank"],
        "name": short(row["name"]),
        "url": f"{address('dashboard')}?{urlencode({**link, key: row['code']})}",
        "count": row["n"],
        "count_url": f"{opens['stages', DENOMINATOR]}?{own}",
        "kept": row["kept"],
        "kept_url": f"{opens['stages', NUMERATOR]}?{own}",
        "cells": [
            {
                **_cell(row["figures"].get(code, NOTHING)),
                "num_url": f"{opens[code, NUMERATOR]}?{own}",
                "den_url": f"{opens[code, DENOMINATOR]}?{own}",
            }
            for code in columns
        ],
        "score": score,
        "delta": None if row["delta"] is None else round(row["delta"] * 100, 1),
        "state": state,
        "few": _("不足 10 个，只列数，不排名") if row["few"] else "",
    }


def _cell(value: Value) -> dict[str, Any]:
    return {
        "words": "—" if value.percent is None else f"{value.percent:g}%",
        "numerator": value.numerator,
        "denominator": value.denominator,
    }


def places(tally: Tally, link: Mapping[str, str]) -> list[dict[str, Any]]:
    names = by_ids(tally.places)
    shown = sorted(
        ((pk, *counts) for pk, counts in tally.places.items() if pk in names), key=lambda row: -row[1]
    )[:8]
    most = max((row[1] for row in shown), default=1)
    return [
        {
            "name": short(names[pk].name),
            "url": f"{address('dashboard')}?{urlencode({**link, 'place': names[pk].code})}",
            "open": live,
            "open_url": plain_url("open", {**link, "place": names[pk].code}),
            "late": late,
            "late_url": plain_url("late", {**link, "place": names[pk].code}),
            "percent": live / most * 100,
        }
        for pk, live, late in shown
    ]


def items(tally: Tally, link: Mapping[str, str]) -> list[dict[str, Any]]:
    shown = sorted(((pk, *counts) for pk, counts in tally.items.items()), key=lambda row: -row[1])[:5]
    most = shown[0][1] if shown else 1
    found = []
    for pk, now, earlier in shown:
        item = rulebook.item_by_id(pk)
        if item is None:
            continue
        delta = round((now - earlier) / earlier * 100) if earlier else None
        url = plain_url("registered", link, item=item.code)
        found.append(
            {"name": item.name, "count": now, "delta": delta, "percent": now / most * 100, "url": url}
        )
    return found


def first_square(at: dt.datetime) -> dt.date:
    """The Monday that the calendar begins with."""
    today = host.local_date(at)
    return today - dt.timedelta(days=today.weekday(), weeks=SQUARES - 1)


def calendar(
    totals: Mapping[dt.date, int], at: dt.datetime, link: Mapping[str, str]
) -> dict[str, Any] | None:
    """The last weeks of registrations, a square a day, and the table behind them."""
    if not totals:
        return None
    today, monday = host.local_date(at), first_square(at)
    most = max(totals.values())
    opens = plain_url("registered", {key: link[key] for key in link if key not in ("from", "to")})
    weeks, month = [], 0
    for n in range(SQUARES):
        first = monday + dt.timedelta(weeks=n)
        days = [_square(first + dt.timedelta(days=n), totals, most, today, opens) for n in range(7)]
        label = _("%(month)s月") % {"month": first.month} if first.month != month else ""
        month = first.month
        weeks.append({"label": label, "first": f"{first:%m-%d}", "days": days})
    return {"title": _("每日登记热力日历"), "words": _busiest(totals), "weeks": weeks}


def _busiest(totals: Mapping[dt.date, int]) -> str:
    """The weekday on which most comes, where one stands out."""
    sums = [0] * 7
    for day, n in totals.items():
        sums[day.weekday()] += n
    most = max(range(7), key=sums.__getitem__)
    share = sums[most] / max(sum(sums), 1)
    if sum(sums) < 70 or share < 0.2:
        return ""
    return _("%(day)s最多，占 %(share)s%%。") % {"day": WEEKDAYS[most], "share": round(share * 100)}


def _square(
    day: dt.date, counts: Mapping[dt.date, int], most: int, today: dt.date, opens: str
) -> dict[str, Any] | None:
    """`opens` is where registrations are listed, whenever they came."""
    if day > today:
        return None
    n = counts.get(day, 0)
    step = 0 if not n else min(5, 1 + n * 4 // most)
    return {"n": n, "step": step, "title": f"{day:%m-%d} · {n}", "url": f"{opens}&from={day}&to={day}"}
