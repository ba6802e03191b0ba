"""The queue of a unit, and all cases with their filters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from cases import kinds, rulebook
from cases.figures.catalogue import FIGURES
from cases.queries import case_list, choices, lists
from cases.web import shell
from cases.web.answers import go, page, params
from grid import finding
from ledger import clock
from parties import directory
from parties.gate import signed_in

TABS = {
    "mine": gettext_lazy("待我办理"),
    "sign": gettext_lazy("待签收"),
    "assist": gettext_lazy("协办"),
    "breaching": gettext_lazy("超时与临期"),
    "returned": gettext_lazy("已退单"),
}
COLOURS = {
    "red": gettext_lazy("超时"),
    "yellow": gettext_lazy("临期"),
    "green": gettext_lazy("正常"),
    "violet": gettext_lazy("已暂停"),
}
QUEUES = {
    "mine": gettext_lazy("待我办理"),
    "reported": gettext_lazy("我登记的"),
    "returned": gettext_lazy("退单待派"),
    "breaching": gettext_lazy("超时"),
}
# what a link to this list may ask for and its form has no field for: narrowing down further keeps it
CARRIED = ("queue", "place", "organisation", "figure", "part", "from", "to")
LEVELS_AND_KINDS = {"kind": kinds.KINDS, "level": kinds.LEVELS, "origin": kinds.ORIGINS}


@signed_in
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """待办队列: what my unit has, by what it waits for."""
    actor, at, asked = request.actor, clock.now(), params(request)
    tab = asked.get("tab", "mine")
    tab = tab if tab in TABS else "mine"
    newest = asked.get("sort") == "new"
    rows = lists.visible(actor)
    ours = lists.in_hand(actor)
    wanted = {
        "mine": ours,
        "sign": ours.filter(status="assigned"),
        "assist": rows.filter(lists.assisting_q(actor)),
        "breaching": ours.filter(lists.near_q(at)),
        "returned": rows.filter(last_decliner_id__in=lists.units_of(actor)),
    }
    wanted["late"] = ours.filter(lists.late_q(at))
    numbers = shell.count(request, wanted, {"frame:queue": "mine", "frame:queue_late": "late"})
    kept = {name: asked[name] for name in ("sort", "cursor", "nth") if asked.get(name)} | {"tab": tab}
    order = lists.NEWEST if newest else lists.BY_DUE
    found, pager = lists.page_of(lists.with_names(wanted[tab]), order, kept, numbers[tab])
    context = {
        "tabs": [
            {
                "label": label,
                "url": f"?{urlencode({'tab': name})}",
                "count": lists.shown(numbers[name]),
                "late": name == "breaching" and numbers["late"] > 0,
                "current": name == tab,
            }
            for name, label in TABS.items()
            if name != "assist" or name == tab or numbers[name]
        ],
        "rows": lists.rows_of(actor, found, at),
        "page": pager,
        "sort": {
            "label": _("按剩余时间") if newest else _("按来的先后"),
            "url": f"?{urlencode({'tab': tab} | ({} if newest else {'sort': 'new'}))}",
        },
        "live_tab": tab,
        "live_since": at,
        "bulk": [],
        "filters": {"url": f"{reverse('cases:list')}?queue=mine", "words": ""},
        "empty": {
            "icon": "circle-check",
            "title": _("都办完了") if tab != "returned" else _("没有退过单"),
            "sentence": _("没有等您办的工单。新派来的会出现在这里，列表不会自己跳动。")
            if tab != "returned"
            else _("您单位退回的工单会列在这里。"),
            "actions": [{"label": _("看全部工单"), "url": reverse("cases:list")}],
        },
    }
    return page(request, "cases/desk/queue.html", context)


# -- all cases


@signed_in
@require_safe
def all_cases(request: HttpRequest) -> HttpResponse:
    """Everything in scope, filtered. A number typed whole opens its case."""
    actor, at, asked = request.actor, clock.now(), params(request)
    q = " ".join(asked.get("q", "").split())[:80]
    if q and (number := _number(request, q)):
        return go(request, reverse("cases:detail", args=[number]))
    asked = {**asked, "q": ""}
    status = 200
    try:
        wanted = case_list.asked_for(actor, at, asked)
    except case_list.BadFilter as bad:
        faults, status = bad.fields, 400
        asked = {name: value for name, value in asked.items() if name not in faults}
        wanted = case_list.asked_for(actor, at, asked)
    else:
        faults = {}
    rows = wanted.rows
    if asked.get("urgency") in kinds.URGENCIES:
        rows = rows.filter(urgency=asked["urgency"])
    if q:
        rows = rows.filter(case_list.search_q(q, actor, at) | _spelled(q))
    total = shell.count(request, {"all": rows})["all"]
    kept = {name: value for name, value in asked.items() if value} | ({"q": q} if q else {})
    found, pager = lists.page_of(lists.with_names(rows), wanted.order, kept, total)
    context = {
        "title": "",
        "filters": _filters(asked, faults),
        "filter_words": _filter_words(asked, q),
        "clear_url": reverse("cases:list"),
        "carried": {name: asked[name] for name in CARRIED if asked.get(name)},
        "q": q,
        "rows": lists.rows_of(actor, found, at),
        "page": pager,
        "sort": None,
        "here": "",
    }
    return page(request, "cases/desk/list.html", context, status)


def _number(request: HttpRequest, q: str) -> str:
    """The number of the visible case that was typed whole, in any case of letters."""
    if not case_list.NUMBERLIKE.fullmatch(q):
        return ""
    rows = lists.visible(request.actor).filter(number__in={q, q.upper()})
    return rows.values_list("number", flat=True).first() or ""


def _spelled(q: str) -> Q:
    """Letters may be the pinyin initials of a place: gyg finds 观音阁."""
    found = Q(pk__in=[])
    if not (q.isascii() and q.isalpha() and len(q) >= 2):
        return found
    for place in finding.search(q, limit=8):
        found |= case_list.at_or_below(place)
    return found


def _filters(asked: dict[str, str], faults: dict[str, str]) -> list[dict[str, Any]]:
    def need(name: str, label: str, options: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "field": name,
            "type": "choice",
            "required": False,
            "label": label,
            "choices": options,
            "value": asked.get(name, ""),
            "empty": _("全部"),
            "error": faults.get(name, ""),
        }

    statuses = [{"value": "open", "label": _("在办")}, *choices.words(kinds.STATUSES)]
    return [
        need("status", _("状态"), statuses),
        need("colour", _("时限"), choices.words(COLOURS)),
        need("kind", _("类型"), choices.words(kinds.KINDS)),
        need("level", _("层级"), choices.words(kinds.LEVELS)),
        need("urgency", _("紧急程度"), choices.words(kinds.URGENCIES)),
        need("origin", _("来源"), choices.words(kinds.ORIGINS)),
        need("item", _("小项"), choices.items()),
        # what came with a link stays while the form narrows further
        *(
            {"field": name, "type": "hidden", "value": asked[name]}
            for name in ("place", "organisation", "queue")
            if asked.get(name)
        ),
    ]


def _filter_words(asked: dict[str, str], q: str) -> str:
    """What is filtered, in words."""
    tables: dict[str, Mapping[str, object]] = {
        **LEVELS_AND_KINDS,
        "status": {**kinds.STATUSES, "open": _("在办")},
        "colour": COLOURS,
        "urgency": kinds.URGENCIES,
        "queue": QUEUES,
    }
    words = [f"“{q}”"] if q else []
    for name, table in tables.items():
        values = [value.strip() for value in asked.get(name, "").split(",") if value.strip()]
        words += [str(table[value]) for value in values if value in table]
    if name := asked.get("figure", ""):
        figure = FIGURES.get(name)
        since, until = asked.get("from", "")[:10], asked.get("to", "")[:10]
        words.append(str(figure.name) if figure else _("本期登记"))
        words += [_("%(since)s 至 %(until)s") % {"since": since, "until": until}] if since else []
    item = rulebook.item(asked.get("item", ""))
    words += [item.name] if item else []
    if (code := asked.get("place", "")) and (place := finding.by_code(code)) is not None:
        words.append(place.name)
    if org := directory.current(directory.by_code(asked.get("organisation", ""))):
        words.append(org.short_name or org.name)
    return _("、").join(words)
