"""The queue of a unit, and all cases with their filters."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.queries import case_list, lists
from cases.scope import visible
from cases.web import listing
from cases.web.answers import go, page, params
from ledger import clock
from parties.gate import signed_in


@signed_in
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """待办队列: what my unit has, by what it waits for."""
    if start := listing.start_of(request, "queue"):
        return go(request, f"{request.path}{start}")
    shown = listing.read(request, "queue", same={"frame:queue": "mine", "frame:queue_late": "queue_late"})
    returned = shown.view.tab == "returned"
    empty = {
        "icon": "circle-check",
        "title": _("都办完了") if not returned else _("没有退过单"),
        "sentence": _("没有等您办的工单。新派来的会出现在这里，列表不会自己跳动。")
        if not returned
        else _("您单位退回的工单会列在这里。"),
        "actions": [{"label": _("看全部工单"), "url": reverse("cases:list")}],
    }
    return page(request, "cases/desk/queue.html", _context(request, shown) | {"empty": empty}, shown.status)


@signed_in
@require_safe
def all_cases(request: HttpRequest) -> HttpResponse:
    """Everything in scope, filtered. A number typed whole opens its case."""
    if start := listing.start_of(request, "list"):
        return go(request, f"{request.path}{start}")
    q = " ".join(params(request).get("q", "").split())
    if q and (number := number_of(request, q)):
        return go(request, reverse("cases:detail", args=[number]))
    shown = listing.read(request, "list", same={})
    return page(request, "cases/desk/list.html", _context(request, shown), shown.status)


def _context(request: HttpRequest, shown: listing.Listing) -> dict[str, Any]:
    return {
        "tabs": shown.tabs,
        "tools": shown.tools,
        "rows": lists.rows_of(request.actor, shown.found, clock.now()),
        "page": shown.pager,
        "bulk": listing.bulk_of(request),
        "live_tab": shown.view.tab,
        "live_since": clock.now(),
    }


def number_of(request: HttpRequest, q: str) -> str:
    """The number of the visible case that was typed whole, in any case of letters."""
    if not case_list.NUMBERLIKE.fullmatch(q):
        return ""
    rows = visible(request.actor).filter(number__in={q, q.upper()})
    return rows.values_list("number", flat=True).first() or ""
