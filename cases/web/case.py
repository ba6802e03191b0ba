"""One case: its page, its moves and facts as forms, why a deadline is where it is, the printed slip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from cases import answering, board, editing, moves, vacant
from cases.lifecycle import FACTS, MOVES, FactKind, Move, Need
from cases.live import presence
from cases.models import Case
from cases.queries import detail as queries
from cases.queries import lists, live, moves_bar, since, track
from cases.queries import standard_texts as texts
from cases.queries import why as why_queries
from cases.refusals import MoveRefused
from cases.scope import is_near
from cases.sla.board import ClockBoard
from cases.web import bulk, desk, errors, forms, places, revealing, sheets, shell
from cases.web.answers import back_of, go, is_desk, page, params, plain, query_of, refusal_of, safe
from ledger import clock
from parties import directory
from parties.gate import OutOfScope, signed_in

# one form, several entries (SPEC §5)
CHAINS = {"accept_dispatch": ("accept", "dispatch")}


@signed_in
@require_safe
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """The page of one case; on the phone for those outdoors, else as a desk reads it."""
    return _page(request, number)


def _page(
    request: HttpRequest,
    number: str,
    *,
    refusal: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    actor, at = request.actor, clock.now()
    opened = queries.open_case(actor, plain(number))
    back = back_of(request) or _back(request)
    in_field = shell.is_field(actor)
    shown = queries.page(
        actor,
        opened,
        at,
        revealed=revealing.take(request, opened.case.number),
        nearby=not in_field,
    )
    if refusal is not None and refusal["move"] not in {
        move["name"] for move in (*shown["moves"], *shown["facts"]) if move["enabled"]
    }:
        refusal["move"] = ""
    context: dict[str, Any] = {"case": shown, "refusal": refusal, "why": None}
    if in_field:
        return page(request, "cases/field/case.html", {**context, "back": back}, status)
    request.live_case = opened.case.pk
    people = presence.here([opened.case.pk], at).get(opened.case.pk, [])
    context["scene"] = live.scene(actor, opened.case, people)
    context |= {"back": {"url": back, "label": _back_label(back)}, "neighbours": None}
    context["board_url"] = (
        reverse("cases:case_board", args=[number]) if board.offers(actor, opened.case) else ""
    )
    return page(request, "cases/desk/detail.html", context, status)


def _back(request: HttpRequest) -> str:
    """Where this reader's lists are."""
    actor = request.actor
    if shell.is_field(actor):
        return reverse("cases:my_calls")
    return reverse("cases:queue") if lists.units_of(actor) else reverse("cases:list")


def _back_label(back: str) -> str:
    labels = {
        reverse("cases:queue"): _("待办队列"),
        reverse("cases:desk"): _("受理与派遣"),
        reverse("cases:notices"): _("消息"),
    }
    return labels.get(back.partition("?")[0], _("全部工单"))


# -- moves


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, number: str, move: str) -> HttpResponse:
    """GET: the form of one move. POST: make it."""
    names = CHAINS.get(move, (move,))
    rows = [MOVES[name] for name in names if isinstance(moves_bar.row_named(name), Move)]
    if len(rows) != len(names):
        raise Http404
    if request.method != "POST":
        return _form(request, number, names[-1])
    needs = [need for row in rows for need in row.needs]
    sent, at = None, clock.now()
    try:
        sent = forms.read(request, needs)
        forms.store(request, sent, _files(needs), by=request.actor, at=at)
        case = moves.perform_chain(
            number=plain(number),
            steps=[(row.name, _details(row.needs, sent)) for row in rows],
            by=request.actor,
            at=at,
            version=sent.version,
            request_key=sent.key,
            body_hash=sent.hash,
        )
    except MoveRefused as refused:
        return _again(request, number, move, refused, sent, needs)
    label = _("受理并派遣") if len(rows) > 1 else str(rows[0].label)
    words = _("%(number)s：已%(move)s。") % {"number": case.number, "move": label}
    if rows[-1].name == "accept" and case.status == "assigned":
        unit = directory.name_of(case.holder_id, short=True)
        words = _("%(number)s：已受理，按职责行直派%(unit)s。") % {"number": case.number, "unit": unit}
    warning = vacant.of_sent(case, at)
    places = answering.everywhere(case, sent.details, by=request.actor, at=at)
    if places is not None:
        bulk.work(places)
    if sheets.is_asked(request):
        return sheets.done(request, case, words + warning)
    messages.success(request, words)
    if warning:
        messages.warning(request, warning)
    onward = _onward(request, case)
    return go(request, bulk.report_of(places, onward) if places is not None else onward)


def _files(needs: Sequence[Need]) -> list[str]:
    return [need.field for need in needs if need.type == "ids"]


def _details(needs: Sequence[Need], sent: forms.Sent) -> dict[str, Any]:
    """A unit that is chosen as lead while its box as an assisting one is still ticked leads."""
    details = {need.field: sent.details[need.field] for need in needs}
    if "assisting" in details:
        details["assisting"] = [one for one in details["assisting"] if one != details.get("organisation")]
    return details


def _onward(request: HttpRequest, case: Case) -> str:
    """After a success: back to the list it came from, on a desk with the next case open; else to the case."""
    back = back_of(request)
    following = plain(request.POST.get("next", ""), 40)
    if back and is_desk(back) and following:
        return _opened_at(request, back, following)
    return back or reverse("cases:detail", args=[case.number])


def _opened_at(request: HttpRequest, desk_url: str, number: str) -> str:
    """The desk with this case open."""
    joint = "&" if "?" in desk_url else "?"
    return safe(request, f"{desk_url}{joint}case={number}") or desk_url


def _again(
    request: HttpRequest,
    number: str,
    name: str,
    refused: MoveRefused,
    sent: forms.Sent | None,
    needs: Sequence[Need],
) -> HttpResponse:
    """The page once more, with the refusal and what was typed."""
    posted = sent.posted if sent else request.POST
    refusal = refusal_of(refused, name, posted, forms.labels_of(needs))
    if refused.status == 409 and refused.case is not None:
        refusal["since"] = since.told(request.actor, refused.case, str(posted.get("version", "")))
    if sheets.is_asked(request):
        return sheets.again(request, number, name, refusal, refused.status)
    back = back_of(request)
    if back and is_desk(back) and request.actor.may("accept"):
        item = plain(request.POST.get("item", ""), 20)
        asked = query_of(back).dict()
        return desk.render(
            request, asked, number=plain(number), item=item, refusal=refusal, status=refused.status
        )
    return _page(request, number, refusal=refusal, status=refused.status)


def _form(request: HttpRequest, number: str, name: str) -> HttpResponse:
    """The form of one move or fact on a page of its own."""
    actor, at = request.actor, clock.now()
    case = queries.find(actor, plain(number))
    board = ClockBoard.load(case)
    form = moves_bar.one(actor, case, board, at, name)
    if form is None:
        row = moves_bar.row_named(name)
        sentence = _("这里现在没有“%(move)s”。") % {"move": row.label if row else name}
        return errors.answer(request, 404, sentence, case_number=case.number)
    if pk := params(request).get("text", ""):
        _put_in(form, pk, texts.offered(actor, case, board, name, at))
    context = {
        "case": lists.row_of(actor, case, board.rows, at) | {"version": case.version},
        "move": form,
        "refusal": None,
        "back": back_of(request),
    }
    field = "field" if shell.is_field(actor) else "desk"
    return page(request, f"cases/{field}/move.html", context)


def _put_in(form: dict[str, Any], pk: str, offered: list[dict[str, Any]]) -> None:
    """A standard text into the form's first field for words: what the script does where there is one."""
    chosen = next((one["words"] for one in offered if str(one["id"]) == pk), "")
    spot = next((one for one in form["fields"] if one["type"] == "text"), None)
    if chosen and spot is not None:
        spot["value"] = chosen


# -- facts


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def fact(request: HttpRequest, number: str, fact: str) -> HttpResponse:
    """GET: the form of one fact. POST: record it. A recorded `reveal` shows the caller once, on the next page."""
    row = FACTS.get(fact)
    if row is None:
        raise Http404
    if request.method != "POST":
        return _form(request, number, fact)
    sent, at = None, clock.now()
    try:
        sent = forms.read(request, row.needs)
        forms.store(request, sent, _files(row.needs), by=request.actor, at=at)
        if "place" in sent.details:
            sent.details["place"] = places.code_of(request.actor, sent.details["place"])
        case = editing.add_fact(
            number=plain(number),
            fact=fact,
            by=request.actor,
            at=at,
            version=sent.version if row.bumps else None,
            request_key=sent.key,
            body_hash=sent.hash,
            **sent.details,
        )
    except MoveRefused as refused:
        return _again(request, number, fact, refused, sent, row.needs)
    if fact == "reveal":
        revealing.give(request, case.number)
    if sheets.is_asked(request):
        return sheets.done(request, case, _recorded(case, row), stays=True)
    if fact != "reveal":
        messages.success(request, _recorded(case, row))
    back = back_of(request)
    if (
        back and is_desk(back) and "case" not in query_of(back)
    ):  # a fact leaves the case where it is: stay with it
        back = _opened_at(request, back, case.number)
    return go(request, back or reverse("cases:detail", args=[case.number]))


def _recorded(case: Case, row: FactKind) -> str:
    if own := getattr(case, "split_into", ""):
        return _("%(number)s：已拆出，另立为 %(own)s。") % {"number": case.number, "own": own}
    return _("%(number)s：“%(fact)s”已记下。") % {"number": case.number, "fact": row.label}


# -- beside


@signed_in
@require_safe
def why(request: HttpRequest, number: str, stage: str) -> HttpResponse:
    """Why a deadline is where it is; `?round=&part=` for another than the lead's last."""
    actor, at = request.actor, clock.now()
    case = queries.find(actor, plain(number))
    board = ClockBoard.load(case)
    row = why_queries.find(board, stage, params(request))
    if row is None:
        raise OutOfScope(_("这件工单没有这个时限。"))
    context = {"case": lists.row_of(actor, case, board.rows, at), "why": why_queries.page(board, row)}
    where = "field" if shell.is_field(actor) else "desk"
    return page(request, f"cases/{where}/why.html", context)


@signed_in
@require_safe
def slip(request: HttpRequest, number: str) -> HttpResponse:
    """凭条 for the resident, printed by who took the call or holds the case."""
    actor = request.actor
    case = queries.find(actor, plain(number))
    calls = case.calls.select_related("caller").order_by("id")
    call = calls.filter(reporter_id=actor.id).last() or (calls.first() if is_near(actor, case) else None)
    if call is None:
        raise OutOfScope(_("没有找到，或不在您的范围内。"))
    context = {
        **track.slip(call, request.build_absolute_uri(reverse("cases:track"))),
        "taken_by": actor.name if call.reporter_id == actor.id else "",
        "back": reverse("cases:detail", args=[case.number]),
    }
    return page(request, "cases/public/slip.html", context)
