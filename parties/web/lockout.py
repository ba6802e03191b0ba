"""Too many wrong passwords: one clear sentence, 429, for a known account as for an unknown one."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from parties.web.forms import LoginForm


def locked_out(request: HttpRequest, response: Any = None, credentials: Any = None) -> HttpResponse:
    """What the guard of the login answers while a pair of account and address is locked."""
    if request.path.startswith("/api/"):
        problem = {
            "type": "about:blank",
            "title": _("请求太多"),
            "status": 429,
            "detail": _("连续输错太多次，这个账号先锁一会儿，请稍后再试。"),
        }
        return JsonResponse(problem, status=429, content_type="application/problem+json")
    form = LoginForm(request, initial={"username": request.POST.get("username", "")})
    return render(request, "parties/login.html", {"form": form, "locked": True}, status=429)
