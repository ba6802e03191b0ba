"""What the district's own dispatches of the past year speak for, where the rows in force do not say it yet."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count

from cases import rulebook
from cases.queries.duties import roots_of
from cases.routing.decide import decide
from cases.routing.learning import CONFIDENCE, SUPPORT, Experience, Sent, Suggestion
from cases.scope import visible
from grid.models import Place
from grid.queries import lineages
from ledger.actor import Actor
from parties import directory

YEAR = dt.timedelta(days=365)
STOOD = ("resolved", "answered", "closed")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A row somebody may accept. `now`: who leads by the rows in force, "" for nobody."""

    key: str
    item: str
    place: Place
    unit: directory.Org
    suggestion: Suggestion
    now: str


def proposals(
    actor: Actor, at: dt.datetime, *, support: int = SUPPORT, confidence: float = CONFIDENCE
) -> list[Proposal]:
    """The rows worth accepting below the places whose rows this person keeps, the best supported first: learnt from
    cases that were sent out and whose work stands. What rests on a sensitive item or is open is not looked at."""
    cases = visible(actor).filter(
        status__in=STOOD,
        first_dispatched_at__gte=at - YEAR,
        item__isnull=False,
        sensitive=False,
        excluded=False,
    )
    counted = (
        cases.order_by()
        .values_list("item_id", "community_id", "street_id", "district_id", "holder_id")
        .annotate(n=Count("pk"))
    )
    experience, districts = Experience(), set()
    for item_id, community, street, district, holder, n in counted:
        item = rulebook.item_by_id(item_id)
        unit = directory.current(directory.by_id(holder))
        if item is None or item.retired or unit is None or unit.retired or unit.kind == "desk":
            continue
        districts.add(district)
        where = (str(community or ""), str(street or ""))
        experience.learn(Sent(item.code, "", *where, str(unit.id)), n)
    found = experience.suggestions(support=support, confidence=confidence)
    whole = min((pk for pk in districts if pk), default=None) if len(districts) == 1 else None
    ids = {int(one.cell.place) if one.cell.place else whole for one in found} - {None}
    places = {
        place.pk: place for place in Place.objects.filter(pk__in=ids, retired_at=None).defer("boundary")
    }
    lines, roots = lineages(place.path for place in places.values()), roots_of(actor)
    proposed = []
    for one in sorted(found, key=lambda each: (-each.support, each.cell)):
        place = places.get(int(one.cell.place) if one.cell.place else whole or 0)
        unit = directory.by_id(int(one.unit))
        if place is None or unit is None or (roots and not place.path.startswith(roots)):
            continue
        lead = decide(one.cell.what, "problem", lines[place.path], at).lead
        if lead == unit.id:
            continue
        key = f"{one.cell.what}@{place.code}={unit.code}"
        now = directory.name_of(lead, short=True)
        proposed.append(Proposal(key, one.cell.what, place, unit, one, now))
    return proposed


def place_words(found: list[Proposal]) -> dict[str, str]:
    """code → the place with what stands above it."""
    lines = lineages(one.place.path for one in found)
    shown = {}
    for one in found:
        names = [
            place.name for kind, place in lines[one.place.path].items() if kind not in ("province", "city")
        ]
        shown[one.place.code] = " / ".join(names[1:] or names)
    return shown
