"""Which language a page speaks: the reader's profile, else a cookie, else Chinese.

The browser's Accept-Language is ignored on purpose: an office machine with an English browser must not turn
the hall's screens English.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

KNOWN = frozenset(code for code, _name in settings.LANGUAGES)


def language_of(request: HttpRequest) -> str:
    """The code of the language for this request; always one of settings.LANGUAGES."""
    user = getattr(request, "user", None)
    if user is not None and settings.SESSION_COOKIE_NAME in request.COOKIES and user.is_authenticated:
        chosen = getattr(user, "language", "")
    else:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return chosen if chosen in KNOWN else settings.LANGUAGE_CODE


class LanguageMiddleware:
    """Speaks the chosen language during one request. Callers by token get theirs where they are recognised."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_of(request)
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language() or language)
        return response
