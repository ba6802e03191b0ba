"""Django's cache on Valkey, where a dead server is a miss and not an error page."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ConnectionError as Unreachable
from redis.exceptions import TimeoutError as TooSlow

log = logging.getLogger(__name__)


def forgiving(method: Callable[..., Any], answer: Callable[..., Any]) -> Callable[..., Any]:
    """`method`, answering `answer(...)` with the same arguments where the server cannot be reached."""

    @wraps(method)
    def wrapped(self: ForgivingCache, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except (Unreachable, TooSlow) as problem:
            log.warning("cache unreachable: %s", problem)
            return answer(*args, **kwargs)

    return wrapped


class ForgivingCache(RedisCache):
    """Nothing may rest on this cache alone: what is not there is computed."""

    add = forgiving(RedisCache.add, lambda key, value, *a, **k: True)
    get = forgiving(RedisCache.get, lambda key, default=None, *a, **k: default)
    set = forgiving(RedisCache.set, lambda *a, **k: None)
    touch = forgiving(RedisCache.touch, lambda *a, **k: False)
    delete = forgiving(RedisCache.delete, lambda *a, **k: False)
    get_many = forgiving(RedisCache.get_many, lambda *a, **k: {})
    has_key = forgiving(RedisCache.has_key, lambda *a, **k: False)
    incr = forgiving(RedisCache.incr, lambda key, delta=1, *a, **k: delta)
    set_many = forgiving(RedisCache.set_many, lambda data, *a, **k: list(data))
    delete_many = forgiving(RedisCache.delete_many, lambda *a, **k: None)
    clear = forgiving(RedisCache.clear, lambda *a, **k: False)
