"""Each app mounted once."""

from __future__ import annotations

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

from config.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("admin/", admin.site.urls),
]


def standing(app: str) -> bool:
    """Whether the urls of a room are written yet."""
    return bool(find_spec(app.rpartition(".")[0]) and find_spec(app))


# While the rooms are being built, those that stand are mounted.
for prefix, room in (
    ("api/v1/", "cases.api.urls"),
    ("", "parties.urls"),
    ("", "parties.web.urls"),
    ("", "cases.urls"),
    ("", "cases.web.urls"),
):
    if standing(room):
        urlpatterns.append(path(prefix, include(room)))

handler400 = "cases.web.errors.bad_request"
handler403 = "cases.web.errors.forbidden"
handler404 = "cases.web.errors.not_found"
