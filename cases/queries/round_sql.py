"""What is asked for where: each live place with the rounds that the rule of the most specific place wants of it, when it
was made last, and what that makes of it today. One statement, whether it lists or counts."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection

from cases.kinds import ROUNDS
from ledger import clock

# a round is due again when `every_days` local days have gone by since the last; late the day after
ASKED = """
SELECT place.id, place.code, place.name, place.kind AS place_kind, place.path, asked.kind, asked.every_days,
       last.made_at AS last_at,
       COALESCE(last.made_at < %(tomorrow)s::timestamptz - asked.every_days * interval '1 day', true) AS due,
       COALESCE(last.made_at < %(today)s::timestamptz - asked.every_days * interval '1 day',
                GREATEST(asked.since, place.valid_from) + asked.every_days < %(day)s::date) AS late,
       EXISTS (SELECT 1 FROM cases_round seen WHERE seen.place_id = place.id AND seen.kind = asked.kind
               AND seen.made_at >= %(since)s::timestamptz AND seen.made_at < %(until)s::timestamptz) AS seen
FROM grid_place place
CROSS JOIN LATERAL (
    SELECT DISTINCT ON (rule.kind) rule.kind, rule.every_days, rule.since
    FROM cases_roundrule rule JOIN grid_place top ON top.id = rule.place_id
    WHERE rule.place_kind = place.kind AND place.path LIKE top.path || '%%'
      AND rule.since <= %(day)s AND (rule.until IS NULL OR rule.until > %(day)s)
    ORDER BY rule.kind, length(top.path) DESC
) asked
LEFT JOIN LATERAL (
    SELECT made.made_at FROM cases_round made WHERE made.place_id = place.id AND made.kind = asked.kind
    ORDER BY made.made_at DESC LIMIT 1
) last ON true
WHERE place.path LIKE %(root)s AND place.retired_at IS NULL AND asked.every_days > 0
"""


@dataclass(frozen=True)
class Asked:
    """A round that is asked for at a place. `due`: today or earlier; `late`: earlier; `seen`: in the period."""

    place_id: int
    code: str
    name: str
    place_kind: str
    path: str
    kind: str
    every_days: int
    last_at: dt.datetime | None
    due: bool
    late: bool
    seen: bool


@dataclass(frozen=True)
class Period:
    """From the first moment of a day until after the last of another."""

    since: dt.date
    until: dt.date

    @classmethod
    def last_days(cls, today: dt.date, n: int) -> Period:
        return cls(today - dt.timedelta(days=n - 1), today)


WHICH = ("true", "seen", "late", "due")  # the fields of a Count
NUMBERS = ", ".join(f"count(*) FILTER (WHERE {which})" for which in WHICH)
OF_ALL = ", ".join(
    f"count(*) FILTER (WHERE kind = '{kind}' AND {which}) OVER ()" for kind in ROUNDS for which in WHICH
)
SHOWN = {  # which of them a list shows
    "all": "true",
    "due": "due",
    "late": "late",
    "seen": "seen",
    "unseen": "NOT seen",
}
URGENT = "late DESC, last_at NULLS FIRST, code, kind"  # what has waited longest first
# the same, with all that a place is due for together
OF_PLACE = "OVER (PARTITION BY code, due)"
TOGETHER = f"bool_or(late) {OF_PLACE} DESC, min(COALESCE(last_at, '-infinity')) {OF_PLACE}, code, last_at NULLS FIRST, kind"
PLACES = "count(*) FILTER (WHERE due AND nth = 1) OVER ()"  # however much each is due for
BY_CODE = "code, kind"


def rows(
    root: str,
    at: dt.datetime,
    period: Period | None = None,
    *,
    show: str = "all",
    kind: str = "",
    after: str = "",
    order: str = BY_CODE,
    limit: int,
) -> list[Asked]:
    """Those at or below a `root` (an id-path); of one `kind` of round, `after` a code."""
    text, values = _asked(root, at, period)
    where = f"{SHOWN[show]} AND (%(kind)s = '' OR kind = %(kind)s) AND code > %(after)s"
    values |= {"kind": kind, "after": after}
    return [
        Asked(*row)
        for row in _fetch(
            f"SELECT * FROM ({text}) asked WHERE {where} ORDER BY {order} LIMIT {limit:d}",  # noqa: S608 -- no input
            values,
        )
    ]


@dataclass(frozen=True)
class Count:
    """Of places: asked for a round, seen in the period, late today."""

    wanted: int = 0
    seen: int = 0
    late: int = 0
    due: int = 0

    def __add__(self, other: Count) -> Count:
        mine, theirs = dataclasses.astuple(self), dataclasses.astuple(other)
        return Count(*map(sum, zip(mine, theirs, strict=True)))

    @property
    def rate(self) -> float | None:
        return self.seen / self.wanted if self.wanted else None


def due(
    root: str, at: dt.datetime, period: Period, *, limit: int
) -> tuple[list[Asked], dict[str, Count], int]:
    """(what is due at or below a root, the places that waited longest first; how much is asked for there, by kind of round;
    how many places are due); one statement."""
    text, values = _asked(root, at, period)
    nth = "row_number() OVER (PARTITION BY code, due ORDER BY kind) AS nth"
    found = _fetch(
        f"SELECT *, {PLACES}, {OF_ALL} FROM (SELECT *, {nth} FROM ({text}) one) asked "  # noqa: S608 -- no input
        f"ORDER BY due DESC, {TOGETHER} LIMIT {limit:d}",
        values,
    )
    if not found:
        return [], {}, 0
    own, n = len(dataclasses.fields(Asked)), len(WHICH)
    _nth, places, *told = found[0][own:]
    by_kind = {kind: Count(*told[nth * n : nth * n + n]) for nth, kind in enumerate(ROUNDS)}
    rows = [Asked(*row[:own]) for row in found]
    wanted = {kind: one for kind, one in by_kind.items() if one.wanted}
    return [row for row in rows if row.due], wanted, places


def counts(
    root: str, at: dt.datetime, period: Period | None = None, *, nth: int = 0
) -> dict[tuple[int, str], Count]:
    """(id of the place that is the `nth` of the path, kind of round) → how many; 0 for all of them together."""
    text, values = _asked(root, at, period)
    group = f"COALESCE(NULLIF(split_part(path, '/', {nth + 1:d}), ''), '0')::bigint" if nth else "0"
    counting = f"SELECT {group}, kind, {NUMBERS} FROM ({text}) asked GROUP BY 1, 2"  # noqa: S608 -- no input
    found = _fetch(counting, values)
    return {(pk, kind): Count(*numbers) for pk, kind, *numbers in found}


def _asked(root: str, at: dt.datetime, period: Period | None) -> tuple[str, dict[str, Any]]:
    day = clock.local_date(at)
    period = period or Period.last_days(day, 1)
    one = dt.timedelta(days=1)
    return ASKED, {
        "root": f"{root}%",
        "day": day,
        "today": clock.local_midnight(day),
        "tomorrow": clock.local_midnight(day + one),
        "since": clock.local_midnight(period.since),
        "until": clock.local_midnight(period.until + one),
    }


def _fetch(text: str, values: dict[str, Any]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        return cursor.fetchall()
