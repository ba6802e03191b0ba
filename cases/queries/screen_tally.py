"""What the command screen counts besides rates, in one statement: what is open, what came and was done today, where
and at which hours it came in the last weeks."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

from django.db import connection

from cases.figures.asking import Subject
from cases.figures.kept import kept
from cases.figures.measuring import counted, open_now
from ledger import clock as host

WEEKS = 4
SQL = """
SELECT 'open', place, NULL::int, NULL::int, count(*),
       count(*) FILTER (WHERE next_due_at < %s),
       count(*) FILTER (WHERE next_due_at >= %s AND next_warn_at <= %s)
FROM (SELECT {child} AS place, next_due_at, next_warn_at FROM ({open}) AS live) AS open GROUP BY place
UNION ALL
SELECT CASE WHEN grouping(place) = 0 THEN 'spot' WHEN grouping(hour) = 0 THEN 'hour' ELSE 'came' END,
       place, weekday, hour, count(*),
       count(*) FILTER (WHERE received_at >= %s),
       count(*) FILTER (WHERE received_at >= %s AND received_at <= %s)
FROM (SELECT CASE WHEN sensitive THEN NULL ELSE {fine} END AS place, received_at,
             extract(isodow FROM received_at AT TIME ZONE 'Asia/Shanghai')::int AS weekday,
             extract(hour FROM received_at AT TIME ZONE 'Asia/Shanghai')::int AS hour
      FROM ({taken}) AS taken) AS dated
GROUP BY GROUPING SETS ((place), (weekday, hour), ())
UNION ALL
SELECT 'done', NULL, NULL, NULL, count(*),
       count(*) FILTER (WHERE resolved_at >= %s),
       count(*) FILTER (WHERE resolved_at <= %s)
FROM ({done}) AS done
"""


@dataclass
class ScreenTally:
    """Today's and yesterday's until the same minute; `spots`: id of a fine place → registered in the last weeks,
    without the sensitive ones, which no heat map shows (SPEC §4); `hours`: (weekday from 1, hour) → all registered in
    them; `places`: id one kind below → (open, past due)."""

    registered: int = 0
    registered_before: int = 0
    resolved: int = 0
    resolved_before: int = 0
    colours: Counter[str] = field(default_factory=Counter)
    places: dict[int, tuple[int, int]] = field(default_factory=dict)
    spots: dict[int, int] = field(default_factory=dict)
    hours: dict[tuple[int, int], int] = field(default_factory=dict)


@kept
def screen_tally(subject: Subject, at: dt.datetime, *, child: str, fine: str) -> ScreenTally:
    """`child` and `fine` are columns of places: one kind below, and what the map is drawn with."""
    rows = counted(subject).order_by()
    today = host.local_midnight(host.local_date(at))
    yesterday, same_time = today - dt.timedelta(days=1), at - dt.timedelta(days=1)
    since = today - dt.timedelta(weeks=WEEKS)
    live, live_params = _sql(open_now(subject).order_by().values_list(child, "next_due_at", "next_warn_at"))
    taken, taken_params = _sql(
        rows.filter(received_at__gte=since).values_list(fine, "received_at", "sensitive")
    )
    done, done_params = _sql(rows.filter(resolved_at__gte=yesterday).values_list("resolved_at"))
    found = ScreenTally()
    with connection.cursor() as cursor:
        cursor.execute(
            SQL.format(open=live, taken=taken, done=done, child=child, fine=fine),
            [
                *(at, at, at, *live_params),
                *(today, yesterday, same_time, *taken_params),
                *(today, same_time, *done_params),
            ],
        )
        for what, place, weekday, hour, n, one, two in cursor.fetchall():
            if what == "open":
                found.colours.update(open=n, red=one, yellow=two)
                if place is not None:
                    found.places[place] = (n, one)
            elif what == "spot" and place is not None:
                found.spots[place] = n
            elif what == "hour":
                found.hours[weekday, hour] = n
            elif what == "came":
                found.registered, found.registered_before = one, two
            elif what == "done":
                found.resolved, found.resolved_before = one, two
    return found


def _sql(rows) -> tuple[str, tuple]:
    return rows.query.sql_with_params()
