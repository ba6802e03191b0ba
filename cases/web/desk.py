"""The desk 受理与派遣: the list on the left, the case beside it, accept and dispatch in one form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.queries import desk, detail, lists
from cases.web import revealing, shell
from cases.web.answers import page, params
from ledger import clock
from parties.gate import OutOfScope, needs

SIZE = 30
KEPT = ("tab", "cursor", "nth")


@needs("accept")
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """`?tab=&case=&item=`: without a case the first of the list is open; `item` proposes anew."""
    asked = params(request)
    return render(request, asked, number=asked.get("case", ""), item=asked.get("item", ""))


def render(
    request: HttpRequest,
    asked: Mapping[str, str],
    *,
    number: str = "",
    item: str = "",
    refusal: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, also for a refused form of one of its cases."""
    actor, at = request.actor, clock.now()
    tab = asked.get("tab", "received")
    tab = tab if tab in desk.TABS else "received"
    wanted = {name: desk.in_tab(actor, name, at) for name in desk.TABS}
    late = wanted["breaching"].filter(lists.late_q(at))
    numbers = shell.count(request, {**wanted, "late": late}, {"frame:desk": "received"})
    kept = {name: asked[name] for name in KEPT if asked.get(name)} | {"tab": tab}
    rows = lists.ranked(lists.with_names(wanted[tab]))
    found, pager = lists.page_of(rows, lists.BY_URGENCY, kept, numbers[tab], size=SIZE)
    home = f"{reverse('cases:desk')}?{urlencode(kept)}"
    opened = _open(request, number or (found[0].number if found else ""), asked_for=bool(number))
    context: dict[str, Any] = {
        "tabs": _tabs(tab, numbers),
        "rows": desk.rows_of(actor, found, at, f"{home}&case="),
        "list_words": _("共 %(n)s 件 · 特急在前，再按时限") % {"n": lists.shown(numbers[tab])},
        "page": pager if pager and (pager["next"] or pager["previous"]) else None,
        "empty": _empty(tab),
        "fresh": None,
        "asked": bool(number),
        "case": None,
        "form": None,
        "others": [],
        "merge": None,
        "next_number": _next(found, opened.case.number if opened else ""),
        "back": home,
        "refusal": refusal,
    }
    if opened is not None:
        context |= _case(request, opened, item, home, refusal)
    return page(request, "cases/desk/dispatch.html", context, status)


def _open(request: HttpRequest, number: str, *, asked_for: bool) -> detail.Opened | None:
    """The case beside the list. One that was asked for and is not to be seen is a 404."""
    if not number:
        return None
    try:
        return detail.open_case(request.actor, number)
    except OutOfScope:
        if asked_for:
            raise
        return None


def _case(
    request: HttpRequest, opened: detail.Opened, item: str, home: str, refusal: dict[str, Any] | None
) -> dict[str, Any]:
    actor, at, case = request.actor, clock.now(), opened.case
    address = f"{home}&case={case.number}"
    shown = detail.page(actor, opened, at, back=address, revealed=revealing.take(request, case.number))
    form = desk.dispatch_form(actor, case, opened.board, at, item_code=item, refresh=address)
    if form is not None:
        form["url"] = f"{form['url']}?{urlencode({'back': home})}"
    merge = next((move for move in shown["moves"] if move["name"] == "merge" and move["enabled"]), None)
    elder = [one for one in shown["similar"] if one["elder"]]
    others = desk.others_of(shown["moves"], shown["facts"], form)
    if merge and elder:
        shown["similar"] = elder
        others = [move for move in others if move["name"] != "merge"]
    offered = {move["name"] for move in others} | ({form["name"]} if form else set())
    if refusal and refusal.get("move") not in offered:
        refusal["move"] = ""
    if form is not None and refusal and refusal["move"] == form["name"]:
        form |= {"posted": refusal["posted"], "faults": refusal["fields"]}
    return {"case": shown, "form": form, "others": others, "merge": merge if elder else None}


def _tabs(tab: str, numbers: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "label": label,
            "url": f"?tab={name}",
            "count": lists.shown(numbers[name]),
            "late": name == "breaching" and numbers["late"] > 0,
            "current": name == tab,
        }
        for name, label in desk.TABS.items()
    ]


def _empty(tab: str) -> dict[str, Any]:
    title, sentence = desk.EMPTY[tab]
    return {
        "icon": "circle-check",
        "title": title,
        "sentence": sentence,
        "actions": [{"label": _("看全部工单"), "url": reverse("cases:list")}],
    }


def _next(found: list[Any], number: str) -> str:
    """The case after the open one in the list, for going on without going back."""
    numbers = [case.number for case in found]
    if number not in numbers:
        return numbers[0] if numbers else ""
    at = numbers.index(number)
    return numbers[at + 1] if at + 1 < len(numbers) else ""
