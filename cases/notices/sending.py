"""Sends what is due. At least once: a row is taken by a lease, and what a dying worker held is sent again with the
same key. An endpoint that fails is left alone for a while, its people are told, the others go on.
"""

from __future__ import annotations

import datetime as dt
import logging
import random
from collections.abc import Callable, Sequence

from django.db import transaction
from django.db.models import F, Q

from cases.models.deliveries import Endpoint, NoticeDelivery
from cases.notices import composing, outgoing_texts, sealing
from cases.notices.channels import Message, Target, Undelivered, dingtalk, mail, sms, webhook, wecom
from cases.scope import covers
from ledger import clock
from ledger.actor import system
from ledger.book import CHAIN, record
from parties.access import load

log = logging.getLogger("cases.notices")

SEND: dict[str, Callable[[Message, Target], str | None]] = {
    "sms": sms.send,
    "mail": mail.send,
    "webhook": webhook.send,
    "wecom": wecom.send,
    "dingtalk": dingtalk.send,
}
LEASE = dt.timedelta(minutes=2)
FIRST, LONGEST = 30.0, 4 * 3600.0  # seconds until the second try, and at most between two
GIVE_UP_AFTER = 12  # tries: about half a day
TIRED_AFTER = 3  # failures in a row of one endpoint, then it is left alone
REST, LONGEST_REST = dt.timedelta(minutes=5), dt.timedelta(hours=1)
FOR_GOOD = ("sealed", "off", "gone", *outgoing_texts.FOR_GOOD)  # trying again changes nothing
AT_ONCE = dt.timedelta(seconds=60)  # one task's time


def send_due(*, seconds: float = AT_ONCE.total_seconds()) -> int:
    """Send until nothing is due or the time is over; how many parcels were tried. Waits for a gateway whose rate is
    used up."""
    begun, tried = clock.now(), 0
    tired: set[int] = set()
    while clock.now() - begun < dt.timedelta(seconds=seconds):
        parcel = take(clock.now(), tired)
        if not parcel:
            if not outgoing_texts.wait_for_rate(
                clock.now(), tired, until=begun + dt.timedelta(seconds=seconds)
            ):
                break
            continue
        tried += 1
        if not deliver(parcel) and parcel[0].endpoint_id is not None:
            tired.add(parcel[0].endpoint_id)  # others first
    return tried


# -- taking


@transaction.atomic
def take(at: dt.datetime, tired: set[int] | frozenset[int] = frozenset()) -> list[NoticeDelivery]:
    """The next row that is due, with what leaves in the same letter; taken for the time of a lease."""
    due = (
        NoticeDelivery.objects.select_for_update(skip_locked=True, of=("self",), no_key=True)
        .filter(state__in=NoticeDelivery.OPEN, next_at__lte=at)
        .exclude(endpoint__paused_until__gt=at)
        .exclude(endpoint__free_at__gt=at)
        .exclude(endpoint_id__in=tired)
        .select_related("endpoint", "case", "notice", "call__caller")
    )
    first = due.order_by("next_at", "id").first()
    if first is None or not outgoing_texts.takes_turn(first, at):
        return []
    parcel = [first]
    if first.digest and first.notice is not None:
        mine = Q(batch=first.batch) if first.batch else Q(batch=None, digest=first.digest)
        parcel = list(due.filter(mine, notice__account_id=first.notice.account_id).order_by("id"))
        for row in parcel:
            row.batch = first.batch or parcel[0].key
    ids = [row.pk for row in parcel]
    NoticeDelivery.objects.filter(pk__in=ids).update(
        next_at=at + LEASE, tries=F("tries") + 1, batch=parcel[0].batch
    )
    for row in parcel:
        row.tries += 1
    return parcel


# -- sending


def deliver(parcel: Sequence[NoticeDelivery]) -> bool:
    """One try; True when it need not be tried again."""
    first = parcel[0]
    try:
        message, target, left = _ready(parcel)
        remote = SEND[first.channel](message, target)
    except composing.Needless:
        _end(parcel, "needless")
        return True
    except outgoing_texts.Later as later:
        NoticeDelivery.objects.filter(pk=first.pk, tries=first.tries).update(
            next_at=later.until, tries=F("tries") - 1
        )
        return True
    except Undelivered as problem:
        return _failed(parcel, problem)
    except Exception as problem:
        log.exception("delivery %s failed", first.key)
        return _failed(parcel, Undelivered("broken", type(problem).__name__, unsure=True))
    with transaction.atomic():
        _end(left, "sent")
        if first.call_id is not None:
            outgoing_texts.sent(first, remote or "", clock.now())
    _end([row for row in parcel if row not in left], "needless")
    if first.endpoint_id is not None:
        _well(first.endpoint_id)
    return True


def _ready(parcel: Sequence[NoticeDelivery]) -> tuple[Message, Target, Sequence[NoticeDelivery]]:
    """What is said, where to, and which of the rows it says."""
    first = parcel[0]
    if first.call is not None:
        return *outgoing_texts.ready(first, clock.now()), parcel
    if first.endpoint is not None:
        if not first.endpoint.is_on and first.event != composing.TEST:
            raise Undelivered("off")
        try:
            target = Target(sealing.unseal(first.endpoint.address), sealing.unseal(first.endpoint.secret))
        except sealing.Unreadable:
            raise Undelivered("sealed") from None
        names = composing.names_in_groups(first.mentions)
        return composing.message_of(first, mentions=names), target, parcel
    assert first.notice is not None
    account = load(first.notice.account_id, clock.now())
    if account is None or account.actor is None or not account.person.email:
        raise Undelivered("gone")
    actor = account.actor
    left = [
        row
        for row in parcel
        if not (row.digest and row.notice is not None and row.notice.read_at is not None)
        and (row.case is None or covers(actor, row.case))
    ]
    if not left:
        raise composing.Needless
    digest = bool(first.digest)
    message = (
        composing.digest_of(left, account.language)
        if digest
        else composing.message_of(left[0], account.language)
    )
    return message, Target(account.person.email), left


# -- what became of it


def _end(rows: Sequence[NoticeDelivery], state: str, error: str = "", detail: str = "") -> None:
    if rows:
        NoticeDelivery.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=state, ended_at=clock.now(), error=error, detail=detail
        )
        if rows[0].call_id is not None and state != "sent":
            outgoing_texts.ended(rows[0], state, error)


def _failed(parcel: Sequence[NoticeDelivery], problem: Undelivered) -> bool:
    """Later again, or never: then it stands in the failure list."""
    first, over = parcel[0], problem.error in FOR_GOOD or parcel[0].tries >= GIVE_UP_AFTER
    if first.endpoint_id is not None and problem.error not in FOR_GOOD:
        _unwell(first.endpoint_id)
    if problem.unsure and getattr(first, "once", False):
        _end(parcel, "given_up", "unsure", problem.error)
        return True
    if over:
        _end(parcel, "given_up", problem.error, problem.detail)
        return True
    # a row that was taken again since (its lease was over) is not ours to postpone
    NoticeDelivery.objects.filter(
        pk__in=[row.pk for row in parcel], state__in=NoticeDelivery.OPEN, tries=first.tries
    ).update(
        state="failed",
        out_since=None,
        next_at=clock.now() + pause(first.tries),
        error=problem.error,
        detail=problem.detail,
    )
    return False


def pause(tries: int) -> dt.timedelta:
    """Growing, and not all at the same instant."""
    return dt.timedelta(seconds=min(FIRST * 2 ** (tries - 1), LONGEST) * random.uniform(0.8, 1.2))  # noqa: S311


def _well(pk: int) -> None:
    now = clock.now()
    if Endpoint.objects.filter(pk=pk, failures=0).update(sent_at=now):
        return
    with transaction.atomic():
        row = Endpoint.objects.select_for_update(no_key=True).get(pk=pk)
        rested = row.failures >= TIRED_AFTER
        row.failures, row.paused_until, row.sent_at = 0, None, now
        if rested:
            record(subject=row, event="endpoint.resumed", by=system("sending"), at=now)
        row.save(update_fields=["failures", "paused_until", "sent_at", *CHAIN])


@transaction.atomic
def _unwell(pk: int) -> None:
    now = clock.now()
    row = Endpoint.objects.select_for_update(no_key=True).get(pk=pk)
    row.failures += 1
    if row.failures >= TIRED_AFTER:
        row.paused_until = now + min(REST * 2 ** min(row.failures - TIRED_AFTER, 10), LONGEST_REST)
        if row.failures == TIRED_AFTER:
            payload = {"failures": row.failures, "until": row.paused_until.isoformat()}
            record(subject=row, event="endpoint.paused", by=system("sending"), at=now, payload=payload)
    row.save(update_fields=["failures", "paused_until", *CHAIN])


def try_now(delivery: NoticeDelivery) -> NoticeDelivery:
    """Send this one while somebody waits for the outcome; once, and it is not tried again by itself."""
    NoticeDelivery.objects.filter(pk=delivery.pk).update(next_at=clock.now() + LEASE, tries=F("tries") + 1)
    delivery.tries += 1
    if not deliver([delivery]):
        NoticeDelivery.objects.filter(pk=delivery.pk, state="failed").update(
            state="given_up", ended_at=clock.now()
        )
    delivery.refresh_from_db()
    return delivery
