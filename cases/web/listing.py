"""What the desk, the queue and the list of all cases have in common: a view read off the address, its tabs with the
saved filters among them, counts, columns that sort, and a page of rows. Five statements with the session's two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from cases import bulk, exporting, saved_filters
from cases.models import Case, SavedFilter
from cases.queries import choices, lists, narrowing, ordering, views
from cases.queries.counting import shown
from cases.web import shell
from cases.web.answers import params
from ledger import clock
from ledger.actor import Actor

# the columns of `components/case_table.html` by which the list can be sorted
COLUMNS = {"title": "number", "place": "place", "left": "due", "who": "held", "source": "received"}
PAGES = {"desk": "cases:desk", "queue": "cases:queue", "list": "cases:list"}
PRINTED = 500  # rows of a list that is printed
QUICK = ("mine", "unclaimed", "unmatched", "disputed")


@dataclass
class Listing:
    """One view as a page shows it. `tools` is what `components/list_tools.html` takes."""

    view: views.View
    saved: list[SavedFilter]
    numbers: Mapping[str, int]
    total: int
    found: list[Case]
    pager: dict[str, str] | None
    tabs: list[dict[str, Any]]
    tools: dict[str, Any]

    @property
    def status(self) -> int:
        return 400 if self.view.faults else 200


def start_of(request: HttpRequest, where: str) -> str:
    """Where this person's list begins, if they chose so and the address asks for nothing."""
    if request.GET:
        return ""
    actor = request.actor
    mine = (row for row in saved_filters.seen_by(actor, where) if row.owner_id == actor.id and row.is_start)
    return next((f"?{row.query}" for row in mine), "")


def read(
    request: HttpRequest,
    where: str,
    *,
    same: Mapping[str, str],
    size: int | None = None,
    asked: Mapping[str, str] | None = None,
) -> Listing:
    """`same`: which of the frame's numbers is which tab's, see `shell.count`. `asked`: another address than the
    request's, where a refused form shows its list again."""
    actor, at = request.actor, clock.now()
    asked = params(request) if asked is None else asked
    view = views.view(actor, at, where, asked)
    tabs = views.TABS[where]
    wanted = {name: tab.rows(actor, at) for name, tab in tabs.items()}
    if "breaching" in wanted:
        wanted["late"] = wanted["breaching"].filter(lists.late_q(at))
    if where == "queue":
        wanted["queue_late"] = wanted["mine"].filter(lists.late_q(at))
    narrow = bool(view.filters)
    if narrow:
        wanted["shown"] = view.rows
    saved = saved_filters.seen_by(actor, where)
    for row in saved:
        query = views.parse(row.query)
        if "q" not in query:  # searching costs a statement, and a tab's number is not worth one
            wanted[f"saved:{row.pk}"] = views.view(actor, at, where, query).rows
    numbers = shell.count(request, wanted, same)
    total = numbers["shown"] if narrow else numbers[view.tab]
    kept = view.query | {name: asked[name] for name in ("cursor", "nth") if asked.get(name)}
    if asked.get("print") == "1":
        size = PRINTED
    sized = {"size": size} if size else {}
    found, pager = lists.page_of(lists.with_names(view.rows), view.order, kept, total, **sized)
    current = _current(view, saved)
    return Listing(
        view,
        saved,
        numbers,
        total,
        found,
        pager,
        _tabs(view, saved, numbers, current),
        _tools(actor, view, total, current, asked),
    )


def _current(view: views.View, saved: list[SavedFilter]) -> SavedFilter | None:
    return next((row for row in saved if row.query == view.address()), None)


def _tabs(
    view: views.View, saved: list[SavedFilter], numbers: Mapping[str, int], current: SavedFilter | None
) -> list[dict[str, Any]]:
    found = [
        {
            "label": tab.label,
            "url": f"?{urlencode({'tab': name})}",
            "count": shown(numbers[name]),
            "late": name == "breaching" and numbers.get("late", 0) > 0,
            "current": name == view.tab and current is None,
        }
        for name, tab in views.TABS[view.where].items()
        if not tab.quiet or name == view.tab or numbers[name]
    ]
    return found + [
        {
            "label": row.name,
            "url": f"?{row.query}",
            "count": shown(numbers[f"saved:{row.pk}"]) if f"saved:{row.pk}" in numbers else "",
            "late": False,
            "current": row is current,
        }
        for row in saved
    ]


def bulk_of(request: HttpRequest) -> list[dict[str, str]]:
    """What may be done with many."""
    return [
        {
            "name": way.name,
            "label": str(way.label),
            "icon": way.icon,
            "url": reverse("cases:bulk", args=[way.name]),
        }
        for way in bulk.offered(request.actor)
    ]


# -- what stands above the rows


def _tools(
    actor: Actor, view: views.View, total: int, current: SavedFilter | None, asked: Mapping[str, str]
) -> dict[str, Any]:
    chips = view.chips
    return {
        "where": view.where,
        "url": reverse(PAGES[view.where]),
        "query": view.address(),
        "tab": view.tab,
        "sort": view.query.get("sort", ""),
        "q": view.query.get("q", ""),
        "carried": {name: view.query[name] for name in ("queue", *views.FIGURE) if name in view.query},
        "needs": _needs(view, asked),
        "quick": [
            {"name": name, "label": str(narrowing.FILTERS[name].label), "on": view.query.get(name) == "1"}
            for name in QUICK
        ],
        "chips": chips,
        "open": bool(view.faults),
        "clear": f"?{urlencode({'tab': view.tab})}",
        "words": view.words,
        "total": shown(total),
        "is_saved": current is not None,
        "savable": bool(chips or view.query.get("sort")) and current is None,
        "name": "",
        "filters_url": f"{reverse('cases:saved_filters')}?{urlencode({'where': view.where})}",
        "print_url": f"?{urlencode(view.query | {'print': '1'})}",
        "stamp": exporting.watermark(actor, clock.now(), view.words, total),
        "sorts": _sorts(view),
        "columns": {column: _column(view, sort) for column, sort in COLUMNS.items()},
    }


def _sorts(view: views.View) -> list[dict[str, Any]]:
    """Every order as a choice, for lists without columns and for narrow screens."""
    return [
        {"value": sort.first + name, "label": str(sort.label), "on": view.sort.removeprefix("-") == name}
        for name, sort in ordering.SORTS.items()
    ]


def _column(view: views.View, name: str) -> dict[str, str]:
    """A column's heading: where a click leads, and how it is sorted now."""
    is_on = view.sort.removeprefix("-") == name
    back = view.sort.startswith("-")
    turned = ("" if back else "-") + name if is_on else ordering.SORTS[name].first + name
    asked = None if turned == views.SORT[view.where] else turned
    state = ("descending" if back else "ascending") if is_on else "none"
    return {"url": f"?{view.address(sort=asked)}", "state": state, "words": str(ordering.SORTS[name].label)}


def _needs(view: views.View, asked: Mapping[str, str]) -> list[dict[str, Any]]:
    """The filters as the tag `field` takes them; a value that could not be read stands there with its sentence."""
    return [
        {
            "field": one.name,
            "required": False,
            "label": str(one.label),
            "value": view.query.get(one.name, "")
            or (asked.get(one.name, "") if one.name in view.faults else ""),
            "error": view.faults.get(one.name, ""),
            **_input(one),
        }
        for one in narrowing.FILTERS.values()
        if not one.yes
    ]


def _input(one: narrowing.Filter) -> dict[str, Any]:
    if one.choices is not None:
        return {"type": "choice", "choices": choices.words(one.choices), "empty": _("全部")}
    if one.name == "item":
        return {"type": "choice", "choices": choices.items(), "empty": _("全部")}
    if one.name == "category":
        return {"type": "choice", "choices": choices.categories(), "empty": _("全部")}
    if one.name in ("since", "until"):
        return {"type": "date"}
    if one.name == "callers":
        return {"type": "number", "placeholder": "2"}
    hints = {"place": _("名称、编码或拼音首字母"), "organisation": _("名称或编码"), "person": _("用户名")}
    return {"type": "line", "placeholder": hints.get(one.name, "")}
