"""The public board of a community, the desk's page that keeps it, and the page on which a case is put there."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases import board
from cases.evidence import PHOTO_MIME, path_of
from cases.lifecycle import Need
from cases.models import BoardCard, Case
from cases.models.board import KINDS, PLANNED
from cases.queries import board as queries
from cases.queries import detail
from cases.refusals import MoveRefused
from cases.web import forms
from cases.web.answers import go, page, params, plain, refusal_of
from grid.models import Place
from ledger import clock
from parties import gate
from parties.gate import signed_in

STEPS = range(board.MOST_STEPS)
KEEP = 300  # seconds that a browser keeps a picture: so long one that was taken off may still be seen


@require_safe
def show(request: HttpRequest, code: str) -> HttpResponse:
    """The board; a place below the community leads to it."""
    place = board.community(plain(code, 40))
    context = {
        **queries.board(place, clock.now()),
        "edit_url": reverse("cases:board_edit", args=[place.code])
        if request.actor.id is not None and board.may_keep(request.actor, place)
        else "",
    }
    return page(request, "cases/public/board.html", context)


@require_safe
def photo(request: HttpRequest, pk: int, which: str) -> HttpResponseBase:
    """`?small=1` for the small picture; of cards that stand on a board only."""
    found = board.shown(pk, which) if pk < 2**63 else None
    if found is None:
        raise gate.OutOfScope(gate.NOT_FOUND)
    small = request.GET.get("small") == "1" and bool(found.thumbnail)
    try:
        opened = path_of(found.thumbnail.name if small else found.file.name).open("rb")
    except OSError:
        raise gate.OutOfScope(_("文件不在了，请联系管理员。")) from None
    response = FileResponse(opened, content_type=PHOTO_MIME)
    response["Cache-Control"] = f"public, max-age={KEEP}"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@signed_in
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """To the board of the community where one works."""
    ground = [
        grant.place_id for grant in request.actor.grants_for(board.KEEPER) if grant.place_kind == "community"
    ]
    place = Place.objects.filter(pk__in=ground, retired_at=None).order_by("code").first()
    if place is None:
        raise gate.OutOfScope(gate.NOT_FOUND)
    return go(request, reverse("cases:board_edit", args=[place.code]))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """GET: what stands there, `?edit=` opens one. POST: write or, with `action=retire`, take one off."""
    place = board.community(plain(code, 40))
    if not board.may_keep(request.actor, place):
        raise gate.NotYours(_("公示板由本社区和上级受理台维护。"))
    if request.method != "POST":
        return _edit(request, place, _asked(place, params(request).get("edit", "")))
    pk = _number(request.POST.get("pk", ""))
    try:
        sent = forms.read(request, (Need("title", "line"), Need("kind", "line")))
        rest: dict[str, Any] = {
            "by": request.actor,
            "at": clock.now(),
            "place": place,
            "version": sent.version,
            "request_key": sent.key,
            "body_hash": sent.hash,
        }
        if request.POST.get("action") == "retire" and pk is not None:
            row = board.retire(pk=pk, **rest)
            messages.success(request, _("“%(title)s”已撤下。") % {"title": row.title})
        else:
            row = board.write(pk=pk, steps=_steps(request), **sent.details, **rest)
            messages.success(request, _("“%(title)s”已上公示板。") % {"title": row.title})
    except MoveRefused as refused:
        refusal = refusal_of(refused, "write", request.POST, {"title": _("写什么")})
        return _edit(request, place, _asked(place, request.POST.get("pk", "")), refusal, refused.status)
    return go(request, reverse("cases:board_edit", args=[place.code]))


def _edit(
    request: HttpRequest, place: Place, row: BoardCard | None, refusal: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:  # fmt: skip
    typed = _steps(request) if refusal else (row.steps if row is not None else [])
    said = request.POST if refusal else {"title": row.title, "kind": row.kind} if row is not None else {}
    rows = queries.cards(place)
    context = {
        "place": {"name": place.name, "code": place.code},
        "groups": [
            {
                "label": str(label),
                "cards": [{**queries.card(one), "version": one.version, "planned": one.kind in PLANNED} for one in rows if one.kind == kind],
            }
            for kind, label in KINDS.items()
        ],
        "editing": row,
        "values": {"title": said.get("title", ""), "kind": said.get("kind", "wish")},
        "kinds": [{"value": kind, "label": str(KINDS[kind])} for kind in PLANNED],
        "steps": [{"n": n + 1, **(typed[n] if n < len(typed) else {"on": "", "words": "", "done": False})} for n in STEPS],
        "refusal": refusal,
        "board_url": request.build_absolute_uri(reverse("cases:board", args=[place.code])),
    }  # fmt: skip
    return page(request, "cases/desk/board.html", context, status)


def _steps(request: HttpRequest) -> list[dict[str, Any]]:
    posted = request.POST
    return [
        {
            "on": plain(posted.get(f"on{n + 1}", ""), 10),
            "words": plain(posted.get(f"words{n + 1}", "")),
            "done": posted.get(f"done{n + 1}") == "1",
        }
        for n in STEPS
    ]


def _asked(place: Place, raw: str) -> BoardCard | None:
    pk = _number(raw)
    if pk is None:
        return None
    return gate.find(BoardCard.objects.filter(place=place, kind__in=PLANNED, retired_at=None), pk=pk)


def _number(raw: str) -> int | None:
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 16 else None


# -- one case


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def of_case(request: HttpRequest, number: str) -> HttpResponse:
    """GET: the pictures to choose from and the sentence to write. POST: release, or `action=retire`."""
    actor = request.actor
    case = detail.find(actor, plain(number))
    place = board.place_of(case)
    if place is None or not board.may_release(actor, case, place):
        raise gate.NotYours(_("由社区和受理台决定哪些办好的事放上公示板。"))
    if request.method != "POST":
        return _of_case(request, case, place)
    posted = request.POST
    rest: dict[str, Any] = {"by": actor, "at": clock.now()}
    try:
        sent = forms.read(request, (Need("title", "line"),))
        rest |= {"request_key": sent.key, "body_hash": sent.hash}
        if posted.get("action") == "retire":
            pk = _number(posted.get("pk", ""))
            board.retire(pk=pk or 0, place=place, version=sent.version, **rest)
            messages.success(request, _("已从公示板撤下。"))
        else:
            board.release(
                case=case,
                title=sent.details["title"],
                after=plain(posted.get("after", ""), 40),
                before=plain(posted.get("before", ""), 40),
                looked=posted.get("looked") == "1",
                **rest,
            )
            messages.success(request, _("已放上%(place)s的公示板。") % {"place": place.name})
    except MoveRefused as refused:
        refusal = refusal_of(refused, "release", posted, {"title": _("写一句")})
        return _of_case(request, case, place, refusal, refused.status)
    return go(request, reverse("cases:case_board", args=[case.number]))


def _of_case(
    request: HttpRequest, case: Case, place: Place, refusal: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    standing = BoardCard.objects.filter(case=case, retired_at=None).select_related("before", "after").first()
    context = {
        "number": case.number,
        "title": case.title,
        "place": {"name": place.name, "code": place.code},
        "unfit": "" if standing else board.unfit(case),
        "standing": {**queries.card(standing), "version": standing.version} if standing else None,
        "photos": [
            {"id": str(one.pk), "url": reverse("cases:attachment", args=[one.pk]), "at": one.uploaded_at}
            for one in ([] if standing else board.photos_of(request.actor, case))
        ],
        "values": request.POST,
        "refusal": refusal,
    }
    return page(request, "cases/desk/case_board.html", context, status)
