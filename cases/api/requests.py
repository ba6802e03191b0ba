"""What a request says beside its body: who asks, and the key that makes it safe to send again."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from rest_framework.request import Request

from cases.refusals import malformed
from ledger import book
from ledger.actor import Actor

LONGEST_KEY = 255


@dataclass(frozen=True)
class Key:
    """`Idempotency-Key` with the fingerprint of what it was sent with; both empty without one."""

    request_key: str = ""
    body_hash: str = ""


def actor(request: Request) -> Actor:
    """Who asks; the edge has let only signed-in accounts in."""
    who = request.user.actor
    assert who is not None, "every way of signing in brings its actor"
    return who


def key_of(request: Request, body: object) -> Key:
    """The request's key. Malformed when it is longer than the ledger keeps."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        return Key()
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise malformed(
            _("Idempotency-Key 最长 255 个可见字符。"), **{"Idempotency-Key": _("太长，或有不可见字符。")}
        )
    return Key(key, book.body_hash([request.method, request.path, body]))
