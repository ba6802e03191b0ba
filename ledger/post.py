"""The post: hands each pending entry to each reaction, in order per subject.

A reaction is `f(entry) -> None`. Its Delivery row is written in the same transaction as what it
changes, so a repeated round does nothing. A failing reaction keeps its error and is tried again with
growing pauses; later entries of that subject wait for it, other subjects do not.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from functools import lru_cache

import redis
from celery import current_app
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from ledger import clock
from ledger.models import Delivery, Entry

log = logging.getLogger("ledger.post")

Reaction = Callable[..., None]
_reactions: dict[str, list[Reaction]] = {}

SWEEP = "ledger.sweep_undelivered"
QUEUE = "post"
BATCH = 200
GIVE_UP_AFTER = 12  # attempts: about a day of growing pauses, then it stands in the failure list


def connect(event: str, *reactions: Reaction) -> None:
    """Declare what follows an event. Called from config/wiring.py only."""
    known = _reactions.setdefault(event, [])
    known.extend(reaction for reaction in reactions if reaction not in known)


def has_reactions(event: str) -> bool:
    return bool(_reactions.get(event))


def wired() -> dict[str, list[str]]:
    """Event → names of its reactions; answers "what happens after X?"."""
    return {event: [name_of(reaction) for reaction in reactions] for event, reactions in _reactions.items()}


def name_of(reaction: Reaction) -> str:
    return f"{reaction.__module__}.{reaction.__qualname__}"


def hint() -> None:
    """Tell a worker that something is pending, unless one that still waits will tell it. Only a hint: the sweep
    finds what it missed."""
    try:
        if not _broker().llen(QUEUE):
            current_app.send_task(SWEEP, queue=QUEUE, retry=False, ignore_result=True, expires=30)
    except Exception as problem:  # a dead broker delays, it never loses
        log.warning("no broker to hint: %s", problem)


@lru_cache(maxsize=1)
def _broker() -> redis.Redis:
    return redis.Redis.from_url(settings.VALKEY.url, socket_timeout=2, socket_connect_timeout=2)


def deliver_pending(*, limit: int = BATCH) -> int:
    """Deliver one batch of pending entries; how many entries were finished. Subjects that wait for the next try
    of a failed delivery are left out, so that no queue behind a failure keeps others out of the batch."""
    finished = 0
    held: set[tuple[str, int]] = set()
    waiting = Delivery.objects.filter(
        done_at__isnull=True,
        next_try_at__gt=clock.now(),
        attempts__lt=GIVE_UP_AFTER,
        entry__subject_kind=OuterRef("subject_kind"),
        entry__subject_id=OuterRef("subject_id"),
    )
    batch = list(Entry.objects.filter(~Exists(waiting), pending=True).order_by("id")[:limit])
    for entry in batch:
        subject = (entry.subject_kind, entry.subject_id)
        if subject in held:
            continue
        if deliver(entry):
            finished += 1
        else:
            held.add(subject)
    return finished


def deliver(entry: Entry) -> bool:
    """Hand one entry to its reactions; True when nothing is left to do for it."""
    done = True
    for reaction in _reactions.get(entry.event, ()):
        if not _deliver_one(entry, reaction):
            done = False
            break
    if done:
        Entry.objects.filter(pk=entry.pk, pending=True).update(pending=False)
    return done


def _deliver_one(entry: Entry, reaction: Reaction) -> bool:
    name, at = name_of(reaction), clock.now()
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                # one statement claims the delivery or tells that it is done, waiting or in other hands
                cursor.execute(
                    "INSERT INTO ledger_delivery (entry_id, reaction, done_at, attempts, error) "
                    "VALUES (%s, %s, %s, 1, '') ON CONFLICT (entry_id, reaction) DO UPDATE "
                    "SET done_at = EXCLUDED.done_at, attempts = ledger_delivery.attempts + 1, error = '' "
                    "WHERE ledger_delivery.done_at IS NULL AND ledger_delivery.attempts < %s "
                    "AND coalesce(ledger_delivery.next_try_at, '-infinity') <= %s RETURNING id",
                    [entry.pk, name, at, GIVE_UP_AFTER, at],
                )
                claimed = cursor.fetchone() is not None
            if claimed:
                reaction(entry)
                return True
    except Exception as problem:
        log.exception("reaction %s failed on entry %s", name, entry.pk)
        _postpone(entry, name, at, problem)
        return False
    row = Delivery.objects.filter(entry=entry, reaction=name).values_list("done_at", "attempts").first()
    # given up: it stands in the failure list and no longer holds up its subject
    return row is not None and (row[0] is not None or row[1] >= GIVE_UP_AFTER)


def _postpone(entry: Entry, name: str, at: dt.datetime, problem: Exception) -> None:
    row, _ = Delivery.objects.get_or_create(entry=entry, reaction=name)
    if row.done_at is not None:
        return
    row.attempts += 1
    row.next_try_at = at + dt.timedelta(seconds=min(5 * 3**row.attempts, 4 * 3600))
    row.error = f"{type(problem).__name__}: {problem}"[:2000]
    row.save(update_fields=["attempts", "next_try_at", "error"])
