"""我的网格: one place of mine, what is open there, the rounds that are due, what lies below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_safe

from cases.queries import field, lists, my_grid, ordering, rounds
from cases.web import shell
from cases.web.answers import page, params
from ledger import clock
from parties.gate import signed_in


@signed_in
@require_safe
def grid(request: HttpRequest) -> HttpResponse:
    return place_page(request, params(request))


def place_page(
    request: HttpRequest, asked: Mapping[str, str], refusal: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """The page of a place; with what was refused when a round was to be written down there."""
    actor, at = request.actor, clock.now()
    place = my_grid.in_scope(actor, asked.get("place", ""))
    show = asked.get("show", "")
    here = my_grid.open_here(actor, place, at)
    context = my_grid.shown_of(actor, place, show, at, here, shell.count(request, here))
    kept = {name: asked[name] for name in ("place", "show", "cursor", "nth") if name in asked}
    found, pager = lists.page_of(lists.with_names(context.pop("rows")), ordering.BY_DUE, kept, None, size=20)
    context["cases"] = field.with_acts(actor, found, lists.rows_of(actor, found, at))
    context["page"] = pager if pager and (pager["next"] or pager["previous"]) else None
    posted = refusal["posted"] if refusal else QueryDict()
    context["rounds"] = rounds.of_place(actor, place, at) | {"kept": posted.getlist("attachments")}
    context["refusal"], context["values"] = refusal, posted
    return page(request, "cases/field/grid.html", context, status)
