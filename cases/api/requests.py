"""What a request says beside its body: who asks, and the key that makes it safe to send again."""

from __future__ import annotations

from rest_framework.request import Request

from grid.api.keys import key_of
from ledger.actor import Actor

__all__ = ["actor", "key_of"]


def actor(request: Request) -> Actor:
    """Who asks; the edge has let only signed-in accounts in."""
    who = request.user.actor
    assert who is not None, "every way of signing in brings its actor"
    return who
