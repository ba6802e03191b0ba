"""The organisations: the tree, one unit beside it, the draft of changes. Open to every account; changing asks the draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from grid import drafts
from grid.errors import TreeRefused
from grid.models import Place
from grid.tree import path_ids
from ledger import clock
from ledger.actor import Actor
from parties import directory, unit_cards, unit_pages
from parties.directory import Org
from parties.draft_cards import Frame, draft_of
from parties.errors import PartiesRefused
from parties.gate import NOT_FOUND, OutOfScope, needs, signed_in
from parties.kinds import KINDS
from parties.models import Organisation, UnitDraft
from parties.reading import read
from parties.unit_changes import AUTO, WAYS, Way
from parties.web.draft_desk import Args, Desk, Form
from parties.web.pages import need, page, params, plain

ON_ROW = ("leave",)  # asked for at the place's own row
FRAME = Frame(gettext_lazy("单位"), "units", "parties:units", "parties:unit_draft", "parties:unit_published")


@signed_in
@require_safe
def units(request: HttpRequest, code: str = "") -> HttpResponse:
    """The tree, and one unit beside it."""
    return _page(request, _org(code) if code else None)


@signed_in
@require_safe
@gzip_page
def rows(request: HttpRequest) -> HttpResponse:
    """The whole tree as JSON, for its script."""
    retired = bool(request.GET.get("retired"))
    return _private(JsonResponse(unit_pages.outline(request.actor, clock.now(), retired=retired)))


@signed_in
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """What fits what was typed: {hits: [{id, path, code, name, where, …}]}."""
    q = params(request).get("q", "").strip()
    return _private(JsonResponse({"hits": unit_pages.found(q, _address) if q else []}))


@needs("organisations")
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest) -> HttpResponse:
    """What publishing would do; change the draft, or publish it."""
    return DESK.show(request)


@needs("organisations")
@require_safe
def published(request: HttpRequest) -> HttpResponse:
    """What waits for its midnight and what was published, to be recalled or taken back."""
    return DESK.show_published(request)


@signed_in
@require_safe
def publication(request: HttpRequest, pk: int) -> HttpResponse:
    """What one publication changed, for whomever it concerns."""
    return DESK.show_one(request, pk)


def _page(request: HttpRequest, org: Org | None, refusal: TreeRefused | None = None) -> HttpResponse:
    asked, actor, at = params(request), request.actor, clock.now()
    retired = bool(asked.get("retired"))
    q = asked.get("q", "").strip()
    may = unit_pages.may_change(actor, org)
    admin = actor.may("organisations")
    shown = unit_pages.panel(actor, org, _address, at) if org else None
    context = {
        "editor": None if request.htmx else _editor(org, retired),
        "nodes": [] if request.htmx else unit_pages.tree(org, _address, retired=retired),
        "q": q,
        "hits": unit_pages.found(q, _address) if q else None,
        "retired": retired,
        "unit": shown,
        "waiting": _waiting(org) if org is not None and admin else [],
        "ways": _ways(org, shown) if may else [],
        "leave": may and org is not None and not org.retired,
        "here": org.code if org else "",
        "back": _address("parties:unit", org.code) if org else reverse("parties:units"),
        "admin": admin,
        "desk": FRAME.shown(),
        "draft": unit_cards.WORDING.card(draft_of(actor, UnitDraft)) if admin and not request.htmx else None,
        "refusal": refusal,
        "total": sum(1 for _one in directory.search()),
    }
    return page(request, "parties/units.html", context, refusal.status if refusal else 200)


def _waiting(org: Org) -> list[dict[str, Any]]:
    """What is scheduled and will change the unit, for who looks after units."""
    found = drafts.waiting_at(org.id, path_ids(org.path), UnitDraft)
    return unit_cards.WORDING.lines(found, 3)


def _editor(org: Org | None, retired: bool) -> dict[str, Any]:
    """What components/tree_editor.html asks for."""
    return {
        "noun": "unit",
        "label": _("单位树"),
        "hint": _("名称、简称、别名、拼音首字母、编码"),
        "home": reverse("parties:units"),
        "rows": reverse("parties:unit_rows") + ("?retired=1" if retired else ""),
        "find": reverse("parties:unit_find"),
        "draft": reverse("parties:unit_draft"),
        "panel": reverse("parties:unit", args=["CODE"]),
        "current": org.code if org else "",
        "staffed": "",
        "words": {"total": _("个在用"), "nobody": _("无人任职")},
        "labels": {name: str(kind.label) for name, kind in KINDS.items()},
        "icons": unit_pages.ICONS,
    }


def _ways(org: Org | None, shown: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The changes offered, each with its form, one step of the draft."""
    known = shown or {}
    values = {
        "rename": {key: known.get(key) for key in ("name", "short_name")}
        | {name: "1" if known.get(name) else "" for name in ("needs_release", "auto_dispatch")},
        "aliases": {"aliases": "\n".join(known.get("aliases", ()))},
    }
    if org is None:
        offered = [WAYS["open"]]
    elif org.retired:
        offered = [WAYS["restore"]]
    else:
        offered = [way for way in WAYS.values() if way.name not in (*ON_ROW, "restore")]
    return [
        {
            "name": way.name,
            "label": way.label if org is not None else _("新设单位"),
            "icon": way.icon,
            "key": way.key,
            "danger": way.danger,
            "fields": [
                need(one, values.get(way.name, {}).get(one.name))
                for one in way.fields
                if one is not AUTO or (org is not None and org.desk_of)
            ],
        }
        for way in offered
    ]


def _again(request: HttpRequest, refusal: TreeRefused) -> HttpResponse:
    """The page it came from, with the sentence that says why not."""
    code = plain(request.POST.get("unit", ""), 40)
    return _page(request, directory.by_code(code), refusal)


# -- the forms of the panel, each one step


def _form(way: Way) -> Form:
    """What a form of this way means as the arguments of a step: units and places by code."""

    def args(posted: QueryDict, by: Actor) -> Args:
        sent = posted.dict()
        for box in way.fields:
            if box.type == "bool":  # one that is not ticked is not sent
                sent.setdefault(box.name, "")
        try:
            values = read(way.fields, sent)
        except PartiesRefused as refused:
            raise TreeRefused(refused.sentence, status=refused.status, fields=refused.fields) from None
        told = {
            name: value.code if isinstance(value, Place | Organisation) else value
            for name, value in values.items()
        }
        unit = plain(posted.get("unit", ""), 40)
        if way.name == "merge":
            return {"units": [unit], "target": told["into"]}
        return {**told, **({("parent" if way.name == "open" else "unit"): unit} if unit else {})}

    return args


FORMS: dict[str, Form] = {name: _form(way) for name, way in WAYS.items()}
DESK = Desk(model=UnitDraft, frame=FRAME, wording=unit_cards.WORDING, forms=FORMS, again=_again)


def _org(code: str) -> Org:
    org = directory.by_code(code)
    if org is None:
        raise OutOfScope(NOT_FOUND)
    return org


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "private, no-store"
    return response


def _address(name: str, code: str) -> str:
    return reverse(name, args=[code])
