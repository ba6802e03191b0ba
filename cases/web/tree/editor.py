"""The tree and one place beside it. The script draws the tree from `rows`; without it the links do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from cases.queries import place_tree
from cases.web.answers import page, params, plain, private
from grid import finding, kinds, paging, queries
from grid.models import Draft, Place
from ledger import clock
from ledger.actor import Actor
from parties import gate
from parties.access import require
from parties.draft_cards import Frame, draft_of

MOST_HITS, MOST_GONE = 40, 5
BY_END = (paging.Key("retired_at", descending=True), paging.Key("id", descending=True))
FRAME = Frame(gettext_lazy("地点"), "tree", "cases:tree", "cases:tree_draft", "cases:tree_published")


@gate.signed_in
@require_safe
def show(request: HttpRequest, code: str = "") -> HttpResponse:
    """The editor, with one place chosen; htmx takes the panel out of it."""
    by = request.actor
    tops = roots_of(by)
    chosen = find_place(by, code) if code else tops[0]
    return page(request, "grid/tree.html", context(request, tops, chosen))


def context(request: HttpRequest, tops: list[Place], chosen: Place, **more: Any) -> dict[str, Any]:
    """What the page needs; a fragment for htmx leaves the tree out."""
    at, q = clock.now(), params(request).get("q", "")
    draft = draft_of(request.actor, Draft)
    return {
        "place": place_tree.panel(chosen, request.actor, at),
        "nodes": [] if request.htmx else place_tree.nodes(tops, chosen),
        "editor": _editor(chosen),
        "q": q,
        "hits": [*_hits(tops, q), *_gone(tops, q)] if q else None,
        "draft": place_tree.WORDING.card(draft),
        "desk": FRAME.shown(),
        **more,
    }


def _editor(chosen: Place) -> dict[str, Any]:
    """What components/tree_editor.html asks for."""
    return {
        "noun": "place",
        "label": _("地点树"),
        "hint": _("名称、编号、拼音首字母"),
        "home": reverse("cases:tree"),
        "rows": reverse("cases:tree_rows"),
        "find": reverse("cases:tree_find"),
        "draft": reverse("cases:tree_draft"),
        "panel": reverse("cases:tree_place", args=["CODE"]),
        "current": chosen.code,
        "staffed": "grid",
        "retired": reverse("cases:tree_retired"),
        "merges_anew": True,
        "words": {"total": _("个地点"), "nobody": _("无网格员")},
        "holds": {kind: [k for k in kinds.KINDS if kinds.may_hold(kind, k)] for kind in kinds.KINDS},
        "labels": {kind.name: str(kind.label) for kind in kinds.TABLE.values()},
        "icons": place_tree.ICONS,
    }


@gate.signed_in
@require_safe
@gzip_page
def rows(request: HttpRequest) -> HttpResponse:
    """The outline as JSON: below everything one may change, or below one place of it (`under`)."""
    by = request.actor
    tops = roots_of(by)
    under = plain(request.GET.get("under", ""), 40)
    if under:
        tops = [find_place(by, under)]
    answer = HttpResponse(place_tree.rows_json(tops, clock.now()), content_type="application/json")
    return private(answer)


@gate.signed_in
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """What fits what was typed: {hits: [{id, path: [ids from the top], name, where}], gone: the first of the retired
    that would, retired: how many}."""
    q = params(request).get("q", "").strip()
    tops = roots_of(request.actor)
    gone = _gone(tops, q) if q else []
    count = place_tree.retired(tops, q)[: MOST_HITS + 1].count() if len(gone) == MOST_GONE else len(gone)
    return private(JsonResponse({"hits": _hits(tops, q), "gone": gone, "retired": count}))


@gate.needs("tree")
@require_safe
def retired(request: HttpRequest) -> HttpResponse:
    """The retired places below what one may change, the latest first, each to be restored by a step of the draft."""
    tops, asked = roots_of(request.actor), params(request)
    q = asked.get("q", "").strip()
    try:
        found = paging.page(place_tree.retired(tops, q), BY_END, asked)
    except paging.BadPage:
        return redirect("cases:tree_retired")
    draft = draft_of(request.actor, Draft)
    shown = {
        "rows": place_tree.retired_rows(found.rows, draft),
        "q": q,
        "back": request.get_full_path(),
        "steps": len(draft.steps) if draft else 0,
        "page": {
            "words": "",
            "next": f"?{found.next}" if found.next else None,
            "previous": f"?{found.previous}" if found.previous else None,
        },
    }
    return page(request, "grid/retired.html", shown)


def _gone(tops: Sequence[Place], typed: str) -> list[dict[str, Any]]:
    """The first of the retired that fit, as a search shows them."""
    rows = place_tree.retired_rows(place_tree.retired(tops, typed)[:MOST_GONE], None)
    return [
        {name: row[name] for name in ("code", "name", "url", "where")} | {"retired": True} for row in rows
    ]


def _hits(tops: Sequence[Place], typed: str) -> list[dict[str, Any]]:
    found = []
    for top in tops:
        found += finding.search(typed, within=top, limit=MOST_HITS)
    return [
        {
            "id": place.pk,
            "path": [int(pk) for pk in place.path.strip("/").split("/")],
            "code": place.code,
            "name": place.name,
            "url": reverse("cases:tree_place", args=[place.code]),
            "where": queries.path_text(place),
        }
        for place in found[:MOST_HITS]
    ]


def roots_of(by: Actor) -> list[Place]:
    """Where one may change the tree; 403 for who may nowhere."""
    require(by, "tree")
    tops = place_tree.roots(by)
    if not tops:
        raise gate.OutOfScope(_("您的任职地点已停用，请联系上级管理员。"))
    return tops


def find_place(by: Actor, code: str) -> Place:
    """A place one may change, retired ones too; 404 for any other."""
    place = gate.find(Place.objects.select_related("managed_by"), code=plain(code, 40).upper())
    if not by.may("tree", path=place.path):
        raise gate.OutOfScope(gate.NOT_FOUND)
    return place
