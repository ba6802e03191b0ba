"""The form of one move in a side sheet over a list: opened by its letter, sent without leaving the line. Without script
the same forms are pages of their own."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.lifecycle import FACTS, MOVES
from cases.models import Case
from cases.queries import detail, lists, moves_bar
from cases.sla.board import ClockBoard
from cases.web.answers import page, plain
from ledger import clock
from parties.gate import signed_in


@signed_in
@require_safe
def sheet(request: HttpRequest, number: str, key: str) -> HttpResponse:
    """What a letter does to this case now: its form, or why it may not be."""
    actor, at, key = request.actor, clock.now(), key.upper()
    case = detail.find(actor, plain(number))
    board = ClockBoard.load(case)
    form = moves_bar.by_key(actor, case, board, at, key)
    return _answer(request, case, board, form, key)


def is_asked(request: HttpRequest) -> bool:
    """Was this form sent from a sheet?"""
    return bool(request.htmx) and request.POST.get("sheet") == "1"


def again(request: HttpRequest, number: str, name: str, refusal: dict[str, Any], status: int) -> HttpResponse:
    """The sheet once more with what was typed, and why it was refused."""
    actor, at = request.actor, clock.now()
    case = detail.find(actor, plain(number))
    board = ClockBoard.load(case)
    form = moves_bar.one(actor, case, board, at, name)
    return _answer(request, case, board, form, "", refusal, status)


def done(request: HttpRequest, case: Case, words: str) -> HttpResponse:
    """What happened, and the row as it is now; it stays where it stands until the list is loaded again."""
    actor, at = request.actor, clock.now()
    board = getattr(case, "board", None) or ClockBoard.load(case)
    row = lists.row_of(actor, case, board.rows, at)
    return page(request, "cases/desk/sheet_done.html", {"row": row, "words": words})


def _answer(
    request: HttpRequest,
    case: Case,
    board: ClockBoard,
    form: dict[str, Any] | None,
    key: str,
    refusal: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    row = lists.row_of(request.actor, case, board.rows, clock.now())
    sentence = "" if form else _("这件工单现在没有“%(move)s”。") % {"move": _labels(key)}
    context = {
        "case": row | {"version": case.version},
        "move": form,
        "refusal": refusal,
        "sentence": sentence,
    }
    return page(request, "cases/desk/sheet.html", context, status)


def _labels(key: str) -> str:
    """What the letter stands for."""
    named = (str(row.label) for row in (*MOVES.values(), *FACTS.values()) if key and row.key == key)
    return _("、").join(dict.fromkeys(named)) or key
