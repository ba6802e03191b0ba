"""The inbox."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from cases.notices import quiet
from cases.queries import notices
from cases.refusals import MoveRefused
from cases.web import shell
from cases.web.answers import go, page, params, plain
from ledger import clock
from parties.gate import signed_in


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def inbox(request: HttpRequest) -> HttpResponse:
    """What happened; POST read=all marks it read, quiet=1 with begins and ends sets one's quiet hours."""
    actor, refusal = request.actor, ""
    if request.method == "POST":
        try:
            if request.POST.get("read") == "all":
                notices.unread(actor).update(read_at=clock.now())
            if request.POST.get("quiet") == "1":
                begins, ends = (plain(request.POST.get(name, "")) for name in ("begins", "ends"))
                quiet.set_hours(by=actor, begins=begins, ends=ends)
            return go(request, reverse("cases:notices"))
        except MoveRefused as refused:
            refusal = str(refused.sentence)
    shown, pager = notices.page(actor, params(request))
    begins, ends = quiet.hours_of([actor.id])[actor.id]
    context = {
        "notices": shown,
        "unread": shell.count(request, {"unread": notices.unread(actor)})["unread"],
        "quiet": {"begins": f"{begins:%H:%M}", "ends": f"{ends:%H:%M}", "refusal": refusal},
        "page": pager if pager["next"] or pager["previous"] else None,
    }
    where = "field" if shell.is_field(actor) else "desk"
    return page(request, f"cases/{where}/notices.html", context, status=400 if refusal else 200)
