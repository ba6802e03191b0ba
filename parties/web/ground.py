"""People on the ground: one place, who looks after it and what lies below; and the list of gaps."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from grid import queries as places
from grid.kinds import label
from grid.paging import BadPage
from ledger import clock
from parties import ground as people
from parties import staffing
from parties.access import can, scope_of
from parties.errors import PartiesRefused
from parties.gate import signed_in
from parties.ground import GAPS
from parties.reading import Field, read
from parties.staffing import DUTY, ON_ACCOUNT, ROLE, SINCE, UNTIL
from parties.web.pages import need, page, params

WHO = Field("account", gettext_lazy("用户名"), required=True)


@signed_in
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """A place and its people, or one sort of gap below it."""
    return _page(request)


@signed_in
@require_POST
def post(request: HttpRequest, code: str) -> HttpResponse:
    """Post somebody to this place."""
    place = people.place_for(request.actor, code)
    sent = {name: value for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}
    staffing.must_post(request.actor)
    try:
        named = read([WHO], sent)
        staffing.on_account(
            ON_ACCOUNT["post"],
            username=named["account"].lower(),
            sent={**sent, "place": place.code},
            by=request.actor,
            at=clock.now(),
        )
    except PartiesRefused as refused:
        return _page(request, code, _refusal(refused, sent))
    messages.success(request, _("已任职。"))
    return redirect(f"{reverse('parties:ground')}?place={place.code}")


def _page(request: HttpRequest, code: str = "", refusal: dict[str, Any] | None = None) -> HttpResponse:
    asked, at, actor = params(request), clock.now(), request.actor
    place = people.place_for(actor, code or asked.get("place", ""))
    gap = asked.get("gap", "")
    numbers = people.gaps(place, at)
    found: list[dict[str, Any]] = []
    pager: dict[str, Any] | None = None
    looks = staffing.may_look(actor)
    if gap in GAPS:
        try:
            found, paged = people.gap_rows(gap, place, at, asked)
        except BadPage:
            return redirect(f"{reverse('parties:ground')}?place={place.code}&gap={gap}")
        pager = {
            "words": _("共 %(n)s 处") % {"n": numbers[gap]},
            "next": f"?{paged.next}" if paged.next else None,
            "previous": f"?{paged.previous}" if paged.previous else None,
        }
        found = [{**row, "url": _url(row, looks)} for row in found]
    scope = scope_of(actor)
    may = can(actor, "accounts", path=place.path)
    context = {
        "place": {
            "name": place.name,
            "code": place.code,
            "kind_label": label(place.kind),
            "path": [
                {"name": one.name, "code": one.code if scope.covers_path(path) else ""}
                for one, path in _steps(place)
            ],
        },
        "gaps": [
            {
                "label": words,
                "count": numbers[name],
                "late": name in ("no_worker", "no_duty"),
                "current": name == gap,
                "url": f"?{urlencode({'place': place.code, 'gap': name})}",
            }
            for name, (words, _todo) in GAPS.items()
        ],
        "gap": {"label": GAPS[gap][0], "todo": GAPS[gap][1]} if gap in GAPS else None,
        "found": found,
        "page": pager,
        "groups": people.by_post(people.people_at(place, at)) if gap not in GAPS else [],
        "children": people.children(place, at) if gap not in GAPS else [],
        "looks": looks,
        "ways": _ways(place.code) if may else [],
        "refusal": refusal,
    }
    return page(request, "parties/ground.html", context, refusal["status"] if refusal else 200)


def _url(row: dict[str, Any], looks: bool) -> str:
    """The page on which a gap is filled, for who may open it."""
    if "username" in row:
        return reverse("parties:person", args=[row["username"]]) if looks and row["username"] else ""
    return f"{reverse('parties:ground')}?{urlencode({'place': row['code']})}"


def _steps(place: Any) -> list[tuple[Any, str]]:
    """The places from the top down to this one, each with its id-path."""
    line = list(places.lineage(place).values())
    steps, path = [], "/"
    for one in line:
        path = f"{path}{one.id}/"
        steps.append((one, path))
    return steps


def _ways(code: str) -> list[dict[str, Any]]:
    return [
        {
            "name": "post",
            "label": _("在此任职"),
            "icon": "user-plus",
            "at_once": True,
            "url": reverse("parties:ground_post", args=[code]),
            "fields": [need(field) for field in (WHO, ROLE, DUTY, SINCE, UNTIL)],
        }
    ]


def _refusal(refused: PartiesRefused, sent: dict[str, str]) -> dict[str, Any]:
    return {
        "status": refused.status,
        "sentence": refused.sentence,
        "move": "post",
        "fields": refused.fields,
        "posted": sent,
        "lone": "",
    }
