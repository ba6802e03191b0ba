"""指挥大屏: one page that stands on a wall for days, and the board that it fetches again and again."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.figures.asking import Subject
from cases.figures.kept import moment
from cases.queries import screen, screen_past
from cases.unchanged import tagged
from cases.web.asked import subject_asked
from ledger import clock, days
from parties.gate import signed_in

TOUR = (2, 600)  # seconds at one place, at least and at most
USUAL = 30


@signed_in
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """`?place=&organisation=` as the dashboard's; `tour=` seconds goes round the places below; `day=` (and `hour=`)
    shows a past day hour by hour."""
    at = clock.now()
    subject, link = subject_asked(request.actor, request.GET)
    day = _day(request.GET.get("day", ""), at)
    hour = _hour(request.GET.get("hour", ""))
    stops = [] if day else screen.tour(subject, link)
    base = reverse("cases:screen")
    context = {
        **_board(request, subject, link, moment(at), day, hour),
        "at": at,
        "now_ms": int(at.timestamp() * 1000),
        "day": day,
        "hour": hour,
        "last_day": clock.local_date(at) - dt.timedelta(days=1),
        "asked": link,
        "board_url": f"{reverse('cases:screen_board')}?{urlencode(link)}",
        "back": f"{reverse('cases:dashboard')}?{urlencode(link)}",
        "here_url": f"{base}?{urlencode(link)}",
        "tour_url": f"{base}?{urlencode({**link, 'tour': USUAL})}",
        "tour": _seconds(request.GET.get("tour", "")) if len(stops) > 1 else 0,
        "stops": [
            {
                **stop,
                "url": f"{base}?{urlencode({'place': stop['code']})}",
                "board": f"{reverse('cases:screen_board')}?{urlencode({'place': stop['code']})}",
            }
            for stop in stops
            if stop["code"]
        ],
    }
    return render(request, "cases/desk/screen.html", context)


@signed_in
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """The board alone. Sent again with `If-None-Match` it costs no byte where nothing has changed."""
    at = moment()
    subject, link = subject_asked(request.actor, request.GET)
    day, hour = _day(request.GET.get("day", ""), at), _hour(request.GET.get("hour", ""))
    context = _board(request, subject, link, at, day, hour)
    page = render_to_string(
        "cases/desk/screen_board.html", context
    )  # nothing of the request: the same for its tag
    return tagged(request.headers, page.encode(), HttpResponse(page))


def _board(
    request: HttpRequest,
    subject: Subject,
    link: dict[str, str],
    at: dt.datetime,
    day: dt.date | None,
    hour: int,
) -> dict[str, Any]:
    name = subject.organisation.name if subject.organisation else subject.place.name if subject.place else ""
    found = {"title": _("%(name)s运行指挥屏") % {"name": name}, "date": day or clock.local_date(at)}
    if day is None:
        return {**found, **screen.board(subject, at, request.actor, link)}
    return {**found, **screen_past.board(subject, day, hour, request.actor)}


def _day(text: str, at: dt.datetime) -> dt.date | None:
    """A past day, or none: today and what is to come is now."""
    try:
        day = days.read(text)
    except days.NoDay:
        return None
    return day if day < clock.local_date(at) else None


def _hour(text: str) -> int:
    """The end of an hour, 1 … 24; the first where none was asked for."""
    return min(24, max(1, int(text))) if text.isascii() and text.isdigit() and len(text) < 3 else 1


def _seconds(text: str) -> int:
    least, most = TOUR
    return min(most, max(least, int(text))) if text.isascii() and text.isdigit() and len(text) < 5 else 0
