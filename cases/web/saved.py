"""Saved filters: keep a list one comes back to, put them in order, begin with one, share one with one's unit."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cases import saved_filters
from cases.models import SavedFilter
from cases.queries import views
from cases.refusals import MoveRefused
from cases.web.answers import go, page, params, plain
from cases.web.listing import PAGES
from ledger import clock
from ledger.actor import Actor
from parties.gate import signed_in


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def saved(request: HttpRequest) -> HttpResponse:
    """`?where=`: GET, one's filters of that page; POST, keep another."""
    where = params(request).get("where", "list")
    where = where if where in PAGES else "list"
    if request.method != "POST":
        return _page(request, where)
    sent = {name: plain(value, 1200) for name, value in request.POST.items()}
    try:
        row = saved_filters.save(
            by=request.actor,
            at=clock.now(),
            where=where,
            name=sent.get("name", ""),
            query=views.parse(sent.get("query", "")),
            start=sent.get("start") == "1",
            shared=sent.get("shared") == "1",
        )
    except MoveRefused as refused:
        return _page(request, where, refused, sent.get("query", ""))
    messages.success(request, _("已存为“%(name)s”。") % {"name": row.name})
    return go(request, f"{reverse(PAGES[where])}?{row.query}")


@signed_in
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """`do`: rename, up, down, start, share, delete."""
    by, sent = request.actor, {name: plain(value, 200) for name, value in request.POST.items()}
    where = sent.get("where", "list")
    where = where if where in PAGES else "list"
    do, on = sent.get("do", ""), sent.get("on") == "1"
    try:
        if do == "delete":
            saved_filters.delete(by=by, pk=pk)
        else:
            changed: dict[str, Any] = {
                "rename": {"name": sent.get("name", "")},
                "up": {"step": -1},
                "down": {"step": 1},
                "start": {"start": on},
                "share": {"shared": on},
            }.get(do, {})
            saved_filters.change(by=by, pk=pk, **changed)
    except MoveRefused as refused:
        return _page(request, where, refused)
    return go(request, _address(where))


def _address(where: str) -> str:
    return f"{reverse('cases:saved_filters')}?where={where}"


def _page(
    request: HttpRequest, where: str, refused: MoveRefused | None = None, query: str = ""
) -> HttpResponse:
    actor = request.actor
    found = saved_filters.seen_by(actor, where)
    context = {
        "where": where,
        "rows": [_row(actor, row, where) for row in found],
        "refusal": refused.sentence if refused else "",
        "query": query,
        "back": reverse(PAGES[where]),
    }
    return page(request, "cases/desk/saved.html", context, refused.status if refused else 200)


def _row(actor: Actor, row: SavedFilter, where: str) -> dict[str, Any]:
    view = views.view(actor, clock.now(), where, views.parse(row.query))
    return {
        "pk": row.pk,
        "name": row.name,
        "words": view.words,
        "url": f"{reverse(PAGES[where])}?{row.query}",
        "act": reverse("cases:saved_filter", args=[row.pk]),
        "mine": row.owner_id == actor.id,
        "owner": row.owner.person.name,
        "start": row.is_start,
        "shared": row.unit_id is not None,
        "unit": (row.unit.short_name or row.unit.name) if row.unit else "",
        "stale": bool(view.faults),
    }
