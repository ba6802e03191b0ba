"""Stickers on walls, 一楼一码: one token per building, which never changes and leads to it for ever."""

from __future__ import annotations

import base64
import hashlib
import hmac

from django.conf import settings

from grid.models import Place, PlaceName

KINDS = ("building",)  # what gets a sticker when it is opened
LENGTH = 16  # base32 letters: 80 bits, not to be guessed, still a small QR picture


def token_for(code: str) -> str:
    """The token of a place: the same on every call for one code and one installation's secret."""
    digest = hmac.new(settings.SECRET_KEY.encode(), f"place-sticker:{code}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode().lower()[:LENGTH]


def sticker(place: Place) -> PlaceName:
    """The unwritten row that makes the place's token lead to it."""
    return PlaceName(place=place, kind=PlaceName.Kind.QR, value=token_for(place.code))
