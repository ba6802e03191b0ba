"""Who asks: `request.actor`, read when first needed."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from ledger import clock, versions
from ledger.actor import ANONYMOUS, Actor
from parties.access import actor_of

MUST_CHANGE = "must_change_password"  # in the session of somebody whose password another has set


def actor_of_request(request: HttpRequest) -> Actor:
    """The actor of the signed-in account; it came with the account, so this costs no statement of its own."""
    user = request.user
    if not user.is_authenticated:
        return ANONYMOUS
    return getattr(user, "actor", None) or actor_of(user.pk, clock.now())


class ActorMiddleware:
    """Sets `request.actor` (lazy; anonymous without a login) and starts every request with no known rule
    versions, so that each is as fresh as its own first statement. Callers by token get theirs in `api.auth`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        versions.forget()
        request.actor = SimpleLazyObject(lambda: actor_of_request(request))
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict
    ) -> HttpResponse | None:
        """A password set by somebody else is changed before anything else is done on a page."""
        match = request.resolver_match
        free = match is None or match.view_name in {
            "parties:password",
            "parties:preferences",
            "parties:logout",
        }
        if free or request.path.startswith("/api/") or not request.session.get(MUST_CHANGE):
            return None
        return redirect(reverse("parties:password"))
