"""我的网格: one place, what is open there and what lies below it, as the phone shows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.kinds import OPEN
from cases.models import Case
from cases.models.case import ANCESTORS
from cases.queries import case_list, counting, lists
from cases.queries.field import ground_of
from grid import finding, queries
from grid.kinds import TABLE, UPPER
from grid.models import Place
from ledger.actor import Actor
from parties import ground
from parties.access import scope_of
from parties.gate import NOT_FOUND, OutOfScope

MOST_PLACES = 200


def open_here(actor: Actor, place: Place, at: dt.datetime) -> dict[str, QuerySet[Case]]:
    """What is open at and below a place: all of it, what is near its time, what is late."""
    here = lists.listed(actor).filter(case_list.at_or_below(place), status__in=OPEN)
    late = lists.late_q(at)
    return {"open": here, "near": here.filter(lists.near_q(at) & ~late), "late": here.filter(late)}


def shown_of(
    actor: Actor,
    place: Place,
    show: str,
    at: dt.datetime,
    here: Mapping[str, QuerySet[Case]],
    numbers: Mapping[str, int],
) -> dict[str, Any]:
    """One place with what is open there (see `open_here`; counted), and the places below it with theirs."""
    address = url(place.code)
    mine = ground_of(actor)
    names = queries.by_ids(grant.place_id for grant in mine)
    return {
        "place": {
            "name": place.name,
            "code": place.code,
            "kind_label": str(TABLE[place.kind].label),
            "path": [
                {
                    "name": one.name,
                    "url": url(one.code) if inside and one.id != place.pk else "",
                }
                for one, inside in line_of(actor, place)
            ],
            "households": place.households,
            "residents": place.residents,
        },
        "counts": [
            {"label": _("在办"), "value": counting.shown(numbers["open"]), "url": address, "colour": ""},
            {
                "label": _("临期"),
                "value": counting.shown(numbers["near"]),
                "url": f"{address}&show=near",
                "colour": "yellow",
            },
            {
                "label": _("超时"),
                "value": counting.shown(numbers["late"]),
                "url": f"{address}&show=late",
                "colour": "red",
            },
        ],
        "children": _children(actor, place, at),
        "people": ground.people_at(place, at),
        "rows": here.get(show, here["open"]),
        "mine": [
            {
                "name": names[grant.place_id].name,
                "url": url(names[grant.place_id].code),
                "current": grant.place_id == place.pk,
            }
            for grant in mine
            if grant.place_id in names
        ]
        if len(mine) > 1
        else [],
    }


def line_of(actor: Actor, place: Place) -> list[tuple[queries.PlaceLite, bool]]:
    """The place and what stands above it, from the street down, each with whether the reader may open it."""
    scope = scope_of(actor)
    return [
        (one, scope.reads_all or any(_lies_below(root, place, one) for root in scope.places))
        for one in queries.lineage(place).values()
        if one.kind not in UPPER or one.kind == "street"
    ]


def url(code: str) -> str:
    """The address of a place's page on the phone."""
    return f"{reverse('cases:grid')}?{urlencode({'place': code})}"


def in_scope(actor: Actor, code: str) -> Place:
    """The place asked for, in scope; without a code one's own. Raises OutOfScope."""
    grounds = ground_of(actor)
    if code:
        place = finding.by_code(code)
    else:
        place = Place.objects.filter(pk=grounds[0].place_id).first() if grounds else None
    if place is None or not scope_of(actor).covers_path(place.path):
        raise OutOfScope(NOT_FOUND)
    return place


def _lies_below(root: str, place: Place, one: queries.PlaceLite) -> bool:
    """Does the ancestor `one` of a place lie at or below a root of the scope?"""
    at = place.path.index(f"/{one.id}/") + len(f"/{one.id}/")
    return place.path[:at].startswith(root)


def _children(actor: Actor, place: Place, at: dt.datetime) -> list[dict[str, Any]]:
    below = list(queries.children(place)[:MOST_PLACES])
    numbers: dict[int, tuple[int, int]] = {}
    for kind in {child.kind for child in below} & set(ANCESTORS):
        rows = lists.listed(actor).filter(case_list.at_or_below(place), status__in=OPEN).order_by()
        counted = rows.values_list(f"{kind}_id").annotate(
            n=Count("pk"), late=Count("pk", filter=lists.late_q(at))
        )
        numbers.update({pk: (n, late) for pk, n, late in counted if pk is not None})
    return [
        {
            "name": child.name,
            "code": child.code,
            "kind_label": str(TABLE[child.kind].label),
            "url": url(child.code),
            "open": numbers.get(child.pk, (0, 0))[0],
            "late": numbers.get(child.pk, (0, 0))[1],
        }
        for child in below
    ]
