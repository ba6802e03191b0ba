"""The dashboard of any place or organisation in scope."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cases.figures.asking import Subject
from cases.figures.kept import moment
from cases.figures.parts import WEEKDAYS
from cases.figures.ranking import GROUPS
from cases.queries import dashboard, dashboard_parts, holding_times
from cases.web.answers import page
from cases.web.asked import asked_of
from cases.web.taking_out import takes_out
from grid.queries import lineage
from ledger import clock
from ledger.actor import Actor
from parties.access import scope_of
from parties.gate import signed_in


@signed_in
@require_safe
@takes_out
def show(request: HttpRequest) -> HttpResponse:
    """`?place=&organisation=&period=|from=&to=&group=`; without a subject, where the reader is posted."""
    at = moment()
    asked = asked_of(request, at)
    group = request.GET.get("group", "")
    group = group if group in GROUPS else ""
    context = dashboard.page(asked.subject, asked.period, at, request.actor, group=group, link=asked.link)
    context |= {
        "title": _("%(name)s运行看板") % {"name": asked.title},
        "period_words": _("%(period)s，截至 %(now)s")
        % {"period": asked.period_words, "now": at.astimezone(clock.LOCAL).strftime("%H:%M")},
        "periods": asked.periods(reverse("cases:dashboard")),
        **asked.tools(reverse("cases:dashboard"), {"group": group} if group else {}),
        "trees": asked.trees(reverse("cases:dashboard")),
        "tree": asked.subject.tree,
        "parts": {
            name: {
                "url": f"{reverse('cases:dashboard_part', args=[name])}?{urlencode(asked.link)}",
                "title": title,
            }
            for name, title in TITLES.items()
            if asked.as_of is None or name not in NOW_ONLY
        },
        "scopes": _scopes(request.actor, asked.subject),
        "holders_url": f"{reverse('cases:holders')}?{urlencode(asked.link)}",
        "screen_url": f"{reverse('cases:screen')}?{urlencode(asked.link)}",
        "weekly_url": f"{reverse('cases:weekly')}?{urlencode(asked.whose)}",
        "figures_url": f"{reverse('cases:figures')}?{urlencode(asked.link)}",
        "later_url": f"{reverse('cases:figures_later')}?{urlencode(asked.link)}",
        "weekdays": WEEKDAYS,
    }
    return render(request, "cases/desk/dashboard.html", context)


NOW_ONLY = ("since", "rounds")  # a visit is to what is now; what is to be walked is asked for today
TITLES = {
    "since": gettext_lazy("上次来过以后"),
    "rising": gettext_lazy("升得最快"),
    "spread": gettext_lazy("何时何处"),
    "shares": gettext_lazy("来源与层级"),
    "voices": gettext_lazy("反复与集中"),
    "instructed": gettext_lazy("批示与结果"),
    "rounds": gettext_lazy("巡查走访"),
}


@signed_in
@require_safe
@takes_out
def part(request: HttpRequest, name: str) -> HttpResponse:
    """One of the lower parts: the fragment for the dashboard, a page of its own where no script runs."""
    if name not in dashboard_parts.PARTS:
        raise Http404
    at = moment()
    asked = asked_of(request, at)
    if name in NOW_ONLY:
        asked = replace(asked, subject=asked.subject.as_at(None), as_of=None)
    context = dashboard_parts.PARTS[name](asked.subject, asked.period, at, request.actor, asked.link)
    fragment = f"cases/desk/dashboard/{name}.html"
    if request.htmx:
        return page(request, fragment, context)
    context |= {
        "title": TITLES[name],
        "whose": asked.title,
        "period_words": asked.period_words,
        "periods": asked.periods(reverse("cases:dashboard_part", args=[name])),
        "dashboard_url": f"{reverse('cases:dashboard')}?{urlencode(asked.link)}",
        "fragment": fragment,
        **asked.tools(reverse("cases:dashboard_part", args=[name])),
    }
    return page(request, "cases/desk/dashboard_part.html", context)


@signed_in
@require_safe
@takes_out
def holders(request: HttpRequest) -> HttpResponse:
    """How long each unit had what it handed on or resolved; subject and period as the dashboard's."""
    asked = asked_of(request, moment())
    context = {
        "title": _("%(name)s经手时长") % {"name": asked.title},
        "period_words": asked.period_words,
        "periods": asked.periods(reverse("cases:holders")),
        "rows": holding_times.rows(holding_times.of(asked.subject, asked.period)),
        "back": f"{reverse('cases:dashboard')}?{urlencode(asked.link)}",
    }
    return render(request, "cases/desk/holders.html", context)


def _scopes(actor: Actor, subject: Subject) -> list[dict[str, object]]:
    """The way back up, inside one's scope."""
    if subject.place is None:
        return []
    scope = scope_of(actor)
    line = lineage(subject.place_path)
    paths = []
    path = "/"
    for place in line.values():
        path = f"{path}{place.id}/"
        if scope.covers_path(path):
            paths.append(place)
    return (
        [
            {
                "label": place.name,
                "url": f"{reverse('cases:dashboard')}?{urlencode({'place': place.code})}",
                "current": place.id == subject.place.id,
            }
            for place in paths
        ]
        if len(paths) > 1
        else []
    )
