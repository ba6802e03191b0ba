"""Boundaries in the browser: what is amiss, files in and out, and one place's area drawn on a map of its neighbours."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from grid import boundaries, boundary_files, boundary_text, commands, finding, kinds, maps, queries, tree
from grid import datum as datums
from grid.commands import CAPABILITY
from grid.errors import TreeRefused, Unreadable
from grid.models import Place
from ledger import clock
from parties.access import scope_of
from parties.gate import NOT_FOUND, OutOfScope, admit, needs
from parties.web.pages import page, params

MOST_AT_ONCE = 500  # features on the page; more is for the command line
SHOWN = 100  # findings


@needs(CAPABILITY)
@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: HttpRequest) -> HttpResponse:
    """What overlaps, what nobody covers; a file handed in. `?root=CODE` looks at one place."""
    asked = params(request)
    root = _root(request, asked.get("root", "") or request.POST.get("root", ""))
    refusal, results, status, applied = "", [], 200, False
    if request.method == "POST":
        applied = request.POST.get("step") == "apply"
        try:
            results = _hand_in(request, root, dry_run=not applied)
        except Unreadable as refused:
            refusal, status = refused.sentence, refused.status
            results = [
                {"number": n, "words": words, "bad": True, "place": None} for n, words in refused.problems
            ]
        except TreeRefused as refused:
            refusal, status = refused.sentence, refused.status
    found = boundaries.check(root)
    lines = [
        {
            "words": boundaries.sentence(one),
            "code": getattr(one, "one", None).code if isinstance(one, boundaries.Overlap) else one.place.code,
        }
        for one in (*found.overlaps, *found.outside, *found.gaps)
    ]
    context = {
        "root": {"code": root.code, "name": root.name},
        "roots": _roots(request),
        "drawn": found.drawn,
        "without": found.without,
        "counts": [
            {"label": _("重叠"), "n": len(found.overlaps)},
            {"label": _("越界"), "n": len(found.outside)},
            {"label": _("空白"), "n": len(found.gaps)},
        ],
        "lines": lines[:SHOWN],
        "more": max(0, len(lines) - SHOWN),
        "datums": datums.KNOWN,
        "refusal": refusal,
        "results": results,
        "applied": applied and not refusal,
        "bare": _bare(root),
    }
    return page(request, "parties/boundaries.html", context, status)


def _hand_in(request: HttpRequest, root: Place, *, dry_run: bool) -> list[dict[str, Any]]:
    file = request.FILES.get("file")
    if file is None:
        raise TreeRefused(_("请选一个文件，内容不能为空。"))
    if (file.size or 0) > boundary_files.LARGEST:
        raise TreeRefused(_("文件太大：最多 20 MB。"))
    features = boundary_files.read(file.read(), within=root)
    if len(features) > MOST_AT_ONCE:
        raise TreeRefused(_("页面上一次最多 {n} 个，更多的请用命令行导入。").format(n=MOST_AT_ONCE))
    datum = datums.read(request.POST.get("datum", "")) or datums.KEPT
    boundary_files.load(
        features,
        by=request.actor,
        at=clock.now(),
        datum=datum,
        basis=request.POST.get("basis", "").replace("\x00", "")[:200],
        dry_run=dry_run,
    )
    return [
        {
            "number": one.number,
            "place": {"code": one.place.code, "name": one.place.name} if one.place else None,
            "words": one.problem
            or (_("和现在的一样") if one.same else "；".join(one.notes) or _("可以写入")),
            "bad": bool(one.problem),
        }
        for one in features
    ]


def _bare(root: Place) -> list[dict[str, str]]:
    """Some places without a boundary, for a link to draw it."""
    rows = queries.light().filter(tree.within(root), retired_at=None, west__isnull=True)
    rows = rows.filter(kind__in=["street", "community", "section", "grid"]).order_by("path")[:20]
    return [{"code": place.code, "name": place.name} for place in rows]


@needs(CAPABILITY)
@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """A subtree's boundaries as GeoJSON: `?root=CODE`."""
    root = _root(request, params(request).get("root", ""))
    answer = StreamingHttpResponse(boundaries.pieces(root), content_type="application/geo+json")
    answer["Content-Disposition"] = f'attachment; filename="boundaries-{root.code}.geojson"'
    return answer


@needs(CAPABILITY)
@require_http_methods(["GET", "HEAD", "POST"])
def boundary(request: HttpRequest, code: str) -> HttpResponse:
    """One place's area: the map with its neighbours and the coordinates as text. POST: look, or set."""
    place = finding.by_code(code.replace("\x00", "")[:40])
    if place is None:
        raise OutOfScope(NOT_FOUND)
    admit(request.actor, CAPABILITY, path=place.path)
    text, notes, refusal, status = boundary_text.written(place.boundary), [], "", 200
    version, datum, checked = place.version, datums.KEPT, False
    if request.method == "POST":
        text = request.POST.get("points", "").replace("\x00", "").replace("\r", "")
        datum = datums.read(request.POST.get("datum", "")) or datums.KEPT
        raw = request.POST.get("version", "")
        version = int(raw[:9]) if raw.isascii() and raw.isdigit() else 0
        apply = request.POST.get("step") == "apply"
        try:
            outcome = commands.set_boundary(
                place=place,
                boundary=boundary_text.read(text),
                version=version,
                by=request.actor,
                at=clock.now(),
                datum=datum,
                basis=request.POST.get("basis", "").replace("\x00", "")[:200],
                dry_run=not apply,
            )
        except TreeRefused as refused:
            refusal, status = refused.sentence, refused.status
        else:
            if apply:
                messages.success(request, _("边界已保存。"))
                return redirect("parties:boundary", code=place.code)
            notes, checked = [impact.sentence for impact in outcome.impacts], True
    context = {
        "place": {
            "code": place.code,
            "name": place.name,
            "kind": str(kinds.label(place.kind)),
            "path": queries.path_text(place, below="district", between=" · "),
        },
        "version": version if status != 409 else place.version,
        "points": text,
        "datum": datum,
        "datums": datums.KNOWN,
        "basis": request.POST.get("basis", ""),
        "map": maps.around(place),
        "notes": notes,
        "checked": checked,
        "refusal": refusal,
        "back": reverse("parties:boundaries"),
    }
    return page(request, "parties/boundary.html", context, status)


def _roots(request: HttpRequest) -> list[dict[str, str]]:
    scope = scope_of(request.actor, CAPABILITY)
    rows = queries.light().filter(pk__in=scope.place_ids).order_by("path")
    return [{"code": place.code, "name": place.name} for place in rows]


def _root(request: HttpRequest, code: str) -> Place:
    """The place asked for, or the first of one's own."""
    code = code.replace("\x00", "")[:40] or next((one["code"] for one in _roots(request)), "")
    place = finding.by_code(code)
    if place is None:
        raise OutOfScope(NOT_FOUND)
    admit(request.actor, CAPABILITY, path=place.path)
    return place
