"""What the dashboard counts besides rates: open cases by place and colour, registrations by item and by day."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Case as Switch
from django.db.models import DateTimeField, QuerySet, When

from cases.figures import past, statements
from cases.figures.asking import Period, Subject
from cases.figures.kept import kept
from cases.figures.measuring import counted, open_now, together
from cases.figures.open_then import open_at
from cases.figures.statements import Statement
from cases.models.case import ANCESTORS, Case
from ledger import clock as host

SQL = """
SELECT 'place', place, NULL::date, count(*),
       count(*) FILTER (WHERE next_due_at < %s),
       count(*) FILTER (WHERE next_due_at >= %s AND next_warn_at <= %s),
       count(*) FILTER (WHERE next_due_at IS NULL)
FROM ({open}) AS open (place, next_due_at, next_warn_at) GROUP BY place
UNION ALL
SELECT CASE WHEN grouping(item_id) = 0 THEN 'item' ELSE 'day' END, item_id, day,
       sum(n)::bigint, sum(now)::bigint, sum(before)::bigint, sum(patrol)::bigint
FROM (SELECT item_id, (received_at AT TIME ZONE 'Asia/Shanghai')::date AS day, count(*) AS n,
             count(*) FILTER (WHERE received_at >= %s AND received_at < %s) AS now,
             count(*) FILTER (WHERE received_at >= %s AND received_at < %s) AS before,
             count(*) FILTER (WHERE received_at >= %s AND received_at < %s AND origin = 'patrol') AS patrol
      FROM ({taken}) AS taken (item_id, received_at, origin) GROUP BY 1, 2) AS daily
GROUP BY GROUPING SETS ((item_id), (day))
"""


MOMENT = dt.timedelta(microseconds=1)


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
        at = subject.as_of
    first = min(period.before.since, host.local_midnight(since))

    def make(subject: Subject, instants: Sequence[dt.datetime]) -> Statement:
        at, before, after, first, *spans = instants
        live_sql, live_params = _open(subject, before, after).query.sql_with_params()
        taken_sql, taken_params = _taken(subject, first).query.sql_with_params()
        text = SQL.format(open=live_sql, taken=taken_sql)
        return text, [at, at, at, *live_params, *spans, *spans[:2], *taken_params]

    found = Tally()
    spans = [period.since, period.until, period.before.since, period.before.until]
    edges = [at, at - MOMENT, at + MOMENT, first, *spans]
    for what, pk, day, n, one, two, three in statements.rows("tally", subject, edges, make):
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


def _open(subject: Subject, before: dt.datetime, after: dt.datetime) -> QuerySet:
    """(place one kind below, due, warning) of what is open; as of a past instant by the clocks that ran then: due just
    before it where one of them was late, else just after, warned by then where one was near."""
    child = subject.kind_below
    place = f"{child}_id" if child in ANCESTORS else "building_id"
    if subject.as_of is None:
        return open_now(subject).order_by().values_list(place, "next_due_at", "next_warn_at")
    live, late, near = open_at(subject, subject.as_of)
    instants = DateTimeField()
    due = Switch(When(late, then=before), default=after, output_field=instants)
    warned = Switch(When(near, then=before), output_field=instants)
    return live.order_by().annotate(due=due, warned=warned).values_list(place, "due", "warned")


def _taken(subject: Subject, first: dt.datetime) -> QuerySet:
    """(item, when, origin) of what came since."""
    cases = [counted(subject)] if subject.as_of is None else past.cases(subject, subject.as_of)
    return together(
        rows.filter(received_at__gte=first)
        .order_by()
        .values_list("item_id" if rows.model is Case else "case__item_id", "received_at", "origin")
        for rows in cases
    )
