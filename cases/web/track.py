"""办理进度 for residents, without an account: the tracking code and the last four digits of the phone.

The proved pair is remembered in a signed cookie of this page for half an hour; the code in the address alone
opens nothing. The browser that reported keeps a key of its own, under this call's address only. Guessing is slowed
by address.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases import needs, rating, voice_keys
from cases.api import throttles
from cases.models import Call
from cases.queries import choices
from cases.queries import track as queries
from cases.web import errors, files
from cases.web.answers import go, page, plain
from ledger import clock

COOKIE, SALT = "huying_track", "cases.track"
HALF_AN_HOUR = 30 * 60
VOICE = "huying_voice"
VOICE_LASTS = dt.timedelta(days=60)


def slowed(request: HttpRequest) -> HttpResponse | None:
    """So many tries per address, the rate `track` of the settings."""
    if throttles.count("track", throttles.address_of(request)) is None:
        return None
    return errors.answer(request, 429, _("查得太勤了，请过一分钟再试。"))


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The form; a right pair leads to the progress, a wrong one gets one sentence whatever was wrong."""
    values: dict[str, Any] = {"code": plain(request.GET.get("code", ""), 24), "tail": ""}
    if request.method != "POST":
        return page(request, "cases/public/track.html", {"values": values, "refusal": None, "result": None})
    if too_many := slowed(request):
        return too_many
    values = {name: plain(request.POST.get(name, ""), 24) for name in ("code", "tail")}
    call = queries.find(values["code"], values["tail"])
    if call is None:
        refusal = {
            "status": 404,
            "sentence": _("没有找到。请核对查询码和电话后四位。"),
            "move": "",
            "fields": {},
            "posted": {},
        }
        context = {"values": values, "refusal": refusal, "result": None}
        return page(request, "cases/public/track.html", context, 404)
    return remember(request, go(request, reverse("cases:tracked", args=[call.tracking_code])), call)


def remember(request: HttpRequest, response: HttpResponse, call: Call) -> HttpResponse:
    """This browser has shown the pair, or made the call: it may look for half an hour."""
    response.set_signed_cookie(
        COOKIE,
        call.tracking_code,
        salt=SALT,
        max_age=HALF_AN_HOUR,
        path=reverse("cases:track"),
        httponly=True,
        secure=request.is_secure(),
        samesite="Lax",
    )
    return response


def give_voice(request: HttpRequest, response: HttpResponse, call: Call, at: dt.datetime) -> HttpResponse:
    """This browser has made the call, and nobody is signed in: it may look, rate and take back for as long as that
    can matter."""
    response.set_cookie(
        VOICE,
        voice_keys.give_to_browser(call=call, at=at),
        max_age=VOICE_LASTS,
        path=reverse("cases:tracked", args=[call.tracking_code]),
        httponly=True,
        secure=request.is_secure(),
        samesite="Lax",
    )
    return response


def proved(request: HttpRequest, code: str) -> Call | None:
    """The call of this code, if this browser has shown the pair lately or made the call."""
    shown = request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=HALF_AN_HOUR)
    mine = VOICE in request.COOKIES
    call = queries.by_code(code) if mine or (shown and shown == code) else None
    if call is None or (shown and shown == code):
        return call
    return call if has_voice(request, call) else None


def has_voice(request: HttpRequest, call: Call) -> bool:
    """Is this the browser that made the call, and nobody of ours?"""
    cookie = request.COOKIES.get(VOICE, "")
    return bool(cookie) and request.actor.id is None and voice_keys.holds(call, cookie)


@require_safe
def tracked(request: HttpRequest, code: str) -> HttpResponse:
    """Where the own call stands."""
    call = proved(request, code)
    return go(request, reverse("cases:track")) if call is None else show(request, call)


def show(
    request: HttpRequest,
    call: Call,
    *,
    values: Mapping[str, Any] | None = None,
    refusal: dict[str, Any] | None = None,
    act: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page of the own call; with what was typed for `act`, where that was refused."""
    result = queries.result(call, clock.now())
    result |= {
        "slip_url": reverse("cases:track_slip", args=[call.tracking_code]),
        "has_voice": has_voice(request, call),
        "signed_in": request.actor.id is not None,
        "is_new": request.GET.get("new") == "1",
    }
    typed = values or {}
    context = {
        "values": typed,
        "kept": typed.getlist("attachments") if isinstance(typed, QueryDict) else [],
        "refusal": refusal,
        "act": act,
        "result": result,
        "rate_fields": [
            {"field": need.field, "label": str(need.label), "choices": choices.words(needs.CHOICES[of])}
            for need, of in ((need, need.type.partition(":")[2]) for need in rating.NEEDS)
            if of
        ],
    }
    return page(request, "cases/public/track.html", context, status)


@require_safe
def slip(request: HttpRequest, code: str) -> HttpResponse:
    """The own slip, to print."""
    call = proved(request, code)
    if call is None:
        return go(request, reverse("cases:track"))
    context = {
        **queries.slip(call, request.build_absolute_uri(reverse("cases:track"))),
        "back": reverse("cases:tracked", args=[code]),
    }
    return page(request, "cases/public/slip.html", context)


@require_safe
def photo(request: HttpRequest, code: str, pk: uuid.UUID) -> HttpResponseBase:
    """A picture that was taken for this caller: of the check that was asked for. No other of the case."""
    call = proved(request, code)
    file = queries.photos_for(call).filter(pk=pk).first() if call is not None else None
    if file is None:
        return go(request, reverse("cases:track"))
    return files.handed_out(request, file)
