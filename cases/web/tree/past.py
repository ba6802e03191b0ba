"""The tree as it was on a day, opened as far as one likes, and what became of it until another day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_safe

from cases.queries import place_tree
from cases.web.answers import page, params, plain, private
from cases.web.tree import editor
from grid import history, kinds, paging, queries
from grid.errors import TreeRefused
from grid.history import Then
from grid.models import Place
from ledger import clock, days
from parties import gate

MOST = 500  # under one place
MOST_CHANGES = 20_000  # read
ORDER = (paging.Key("code"), paging.Key("id"))
WORDS = {
    "opened": (_l("新设"), "ok"),
    "renamed": (_l("改名"), "info"),
    "recoded": (_l("改码"), "info"),
    "moved": (_l("划转"), "info"),
    "retired": (_l("停用"), "stop"),
    "restored": (_l("恢复"), "ok"),
}


@gate.needs("tree")
@require_safe
def past(request: HttpRequest) -> HttpResponse:
    """The tree at the end of `day`, open down to one place, and how that differs at the end of `until` (today)."""
    asked = params(request)
    today = clock.today()
    day = _day(asked.get("day", ""), today - dt.timedelta(days=1))
    until = _day(asked.get("until", ""), today)
    day, until = min(day, until), max(day, until)
    place, then = _asked(request, day, asked.get("at", ""))
    if asked.get("branch") and then is not None:
        nodes = [_node(one, day, until) for one in history.children(day, then.id)[:MOST]]
        return private(render(request, "parties/branch.html", {"nodes": nodes}))
    line = history.lines(day, [then])[then.id] if then is not None else []
    try:
        changes = _changes(place, day, until, asked)
    except paging.BadPage:
        return redirect(_url(place.code, day, until))
    shown = {
        "day": day,
        "until": until,
        "today": today,
        "place": place,
        "then": then,
        "label": str(kinds.label(place.kind)),
        "line": line,
        "nodes": _tree(line, {top.pk for top in editor.roots_of(request.actor)}, day, until),
        **changes,
    }
    return page(request, "grid/past.html", shown)


def _asked(request: HttpRequest, day: dt.date, code: str) -> tuple[Place, Then | None]:
    """The place that had this code on the day, or has it now; places are open to every account, now and then."""
    if not code:
        top = editor.roots_of(request.actor)[0]
        return top, history.states(day, [top.pk]).get(top.pk)
    code = plain(code, 40).upper()
    then = history.by_code(day, code)
    rows = queries.light()
    return (gate.find(rows, pk=then.id), then) if then is not None else (gate.find(rows, code=code), None)


def _tree(line: Sequence[Then], tops: set[int], day: dt.date, until: dt.date) -> list[dict[str, Any]]:
    """The way down to a place, open, with what stood beside it on each level; one statement per level. It begins where
    one's own ground does."""
    start = next((n for n, one in enumerate(line) if one.id in tops), 0)
    nodes: list[dict[str, Any]] = []
    for one in reversed(line[start:]):
        open_node = {**_node(one, day, until, current=one is line[-1])}
        below = history.children(day, one.id)[:MOST]
        came = {node["id"]: node for node in nodes}
        open_node["children"] = [came.get(child.id) or _node(child, day, until) for child in below]
        nodes = [open_node]
    return nodes


def _node(one: Then, day: dt.date, until: dt.date, *, current: bool = False) -> dict[str, Any]:
    url = _url(one.code, day, until)
    return {
        "id": one.id,
        "name": one.name,
        "label": str(kinds.label(one.kind)),
        "icon": place_tree.ICONS[one.kind],
        "url": url,
        "current": current,
        "branch": "" if one.kind in ("household", kinds.ESTATE) else f"{url}&branch=1",
    }


def _url(code: str, day: dt.date, until: dt.date) -> str:
    return f"{reverse('cases:tree_past')}?{urlencode({'day': day, 'until': until, 'at': code})}"


def _changes(place: Place, day: dt.date, until: dt.date, asked: Mapping[str, str]) -> dict[str, Any]:
    """What became, between the two days, of the places that stood at and below one on either; what left it is told
    so. Raises BadPage."""
    try:
        found = history.difference(day, until, root=place.path, most=MOST_CHANGES)
    except history.TooMany:
        return {"changes": [], "changed": None, "page": None}
    kept = {"day": day.isoformat(), "until": until.isoformat(), "at": place.code}
    got = paging.page_of(found, ORDER, {**kept, "cursor": asked.get("cursor", "")})
    before = history.lines(day, [one.before for one in got.rows if one.before])
    after = history.lines(until, [one.after for one in got.rows if one.after])
    rows = []
    for one in got.rows:
        old, new = before.get(one.id, []), after.get(one.id, [])
        rows.append(
            {
                "words": [WORDS[kind] for kind in one.kinds],
                "before": one.before.name if one.before else "",
                "after": one.after.name if one.after else "",
                "code": one.code,
                "label": str(kinds.label(one.kind)),
                "from": old[-2].name if len(old) > 1 and "moved" in one.kinds else "",
                "to": new[-2].name if len(new) > 1 else "",
                "left": bool(new) and all(above.id != place.pk for above in new),
            }
        )
    pager = {
        "words": _("共 %(n)s 处") % {"n": len(found)},
        "next": f"?{got.next}" if got.next else None,
        "previous": f"?{got.previous}" if got.previous else None,
    }
    return {"changes": rows, "changed": len(found), "page": pager}


def _day(typed: str, otherwise: dt.date) -> dt.date:
    """The day asked for, never one to come."""
    if not typed:
        return otherwise
    try:
        day = days.read(typed)
    except days.NoDay as wrong:
        raise TreeRefused(wrong.sentence, status=400) from None
    return min(day, clock.today())
