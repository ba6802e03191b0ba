"""Relief on pages: asking for it with its effect shown, what waits for an answer, one relief and its answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.models import Case, Relief
from cases.queries import detail, lists
from cases.queries import relief_pages as pages
from cases.queries import reliefs as queries
from cases.refusals import MoveRefused
from cases.reliefs import answering, asking, reviewing
from cases.reliefs.policy import TABLE
from cases.sla.board import ClockBoard
from cases.web import forms, sheets, shell
from cases.web.answers import back_of, go, page, params, plain, refusal_of
from ledger import clock
from ledger.actor import Actor
from parties import gate
from parties.gate import signed_in

TABS = {
    "waiting": gettext_lazy("待批复"),
    "review": gettext_lazy("挂账复核"),
    "answered": gettext_lazy("我批过的"),
    "asked": gettext_lazy("我单位提出的"),
}
SIZE = 50
ANSWERS: dict[str, tuple[Callable[..., Relief], Any]] = {
    "grant": (answering.grant, answering.YES),
    "refuse": (answering.refuse, answering.NO),
    "withdraw": (answering.withdraw, ()),
    "keep": (reviewing.keep, reviewing.SAYS),
    "end": (reviewing.end, reviewing.SAYS),
}


def _in_tab(actor: Actor, tab: str, at: dt.datetime) -> QuerySet[Relief]:
    if tab == "waiting":
        return queries.waiting_for(actor)
    if tab == "review":
        return queries.to_review(actor, at)
    return queries.answered_by(actor) if tab == "answered" else queries.asked_by(actor)


@signed_in
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """待批: what waits for this person's answer, holds to look at again; and what one's own unit asked for."""
    actor, at, asked = request.actor, clock.now(), params(request)
    mine = [name for name in TABS if actor.may("relief.ask" if name == "asked" else "relief.grant")]
    if not mine:
        raise gate.NotYours(_("您没有申请或批复的权限。"))
    tab = asked.get("tab", mine[0])
    tab = tab if tab in mine else mine[0]
    wanted = {name: _in_tab(actor, name, at) for name in mine}
    same = {"frame:reliefs": "waiting"} if "waiting" in mine else {}
    numbers = shell.count(request, wanted, same)
    order = "-pk" if tab in ("answered", "asked") else "asked_at"
    rows = list(wanted[tab].select_related("case", "asked_by__person").order_by(order)[:SIZE])
    context = {
        "tabs": [
            {
                "label": TABS[name],
                "url": f"?{urlencode({'tab': name})}",
                "count": lists.shown(numbers[name]) if name in ("waiting", "review") else "",
                "late": False,
                "current": name == tab,
            }
            for name in mine
        ],
        "rows": pages.rows_of(actor, rows, at),
        "empty": pages.EMPTY[tab],
    }
    return page(request, "cases/desk/reliefs.html", context)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """GET: the form, with what it would do to the figures. POST: file it."""
    terms = TABLE.get(kind)
    if terms is None:
        raise Http404
    if request.method != "POST":
        return _form(request, number, kind)
    sent, at = None, clock.now()
    try:
        sent = forms.read(request, terms.needs)
        forms.store(request, sent, ["attachments"], by=request.actor, at=at)
        relief = asking.ask(
            number=plain(number),
            kind=kind,
            by=request.actor,
            at=at,
            request_key=sent.key,
            body_hash=sent.hash,
            **sent.details,
        )
    except MoveRefused as refused:
        labels = forms.labels_of(terms.needs)
        refusal = refusal_of(refused, "ask", sent.posted if sent else request.POST, labels)
        return _form(request, number, kind, refusal, refused.status)
    case = relief.case
    names = {"number": case.number, "kind": terms.label, "who": queries.who_answers(relief)}
    words = _("%(number)s：%(kind)s申请已提出，由%(who)s批复；批复前时钟照走。") % names
    if sheets.is_asked(request):
        return sheets.done(request, case, words, stays=True)
    messages.success(request, words)
    return go(request, reverse("cases:detail", args=[case.number]))


def _form(
    request: HttpRequest, number: str, kind: str, refusal: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    actor, at = request.actor, clock.now()
    case = detail.find(actor, plain(number))
    context = pages.asking_page(actor, case, ClockBoard.load(case), TABLE[kind], at) | {"refusal": refusal}
    if sheets.is_asked(request):
        label = _("申请%(kind)s") % {"kind": TABLE[kind].label}
        context |= {"move": context["form"] and context["form"] | {"label": label}}
        context |= {"sentence": context["why_not"]}
        return page(request, "cases/desk/sheet.html", context, status)
    return page(request, "cases/desk/relief_ask.html", context, status)


@signed_in
@require_safe
def one(request: HttpRequest, number: str, n: str) -> HttpResponse:
    """One relief with what was said, what it would change, and the answer's forms for who may give it."""
    return _one(request, number, n)


def _one(
    request: HttpRequest, number: str, n: str, refusal: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    actor, at = request.actor, clock.now()
    opened = detail.open_case(actor, plain(number))
    relief = _find(opened.case, numbered(n))
    context = pages.relief_page(actor, opened.case, opened.board, opened.papers, relief, at) | {
        "refusal": refusal,
        "back": back_of(request),
    }
    return page(request, "cases/desk/relief.html", context, status)


def numbered(n: str) -> int:
    """Which of the case's reliefs; 404 for what is no number."""
    if not (n.isascii() and n.isdigit() and len(n) < 5):
        raise gate.OutOfScope(gate.NOT_FOUND)
    return int(n)


def _find(case: Case, n: int) -> Relief:
    return gate.find(
        Relief.objects.select_related("asked_by__person", "decided_by__person").filter(case=case), n=n
    )


@signed_in
@require_POST
def answer(request: HttpRequest, number: str, n: str, answer: str) -> HttpResponse:
    """Grant, refuse, take back; keep or end a hold."""
    if answer not in ANSWERS:
        raise Http404
    act, asked_of = ANSWERS[answer]
    sent = None
    try:
        sent = forms.read(request, asked_of)
        relief = act(
            number=plain(number),
            n=numbered(n),
            by=request.actor,
            at=clock.now(),
            request_key=sent.key,
            body_hash=sent.hash,
            **sent.details,
        )
    except MoveRefused as refused:
        posted = sent.posted if sent else request.POST
        refusal = refusal_of(refused, answer, posted, forms.labels_of(asked_of))
        return _one(request, number, n, refusal, refused.status)
    words = {"number": relief.case.number, "what": pages.said(relief, answer)}
    messages.success(request, _("%(number)s：%(what)s。") % words)
    return go(request, back_of(request) or reverse("cases:relief", args=[relief.case.number, relief.n]))
