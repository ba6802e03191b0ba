"""Addresses and secrets of endpoints at rest: sealed with a key drawn from the installation's own, opened only to
send. A key that was changed makes them unreadable: then they are entered anew."""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


class Unreadable(ValueError):
    """It was sealed with another key."""


def seal(text: str) -> str:
    return _box().encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str) -> str:
    try:
        return _box().decrypt(sealed.encode()).decode() if sealed else ""
    except InvalidToken:
        raise Unreadable from None


def _box() -> Fernet:
    digest = hashlib.sha256(b"huying endpoints " + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
