"""Tasks of the roof itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from celery import shared_task
from celery.signals import beat_init

from config import heartbeat
from ledger import clock

PERIOD = timedelta(seconds=10)


@shared_task(name="config.heartbeat", bind=True, ignore_result=True)  # its queue: config/celery.py
def beat_once(task: Any) -> None:
    """Note that beat sent this and that a worker got it. It expires one period after beat sent it."""
    now = clock.now()
    expires = task.request.expires
    sent = datetime.fromisoformat(expires) - PERIOD if expires else now
    with heartbeat.client() as valkey:
        heartbeat.note(valkey, heartbeat.WORKER, now)
        heartbeat.note(valkey, heartbeat.BEAT, min(sent, now))


@beat_init.connect
def first_beat(**_: Any) -> None:
    """The first beat comes at once and not one period after the start."""
    beat_once.apply_async(expires=PERIOD.total_seconds())
