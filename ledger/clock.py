"""The host clock: the only module that reads it (a house test looks for strays).

Edges ask once and hand the instant inward as `at=`; nothing inward asks again.
"""

from __future__ import annotations

import contextlib
import contextvars
import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")

_frozen: contextvars.ContextVar[dt.datetime | None] = contextvars.ContextVar("frozen", default=None)


def now() -> dt.datetime:
    """This instant, aware, in UTC."""
    return _frozen.get() or dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """The local calendar date (Asia/Shanghai)."""
    return local_date(now())


def local_date(at: dt.datetime) -> dt.date:
    """The local calendar date on which an aware instant falls."""
    return at.astimezone(LOCAL).date()


def local_midnight(day: dt.date) -> dt.datetime:
    """00:00 local of a day, as an aware UTC instant."""
    return dt.datetime.combine(day, dt.time(), LOCAL).astimezone(dt.UTC)


@contextlib.contextmanager
def frozen(at: dt.datetime) -> Iterator[dt.datetime]:
    """Hold the clock still; for tests and for replays of past days."""
    token = _frozen.set(at.astimezone(dt.UTC))
    try:
        yield at
    finally:
        _frozen.reset(token)
