"""Where somebody stands, told by the phone on a tap, as a place of the tree that the form may take."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_POST

from cases import needs
from cases.api import throttles
from cases.queries import field
from cases.web import errors
from cases.web.answers import page, plain


@require_POST
def here(request: HttpRequest) -> HttpResponse:
    """The part of a form that names the place; posted, so that no address keeps where somebody stood. Strangers ask so
    many times per address, the rate `anon` of the settings."""
    if (
        not request.user.is_authenticated
        and throttles.count("anon", throttles.address_of(request)) is not None
    ):
        return errors.answer(request, 429)
    return page(request, "components/here.html", {"here": of(request, request.POST)})


def of(request: HttpRequest, values: QueryDict | dict[str, Any]) -> dict[str, Any] | None:
    """What `components/here.html` prints of the position that a form carries; nothing where it carries none."""
    try:
        lat = needs.degrees(plain(values.get("lat", ""), 20), 90)
        lng = needs.degrees(plain(values.get("lng", ""), 20), 180)
    except needs.Unfit:
        return None
    place, open_to = field.place_at(request.actor, lng, lat)
    wanted = values.get("place_found")
    chosen = open_to and (wanted is None or (place is not None and wanted == place["code"]))
    return {"place": place, "open": open_to, "chosen": chosen}
