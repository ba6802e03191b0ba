"""When somebody was here last: what came since is told at the top of the dashboard.

A visit goes on while one looks again within an hour. It is written down at most once in ten minutes, so that looking
stays reading."""

from __future__ import annotations

import datetime as dt

from cases.models.desk import Visit
from ledger.actor import Actor

ENDS = dt.timedelta(hours=1)
EVERY = dt.timedelta(minutes=10)


def last(by: Actor, at: dt.datetime) -> dt.datetime | None:
    """The end of the visit before this one, None for who never came; one statement, two where it writes. Of two pages
    opened at once one writes."""
    if by.id is None:
        return None
    row, is_new = Visit.objects.get_or_create(account_id=by.id, defaults={"seen_at": at})
    if is_new or at - row.seen_at < EVERY:
        return row.before_at
    before = row.seen_at if at - row.seen_at >= ENDS else row.before_at
    Visit.objects.filter(pk=row.pk, seen_at=row.seen_at).update(seen_at=at, before_at=before)
    return before
