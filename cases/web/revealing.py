"""Who called, shown once: the recorded reason buys one look, on the page that opens next."""

from __future__ import annotations

from django.http import HttpRequest

KEY = "revealed"


def give(request: HttpRequest, number: str) -> None:
    """After the fact `reveal` was recorded: the next page of this case shows the caller plainly."""
    request.session[KEY] = number


def take(request: HttpRequest, number: str) -> bool:
    """Is this the one look?"""
    if request.session.get(KEY) != number:
        return False
    del request.session[KEY]
    return True
