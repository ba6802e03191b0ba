"""认定: the list, one finding, what one does about it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from cases.findings import commands, scope
from cases.lifecycle import Need
from cases.models.finding import KINDS, Finding
from cases.queries import choices, detail, findings, lists
from cases.queries.case_list import BadFilter
from cases.refusals import MoveRefused, not_yours
from cases.web import forms, shell
from cases.web.answers import go, page, params, plain, refusal_of
from ledger import clock
from parties import gate
from parties.gate import signed_in

TABS = {
    "waiting": gettext_lazy("待认定"),
    "confirmed": gettext_lazy("已认定"),
    "dropped": gettext_lazy("未认定"),
    "all": gettext_lazy("全部"),
}
DONE = {
    "state": gettext_lazy("陈述已交给督查。"),
    "confirm": gettext_lazy("已认定。"),
    "drop": gettext_lazy("已不予认定。"),
}


@signed_in
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Those the reader may see: waiting first, by unit, filtered."""
    actor, at, asked = request.actor, clock.now(), params(request)
    tab = asked.get("state", "waiting")
    tab = tab if tab in TABS else "waiting"
    kept = {name: asked[name] for name in ("kind", "organisation") if asked.get(name)}
    faults: dict[str, str] = {}
    try:
        rows = findings.asked_for(actor, {**kept, "state": tab})
    except BadFilter as bad:
        faults, rows = bad.fields, Finding.objects.none()
    counted = shell.count(request, {"rows": rows})["rows"]
    link = {**kept, "state": tab}
    asked_page = link | {name: asked[name] for name in ("cursor", "nth") if asked.get(name)}
    found, pager = lists.page_of(rows, findings.NEWEST, asked_page, counted)
    context = {
        "tabs": [
            {
                "label": label,
                "url": f"?{urlencode({**kept, 'state': name})}",
                "count": lists.shown(counted) if name == tab else None,
                "late": False,
                "current": name == tab,
            }
            for name, label in TABS.items()
        ],
        "tab": tab,
        "filters": _filters(kept, faults),
        "filtered": bool(kept),
        "clear_url": f"?{urlencode({'state': tab})}",
        "rows": [findings.row_of(actor, one, at) for one in found],
        "page": pager,
        "units": [
            {**unit, "url": f"?{urlencode({'state': 'waiting', 'organisation': unit['code']})}"}
            for unit in findings.by_unit(actor)
        ],
    }
    return page(request, "cases/desk/findings.html", context, 400 if faults else 200)


def _filters(asked: dict[str, str], faults: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "field": "kind",
            "type": "choice",
            "label": _("认定"),
            "choices": choices.words(KINDS),
            "value": asked.get("kind", ""),
            "empty": _("全部"),
            "error": faults.get("kind", ""),
        },
        {
            "field": "organisation",
            "type": "line",
            "label": _("单位"),
            "value": asked.get("organisation", ""),
            "placeholder": _("名称、简称或编码"),
            "error": faults.get("organisation", ""),
        },
    ]


@signed_in
@require_safe
def finding(request: HttpRequest, pk: int) -> HttpResponse:
    """One finding with its facts."""
    return _page(request, pk)


def _page(
    request: HttpRequest, pk: int, *, refusal: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    actor, at = request.actor, clock.now()
    row = gate.find(scope.visible(actor).select_related("clock", "holding"), pk=pk)
    context = {"finding": findings.page(actor, row, at), "refusal": refusal}
    return page(request, "cases/desk/finding.html", context, status)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, number: str) -> HttpResponse:
    """A supervisor's own draft on a case."""
    actor, refusal, status = request.actor, None, 200
    case = detail.find(actor, plain(number))
    grant = scope.drafter(case, None, actor)
    if isinstance(grant, str):
        raise not_yours(grant)
    needs = [Need("kind", "line"), Need("organisation", "line"), Need("words", "text")]
    if request.method == "POST":
        try:
            sent = forms.read(request, needs)
            row = commands.propose(
                number=case.number,
                by=actor,
                at=clock.now(),
                request_key=sent.key,
                body_hash=sent.hash,
                **sent.details,
            )
        except MoveRefused as refused:
            refusal = refusal_of(refused, "propose", request.POST, {"words": _("事实与理由")})
            status = refused.status
        else:
            messages.success(request, _("已起草，先请单位陈述，再由别的督查员认定。"))
            return go(request, reverse("cases:finding", args=[row.pk]))
    shown = {"number": case.number, "url": reverse("cases:detail", args=[case.number])}
    context = {
        "case": {**shown, "title": findings.title_for(actor, case), "version": ""},
        "move": findings.proposal(case),
        "refusal": refusal,
        "back": "",
    }
    return page(request, "cases/desk/move.html", context, status)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """State the unit's case, confirm or drop."""
    if act not in commands.ACTS:
        raise Http404
    if request.method != "POST":
        return _page(request, pk)
    field = commands.SAID[act]
    try:
        sent = forms.read(request, [Need(field, "text")])
        getattr(commands, act)(
            pk=pk,
            by=request.actor,
            at=clock.now(),
            request_key=sent.key,
            body_hash=sent.hash,
            **{field: plain(sent.details[field], 10000)},
        )
    except MoveRefused as refused:
        refusal = refusal_of(refused, act, request.POST, {field: _("文字")})
        return _page(request, pk, refusal=refusal, status=refused.status)
    messages.success(request, str(DONE[act]))
    return go(request, reverse("cases:finding", args=[pk]))
