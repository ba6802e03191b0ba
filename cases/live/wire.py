"""The wire to the live process: one Valkey channel, one small message a commit.

After a failure nobody waits for it again for a while: pages ask by themselves in the meantime.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

log = logging.getLogger(__name__)

ENTRY, HERE = "entry", "here"  # something was recorded; somebody came to a case or left it
PATIENCE, REST = 0.5, 5.0  # seconds one waits for Valkey, and leaves it alone after it failed
AT_ONCE = 400  # topics in one message
Answer = TypeVar("Answer")

_rests_until = 0.0


def channel() -> str:
    """Where the hints go; parallel tests share a server, and a channel knows no database number."""
    return f"huying:live:{settings.VALKEY.db}"


@lru_cache(maxsize=2)
def client(*, whole: bool = False) -> Redis:
    """`whole`: answers are bytes as they stand."""
    return Redis.from_url(
        settings.VALKEY.url,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
        retry=Retry(NoBackoff(), 0),
        decode_responses=not whole,
    )


def ask(what: Callable[[Redis], Answer], *, whole: bool = False) -> Answer | None:
    """What Valkey says (`whole`: in bytes); None while it cannot be reached."""
    global _rests_until
    if time.monotonic() < _rests_until:
        return None
    try:
        return what(client(whole=whole))
    except (RedisError, OSError) as problem:
        _rests_until = time.monotonic() + REST
        log.warning("live: Valkey cannot be reached: %s", problem)
        return None


def publish(
    kind: str, topics: Iterable[str], seen: Mapping[str, Any] | None = None, deaf: Iterable[str] = ()
) -> None:
    """Tell who listens to these topics and to none of `deaf`. `seen`: case topic → [version, number of entries]."""
    every, seen = sorted(topics), seen or {}
    for first in range(0, len(every), AT_ONCE):
        part = every[first : first + AT_ONCE]
        said = {"k": kind, "t": part, "v": {one: seen[one] for one in part if one in seen}, "n": sorted(deaf)}
        text = json.dumps(said, separators=(",", ":"))
        if ask(lambda valkey, text=text: valkey.publish(channel(), text)) is None:
            return
