"""Numbers a person can read aloud: the case number and the tracking code."""

from __future__ import annotations

import datetime as dt
import secrets
from collections import Counter
from collections.abc import Sequence

from django.db import connection

from ledger import clock

CODE_DIGITS = 10


def next_number(prefix: str, received_at: dt.datetime) -> str:
    """`{prefix}{yyyymmdd}-{n:04d}`, day = local date of receipt. Gapless: the counter row is taken as the
    last lock of the transaction and gives its number back on a rollback."""
    day = clock.local_date(received_at)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_daynumber (prefix, day, n) VALUES (%s, %s, 1) "
            "ON CONFLICT (prefix, day) DO UPDATE SET n = cases_daynumber.n + 1 RETURNING n",
            [prefix, day],
        )
        (n,) = cursor.fetchone()
    # formatted here: SQL's lpad would cut the fifth digit off
    return f"{prefix}{day:%Y%m%d}-{n:04d}"


def next_numbers(wanted: Sequence[tuple[str, dt.datetime]]) -> list[str]:
    """The same for many cases at once, (prefix, receipt) each, in their order: one statement."""
    days = [(prefix, clock.local_date(received_at)) for prefix, received_at in wanted]
    blocks = sorted(Counter(days).items())  # in one order, so that two at once cannot wait for each other
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_daynumber (prefix, day, n) "
            "SELECT * FROM unnest(%s::text[], %s::date[], %s::int[]) "
            "ON CONFLICT (prefix, day) DO UPDATE SET n = cases_daynumber.n + EXCLUDED.n RETURNING prefix, day, n",
            [[block[0][0] for block in blocks], [block[0][1] for block in blocks], [n for _, n in blocks]],
        )
        last = {(prefix, day): n for prefix, day, n in cursor.fetchall()}
    free = {block: last[block] - n for block, n in blocks}  # the number before the block
    numbers = []
    for prefix, day in days:
        free[prefix, day] += 1
        numbers.append(f"{prefix}{day:%Y%m%d}-{free[prefix, day]:04d}")
    return numbers


def tracking_code() -> str:
    """Digits only, the first not 0; guessing one is one in nine thousand million, and it needs the phone's
    last four digits beside it."""
    return str(secrets.randbelow(9 * 10 ** (CODE_DIGITS - 1)) + 10 ** (CODE_DIGITS - 1))
