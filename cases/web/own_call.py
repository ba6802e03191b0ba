"""What a resident does on the page of an own call: answers what was asked, takes it back, rates, asks for the key.

Behind the proved cookie; each post is fingerprinted and slowed by address. Taking back and rating need the caller's own
key, which no staff member sees (cases.voice_keys); who is signed in here is staff and has no such voice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from cases import own_calls, rating, voice_keys
from cases.lifecycle import KEPT, MOVES, REASON, Need
from cases.models import Call
from cases.own_calls import RESIDENT
from cases.refusals import MoveRefused, not_ready, not_yours
from cases.web import forms, track
from cases.web.answers import go, plain, refusal_of
from cases.web.forms import Sent
from ledger import clock

Act = Callable[[HttpRequest, Call, Sent], None]
SENT_LASTS = 3600


@sensitive_post_parameters("rating_code")
@require_POST
def supply(request: HttpRequest, code: str) -> HttpResponse:
    """What was asked for, with pictures; it counts from its receipt, whenever it was written."""
    needs = (need for need in MOVES["supply"].needs if need is not KEPT)
    return _do(request, code, "supply", needs, _supply)


@sensitive_post_parameters("rating_code")
@require_POST
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """The own call is taken back."""
    return _do(request, code, "withdraw", (REASON,), _withdraw)


@sensitive_post_parameters("rating_code")
@require_POST
def rate(request: HttpRequest, code: str) -> HttpResponse:
    """What the caller says of the answer."""
    return _do(request, code, "rate", rating.NEEDS, _rate)


@sensitive_post_parameters("rating_code")
@require_POST
def send_code(request: HttpRequest, code: str) -> HttpResponse:
    """A new key by text message to the phone of the call; what was typed meanwhile stays."""
    call = track.proved(request, code)
    if call is None:
        return go(request, reverse("cases:track"))
    if too_many := track.slowed(request):
        return too_many
    act = "withdraw" if request.POST.get("act") == "withdraw" else "rate"
    try:
        _no_staff(request)
        key = forms.key_of(request.POST)
        if not key or cache.add(f"track:code:{key}", 1, SENT_LASTS):
            with transaction.atomic():
                Call.objects.select_for_update(no_key=True).get(pk=call.pk)  # counted one by one
                if not voice_keys.send(call=call, kind="code", at=clock.now()):
                    raise not_ready(_("现在发不了：没有能收短信的电话，或者今天发得太多。请打 12345。"))
    except MoveRefused as refused:
        refusal = refusal_of(refused, "", request.POST, {})
        return track.show(request, call, values=request.POST, refusal=refusal, act=act, status=refused.status)
    return track.show(request, call, values={**request.POST.dict(), "sent": "1"}, act=act)


def _do(request: HttpRequest, code: str, act: str, needs: Iterable[Need], do: Act) -> HttpResponse:
    call = track.proved(request, code)
    if call is None:
        return go(request, reverse("cases:track"))
    if too_many := track.slowed(request):
        return too_many
    sent, needs = None, tuple(needs)
    try:
        sent = forms.read(request, needs)
        do(request, call, sent)
    except MoveRefused as refused:
        posted = sent.posted if sent else request.POST
        refusal = refusal_of(refused, "", posted, {})  # what stands there by now is on the page itself
        return track.show(request, call, values=posted, refusal=refusal, act=act, status=refused.status)
    return go(request, reverse("cases:tracked", args=[code]))


def _supply(request: HttpRequest, call: Call, sent: Sent) -> None:
    at = clock.now()
    forms.store(request, sent, ["attachments"], by=RESIDENT, at=at)
    own_calls.supply(call=call, at=at, request_key=sent.key, body_hash=sent.hash, **sent.details)


def _withdraw(request: HttpRequest, call: Call, sent: Sent) -> None:
    _prove(request, call)
    own_calls.withdraw(
        call=call, reason=sent.details["reason"], at=clock.now(), request_key=sent.key, body_hash=sent.hash
    )


def _rate(request: HttpRequest, call: Call, sent: Sent) -> None:
    _prove(request, call)
    rating.rate(call=call, sent=sent.details, at=clock.now(), request_key=sent.key, body_hash=sent.hash)


def _prove(request: HttpRequest, call: Call) -> None:
    _no_staff(request)
    cookie = request.COOKIES.get(track.VOICE, "")
    voice_keys.prove(call=call, typed=plain(request.POST.get("rating_code", ""), 24), cookie=cookie)


def _no_staff(request: HttpRequest) -> None:
    if request.actor.id is not None:
        raise not_yours(_("您登录着工作账号。评价和收回由反映人自己办，请先退出登录。"))
