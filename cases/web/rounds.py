"""巡查走访: one tap writes a round down; how much of a place is covered, down to the places."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from cases import rounds as commands
from cases.kinds import ROUNDS
from cases.queries import my_grid, round_sql
from cases.queries import rounds as queries
from cases.refusals import MoveRefused
from cases.web import forms, shell
from cases.web.answers import go, page, params, plain, refusal_of
from cases.web.my_grid import place_page
from grid.models import Place
from ledger import clock
from parties.gate import admit, signed_in

SHOW = {
    "due": gettext_lazy("该去的"),
    "late": gettext_lazy("逾期的"),
    "unseen": gettext_lazy("没去的"),
    "seen": gettext_lazy("去过的"),
    "all": gettext_lazy("应去的"),
}


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def rounds(request: HttpRequest) -> HttpResponse:
    """POST: a round was made. GET: the cover of a place; with `show` the places that a number counts."""
    return _log(request) if request.method == "POST" else _cover(request)


def _log(request: HttpRequest) -> HttpResponse:
    """`go` is the kind of round, or kind:code for another place than the one chosen."""
    sent, at, by = None, clock.now(), request.actor
    admit(by, commands.CAPABILITY)
    kind, _colon, code = plain(request.POST.get("go", ""), 80).partition(":")
    place = code or plain(request.POST.get("place", ""), 40)
    try:
        sent = forms.read(request, commands.NEEDS)
        forms.store(request, sent, ["attachments"], by=by, at=at)
        logged = commands.log(
            by=by,
            at=at,
            place=place,
            request_key=sent.key,
            body_hash=sent.hash,
            **{**sent.details, "kind": kind},
        )
    except MoveRefused as refused:
        posted = sent.posted if sent else request.POST
        refusal = refusal_of(refused, "round", posted, forms.labels_of(commands.NEEDS))
        return place_page(request, {"place": _here(request)}, refusal, refused.status)
    row = logged.round
    messages.success(
        request, _("%(place)s：%(kind)s已记下。") % {"place": row.place.name, "kind": ROUNDS[row.kind]}
    )
    return go(request, my_grid.url(_here(request) or row.place.code))


def _here(request: HttpRequest) -> str:
    """The place whose page the form stood on."""
    return plain(request.POST.get("here", ""), 40)


def _cover(request: HttpRequest) -> HttpResponse:
    actor, at, asked = request.actor, clock.now(), params(request)
    place = my_grid.in_scope(actor, asked.get("place", ""))
    days = next((n for n in queries.DAYS if asked.get("days") == str(n)), queries.USUAL_DAYS)
    kind = asked.get("kind", "") if asked.get("kind") in ROUNDS else ""
    kept = {"days": str(days)}
    context: dict[str, Any] = {
        "place": {"name": place.name, "code": place.code, "url": my_grid.url(place.code)},
        "path": _path(actor, place, kept),
        "spans": [
            {
                "label": _("近 %(n)s 天") % {"n": n},
                "url": queries.address({**asked, "place": place.code, "days": str(n), "after": ""}),
                "current": n == days,
            }
            for n in queries.DAYS
        ],
        "cover": queries.cover(place, at, days, kept),
        "days": days,
        "list": None,
        "made": queries.last_made(actor, place),
        "rules_url": reverse("cases:round_rules") if shell.reads_rules(actor) else "",
    }
    show = asked.get("show", "due" if kind else "")
    if show in round_sql.SHOWN:
        listed, more = queries.listed(
            place, at, days, show=show, kind=kind, after=plain(asked.get("after", ""), 40)
        )
        here = {**kept, "place": place.code, "kind": kind}
        context["list"] = {
            "rows": listed,
            "label": str(SHOW[show]),
            "kind_label": str(ROUNDS[kind]) if kind else "",
            "tabs": [
                {
                    "label": str(label),
                    "url": queries.address({**here, "show": name}),
                    "current": name == show,
                    "count": None,
                }
                for name, label in SHOW.items()
            ],
            "next": queries.address({**here, "show": show, "after": more}) if more else "",
        }
    where = "field" if shell.is_field(actor) else "desk"
    return page(request, f"cases/{where}/rounds.html", context)


def _path(actor: Any, place: Place, kept: dict[str, str]) -> list[dict[str, str]]:
    return [
        {
            "name": one.name,
            "url": queries.address({**kept, "place": one.code}) if inside and one.id != place.pk else "",
        }
        for one, inside in my_grid.line_of(actor, place)
    ]
