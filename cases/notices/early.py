"""Receipts that come before the answer to their own request: kept by the gateway's name for the text, until its row bears
that name. Who hears one keeps it first and looks for the row then; so neither can pass the other by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.core.cache import cache

from cases.models.deliveries import NoticeDelivery

LASTS = dt.timedelta(hours=1)


def keep(gateway: int, remote: str, receipt: str) -> None:
    cache.set(_key(gateway, remote), receipt, int(LASTS.total_seconds()))


def found(rows: Iterable[NoticeDelivery]) -> list[tuple[int, str]]:
    """(delivery, receipt) of those for which one lies ready."""
    keys = {_key(row.endpoint_id, row.remote_id): row.pk for row in rows if row.remote_id}
    kept = cache.get_many(keys) if keys else {}
    return [(keys[key], receipt) for key, receipt in kept.items()]


def _key(gateway: int | None, remote: str) -> str:
    return f"receipt:{gateway}:{remote.encode().hex()}"
