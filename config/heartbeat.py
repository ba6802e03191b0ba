"""The pulse of the work behind the page: two timestamps in Valkey, and how they are read.

Beat publishes `config.heartbeat` every few seconds, a worker carries it out: one task proves beat, broker and
worker at once. The worker notes its own time and the time at which beat sent the task.
"""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

WORKER = "worker"
BEAT = "beat"
LIVE = "live"


def client() -> Redis:
    """A client that gives up at once: health must never wait for what is ill."""
    return Redis.from_url(
        settings.VALKEY.url, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
    )


def key(part: str) -> str:
    return f"huying:heartbeat:{part}"


def note(valkey: Redis, part: str, at: datetime) -> None:
    """Remember that `part` was alive at `at`."""
    valkey.set(key(part), at.isoformat(), ex=24 * 3600)


def last(valkey: Redis, part: str) -> datetime | None:
    """When `part` was last known to be alive; None when never."""
    kept = valkey.get(key(part))
    return datetime.fromisoformat(kept.decode("ascii")) if isinstance(kept, bytes) else None
