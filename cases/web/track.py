"""办理进度 for residents, without an account: the tracking code and the last four digits of the phone.

The proved pair is remembered in a signed cookie of this page for half an hour; the code in the address alone
opens nothing. Guessing is slowed by address.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from rest_framework.throttling import SimpleRateThrottle

from cases.models import Call
from cases.queries import track as queries
from cases.web import errors
from cases.web.answers import go, page, plain
from ledger import clock

COOKIE, SALT = "huying_track", "cases.track"
HALF_AN_HOUR = 30 * 60


class ByAddress(SimpleRateThrottle):
    """So many tries per address, the rate `track` of the settings."""

    scope = "track"

    def get_cache_key(self, request: HttpRequest, view: object) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The form; a right pair leads to the progress, a wrong one gets one sentence whatever was wrong."""
    values: dict[str, Any] = {"code": plain(request.GET.get("code", ""), 24), "tail": ""}
    if request.method != "POST":
        return page(request, "cases/public/track.html", {"values": values, "refusal": None, "result": None})
    if not ByAddress().allow_request(request, None):
        return errors.answer(request, 429, _("查得太勤了，请过一分钟再试。"))
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


def _proved(request: HttpRequest, code: str) -> Call | None:
    """The call of this code, if this browser has shown the pair lately."""
    shown = request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=HALF_AN_HOUR)
    return queries.by_code(code) if shown and shown == code else None


@require_safe
def tracked(request: HttpRequest, code: str) -> HttpResponse:
    """Where the own call stands."""
    call = _proved(request, code)
    if call is None:
        return go(request, reverse("cases:track"))
    result = queries.result(call, clock.now())
    result["slip_url"] = reverse("cases:track_slip", args=[code])
    return page(request, "cases/public/track.html", {"values": {}, "refusal": None, "result": result})


@require_safe
def slip(request: HttpRequest, code: str) -> HttpResponse:
    """The own slip, to print."""
    call = _proved(request, code)
    if call is None:
        return go(request, reverse("cases:track"))
    context = {
        **queries.slip(call, queries.case_of(call)),
        "track_url": request.build_absolute_uri(reverse("cases:track")),
        "qr_svg": "",
        "back": reverse("cases:tracked", args=[code]),
    }
    return page(request, "cases/public/slip.html", context)
