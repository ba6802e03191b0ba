"""The box on every office page: suggestions while one types, a page of results, and cases by a caller's whole phone."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases import searching
from cases.queries import choices, finding_cases, lists
from cases.queries.search import DIGITS
from cases.refusals import MoveRefused
from cases.web import listing
from cases.web.answers import go, page, params, plain
from cases.web.lists import number_of
from ledger import clock
from parties.commands.accounts import SEARCH_REASONS
from parties.gate import signed_in


@signed_in
@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """What the beginning of a word may mean; two statements beside the session's."""
    q = finding_cases.tidy(params(request).get("q", ""))
    context = {
        "groups": finding_cases.suggestions(request.actor, q),
        "q": q,
        "all_url": finding_cases.all_url(q),
    }
    return page(request, "cases/desk/suggest.html", context)


@signed_in
@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """Cases that have what was typed, below what else bears that name. A number typed whole opens its case."""
    asked = params(request)
    q = finding_cases.tidy(asked.get("q", ""))
    if q and (number := number_of(request, q)):
        return go(request, reverse("cases:detail", args=[number]))
    kept = {name: asked[name] for name in ("cursor", "nth", "sort") if asked.get(name)}
    shown = listing.read(request, "list", same={}, asked={"q": q, **kept}) if q else None
    context: dict[str, Any] = {
        "q": q,
        "groups": finding_cases.suggestions(request.actor, q, numbers=False),
        "rows": lists.rows_of(request.actor, shown.found, clock.now()) if shown else [],
        "page": shown.pager if shown else None,
        "columns": shown.tools["columns"] if shown else {},
        "filter_url": f"{reverse('cases:list')}?{shown.view.address()}" if shown else reverse("cases:list"),
        "looks_like_phone": bool(DIGITS.search(q)),
    }
    return page(request, "cases/desk/search.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def phone(request: HttpRequest) -> HttpResponse:
    """Somebody who has no code at hand, or no phone at all: by the whole number, by name and building, by the digits
    read aloud; with a reason. All by POST, so that no address keeps what was asked."""
    rows, refusal, status, asked = [], None, 200, request.method == "POST"
    way = plain(request.POST.get("by", "phone"), 8)
    way = way if way in searching.WAYS else "phone"
    if asked:
        find, names = searching.WAYS[way]
        sent = {name: plain(request.POST.get(name, ""), 60) for name in (*names, "reason")}
        try:
            found = find(by=request.actor, at=clock.now(), **sent)
            rows = lists.rows_of(request.actor, found, clock.now())
        except MoveRefused as refused:
            refusal, status = refused, refused.status
    context = {
        "ways": [
            {
                "name": name,
                "label": label,
                "fields": [*fields, _reason()],
                "posted": request.POST if refusal and name == way else None,
                "faults": refusal.fields if refusal and name == way else {},
            }
            for name, label, fields in _ways()
        ],
        "refusal": refusal.sentence if refusal else "",
        "asked": asked and not refusal,
        "rows": rows,
    }
    return page(request, "cases/desk/search_phone.html", context, status)


def _ways() -> list[tuple[str, str, list[dict[str, Any]]]]:
    return [
        ("phone", _("按电话"), [
            {"field": "phone", "type": "tel", "required": True, "label": _("反映人电话（完整号码）")}]),
        ("name", _("按姓名和楼栋"), [
            {"field": "name", "type": "line", "required": True, "label": _("反映人或替谁反映的姓名")},
            {"field": "place", "type": "line", "required": True, "label": _("住在哪栋楼、哪个小区"),
             "hint": _("名称或编码")}]),
        ("code", _("按念出来的查询码"), [
            {"field": "code", "type": "line", "required": True, "label": _("查询码"),
             "hint": _("照他念的填，空格、全角、一二三、幺都行。")}]),
    ]  # fmt: skip


def _reason() -> dict[str, Any]:
    return {
        "field": "reason",
        "type": "choice",
        "required": True,
        "label": _("为什么查"),
        "choices": choices.words(SEARCH_REASONS),
    }
