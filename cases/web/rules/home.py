"""Where those who keep the rules begin: what waits for them, and how far the notices reach."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from cases import calendars, replanning
from cases.queries import policy_rows
from cases.queries.counting import shown
from cases.web import shell
from cases.web.answers import page
from cases.web.rules import reading
from ledger import clock


@reading.keepers
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The page."""
    today = clock.today()
    wanted = {tab: policy_rows.filtered(tab, "", "", today) for tab in ("live", "waiting")}
    numbers = shell.count(
        request, {**wanted, "provisional": replanning.open_clocks().filter(provisional=True)}
    )
    until = calendars.calendar().published_until
    context = {
        "published_until": until,
        "near": (until - today).days < 60,
        "calendars": len(calendars.all_rows()),
        "provisional": shown(numbers["provisional"]),
        "live": shown(numbers["live"]),
        "waiting": shown(numbers["waiting"]) if numbers["waiting"] else "",
    }
    return page(request, "cases/rules/home.html", context)
