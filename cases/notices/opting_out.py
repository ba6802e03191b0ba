"""退订: a number that wants no texts, known by a keyed digest."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac

from django.conf import settings

from cases.models.call import Call
from cases.models.deliveries import OptOut
from cases.notices import texts
from ledger import versions


def digest(phone: str) -> str:
    """From it nobody finds the number without our key."""
    key = b"huying opt-out " + settings.SECRET_KEY.encode()
    return hmac.new(key, texts.mobile(phone).encode(), hashlib.sha256).hexdigest()


def opt_out(phone: str, at: dt.datetime) -> bool:
    """No more texts to this number. True where it was news."""
    if not texts.mobile(phone):
        return False
    _row, is_new = OptOut.objects.get_or_create(digest=digest(phone), defaults={"at": at})
    if is_new:
        versions.bump("opted_out")
    return is_new


def opt_in(phone: str) -> bool:
    """The caller wants texts again."""
    gone = bool(texts.mobile(phone)) and OptOut.objects.filter(digest=digest(phone)).delete()[0] > 0
    if gone:
        versions.bump("opted_out")
    return gone


def newest_call(phone: str) -> Call | None:
    """By which a text to this number is told, as numbers stand with calls."""
    number = texts.mobile(phone)
    spelt = [f"{before}{number}" for before in ("", "+86", "86", "0086")] if number else []
    found = Call.objects.filter(caller__phone__in=spelt).select_related("caller", "case").order_by("-pk")
    return found.first()


def is_stopped(phone: str) -> bool:
    """As `has_opted_out`, for pages: from memory, under a version that every change moves; no statement."""
    return bool(texts.mobile(phone)) and bytes.fromhex(digest(phone)) in _stopped()


_stopped = versions.Cached(
    "opted_out", lambda: frozenset(map(bytes.fromhex, OptOut.objects.values_list("digest", flat=True)))
)


def has_opted_out(phone: str) -> bool:
    """Before something is sent: as it stands this instant."""
    return bool(texts.mobile(phone)) and OptOut.objects.filter(digest=digest(phone)).exists()
