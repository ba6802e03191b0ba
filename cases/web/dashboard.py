"""The dashboard of any place or organisation in scope."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cases.figures.asking import PERIODS, Period, Subject, subject_of
from cases.figures.ranking import GROUPS
from cases.queries import dashboard, holding_times
from grid.finding import by_code
from grid.queries import lineage
from ledger import clock
from ledger.actor import Actor
from parties import directory
from parties.access import scope_of
from parties.gate import OutOfScope, signed_in

PERIOD_LABELS = {
    "today": gettext_lazy("今日"),
    "week": gettext_lazy("本周"),
    "month": gettext_lazy("本月"),
    "quarter": gettext_lazy("本季"),
    "year": gettext_lazy("本年"),
}


@signed_in
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """`?place=&organisation=&period=|from=&to=&group=`; without a subject, where the reader is posted."""
    at = clock.now()
    subject, link = subject_asked(request.actor, request.GET)
    period, name = period_asked(request.GET, at)
    link |= {"from": period.first.isoformat(), "to": period.last.isoformat()}
    group = request.GET.get("group", "")
    group = group if group in GROUPS else ""
    context = dashboard.page(subject, period, at, request.actor, group=group, link=link)
    title = subject.organisation.name if subject.organisation else subject.place.name if subject.place else ""
    context |= {
        "title": _("%(name)s运行看板") % {"name": title},
        "period_words": _("%(since)s 至 %(until)s，截至 %(now)s")
        % {"since": link["from"], "until": link["to"], "now": at.astimezone(clock.LOCAL).strftime("%H:%M")},
        "periods": _periods(name, link),
        "scopes": _scopes(request.actor, subject),
    }
    context["holders_url"] = f"{reverse('cases:holders')}?{urlencode(link)}"
    return render(request, "cases/desk/dashboard.html", context)


@signed_in
@require_safe
def holders(request: HttpRequest) -> HttpResponse:
    """How long each unit had what it handed on or resolved; subject and period as the dashboard's."""
    at = clock.now()
    subject, link = subject_asked(request.actor, request.GET)
    period, name = period_asked(request.GET, at)
    link |= {"from": period.first.isoformat(), "to": period.last.isoformat()}
    title = subject.organisation.name if subject.organisation else subject.place.name if subject.place else ""
    context = {
        "title": _("%(name)s经手时长") % {"name": title},
        "period_words": _("%(since)s 至 %(until)s") % {"since": link["from"], "until": link["to"]},
        "periods": _periods(name, link, "cases:holders"),
        "rows": holding_times.rows(holding_times.of(subject, period)),
        "back": f"{reverse('cases:dashboard')}?{urlencode(link)}",
    }
    return render(request, "cases/desk/holders.html", context)


def subject_asked(actor: Actor, params) -> tuple[Subject, dict[str, str]]:
    """The place and the organisation asked for, and the parameters that name them; one of the two in scope, else
    404: who reads a place reads how every unit did there, who reads a unit reads how it did at any place."""
    scope = scope_of(actor)
    path, org, mine, link = "", None, False, {}
    if code := params.get("organisation", ""):
        org = directory.current(directory.by_code(code))
        if org is None:
            raise OutOfScope(_("没有找到，或不在您的范围内。"))
        mine = scope.covers_organisation(org.path) or org.id in scope.organisation_ids
        link["organisation"] = org.code
    if code := params.get("place", ""):
        place = by_code(code)
        if place is None or not (mine or scope.covers_path(place.path)):
            raise OutOfScope(_("没有找到，或不在您的范围内。"))
        path, link["place"] = place.path, place.code
    elif org is not None and not mine:
        raise OutOfScope(_("没有找到，或不在您的范围内。"))
    if path or org:
        return subject_of(path, org), link
    return _own(actor, scope, link)


def _own(actor: Actor, scope, link: dict[str, str]) -> tuple[Subject, dict[str, str]]:
    if scope.places:
        path = min(scope.places, key=len)
        line = list(lineage(path).values())
        return subject_of(path), {**link, "place": line[-1].code}
    units = [directory.by_id(unit) for unit in sorted(actor.units)]
    if units and units[0] is not None:
        return subject_of("", units[0]), {**link, "organisation": units[0].code}
    if scope.reads_all:
        return Subject(), link
    raise OutOfScope(_("您还没有任职，看不到运行看板。"))


def period_asked(params, at: dt.datetime) -> tuple[Period, str]:
    """(period, its name); a pair of days wins over a name; what cannot be read is this month."""
    try:
        first = dt.date.fromisoformat(params.get("from", ""))
        last = dt.date.fromisoformat(params.get("to", ""))
        if first <= last:
            period = Period.of_days(first, last)
            named = [name for name in PERIODS if Period.named(name, at) == period]
            return period, named[0] if named else ""
    except ValueError:
        pass
    name = params.get("period", "month")
    name = name if name in PERIODS else "month"
    return Period.named(name, at), name


def _periods(current: str, link: dict[str, str], page: str = "cases:dashboard") -> list[dict[str, object]]:
    here = {key: value for key, value in link.items() if key not in ("from", "to")}
    return [
        {
            "label": str(label),
            "url": f"{reverse(page)}?{urlencode({**here, 'period': name})}",
            "current": name == current,
        }
        for name, label in PERIOD_LABELS.items()
    ]


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
