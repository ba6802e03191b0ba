"""Many cases at once: what is to be done with those that were ticked, or with all that are filtered; then what became
of each."""

from __future__ import annotations

import logging
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from kombu.exceptions import OperationalError

from cases import bulk, tasks
from cases.lifecycle import Need
from cases.models import Bulk
from cases.needs import CHOICES
from cases.queries import choices, views
from cases.queries.masking import title_for
from cases.refusals import MoveRefused
from cases.web import forms
from cases.web.answers import back_of, go, page, plain
from ledger import clock
from ledger.actor import Actor
from parties import directory, gate
from parties.gate import OutOfScope, signed_in

logger = logging.getLogger(__name__)


@signed_in
@require_POST
def many(request: HttpRequest, move: str) -> HttpResponse:
    """What was ticked is shown with the form of the move; with `go` it is done."""
    way = bulk.WAYS.get(move)
    if way is None:
        raise Http404
    by, at = request.actor, clock.now()
    if not way.may(by):
        raise gate.NotYours(_("您没有“%(move)s”的权限。") % {"move": way.label})
    wanted = _wanted(request)
    if (
        request.POST.get("go") != "1"
        and wanted
        and (way.needs or len(wanted) > bulk.AT_ONCE or _is_all(request))
    ):
        return _form(request, way, wanted)
    try:
        sent = forms.read(request, way.needs)
        row = bulk.ask(
            by=by, at=at, move=move, cases=wanted, details=sent.details,
            request_key=sent.key, body_hash=sent.hash,
        )  # fmt: skip
    except MoveRefused as refused:
        return _form(request, way, wanted, refused)
    work(row)
    return go(request, report_of(row, back_of(request)))


def report_of(row: Bulk, back: str) -> str:
    return reverse("cases:bulk_run", args=[row.pk]) + (f"?back={back.replace('&', '%26')}" if back else "")


def _is_all(request: HttpRequest) -> bool:
    return request.POST.get("all") == "1"


def _wanted(request: HttpRequest) -> list[dict[str, Any]]:
    """Those that were ticked; or all of the view, each in the version it has now."""
    where = request.POST.get("where", "")
    if _is_all(request) and where in views.TABS:
        query = views.parse(plain(request.POST.get("query", ""), views.LONGEST))
        return bulk.all_of(views.view(request.actor, clock.now(), where, query).rows)
    return bulk.chosen(request.actor, request.POST.getlist("number"))


def _form(
    request: HttpRequest, way: bulk.Way, wanted: list[dict[str, Any]], refused: MoveRefused | None = None
) -> HttpResponse:
    context = {
        "way": {"name": way.name, "label": way.label, "icon": way.icon},
        "fields": [_field(request.actor, need, way.name) for need in way.needs],
        "picked": [f"{one['number']}@{one['version']}" for one in wanted[: bulk.MOST]],
        "count": len(wanted) if len(wanted) <= bulk.MOST else f"{bulk.MOST}+",
        "is_too_many": len(wanted) > bulk.MOST,
        "most": bulk.MOST,
        "posted": request.POST if refused else None,
        "refusal": refused.sentence if refused else "",
        "faults": {name: str(words) for name, words in refused.fields.items()} if refused else {},
        "back": back_of(request),
    }
    return page(request, "cases/desk/bulk.html", context, refused.status if refused else 200)


def _field(by: Actor, need: Need, way: str) -> dict[str, Any]:
    base, _colon, of = need.type.partition(":")
    shown: dict[str, Any] = {
        "field": need.field,
        "type": base,
        "required": need.required is True,
        "label": str(need.label),
        "rows": 3,
    }
    if base == "choice":
        shown["choices"] = choices.words(CHOICES[of])
    elif of == "organisation":
        shown |= {
            "type": "choice",
            "choices": choices.grouped(
                org
                for org in directory.search()
                if org.kind not in ("government", "desk") and not org.retired
            ),
            "empty": _("按分工，各派各的"),
            "hint": _("不选时，每件按它自己的分工派；分工里没有的会留下并写明。"),
        }
    elif of == "account":
        shown |= {
            "type": "choice",
            "choices": choices.colleagues(by, clock.now()),
            "empty": _("按各人手上的多少分"),
            "hint": _("不选时，每件给当时手上最轻的人；离岗的不分，领导不分。"),
        }
    elif base == "time":
        shown["type"] = "datetime"
    return shown


def work(row: Bulk) -> None:
    """A few at once, many by a worker. Without a broker it waits for `cases.finish_errands`."""
    if row.is_over:
        return
    if row.total <= bulk.AT_ONCE:
        bulk.run(pk=row.pk)
        return
    try:
        tasks.run_bulk.delay(pk=row.pk)
    except OperationalError:
        logger.warning("no broker: bulk %s waits", row.pk)


@signed_in
@require_http_methods(["GET", "HEAD"])
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, and what became of each case."""
    row = find(request.actor, pk)
    numbers, receivers = [one[0] for one in row.results], bulk.receivers(row)
    seen = bulk.titles(request.actor, numbers)
    refused = [one for one in row.results if one[1]]
    results = [
        {
            "number": number,
            "title": title_for(request.actor, seen[number]) if number in seen else "",
            "url": reverse("cases:detail", args=[number]) if number in seen else "",
            "refused": words,
            "to": receivers.get(given[0], {}).get("name", "") if given else "",
        }
        for number, words, _status, *given in [*refused, *(one for one in row.results if not one[1])]
    ]
    context = {
        "row": row,
        "label": bulk.WAYS[row.move].label,
        "url": request.get_full_path(),
        "results": results,
        "done": len(row.results) - len(refused),
        "refused": len(refused),
        "back": back_of(request) or reverse("cases:queue"),
    }
    return page(request, "cases/desk/bulk_run.html", context)


def find(by: Actor, pk: int) -> Bulk:
    """A bulk for who asked for it; for everybody else there is none."""
    row = Bulk.objects.filter(asked_by_id=by.id, pk=pk).first()
    if row is None:
        raise OutOfScope(gate.NOT_FOUND)
    return row
