"""The tree as it was: one past day, and what became of it since."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_safe

from cases.queries import place_tree
from cases.web.answers import page, params
from cases.web.tree import editor
from grid import history, kinds
from grid.errors import TreeRefused
from grid.models import Place
from ledger import clock
from parties import gate

MOST = 500  # shown
MOST_CHANGES = 5000  # read
WORDS = {
    "opened": _l("新设"),
    "renamed": _l("改名"),
    "recoded": _l("改码"),
    "moved": _l("划转"),
    "retired": _l("停用"),
    "restored": _l("恢复"),
}


@gate.needs("tree")
@require_safe
def past(request: HttpRequest) -> HttpResponse:
    """One place and what stood directly under it at the end of a day, and how the tree differs from today's."""
    by, asked = request.actor, params(request)
    day = _day(asked.get("day", ""))
    place = editor.find_place(by, asked["at"]) if asked.get("at") else editor.roots_of(by)[0]
    then = history.states(day, [place.pk]).get(place.pk)
    line = history.lines(day, [then])[then.id] if then is not None else []
    shown = {
        "day": day,
        "today": clock.today(),
        "place": place,
        "then": then,
        "label": str(kinds.label(place.kind)),
        "line": [_link(one, day) for one in line],
        "below": [_link(one, day) for one in history.children(day, place.pk)[:MOST]],
        **_changes(place.path, day),
    }
    return page(request, "grid/past.html", shown)


def _link(one: history.Then, day: dt.date) -> dict[str, Any]:
    return {
        "name": one.name,
        "code": one.code,
        "label": str(kinds.label(one.kind)),
        "icon": place_tree.ICONS[one.kind],
        "url": f"{reverse('cases:tree_past')}?day={day}&at={one.code}",
    }


def _changes(path: str, day: dt.date) -> dict[str, Any]:
    """What became, since the day, of the places that stood at and below one then or do now; what left it is
    told so."""
    try:
        found = history.difference(day, clock.today(), root=path, most=MOST_CHANGES)
    except history.TooMany:
        return {"changes": [], "changed": None}
    shown = found[:MOST]
    here = Place.objects.filter(pk__in=[one.id for one in shown], path__startswith=path)
    inside = set(here.values_list("pk", flat=True))
    rows = [
        {
            "words": [str(WORDS[kind]) for kind in one.kinds],
            "before": one.before.name if one.before else "",
            "after": one.after.name if one.after else "",
            "code": one.code,
            "left": one.id not in inside,
        }
        for one in shown
    ]
    return {"changes": rows, "changed": len(found)}


def _day(typed: str) -> dt.date:
    """The day asked for; yesterday where none is, and never one to come."""
    if not typed:
        return clock.today() - dt.timedelta(days=1)
    try:
        day = dt.date.fromisoformat(typed)
    except ValueError:
        raise TreeRefused(_("请按“2026-11-21”的样子填写日期。"), status=400) from None
    return min(day, clock.today())
