"""How a period's registrations lie: by hour and weekday, by place on the map, by how they came, by the level that
settled them. What is sensitive stands on no map."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Count, F, Q

from cases.figures.asking import Period, Subject
from cases.figures.behind import DENOMINATOR, REGISTERED, figure_of, sources_behind
from cases.figures.measuring import ONE, together
from cases.figures.splitting import case_key, column_of

SQL = """
SELECT CASE WHEN grouping(place) = 0 THEN 'spot' ELSE 'hour' END, place, weekday, hour, count(*)
FROM (SELECT place, extract(isodow FROM received_at AT TIME ZONE 'Asia/Shanghai')::int AS weekday,
             extract(hour FROM received_at AT TIME ZONE 'Asia/Shanghai')::int AS hour
      FROM ({taken}) AS taken (place, received_at)) AS dated
GROUP BY GROUPING SETS ((place), (weekday, hour))
"""


@dataclass
class Heat:
    """`spots`: id of a place of the kind asked for → registered there; `hours`: (weekday from 1, hour) → the same."""

    spots: dict[int, int] = field(default_factory=dict)
    hours: dict[tuple[int, int], int] = field(default_factory=dict)


def heat(subject: Subject, period: Period, at: dt.datetime, kind: str) -> Heat:
    """One statement; one more where the tree has changed."""
    rows = together(
        source.order_by()
        .annotate(spot=subject.ancestor(kind, "", case_key(source)))
        .values_list("spot", "received_at")
        for source in sources_behind("heat", DENOMINATOR, subject, period, at)
    )
    sql, params = rows.query.sql_with_params()
    found = Heat()
    with connection.cursor() as cursor:
        cursor.execute(SQL.format(taken=sql), params)
        for what, place, weekday, hour, n in cursor.fetchall():
            if what == "hour":
                found.hours[weekday, hour] = n
            elif place is not None:
                found.spots[place] = n
    return found


@dataclass
class Shares:
    """Counts of what was registered by origin and channel, and of what was resolved by the level it was raised and the
    one it was resolved at: (raised, resolved) → (all, of them settled by their own reporter)."""

    origins: dict[str, int] = field(default_factory=dict)
    channels: dict[str, int] = field(default_factory=dict)
    levels: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)


def shares(subject: Subject, period: Period, at: dt.datetime) -> Shares:
    """Two statements."""
    found = Shares()
    taken = together(
        source.order_by().values_list("origin", column_of(source, "channel")).annotate(n=Count(ONE))
        for source in sources_behind(REGISTERED, DENOMINATOR, subject, period, at)
    )
    for origin, channel, n in taken:
        found.origins[origin] = found.origins.get(origin, 0) + n
        found.channels[channel] = found.channels.get(channel, 0) + n
    own_here = figure_of("self_settled").num & Q(resolved_level=F("raised_level"))
    done = together(
        source.order_by()
        .values_list("raised_level", "resolved_level")
        .annotate(n=Count(ONE), own=Count(ONE, filter=own_here))
        for source in sources_behind("done", DENOMINATOR, subject, period, at)
    )
    for raised, resolved, n, own in done:
        before = found.levels.get((raised, resolved), (0, 0))
        found.levels[raised, resolved] = (before[0] + n, before[1] + own)
    return found
