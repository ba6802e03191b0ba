"""The key to a caller's voice: who rates and who takes a call back is the caller, and nobody who knows the case.

A staff member who logged a call knows its tracking code and its phone. So a third thing is asked, which goes past us to
the caller: six digits in a text message, or a cookie of the browser that reported without an account. Kept is a digest
under the installation's key, which is in no database: six digits are too few for any slow hash, and with a key outside a
stolen table says nothing. The digits die after five wrong tries; new ones are sent a few times a day.
"""

from __future__ import annotations

import datetime as dt
import secrets

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from cases import texting
from cases.models.call import Call, matter_of
from cases.models.case import Case
from cases.models.deliveries import NoticeDelivery
from cases.models.rating import VoiceKey
from cases.notices import texts
from cases.refusals import MoveRefused, not_ready
from parties.models import Account

SALT = "cases.voice"
MOST_WRONG = 5
SENT_A_DAY = 5  # text messages with digits, per call
DIGITS = 6
KINDS = tuple(f"{texts.EVENT}{kind}" for kind in ("rate", "code"))


def give_to_browser(*, call: Call, at: dt.datetime) -> str:
    """A new key for the browser that reported, to be put into its cookie and nowhere else."""
    return _make(call, "browser", secrets.token_urlsafe(24), at)


def send(*, call: Call, kind: str, at: dt.datetime) -> bool:
    """New digits for the caller's phone, inside the caller's transaction; False where none may be sent. `kind` of the
    text: `rate` after an answer, `code` for who asks for it."""
    if not may_be_sent(call):
        return False
    since = at - dt.timedelta(days=1)
    if NoticeDelivery.objects.filter(call=call, event__in=KINDS, at__gt=since).count() >= SENT_A_DAY:
        return False
    code = _make(call, "text", f"{secrets.randbelow(10**DIGITS):0{DIGITS}}", at)
    matter = matter_of(call)
    return texting.send(call=call, kind=kind, fields={"rating_code": code}, at=at, case=matter) is not None


def may_be_sent(call: Call) -> bool:
    """A text can go to the phone, the call stands, and the phone is nobody's who took it or handled the case."""
    if call.withdrawn_at is not None or not texting.can_text(call, matter_of(call)):
        return False
    return texts.mobile(call.caller.phone) not in _phones_of_ours(call)


def _phones_of_ours(call: Call) -> set[str]:
    cases: list[Case] = list({case.pk: case for case in (call.case, matter_of(call))}.values())
    accounts = {pk for case in cases for pk in case.reporter_ids} | {call.reporter_id} - {None}
    people = {pk for case in cases for pk in case.handler_people}
    rows = Account.objects.filter(Q(pk__in=accounts) | Q(person_id__in=people)).exclude(person__phone="")
    return {texts.mobile(phone) for phone in rows.values_list("person__phone", flat=True)}


def prove(*, call: Call, typed: str = "", cookie: str = "") -> None:
    """Whoever asks is the caller. Raises MoveRefused; a wrong try is counted before it is refused."""
    if cookie and holds(call, cookie):
        return
    typed = "".join(str(int(char)) for char in typed if char.isdecimal())
    if not typed:
        words = _("请填短信里的评价码。")
        raise not_ready(words, rating_code=words)
    with transaction.atomic():
        key = VoiceKey.objects.select_for_update().filter(call=call, way="text").first()
        dead = key is not None and key.wrong >= MOST_WRONG
        right = key is not None and not dead and _fits(call, typed, key.digest)
        if key is not None and not dead and not right:
            key.wrong += 1
            key.save(update_fields=["wrong"])
            dead = key.wrong >= MOST_WRONG
    if dead:
        words = _("评价码错了几次，已经作废。请重新获取一个。")
        raise not_ready(words, rating_code=words)
    if not right:
        words = _("评价码不对，请核对最近一条短信。")
        raise MoveRefused("not_ready", words, fields={"rating_code": words})


def holds(call: Call, cookie: str) -> bool:
    """Is it the browser that reported this call? Too long to guess, so nothing is counted."""
    key = VoiceKey.objects.filter(call=call, way="browser").first()
    return key is not None and _fits(call, cookie, key.digest)


def _make(call: Call, way: str, secret: str, at: dt.datetime) -> str:
    values = {"digest": _digest(call, secret, settings.SECRET_KEY), "made_at": at, "wrong": 0}
    VoiceKey.objects.update_or_create(call=call, way=way, defaults=values)
    return secret


def _fits(call: Call, secret: str, digest: str) -> bool:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(constant_time_compare(_digest(call, secret, key), digest) for key in keys)


def _digest(call: Call, secret: str, key: str) -> str:
    return salted_hmac(SALT, f"{call.pk}:{secret}", secret=key, algorithm="sha256").hexdigest()
