"""What the dashboard counts besides rates: open cases by place and colour, registrations by item and by day."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Count

from cases.figures import past
from cases.figures.asking import Period, Subject
from cases.figures.kept import kept
from cases.figures.measuring import ONE, counted, open_now
from cases.figures.open_then import open_at
from cases.models.case import ANCESTORS, Case
from ledger import clock as host

SQL = """
SELECT 'place', place, NULL::date, count(*),
       count(*) FILTER (WHERE next_due_at < %s),
       count(*) FILTER (WHERE next_due_at >= %s AND next_warn_at <= %s),
       count(*) FILTER (WHERE next_due_at IS NULL)
FROM ({open}) AS open GROUP BY place
UNION ALL
SELECT CASE WHEN grouping(item_id) = 0 THEN 'item' ELSE 'day' END, item_id, day, count(*),
       count(*) FILTER (WHERE received_at >= %s AND received_at < %s),
       count(*) FILTER (WHERE received_at >= %s AND received_at < %s),
       count(*) FILTER (WHERE received_at >= %s AND received_at < %s AND origin = 'patrol')
FROM (SELECT *, (received_at AT TIME ZONE 'Asia/Shanghai')::date AS day FROM ({taken}) AS taken) AS dated
GROUP BY GROUPING SETS ((item_id), (day))
"""


@dataclass
class Tally:
    """`places`: id of a place one kind below → (open, past due). `items`: id → (registered in the period, in the one
    before), those of the period only. `days`: local day → registered, however long the period is."""

    colours: Counter[str] = field(default_factory=Counter)
    places: dict[int, tuple[int, int]] = field(default_factory=dict)
    items: dict[int, tuple[int, int]] = field(default_factory=dict)
    days: dict[dt.date, int] = field(default_factory=dict)
    registered: int = 0
    registered_before: int = 0
    patrol: int = 0


@kept
def tally(subject: Subject, period: Period, at: dt.datetime, *, since: dt.date) -> Tally:
    """All of it, days from `since` on; one statement, which reads what is open and what came since, and nothing
    older."""
    if subject.as_of is not None:
        return _tally_then(subject, period, subject.as_of, since)
    rows = counted(subject).order_by()
    child = subject.kind_below
    place = f"{child}_id" if child in ANCESTORS else "building_id"
    live = open_now(subject).order_by().values_list(place, "next_due_at", "next_warn_at")
    first = min(period.before.since, host.local_midnight(since))
    taken = rows.filter(received_at__gte=first).values_list("item_id", "received_at", "origin")
    live_sql, live_params = live.query.sql_with_params()
    taken_sql, taken_params = taken.query.sql_with_params()
    live_sql = f"SELECT {place} AS place, next_due_at, next_warn_at FROM ({live_sql}) AS live"  # noqa: S608 -- the ORM's
    now, before = (period.since, period.until), (period.before.since, period.before.until)
    found = Tally()
    with connection.cursor() as cursor:
        cursor.execute(
            SQL.format(open=live_sql, taken=taken_sql),
            [at, at, at, *live_params, *now, *before, *now, *taken_params],
        )
        for what, pk, day, n, one, two, three in cursor.fetchall():
            if what == "place":
                found.colours.update(red=one, yellow=two, green=n - one - two - three)
                if pk is not None:
                    found.places[pk] = (n, one)
            elif what == "item":
                found.registered += one
                found.registered_before += two
                found.patrol += three
                if pk is not None and one:
                    found.items[pk] = (one, two)
            elif day >= since:
                found.days[day] = n
    return found


def _tally_then(subject: Subject, period: Period, then: dt.datetime, since: dt.date) -> Tally:
    """The same as it stood at a past instant: what was open by the clocks that ran then; three statements."""
    found = Tally()
    live, red, near = open_at(subject, then)
    child = subject.kind_below
    place = f"{child}_id" if child in ANCESTORS else "building_id"
    counts = {"n": Count(ONE), "late": Count(ONE, filter=red), "near": Count(ONE, filter=near)}
    for pk, n, late, close in live.order_by().values_list(place).annotate(**counts):
        found.colours.update(red=late, yellow=close, green=n - late - close)
        if pk is not None:
            found.places[pk] = (n, late)
    first = min(period.before.since, host.local_midnight(since))
    for rows in past.cases(subject, then):
        item = "item_id" if rows.model is Case else "case__item_id"
        taken = rows.filter(received_at__gte=first).order_by().values_list(item, "received_at", "origin")
        for pk, at, origin in taken.iterator(chunk_size=2000):
            day = host.local_date(at)
            now, before = (span.since <= at < span.until for span in (period, period.before))
            found.registered += now
            found.registered_before += before
            found.patrol += now and origin == "patrol"
            if day >= since:
                found.days[day] = found.days.get(day, 0) + 1
            if pk is not None and (now or before):
                n, earlier = found.items.get(pk, (0, 0))
                found.items[pk] = (n + now, earlier + before)
    found.items = {pk: pair for pk, pair in found.items.items() if pair[0]}
    return found
