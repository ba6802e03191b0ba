"""The public board of a community and its poster for the stairwell, the desk's page that keeps it, and the page on which
a case is put there."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
    QueryDict,
)
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases import board, board_places
from cases.evidence import PHOTO_MIME, path_of
from cases.lifecycle import Need
from cases.models import BoardCard, Case
from cases.models.board import KINDS, PLANNED
from cases.queries import board as queries
from cases.queries import detail
from cases.queries.qr import qr_svg
from cases.refusals import MoveRefused
from cases.web import forms
from cases.web.answers import go, page, params, plain, refusal_of
from grid import finding
from grid.codes import tidy
from grid.models import Place
from ledger import clock
from parties import gate
from parties.gate import signed_in

KEEP = 300  # seconds that a browser keeps a picture, or where an old address leads
ROW = re.compile(r"words([1-9][0-9]?)")
SHIFT = re.compile(r"(up|down)([1-9][0-9]?)")


@require_safe
def show(request: HttpRequest, code: str) -> HttpResponse:
    """The board. The code of one that was merged or coded anew leads to the board of today for ever, a place below a
    community to its board; of one that was split one chooses; of one that nothing followed it says so (410)."""
    asked = tidy(plain(code, 40))
    found = finding.by_code(asked)
    if found is not None and not found.is_live:
        heirs = _named(board_places.boards_of(finding.heirs(found.pk)))
        context = {"name": found.name, "boards": heirs}
        return page(request, "cases/public/board_ended.html", context, 200 if heirs else 410)
    place = board_places.community(asked)
    if place.code != asked:
        to = (
            HttpResponseRedirect
            if found is not None and found.code == asked
            else HttpResponsePermanentRedirect
        )
        response = to(reverse("cases:board", args=[place.code]))
        response["Cache-Control"] = f"public, max-age={KEEP}"  # a merge can be taken back
        return response
    context = {
        **queries.board(place, clock.now()),
        "edit_url": reverse("cases:board_edit", args=[place.code])
        if request.actor.id is not None and board.may_keep(request.actor, place)
        else "",
    }
    return page(request, "cases/public/board.html", context)


def _named(places: list[Place]) -> list[dict[str, str]]:
    return [{"name": one.name, "url": reverse("cases:board", args=[one.code])} for one in places]


@require_safe
def poster(request: HttpRequest, code: str) -> HttpResponse:
    """One A4 sheet: the codes of the board and of a report from here."""
    place = board_places.community(plain(code, 40))
    shown = request.build_absolute_uri(reverse("cases:board", args=[place.code]))
    report = request.build_absolute_uri(f"{reverse('cases:report')}?{urlencode({'place': place.code})}")
    context = {
        "place": queries.place_of(place),
        "board_url": shown,
        "board_qr": qr_svg(shown),
        "report_url": report,
        "report_qr": qr_svg(report),
        "back": reverse("cases:board", args=[place.code]),
    }
    return page(request, "cases/public/board_poster.html", context)


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


# -- the page that keeps it


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """GET: what stands there, `?edit=` opens one. POST: write or, with `action=retire`, take one off; `add`, `up2`,
    `down2` and `look` change and show what was typed, and write nothing."""
    place = board_places.community(plain(code, 40))
    if not board.may_keep(request.actor, place):
        raise gate.NotYours(_("公示板由本社区和上级受理台维护。"))
    if request.method != "POST":
        return _edit(request, place, _asked(place, params(request).get("edit", "")))
    pk, action = _number(request.POST.get("pk", "")), request.POST.get("action", "")
    try:
        sent = forms.read(request, (Need("title", "line"), Need("kind", "line")))
        rest: dict[str, Any] = {"by": request.actor, "at": clock.now(), "place": place}
        said = {**sent.details, "steps": _steps(request.POST)}
        once = {"version": sent.version, "request_key": sent.key, "body_hash": sent.hash}
        if action == "look":
            return _edit(request, place, _asked(place, pk), look=board.planned(**said, **rest))
        if action == "add" or SHIFT.fullmatch(action):
            return _edit(request, place, _asked(place, pk), moved=_shifted(said["steps"], action))
        if action == "retire" and pk is not None:
            row = board.retire(pk=pk, **rest, **once)
            messages.success(request, _("“%(title)s”已撤下。") % {"title": row.title})
        else:
            row = board.write(pk=pk, **said, **rest, **once)
            messages.success(request, _("“%(title)s”已上公示板。") % {"title": row.title})
    except MoveRefused as refused:
        refusal = refusal_of(refused, "write", request.POST, {"title": _("写什么")})
        row_ = None if action == "retire" else _asked(place, pk)
        return _edit(request, place, row_, refusal=refusal, status=refused.status)
    return go(request, reverse("cases:board_edit", args=[place.code]))


def _edit(
    request: HttpRequest, place: Place, row: BoardCard | None, *, refusal: dict[str, Any] | None = None,
    look: BoardCard | None = None, moved: tuple[list[dict[str, Any]], int] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    posted = request.POST if request.method == "POST" and request.POST.get("action") != "retire" else None
    steps = _steps(posted) if posted is not None else row.steps if row is not None else []
    steps, at_row = moved or (steps, 0)
    said = posted if posted is not None else {"title": row.title, "kind": row.kind} if row is not None else {}
    rows = queries.cards(place)
    context = {
        "place": queries.place_of(place),
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
        "steps": _rows(steps),
        "focus": at_row,
        "look": queries.card(look) if look is not None else None,
        "refusal": refusal,
        "board_url": request.build_absolute_uri(reverse("cases:board", args=[place.code])),
    }  # fmt: skip
    return page(request, "cases/desk/board.html", context, status)


def _steps(posted: QueryDict) -> list[dict[str, Any]]:
    """The rows that say something, in their order."""
    numbers = sorted(int(found[1]) for name in posted if (found := ROW.fullmatch(name)))
    rows = [
        {
            "on": plain(posted.get(f"on{n}", ""), 10),
            "words": plain(posted.get(f"words{n}", "")),
            "done": posted.get(f"done{n}") == "1",
        }
        for n in numbers
    ]
    return [row for row in rows if row["words"].strip() or row["on"]]


def _rows(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is there, and one empty row as long as one more may come."""
    more = [{"on": "", "words": "", "done": False}] if len(steps) < board.MOST_STEPS else []
    return [
        {"n": n, **step, "up": 1 < n <= len(steps), "down": n < len(steps)}
        for n, step in enumerate([*steps, *more], start=1)
    ]


def _shifted(steps: list[dict[str, Any]], action: str) -> tuple[list[dict[str, Any]], int]:
    """The steps with one moved a place, and the number of the row to go on at: with `add` the empty one."""
    found = SHIFT.fullmatch(action)
    if found is None:
        return steps, min(len(steps) + 1, board.MOST_STEPS)
    here = int(found[2]) - 1
    there = here + (1 if found[1] == "down" else -1)
    if 0 <= here < len(steps) and 0 <= there < len(steps):
        steps[here], steps[there] = steps[there], steps[here]
    return steps, min(max(there, 0) + 1, len(steps) + 1)


def _asked(place: Place, raw: str | int | None) -> BoardCard | None:
    pk = _number(raw) if isinstance(raw, str) else raw
    if pk is None:
        return None
    return gate.find(BoardCard.objects.filter(place=place, kind__in=PLANNED, retired_at=None), pk=pk)


def _number(raw: str) -> int | None:
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 16 else None


# -- one case


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def of_case(request: HttpRequest, number: str) -> HttpResponse:
    """GET: the pictures to choose from and the sentence to write. POST: shows what it would be; `action=release`
    puts it there, `retire` takes it off, `back` goes back to choosing."""
    actor = request.actor
    case = detail.find(actor, plain(number))
    place = board_places.of_case(case)
    if place is None or not board.may_release(actor, case, place):
        raise gate.NotYours(_("由社区和受理台决定哪些办好的事放上公示板。"))
    if request.method != "POST":
        return _of_case(request, case, place)
    posted, look = request.POST, None
    rest: dict[str, Any] = {"by": actor, "at": clock.now()}
    action = posted.get("action", "")
    try:
        sent = forms.read(request, (Need("title", "line"),))
        once = {"request_key": sent.key, "body_hash": sent.hash}
        if action == "retire":
            pk = _number(posted.get("pk", ""))
            board.retire(pk=pk or 0, place=place, version=sent.version, **rest, **once)
            messages.success(request, _("已从公示板撤下。"))
        elif action == "back":
            return _of_case(request, case, place)
        else:
            said = {
                "case": case,
                "title": sent.details["title"],
                "after": plain(posted.get("after", ""), 40),
                "before": plain(posted.get("before", ""), 40),
            }
            look = board.released(**said, **rest)
            if action != "release":
                return _of_case(request, case, place, look=look)
            board.release(**said, looked=posted.get("looked") == "1", **rest, **once)
            messages.success(request, _("已放上%(place)s的公示板。") % {"place": place.name})
    except MoveRefused as refused:
        refusal = refusal_of(refused, "release", posted, {"title": _("写一句")})
        return _of_case(request, case, place, look=look, refusal=refusal, status=refused.status)
    return go(request, reverse("cases:case_board", args=[case.number]))


def _of_case(
    request: HttpRequest, case: Case, place: Place, *, look: BoardCard | None = None,
    refusal: dict[str, Any] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    standing = BoardCard.objects.filter(case=case, retired_at=None).select_related("before", "after").first()
    context = {
        "number": case.number,
        "title": case.title,
        "place": queries.place_of(place),
        "unfit": "" if standing else board.unfit(case),
        "standing": {**queries.card(standing), "version": standing.version} if standing else None,
        "look": queries.card(look) if look is not None and not standing else None,
        "photos": [
            {"id": str(one.pk), "url": reverse("cases:attachment", args=[one.pk]), "at": one.uploaded_at}
            for one in ([] if standing else board.photos_of(request.actor, case))
        ],
        "values": request.POST,
        "refusal": refusal,
    }
    return page(request, "cases/desk/case_board.html", context, status)
