"""Beside a case: what else there was at its place, and the case on paper."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from cases import paper as papers
from cases.queries import detail
from cases.queries import history as queries
from cases.scope import is_near
from cases.web import shell
from cases.web.answers import page, plain, private
from ledger import clock
from parties.gate import signed_in


@signed_in
@require_safe
def history(request: HttpRequest, number: str) -> HttpResponse:
    case = detail.find(request.actor, plain(number))
    context = {"number": case.number, "history": queries.page(request.actor, case, clock.now())}
    return page(request, "cases/desk/history.html", context)


@signed_in
@require_safe
def paper(request: HttpRequest, number: str) -> HttpResponse:
    """The 工单 as a PDF, masked as its reader sees it. The code of the resident's page is for who is near."""
    actor, at = request.actor, clock.now()
    opened = detail.open_case(actor, plain(number))
    shown = detail.page(actor, opened, at, nearby=False)
    codes = [call["tracking_code"] for call in opened.papers.calls if call["number"] == opened.case.number]
    track = ""
    if codes and opened.case.has_caller and is_near(actor, opened.case):
        track = request.build_absolute_uri(reverse("cases:tracked", args=[codes[0]]))
    printed = papers.Printed(actor.name, shell.Shell(request).unit, at)
    response = HttpResponse(papers.pdf(shown, printed, track), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{opened.case.number}.pdf"'
    return private(response)
