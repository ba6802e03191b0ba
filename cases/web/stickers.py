"""一楼一码, scanned: whoever takes calls goes to a new one at that place, a resident to a report from there."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from cases.web.answers import go, page, plain
from grid import finding, queries
from grid.models import Place
from ledger.actor import Actor
from parties.gate import OutOfScope


@require_safe
def scanned(request: HttpRequest, token: str) -> HttpResponse:
    """An old sticker leads to the place that took over."""
    place = finding.by_qr(plain(token, 40))
    if place is None:
        raise OutOfScope(_("没有这个二维码，可能是抄错了网址。"))
    actor = request.actor
    if place.is_live and (url := _call_url(actor, place)):
        return go(request, url)
    context = {
        "place": {
            "name": place.name,
            "code": place.code,
            "path": queries.path_text(place, below="district", between=" · "),
            "live": place.is_live,
        },
        "heirs": [
            {"name": one.name, "code": one.code, "url": _call_url(actor, one)}
            for one in ([] if place.is_live else finding.heirs(place.pk))
        ],
        "signed_in": actor.id is not None,
        "login_url": f"{reverse('parties:login')}?{urlencode({'next': request.path})}",
    }
    return page(request, "cases/public/sticker.html", context)


def _call_url(actor: Actor, place: Place) -> str:
    """Where this reader tells what is the matter there; staff who take no calls do not."""
    if actor.id is None or actor.may("take"):
        name = "cases:new_call" if actor.id is not None else "cases:report"
        return f"{reverse(name)}?{urlencode({'place': place.code})}"
    return ""
