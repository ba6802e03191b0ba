"""`/healthz`: is the product well? 200 when everything is, 503 with the ill parts named otherwise."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseProblem
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from redis.exceptions import RedisError

from cases.models import NoticeDelivery
from cases.sla import sweep
from config import heartbeat
from ledger import clock, post
from ledger.models import Delivery, Entry

log = logging.getLogger(__name__)

FROM_DATABASE = (
    "clock_skew",
    "outbox_age",
    "deliveries_waiting",
    "deliveries_given_up",
    "messages_waiting",
    "messages_given_up",
    "sweep_lag",
    "sweep_waiting",
    "sweep_pass_age",
    "sweep_pass_did",
)


PARTS = (heartbeat.WORKER, heartbeat.BEAT, heartbeat.LIVE)


def database_health() -> dict[str, Any]:
    """Reachable, migrated, how far its clock is from ours (seconds), how old the oldest undelivered entry is,
    how far behind the sweep is and when it last went through, what waits for it and for the post."""
    try:
        with connection.cursor() as cursor:
            before = clock.now()
            cursor.execute("select clock_timestamp()")
            theirs: datetime = cursor.fetchone()[0]
            after = clock.now()
            oldest = (
                Entry.objects.filter(pending=True)
                .order_by("id")
                .values_list("recorded_at", flat=True)
                .first()
            )
            undelivered = Delivery.objects.filter(done_at=None)
            waiting = undelivered.filter(attempts__lt=post.GIVE_UP_AFTER)[: sweep.MANY].count()
            given_up = undelivered.filter(attempts__gte=post.GIVE_UP_AFTER)[: sweep.MANY].count()
            outward = NoticeDelivery.objects.filter(state__in=NoticeDelivery.OPEN, next_at__lte=after)
            messages = outward[: sweep.MANY].count()
            unsent = NoticeDelivery.objects.filter(state="given_up", ended_by=None, entry_id__gt=0)[
                : sweep.MANY
            ].count()
            swept = sweep.progress()
    except DatabaseProblem as problem:
        log.warning("health: database: %s", problem)
        connection.close()
        return dict.fromkeys(FROM_DATABASE) | {"database": "unreachable"}
    skew = 0.0  # between the two readings of our clock the database's reading is no skew at all
    if theirs < before:
        skew = (theirs - before).total_seconds()
    elif theirs > after:
        skew = (theirs - after).total_seconds()
    age = max(0.0, (after - oldest).total_seconds()) if oldest else 0.0
    return {
        "database": "ok",
        "clock_skew": round(skew, 3),
        "outbox_age": round(age, 1),
        "deliveries_waiting": waiting,
        "deliveries_given_up": given_up,
        "messages_waiting": messages,
        "messages_given_up": unsent,
        "sweep_lag": round(swept.lag, 1),
        "sweep_waiting": swept.waiting,
        "sweep_pass_age": None if swept.pass_age is None else round(swept.pass_age, 1),
        "sweep_pass_did": swept.happened,
    }


def broker_health() -> dict[str, Any]:
    """Reachable, and how many seconds ago worker and beat last showed a pulse (None: never)."""
    try:
        with heartbeat.client() as valkey:
            last = {part: heartbeat.last(valkey, part) for part in PARTS}
            listeners = int(valkey.get(heartbeat.key("listeners")) or 0)
    except (RedisError, OSError) as problem:
        log.warning("health: broker: %s", problem)
        return {"broker": "unreachable", **{f"{part}_age": None for part in PARTS}, "listeners": None}
    now = clock.now()
    ages = {
        f"{part}_age": None if at is None else round((now - at).total_seconds(), 1)
        for part, at in last.items()
    }
    return {"broker": "ok", **ages, "listeners": listeners}


def health() -> dict[str, Any]:
    """The whole answer: `status` ok or ill, and every measured part. A silent live process makes nothing ill: pages
    then ask by themselves, only less quickly."""
    facts = {**database_health(), **broker_health()}
    too_old = settings.HEALTH_HEARTBEAT_SECONDS
    for part in PARTS:
        age = facts[f"{part}_age"]
        facts[part] = "silent" if age is None or age > too_old else "ok"
    skew, outbox = facts["clock_skew"], facts["outbox_age"]
    ill = [part for part in ("database", "broker", heartbeat.WORKER, heartbeat.BEAT) if facts[part] != "ok"]
    if skew is not None and abs(skew) > settings.HEALTH_CLOCK_SKEW_SECONDS:
        ill.append("clock_skew")
    if outbox is not None and outbox > settings.HEALTH_OUTBOX_SECONDS:
        ill.append("outbox_age")
    if facts["sweep_lag"] is not None and facts["sweep_lag"] > settings.HEALTH_SWEEP_SECONDS:
        ill.append("sweep_lag")
    return {"status": "ill" if ill else "ok", "ill": ill, **facts}


@never_cache
@require_GET
def healthz(request: HttpRequest) -> HttpResponse:
    """For whoever watches: no login, no names, no addresses."""
    answer = health()
    response = JsonResponse(answer, status=200 if answer["status"] == "ok" else 503)
    response._has_been_logged = True  # type: ignore[attr-defined]  # asked every few seconds: the answer is the log
    return response
