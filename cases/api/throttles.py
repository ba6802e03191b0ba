"""Rate limits, counted in the cache in whole windows; without a cache nobody is limited.

Rates are settings (REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]): "api" for everything an account does, a view's
own `throttle_scope` for what it writes, "anon" for callers who were not recognised, by address.
"""

from __future__ import annotations

import math
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle, SimpleRateThrottle

from ledger import clock

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class AccountThrottle(BaseThrottle):
    """The default of every view."""

    wait_for: float | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        who = getattr(request.user, "pk", None)
        if who is None:
            return True
        scopes = ["api"]
        own = getattr(view, "throttle_scope", None)
        if own and request.method not in ("GET", "HEAD", "OPTIONS"):
            scopes.append(own)
        for scope in scopes:
            self.wait_for = count(scope, str(who))
            if self.wait_for is not None:
                return False
        return True

    def wait(self) -> float | None:
        return self.wait_for


def count_anonymous(request: Request) -> None:
    """Count a caller who was not recognised; Throttled where there were too many from this address."""
    wait = count("anon", address_of(request))
    if wait is not None:
        raise Throttled(wait=wait)


def address_of(request: Request | HttpRequest) -> str:
    """Where a request comes from, as many proxies in front as the settings say."""
    return SimpleRateThrottle.get_ident(SimpleRateThrottle.__new__(SimpleRateThrottle), request)


def times_over(scope: str, who: str) -> int:
    """One more in this window: 0 within the rate, else how many whole rates it is by now. Without a cache 0."""
    most, n, _left = _counted(scope, who)
    return 0 if n <= most else n // max(1, int(most))


def count(scope: str, who: str) -> float | None:
    """One more in this window: None, or how many seconds until the next one where it was too many."""
    most, n, left = _counted(scope, who)
    return None if n <= most else left


def _counted(scope: str, who: str) -> tuple[float, int, float]:
    """The most there may be, how many there are with this one, the seconds left of the window."""
    rate = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"].get(scope)
    if not rate:
        return math.inf, 0, 0
    most, _slash, period = rate.partition("/")
    seconds = SECONDS[period[0]]
    now = clock.now().timestamp()
    window = math.floor(now / seconds)
    key = f"rate:{scope}:{who}:{window}"
    try:
        n = cache.incr(key)
    except ValueError:  # the first in this window
        cache.add(key, 1, seconds + 5)
        n = 1
    return int(most), n, (window + 1) * seconds - now
