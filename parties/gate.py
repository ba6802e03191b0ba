"""The edge's doorman: find in scope or 404; a missing capability is 403.

The command has the last word; the gate only keeps an edge from doing work for somebody who may not see it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_required
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from ledger.actor import Actor
from parties.access import NotYours, require

__all__ = ["NotYours", "OutOfScope", "admit", "find", "needs", "signed_in"]

Row = TypeVar("Row", bound=Model)
View = Callable[..., HttpResponse]


NOT_FOUND = gettext_lazy("没有找到，或不在您的范围内。")


class OutOfScope(Http404):
    """It does not exist, or not for this reader: the two are told apart by nobody."""

    @property
    def sentence(self) -> str:
        return str(self)


def find(rows: QuerySet[Row], **lookup: Any) -> Row:
    """The one row of an already scoped queryset; OutOfScope where there is none."""
    try:
        return rows.get(**lookup)
    except (rows.model.DoesNotExist, ValueError, OverflowError):
        raise OutOfScope(NOT_FOUND) from None


def admit(actor: Actor, capability: str, *, path: str | None = None, organisation: str | None = None) -> None:
    """Let pass who may; NotYours (403) for the others."""
    require(actor, capability, path=path, organisation=organisation)


signed_in = login_required  # pages that only ask who one is


def needs(capability: str) -> Callable[[View], View]:
    """A page for those who have a capability anywhere; others signed in get 403, strangers the login."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            admit(request.actor, capability)
            return view(request, *args, **kwargs)

        return login_required(guarded)

    return guard
