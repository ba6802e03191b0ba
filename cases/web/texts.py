"""Standard texts: the page of those who keep them, and the list that a form of a case offers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases import standard_texts
from cases.lifecycle import FACTS, Need
from cases.models.texts import StandardText
from cases.queries import choices, detail
from cases.queries import standard_texts as queries
from cases.queries.addresses import address
from cases.refusals import MoveRefused
from cases.sla.board import ClockBoard
from cases.web import forms
from cases.web.answers import go, page, params, plain, refusal_of
from ledger import clock
from ledger.actor import Actor
from parties import gate
from parties.gate import signed_in

NEEDS = [Need(name, "line") for name in ("organisation", "item", "move", "title")] + [Need("text", "text")]


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def texts(request: HttpRequest) -> HttpResponse:
    """GET: what one may use, `?edit=` opens one. POST: write or, with `action=retire`, take one out of use."""
    if request.method != "POST":
        return _page(request, _asked(request))
    pk = _number(request.POST.get("pk", ""))
    try:
        sent = forms.read(request, NEEDS)
        rest: dict[str, Any] = {
            "by": request.actor,
            "at": clock.now(),
            "request_key": sent.key,
            "body_hash": sent.hash,
        }
        if request.POST.get("action") == "retire" and pk is not None:
            row = standard_texts.retire(pk=pk, version=sent.version, **rest)
            messages.success(request, _("“%(title)s”不再使用。") % {"title": row.title})
        else:
            row = standard_texts.write(pk=pk, version=sent.version, **sent.details, **rest)
            messages.success(request, _("“%(title)s”已存好。") % {"title": row.title})
    except MoveRefused as refused:
        refusal = refusal_of(refused, "write", request.POST, {"title": _("名称"), "text": _("内容")})
        row = queries.seen(request.actor).filter(pk=pk).first() if pk is not None else None
        return _page(request, row, refusal, refused.status)
    return go(request, reverse("cases:texts"))


def _asked(request: HttpRequest) -> StandardText | None:
    pk = _number(params(request).get("edit", ""))
    if pk is None:
        return None
    row = gate.find(queries.seen(request.actor), pk=pk)
    if not standard_texts.may_keep(request.actor, row.organisation_id):
        raise gate.OutOfScope(gate.NOT_FOUND)
    return row


def _number(raw: str) -> int | None:
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 16 else None


def _page(
    request: HttpRequest,
    row: StandardText | None,
    refusal: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = request.actor
    units = standard_texts.units_of(actor)
    rows = queries.seen(actor).order_by("organisation_id", "move", "title", "pk")[:300]
    context = {
        "rows": [queries.line(actor, one) for one in rows],
        "may": bool(units) or actor.may("rules"),
        "editing": row,
        "fields": _fields(actor, row),
        "placeholders": [
            {"hole": f"{{{name}}}", "words": words} for name, words in queries.PLACEHOLDERS.items()
        ],
        "refusal": refusal,
    }
    return page(request, "cases/desk/texts.html", context, status)


def _fields(actor: Actor, row: StandardText | None) -> list[dict[str, Any]]:
    units = [{"value": unit.code, "label": unit.name} for unit in standard_texts.units_of(actor)]
    if actor.may("rules"):
        units.insert(0, {"value": "", "label": _("全区通用")})
    known = queries.as_json(row) if row is not None else {}

    def need(name: str, kind: str, label: str, **more: Any) -> dict[str, Any]:
        return {"field": name, "type": kind, "label": label, "value": known.get(name) or "", **more}

    return [
        need("organisation", "choice", _("谁用"), choices=units, empty=None),
        need(
            "move",
            "choice",
            _("用在哪一步"),
            choices=choices.words(standard_texts.moves_with_words()),
            empty=_("各步"),
        ),
        need("item", "choice", _("小项"), choices=choices.items(), empty=_("所有小项")),
        need("title", "line", _("名称"), required=True),
        need("text", "text", _("内容"), required=True, rows=5),
    ]


@signed_in
@require_safe
def offered(request: HttpRequest, number: str, move: str) -> HttpResponse:
    """The texts that fit one form of one case."""
    if move not in standard_texts.moves_with_words():
        raise Http404
    actor, at = request.actor, clock.now()
    case = detail.find(actor, plain(number))
    context = {
        "number": case.number,
        "move": move,
        "url": address("fact" if move in FACTS else "move", case.number, move),
        "texts": queries.offered(actor, case, ClockBoard.load(case), move, at),
    }
    return page(request, "cases/desk/texts_offered.html", context)
