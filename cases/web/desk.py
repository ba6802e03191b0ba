"""The desk 受理与派遣: the list on the left, the case beside it, accept and dispatch in one form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.queries import counting, desk, detail, moves_bar, ordering
from cases.web import listing, revealing
from cases.web.answers import go, is_desk, page, params, plain, query_of, safe
from ledger import clock
from parties.gate import OutOfScope, needs

SIZE = 30
KEPT = ("cursor", "nth")  # of the address, beside the view itself
# what may be done with many of a list: what its cases wait for
OFTEN = ("take_up", "assign", "put_back")
BULK = {"received": ("accept_dispatch", "accept", *OFTEN), "accepted": ("dispatch", *OFTEN)}


@needs("accept")
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """`?tab=&case=&item=`: without a case the first of the list is open; `item` proposes anew."""
    if start := listing.start_of(request, "desk"):
        return go(request, f"{request.path}{start}")
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
    shown = listing.read(request, "desk", same={"frame:desk": "received"}, size=SIZE, asked=asked)
    found, pager = shown.found, shown.pager
    kept = {name: asked[name] for name in KEPT if asked.get(name)}
    home = f"{reverse('cases:desk')}?{shown.view.address()}"
    home += f"&{urlencode(kept)}" if kept else ""
    opened = _open(request, number or (found[0].number if found else ""), asked_for=bool(number))
    words = {
        "n": counting.shown(shown.total),
        "order": ordering.SORTS[shown.view.sort.removeprefix("-")].label,
    }
    context: dict[str, Any] = {
        "tabs": shown.tabs,
        "tools": shown.tools,
        "rows": desk.rows_of(actor, found, at, home),
        "list_words": _("共 %(n)s 件 · 按%(order)s") % words,
        "page": pager if pager and (pager["next"] or pager["previous"]) else None,
        "bulk": [one for one in listing.bulk_of(request) if one["name"] in BULK.get(shown.view.tab, OFTEN)],
        "empty": _empty(shown.view.tab),
        "live_tab": shown.view.tab,
        "live_since": at,
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
    response = page(request, "cases/desk/dispatch.html", context, status if status != 200 else shown.status)
    if request.htmx and request.method == "GET":
        response["HX-Replace-Url"] = request.get_full_path()
    return response


@needs("accept")
@require_safe
def case(request: HttpRequest, number: str) -> HttpResponse:
    """The case alone, for the list that stands beside it; `?back=&item=` as the list's address is, and a proposal
    anew for another item. Opened by itself it goes to the list."""
    asked = params(request)
    home = safe(request, asked.get("back", ""))
    home = home_of(home) if is_desk(home) else reverse("cases:desk")
    if not request.htmx:
        return go(request, _at(home, detail.find(request.actor, plain(number)).number))
    return pane(request, number, home, item=asked.get("item", ""))


def pane(
    request: HttpRequest,
    number: str,
    home: str,
    *,
    item: str = "",
    refusal: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The case alone, also with a refused form of it."""
    opened = detail.open_case(request.actor, plain(number))
    context = {"next_number": "", "back": home, "refusal": refusal}
    context |= _case(request, opened, item or plain(request.POST.get("item", ""), 20), home, refusal)
    response = page(request, "cases/desk/pane.html", context, status)
    response["HX-Replace-Url"] = _at(home, opened.case.number)
    return response


def home_of(address: str) -> str:
    """The list's address without the case that is open."""
    query = query_of(address)
    query.pop("case", None)
    return f"{reverse('cases:desk')}?{query.urlencode()}" if query else reverse("cases:desk")


def _at(home: str, number: str) -> str:
    """The list's address with this case open."""
    return f"{home}{'&' if '?' in home else '?'}{urlencode({'case': number})}"


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
    address = _at(home, case.number)
    shown = detail.page(actor, opened, at, back=address, revealed=revealing.take(request, case.number))
    shown["letters"] = moves_bar.letters_of((*shown["moves"], *shown["facts"]))
    form = desk.dispatch_form(
        actor, case, opened.board, at, item_code=item, refresh=desk.pane_address(case.number, home)
    )
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
