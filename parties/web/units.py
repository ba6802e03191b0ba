"""The page of the organisations: look, search, check a change, do it. Open to every account; changing asks the commands."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ledger import clock
from parties import directory, unit_changes, unit_pages
from parties.directory import Org
from parties.errors import PartiesRefused
from parties.gate import NOT_FOUND, NotYours, OutOfScope, signed_in
from parties.models import Organisation
from parties.reading import BASIS
from parties.unit_changes import WAYS, Way
from parties.web.pages import need, page, params

ON_ROW = ("leave",)  # asked for at the place's own row


@signed_in
@require_safe
def units(request: HttpRequest, code: str = "") -> HttpResponse:
    """The tree, and one unit beside it."""
    return _page(request, _org(code) if code else None)


@signed_in
@require_safe
def branch(request: HttpRequest, code: str) -> HttpResponse:
    """The rows below one unit, for the tree's script."""
    nodes = unit_pages.branch(_org(code), _address, retired=bool(request.GET.get("retired")))
    return render(request, "parties/branch.html", {"nodes": nodes})


@signed_in
@require_POST
def change(request: HttpRequest, code: str, way: str) -> HttpResponse:
    """One change: checked first (what differs, what it touches), done when the check is confirmed."""
    if way not in WAYS:
        raise OutOfScope(NOT_FOUND)
    return _change(request, WAYS[way], _org(code))


@signed_in
@require_POST
def open_root(request: HttpRequest) -> HttpResponse:
    """A unit that hangs under none."""
    return _change(request, WAYS["open"], None)


def _change(request: HttpRequest, way: Way, org: Org | None) -> HttpResponse:
    if not unit_pages.may_change(request.actor, org):
        raise NotYours(_("这个单位不归您管理。"))
    sent = {name: value for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}
    if way.name in ("open", "rename"):
        sent.setdefault("needs_release", "")
    unit = Organisation.objects.select_related("desk_of").get(pk=org.id) if org else None
    apply = sent.pop("step", "") == "apply"
    try:
        outcome = unit_changes.carry_out(
            way, unit=unit, sent=sent, by=request.actor, at=clock.now(), dry_run=not apply
        )
    except PartiesRefused as refused:
        return _page(request, org, _refusal(refused, way, sent), status=refused.status)
    if apply:
        messages.success(request, _("已办：%(what)s。") % {"what": way.label})
        target = outcome.unit.merged_into or outcome.unit
        return redirect("parties:unit", code=target.code)
    back = _address("parties:unit", org.code) if org else reverse("parties:units")
    check = {
        "title": f"{way.label} · {outcome.unit.name if way.name == 'open' or org is None else org.name}",
        "changes": outcome.changes,
        "impacts": outcome.impacts,
        "blocked": outcome.blocked,
        "action": request.path,
        "hidden": list(sent.items()),
        "confirm": way.label,
        "danger": way.danger,
        "back": back,
    }
    crumb = {"url": reverse("parties:units"), "label": _("单位")}
    return page(request, "parties/check.html", {"check": check, "here": "units", "crumb": crumb})


def _page(
    request: HttpRequest, org: Org | None, refusal: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    asked, actor, at = params(request), request.actor, clock.now()
    retired = bool(asked.get("retired"))
    q = asked.get("q", "").strip()
    shown = unit_pages.panel(actor, org, _address, at) if org else None
    may = unit_pages.may_change(actor, org)
    context = {
        "q": q,
        "found": unit_pages.found(q, _address) if q else [],
        "nodes": unit_pages.tree(actor, org, _address, retired=retired),
        "retired": retired,
        "retired_url": f"{request.path}{'' if retired else '?retired=1'}",
        "unit": shown,
        "ways": _ways(org, shown) if may and not (org and org.retired) else [],
        "leave": WAYS["leave"] if may else None,
        "leave_url": _change_url(org, WAYS["leave"]) if org else "",
        "basis": need(BASIS),
        "refusal": refusal,
        "total": sum(1 for _one in directory.search()),
    }
    return page(request, "parties/units.html", context, status)


def _ways(org: Org | None, shown: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The changes offered, each with its form."""
    known = shown or {}
    values = {
        "rename": {key: known.get(key) for key in ("name", "short_name")}
        | {"needs_release": "1" if known.get("needs_release") else ""},
        "aliases": {"aliases": "\n".join(known.get("aliases", ()))},
    }
    offered = [
        way for way in WAYS.values() if way.name not in ON_ROW and (org is not None or way.name == "open")
    ]
    return [
        {
            "name": way.name,
            "label": way.label,
            "icon": way.icon,
            "key": way.key,
            "danger": way.danger,
            "url": _change_url(org, way),
            "fields": [need(one, values.get(way.name, {}).get(one.name)) for one in (*way.fields, BASIS)],
        }
        for way in offered
    ]


def _refusal(refused: PartiesRefused, way: Way, sent: dict[str, Any]) -> dict[str, Any]:
    """What components/refusal.html prints; where somebody else was faster, both versions."""
    told: dict[str, Any] = {
        "status": refused.status,
        "sentence": refused.sentence,
        "move": way.name,
        "fields": refused.fields,
        "posted": sent,
        "lone": next(iter(refused.fields)) if list(refused.fields.values()) == [refused.sentence] else "",
    }
    if refused.now is not None:
        now = unit_changes.snapshot(refused.now)
        told["now"] = "\n".join(
            [_("第 %(n)s 版") % {"n": refused.now.version}]
            + [
                _("%(field)s：%(words)s") % {"field": label, "words": words}
                for label, words in now.items()
                if words
            ]
        )
        lines = [
            _("%(field)s：%(words)s") % {"field": field.label, "words": sent[field.name]}
            for field in (*way.fields, BASIS)
            if sent.get(field.name)
        ]
        told["yours"] = "\n".join(lines)
    return told


def _org(code: str) -> Org:
    org = directory.by_code(code)
    if org is None:
        raise OutOfScope(NOT_FOUND)
    return org


def _change_url(org: Org | None, way: Way) -> str:
    if org is None:
        return reverse("parties:open_unit")
    return reverse("parties:unit_change", args=[org.code, way.name])


def _address(name: str, code: str) -> str:
    return reverse(name, args=[code])
