"""What a gateway tells us: whether a text arrived, and what somebody answered to one (退订).

The address holds a token that only the gateway knows; where it can, it signs too (the same way as our own webhooks),
and then nothing older than five minutes is taken and nothing twice. A receipt heard again changes nothing; one that
comes before its text bears the gateway's name for it waits for that.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.urls import reverse

from cases import missing, texting
from cases.models.call import matter_of
from cases.models.deliveries import Endpoint, NoticeDelivery
from cases.notices import early, opting_out, sealing
from cases.notices.channels import sms
from cases.notices.channels.webhook import signature
from parties import gate

MOST = 500  # receipts in one request
FRESH = dt.timedelta(minutes=5)
STOPS = frozenset({"退订", "拒收", "T", "TD", "N", "STOP", "UNSUBSCRIBE"})
STARTS = frozenset({"恢复订阅", "START"})


def token(one: Endpoint) -> str:
    """Of its address; a new nonce makes the old address dead."""
    text = f"huying receipts {one.pk} {one.gateway.get('nonce', '')}".encode()
    digest = hmac.new(settings.SECRET_KEY.encode(), text, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()


def address(one: Endpoint) -> str:
    return settings.SITE_URL + reverse("api:receipts", args=[one.pk, token(one)])


def find(pk: int, given: str) -> Endpoint:
    """The gateway of this address. Raises OutOfScope."""
    one = Endpoint.objects.filter(pk=pk, channel="sms").first()
    if one is None or not hmac.compare_digest(token(one).encode(), given.encode()):
        raise gate.OutOfScope(gate.NOT_FOUND)
    return one


def is_genuine(one: Endpoint, body: bytes, stamp: str, given: str, at: dt.datetime) -> bool:
    """Where the gateway signs: by its secret, lately, and not seen before."""
    if not one.gateway.get("receipt_signed"):
        return True
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        return False
    if abs(at.timestamp() - int(stamp)) > FRESH.total_seconds():
        return False
    want = signature(sealing.unseal(one.secret), stamp, body)
    if not hmac.compare_digest(want.encode(), given.encode()):
        return False
    return bool(cache.add(f"receipt:{one.pk}:{want}", 1, int(2 * FRESH.total_seconds())))


def take(one: Endpoint, data: Any, at: dt.datetime) -> dict[str, int]:
    """How many receipts were news, and how many numbers want no more texts."""
    how = one.gateway
    found = sms.dig(data, how["receipt_list_at"]) if how.get("receipt_list_at") else data
    items = found if isinstance(found, list) else [found]
    done = {"heard": 0, "opted_out": 0}
    for item in items[:MOST]:
        if isinstance(item, Mapping):
            done["heard"] += _heard(one, item, at)
            done["opted_out"] += _opted_out(one, item, at)
    return done


def _heard(one: Endpoint, item: Mapping[str, Any], at: dt.datetime) -> bool:
    how = one.gateway
    remote, state = (sms.at_path(item, how.get(name) or "") for name in ("receipt_id_at", "receipt_state_at"))
    if not remote or state is None:
        return False
    good, bad = how.get("receipt_good") or [], how.get("receipt_bad") or []
    if state not in good and bad and state not in bad:
        return False  # still on its way
    remote = remote[:80]
    receipt = "arrived" if state in good else "not_arrived"
    early.keep(one.pk, remote, receipt)
    rows = NoticeDelivery.objects.filter(endpoint=one, remote_id=remote, receipt="awaited")
    return bool(sum(missing.hear(pk=pk, receipt=receipt, at=at) for pk in rows.values_list("pk", flat=True)))


def _opted_out(one: Endpoint, item: Mapping[str, Any], at: dt.datetime) -> bool:
    how = one.gateway
    phone, words = (sms.at_path(item, how.get(name) or "") for name in ("reply_phone_at", "reply_words_at"))
    if not phone or not words:
        return False
    said = words.strip().upper().strip("。.!！")
    if said in STARTS:
        opting_out.opt_in(phone)
    if said not in STOPS:
        return False
    with transaction.atomic():
        is_news = opting_out.opt_out(phone, at)
        call = opting_out.newest_call(phone) if is_news else None
        if call is not None:  # the last text of all says that it was understood, in the caller's language
            texting.send(call=call, kind="stopped", at=at, case=matter_of(call))
    return is_news
