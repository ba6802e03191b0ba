"""The inbox."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cases.queries import notices
from cases.web import shell
from cases.web.answers import go, page, params
from ledger import clock
from parties.gate import signed_in


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def inbox(request: HttpRequest) -> HttpResponse:
    """What happened; POST read=all marks it read."""
    actor = request.actor
    if request.method == "POST":
        if request.POST.get("read") == "all":
            notices.unread(actor).update(read_at=clock.now())
        return go(request, reverse("cases:notices"))
    shown, pager = notices.page(actor, params(request))
    unread = shell.count(request).get("frame:unread", 0)
    context = {
        "notices": shown,
        "unread": unread,
        "page": pager if pager["next"] or pager["previous"] else None,
    }
    where = "field" if shell.is_field(actor) else "desk"
    return page(request, f"cases/{where}/notices.html", context)
