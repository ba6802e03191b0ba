"""`Idempotency-Key`: what makes a request safe to send again."""

from __future__ import annotations

from django.utils.translation import gettext as _
from rest_framework.request import Request

from grid import commands
from grid.api.bodies import Malformed
from ledger import book

LONGEST = 255


def key_of(request: Request, body: object) -> commands.Request:
    """The request's key with the fingerprint of what it was sent with; both empty without one. Malformed when
    it is longer than the ledger keeps."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        return commands.NO_REQUEST
    if len(key) > LONGEST or not key.isprintable():
        raise Malformed(
            _("Idempotency-Key 最长 255 个可见字符。"), **{"Idempotency-Key": _("太长，或有不可见字符。")}
        )
    return commands.Request(key, book.body_hash([request.method, request.path, body]))
