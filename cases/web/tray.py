"""The demo's tray of texts: on screen, instead of on phones. Outside the demo there is none."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from cases.queries import lists, tray
from cases.web.answers import page, params
from parties.gate import NOT_FOUND, OutOfScope


@require_safe
def texts(request: HttpRequest) -> HttpResponse:
    """What would have gone out, the newest first."""
    if not settings.DEMO:
        raise OutOfScope(NOT_FOUND)
    asked = params(request)
    kept = {name: asked[name] for name in ("cursor", "nth") if asked.get(name)}
    found, pager = lists.page_of(tray.rows(request.actor), tray.NEWEST, kept, None, 30)
    context = {
        "rows": tray.shown(found, request.actor),
        "page": pager,
        "masked": request.actor.id is not None,
    }
    return page(request, "cases/public/tray.html", context)
