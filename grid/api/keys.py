"""What makes a request safe to send: again, by its `Idempotency-Key`; only to see, by `?dry_run=1`."""

from __future__ import annotations

from django.utils.translation import gettext as _
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from grid import commands
from grid.api.bodies import Malformed
from ledger import book

LONGEST = 255


def asks_dry_run(request: Request) -> bool:
    """Is it only to say what it would do?"""
    return request.query_params.get("dry_run", "") in ("1", "true")


def refuse_dry_run(request: Request) -> None:
    """For what cannot be tried: Malformed, rather than doing for real what was only to be shown."""
    if request.method not in SAFE_METHODS and asks_dry_run(request):
        raise Malformed(_("这一项不能先试，请去掉 dry_run。"), dry_run=_("不支持"))


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
