"""What rises fastest against its own past: items, and the places one kind below.

A period's registrations are compared with as many days of the weeks before it, whole ones so that every weekday is in
them. Ranked by (now − expected) ÷ √expected: how far beyond its own ups and downs it is, so that a large one with a
small step does not hide a small one with a large step, and one that was rare before does not win by chance."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from math import sqrt

from django.db import connection

from cases.figures.asking import Period, Subject
from cases.figures.behind import DENOMINATOR, REGISTERED, sources_behind
from cases.figures.measuring import together
from cases.figures.splitting import case_key, column_of
from cases.figures.values import FEW

WEEKS, MOST_WEEKS = 8, 52
STARTLING = 2.0  # beyond this it is hardly chance
SQL = """
SELECT CASE WHEN grouping(item_id) = 0 THEN 'item' ELSE 'place' END, item_id, place,
       sum(now)::bigint, sum(before)::bigint
FROM (SELECT item_id, place, count(*) FILTER (WHERE received_at >= %s) AS now,
             count(*) FILTER (WHERE received_at < %s) AS before
      FROM ({taken}) AS taken (item_id, place, received_at) GROUP BY 1, 2) AS pairs
GROUP BY GROUPING SETS ((item_id), (place))
"""


@dataclass(frozen=True)
class Rise:
    """`now` in the period, `before` in the weeks before, of which `expected` falls to as many days as the period."""

    pk: int
    now: int
    before: int
    expected: float

    @property
    def signal(self) -> float:
        return (self.now - self.expected) / sqrt(max(self.expected, 1.0))

    @property
    def times(self) -> float | None:
        return self.now / self.expected if self.expected else None

    @property
    def few(self) -> bool:
        return self.now < FEW


@dataclass(frozen=True)
class Rising:
    """Those that rise, the fastest first, small samples behind the others; `base` is the stretch they are compared
    with."""

    items: list[Rise]
    places: list[Rise]
    base: Period


def base_of(period: Period, at: dt.datetime) -> tuple[Period, float]:
    """(the whole weeks just before the period, how much of them the part of the period that is over comes to)."""
    seen = max(min(period.until, at) - period.since, dt.timedelta(0))
    weeks = min(max(WEEKS, 4 * -(-seen // dt.timedelta(weeks=1))), MOST_WEEKS)
    span = dt.timedelta(weeks=weeks)
    return Period(period.since - span, period.since), seen / span


def rising(subject: Subject, period: Period, at: dt.datetime) -> Rising:
    """One statement; one more where the tree has changed."""
    base, share = base_of(period, subject.as_of or at)
    both = replace(period, since=base.since)
    rows = together(
        source.order_by()
        .annotate(below=subject.column_below("", case_key(source)))
        .values_list(column_of(source, "item_id"), "below", "received_at")
        for source in sources_behind(REGISTERED, DENOMINATOR, subject, both, at)
    )
    sql, params = rows.query.sql_with_params()
    found: dict[str, list[Rise]] = {"item": [], "place": []}
    with connection.cursor() as cursor:
        cursor.execute(SQL.format(taken=sql), [period.since, period.since, *params])
        for what, item, place, now, before in cursor.fetchall():
            pk = item if what == "item" else place
            if pk is not None:
                found[what].append(Rise(pk, now, before, before * share))
    return Rising(_order(found["item"]), _order(found["place"]), base)


def _order(rows: list[Rise]) -> list[Rise]:
    up = [row for row in rows if row.now > row.expected]
    return sorted(up, key=lambda row: (row.few, -row.signal, row.pk))
