"""The parties' own pages and interface, mounted alone; the other rooms' names lead nowhere."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from config.urls import urlpatterns as whole


def nowhere(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(request.actor.role)


NAMES = (
    "notice_preferences",
    "new_call",
    "todo",
    "my_calls",
    "rounds",
    "round_rules",
    "desk",
    "queue",
    "list",
    "dashboard",
    "track",
    "tray",
    "notices",
    "grid",
    "report",
    "outbox",
    "offline",
    "manifest",
    "absences",
    "workload",
    "boards",
)
cases = ([path(f"cases/{name}/", nowhere, name=name) for name in NAMES], "cases")

urlpatterns = [
    path("api/v1/", include("parties.api.urls")),
    path("", include("parties.urls")),
    path("", include(cases)),
]
assert whole  # the real ones load
