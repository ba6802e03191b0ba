"""Django's cache on Valkey, where a dead server is a miss and not an error page."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
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


class KeptClient(RedisCacheClient):
    """One client per server, kept: Django makes one for every command, and a hundred callbacks with it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept: dict[int, Any] = {}

    def get_client(self, key: str | None = None, *, write: bool = False) -> Any:
        pool = self._get_connection_pool(write)
        if id(pool) not in self._kept:  # the pools are kept by the parent, so an id stays one pool's
            self._kept[id(pool)] = self._client(connection_pool=pool)
        return self._kept[id(pool)]


class ForgivingCache(RedisCache):
    """Nothing may rest on this cache alone: what is not there is computed."""

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = KeptClient

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
