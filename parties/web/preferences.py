"""How a reader wants to see the pages: from the profile, or from cookies before anybody signed in."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

ELDER_COOKIE = "huying_elder"


def elder_of(request: HttpRequest) -> bool:
    """Large type? The profile decides; for strangers a cookie of their own choice."""
    if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
        return request.user.elder
    return request.COOKIES.get(ELDER_COOKIE) == "1"


def keep(response: HttpResponse, *, language: str | None, elder: bool | None) -> HttpResponse:
    """Remember a stranger's choice in the browser."""
    kept = {settings.LANGUAGE_COOKIE_NAME: language, ELDER_COOKIE: None if elder is None else str(int(elder))}
    for name, value in kept.items():
        if value is not None:
            response.set_cookie(
                name,
                value,
                max_age=settings.LANGUAGE_COOKIE_AGE,
                samesite=settings.LANGUAGE_COOKIE_SAMESITE,
                secure=settings.SESSION_COOKIE_SECURE,
            )
    return response
