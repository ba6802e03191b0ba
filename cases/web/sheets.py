"""What is done with a case from a list without leaving it: by its letters in a sheet over the list, or beside it at the
desk. The list's scripts send these forms with `beside` (sheet|pane) and get back the line as it is now, or the form once
more with why it was refused. Without script the same forms are pages of their own."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.models import Case
from cases.queries import desk as desk_rows
from cases.queries import detail, lists, moves_bar, relief_pages, reliefs
from cases.sla.board import ClockBoard
from cases.web import desk
from cases.web.answers import back_of, go, is_desk, page, plain
from ledger import clock
from parties.gate import signed_in


@signed_in
@require_safe
def letters(request: HttpRequest, number: str) -> HttpResponse:
    """What every letter does to this case now: its form, where it leads, or why it may not be."""
    actor, at = request.actor, clock.now()
    case = detail.find(actor, plain(number))
    if not request.htmx:
        return go(request, reverse("cases:detail", args=[case.number]))
    board = ClockBoard.load(case)
    forms = moves_bar.lettered(actor, case, board, at)
    forms += relief_pages.offers(case, board, actor, reliefs.of_case(case), at)
    context = {
        "case": lists.row_of(actor, case, board.rows, at),
        "state": detail.state_of(case),
        "forms": [form for form in forms if form["enabled"] and form["key"]],
        "letters": moves_bar.letters_of(forms),
    }
    return page(request, "cases/desk/letters.html", context)


def is_asked(request: HttpRequest) -> bool:
    """Is this form for the sheet over a list, or sent from there: does the list want its line back?"""
    sent = request.POST if request.method == "POST" else request.GET
    return bool(request.htmx) and sent.get("beside") in ("sheet", "pane")


def _is_pane(request: HttpRequest) -> bool:
    return request.POST.get("beside") == "pane" and bool(request.actor.may("accept"))


def again(request: HttpRequest, number: str, name: str, refusal: dict[str, Any], status: int) -> HttpResponse:
    """The form once more with what was typed, and why it was refused."""
    if _is_pane(request):
        return desk.pane(request, number, _home(request), refusal=refusal, status=status)
    actor, at = request.actor, clock.now()
    case = detail.find(actor, plain(number))
    board = ClockBoard.load(case)
    form = moves_bar.one(actor, case, board, at, name)
    row = moves_bar.row_named(name)
    context = {
        "case": lists.row_of(actor, case, board.rows, at),
        "move": form,
        "refusal": refusal,
        "sentence": "" if form else _("这件工单现在没有“%(move)s”。") % {"move": row.label if row else name},
    }
    return page(request, "cases/desk/sheet.html", context, status)


def done(request: HttpRequest, case: Case, words: str, *, stays: bool = False) -> HttpResponse:
    """What happened, and the line as it is now; it stays where it stands until the list is loaded again. `stays`: the
    cursor does not go on."""
    actor, at = request.actor, clock.now()
    context: dict[str, Any] = {"number": case.number, "words": words, "stays": stays}
    if _is_pane(request):
        case.refresh_from_db()  # a fact may have answered with less of it than a line shows
        context["line"] = desk_rows.rows_of(actor, [case], at, _home(request))[0]
    else:
        board = getattr(case, "board", None) or ClockBoard.load(case)
        context["row"] = lists.row_of(actor, case, board.rows, at)
    return page(request, "cases/desk/sheet_done.html", context)


def _home(request: HttpRequest) -> str:
    """The address of the list this was sent from."""
    back = back_of(request)
    return desk.home_of(back) if back and is_desk(back) else reverse("cases:desk")
