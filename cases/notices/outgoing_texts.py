"""What is a text's own on its way out: its hour, its gateway's rate, what it says, and what became of it.

A text that the gateway took has not arrived: an answer counts as arrived by its receipt, where the gateway gives any
(`receipts`); without one in time it has not.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Collection

from django.conf import settings
from django.db.models import Q

from cases.models.case import Case
from cases.models.deliveries import Endpoint, NoticeDelivery
from cases.notices import gateways, opting_out, quiet, sealing, texts
from cases.notices.channels import Message, Target, Undelivered, sms
from cases.notices.composing import Needless
from ledger import clock

FOR_GOOD = ("opted_out", "no_phone", "no_gateway", "wiped", "unsure")


class Later(Exception):
    """Not now: at night nobody's phone rings."""

    def __init__(self, until: dt.datetime) -> None:
        super().__init__(until)
        self.until = until


def rests_until(
    kind: texts.Kind, case: Case, gateway: Endpoint | None, at: dt.datetime
) -> dt.datetime | None:
    """The end of the resident's night, where one lies over this instant; never for what is critical or was asked for this minute, nor for the
    demo's tray, which rings nowhere."""
    if gateway is None or case.urgency == "critical" or kind.asked_for:
        return None
    return quiet.until(gateways.quiet_hours(gateway), at)


# -- the rate


def takes_turn(row: NoticeDelivery, at: dt.datetime) -> bool:
    """Its gateway's next moment, taken for this one; False where another worker was there first."""
    rate = row.endpoint.gateway.get("per_minute") if row.endpoint is not None else None
    if not rate:
        return True
    free = Endpoint.objects.filter(Q(free_at=None) | Q(free_at__lte=at), pk=row.endpoint_id)
    return bool(free.update(free_at=at + dt.timedelta(seconds=60 / rate)))


def wait_for_rate(at: dt.datetime, tired: Collection[int], *, until: dt.datetime) -> bool:
    """Sleep until a gateway with texts that are due may send again; False where there is none, or not in time."""
    due = NoticeDelivery.objects.filter(
        state__in=NoticeDelivery.OPEN, next_at__lte=at, endpoint__free_at__gt=at
    )
    due = due.exclude(endpoint_id__in=list(tired)).exclude(endpoint__paused_until__gt=at)
    free = due.order_by("endpoint__free_at").values_list("endpoint__free_at", flat=True).first()
    if free is None or free >= until:
        return False
    time.sleep(max(0.0, (free - clock.now()).total_seconds()))
    return True


# -- what it says


def ready(row: NoticeDelivery, at: dt.datetime) -> tuple[Message, Target]:
    """The message and where to; raises what stands against sending it. From here on a text that the gateway could not
    tell from a second one counts as out, until it is known what became of it."""
    assert row.call is not None and row.case is not None
    caller, kind = getattr(row.call, "caller", None), texts.kind_of(row)
    phone = texts.mobile(caller.phone) if caller is not None else ""
    if caller is None or not phone:
        raise Undelivered("no_phone")
    if not kind.is_last and opting_out.has_opted_out(phone):
        if not kind.is_answer:
            raise Needless
        raise Undelivered("opted_out")
    gateway = row.endpoint if row.endpoint is not None and row.endpoint.is_on else gateways.of(row.case)
    if gateway is None and not settings.DEMO:
        raise Undelivered("no_gateway")
    if gateway is not None and gateway.pk != row.endpoint_id:
        row.endpoint = gateway
        NoticeDelivery.objects.filter(pk=row.pk).update(endpoint=gateway)
    if until := rests_until(kind, row.case, gateway, at):
        raise Later(until)
    if kind.secrets and not row.sealed:
        raise Undelivered("wiped")
    try:
        secrets = opened(row)
        address = sealing.unseal(gateway.address) if gateway is not None else ""
        key = sealing.unseal(gateway.secret) if gateway is not None else ""
    except sealing.Unreadable:
        raise Undelivered("sealed") from None
    how = gateway.gateway if gateway is not None else {}
    wanted = texts.language_of(caller)
    row.language = texts.language_for(kind.name, caller, how.get("templates", {}))
    row.instead_of = wanted if wanted != row.language else ""
    words, params = texts.body_of(row, caller, secrets)
    row.segments = texts.segments(texts.signed(words, how.get("signature", texts.TRAY_SIGNATURE)))
    target = Target(address, key, phone, how)
    if gateway is not None and not sms.is_keyed(target):
        if row.out_since is not None:  # a worker died over it
            raise Undelivered("unsure")
        NoticeDelivery.objects.filter(pk=row.pk, tries=row.tries).update(out_since=at)
        row.once = True  # type: ignore[attr-defined]
    message = Message(
        str(row.key),
        row.event,
        kind.name,
        row.case.urgency,
        "",
        words,
        "",
        row.at,
        params=params,
        language=row.language,
    )
    return message, target


def opened(row: NoticeDelivery) -> dict[str, str]:
    """What was sealed, for the moment in which it leaves and for nothing else. Raises sealing.Unreadable."""
    return json.loads(sealing.unseal(row.sealed)) if row.sealed else {}


# -- what became of it


def sent(row: NoticeDelivery, remote: str, at: dt.datetime) -> None:
    """It has left. In the demo the tray stands for the phone: there it arrives at once, and keeps what was sealed."""
    values: dict[str, object] = {name: getattr(row, name) for name in ("language", "instead_of", "segments")}
    values["out_since"] = None
    if row.endpoint is None:
        NoticeDelivery.objects.filter(pk=row.pk).update(receipt="arrived", receipt_at=at, **values)
        return
    how = row.endpoint.gateway
    values |= {"sealed": "", "remote_id": remote}
    if how.get("receipts"):
        hours = how.get("receipt_hours") or gateways.RECEIPT_HOURS
        values |= {"receipt": "awaited", "receipt_at": at + dt.timedelta(hours=hours)}
    NoticeDelivery.objects.filter(pk=row.pk).update(**values)


def ended(row: NoticeDelivery, state: str, error: str) -> None:
    """It will not leave any more."""
    NoticeDelivery.objects.filter(pk=row.pk).update(sealed="")
