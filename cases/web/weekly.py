"""周报: one page for a week, on the screen and as a PDF."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases import weekly_paper
from cases.figures.kept import moment
from cases.paper import Printed
from cases.queries import weekly_report
from cases.web import shell
from cases.web.answers import private
from cases.web.asked import Asked, asked_week
from cases.web.taking_out import takes_out
from ledger import clock
from ledger.actor import Actor
from parties.gate import signed_in


@signed_in
@require_safe
@takes_out
def show(request: HttpRequest) -> HttpResponse:
    """`?place=&organisation=&week=2026-W47|last|this&as_of=`; without a week the last whole one."""
    at = moment()
    asked = asked_week(request.actor, request.GET, at)
    wanted = weekly_report.counted(asked.subject, asked.period, at)
    counts = shell.count(request, wanted, whole=wanted.keys())
    context = context_of(request.actor, asked, at, counts)
    here = asked.whose
    name = context["week"]["name"]
    page = reverse("cases:weekly")

    def week(first: dt.date) -> str:
        return f"{page}?{urlencode({**here, 'week': weekly_report.name_of(weekly_report.week_of(first))})}"

    context |= {
        "before_url": week(asked.period.first - dt.timedelta(weeks=1)),
        "after_url": week(asked.period.last + dt.timedelta(days=1))
        if asked.period.last < clock.local_date(at)
        else "",
        "pdf_url": f"{reverse('cases:weekly_pdf')}?{urlencode({**here, 'week': name})}",
        "fixed_url": f"{page}?{urlencode({**here, 'week': name})}",
        "now_url": f"{page}?{urlencode({key: value for key, value in here.items() if key != 'as_of'} | {'week': name})}",
        "relative_url": f"{page}?{urlencode({**here, 'week': 'last'})}",
        "dashboard_url": f"{reverse('cases:dashboard')}?{urlencode(asked.link)}",
        "figures_url": f"{reverse('cases:figures')}?{urlencode(asked.link)}",
    }
    return render(request, "cases/desk/weekly.html", context)


@signed_in
@require_safe
def pdf(request: HttpRequest) -> HttpResponse:
    """The same on one sheet of A4, with who printed it across it."""
    at = moment()
    asked = asked_week(request.actor, request.GET, at)
    context = context_of(request.actor, asked, at)
    printed = Printed(request.actor.name, shell.Shell(request).unit, at)
    response = HttpResponse(weekly_paper.pdf(context, printed), content_type="application/pdf")
    name = f"weekly-{context['week']['name']}.pdf"
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return private(response)


def context_of(
    by: Actor, asked: Asked, at: dt.datetime, counts: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """Beside the report's own: whose, and as of when."""
    return weekly_report.page(asked.subject, asked.period, at, by, link=asked.link, counts=counts) | {
        "whose": asked.title,
        "title": _("%(name)s网格呼叫响应周报") % {"name": asked.title},
        "as_of": asked.subject.as_of,
    }
