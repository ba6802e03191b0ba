"""People on the ground: who looks after a place, and where somebody is missing.

Every question is one statement whose cost grows with the places asked about, never with the answers on a page.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy

from grid import queries as places
from grid.kinds import label
from grid.models import Place
from grid.paging import Key, Page, page
from grid.tree import path_ids, within
from ledger.actor import Actor
from parties import people_pages
from parties.access import scope_of
from parties.gate import NOT_FOUND, OutOfScope
from parties.models import Organisation, Person, Posting
from parties.models.postings import live_q
from parties.privacy import mask_phone
from parties.roles import ROLES, title_of
from parties.staffing import SOON

GROUND_ROLES = ("grid_lead", "grid_worker", "building_lead", "community_clerk")
# what they are, in the order of the page: guides are posted as building leads, their duty says what they are
POSTS: dict[str, Any] = {
    "grid_lead": ROLES["grid_lead"].label,
    "grid_worker": ROLES["grid_worker"].label,
    "building_lead": ROLES["building_lead"].label,
    "guide": gettext_lazy("楼组长、引导员"),
    "community_clerk": ROLES["community_clerk"].label,
}
MOST_CHILDREN = 200
BY_CODE = (Key("code"), Key("id"))
BY_END = (Key("until"), Key("id"))
BY_ID = (Key("id"),)

# each sort of gap: what it is called, what is to be done about it
GAPS: dict[str, tuple[Any, Any]] = {
    "no_worker": (gettext_lazy("网格没有网格员"), gettext_lazy("给网格任一名网格员")),
    "no_lead": (gettext_lazy("网格没有网格长"), gettext_lazy("给网格任一名网格长")),
    "no_duty": (gettext_lazy("受理台没有人值班"), gettext_lazy("请台上的人开始值班")),
    "ending": (gettext_lazy("十四天内到期，没有接任"), gettext_lazy("续任或另任一人")),
    "several": (gettext_lazy("一人多岗"), gettext_lazy("看看是否忙得过来")),
    "no_building_lead": (gettext_lazy("楼栋没有楼栋长"), gettext_lazy("可设可不设")),
}
MISSING = {"no_worker": ("grid", "grid_worker"), "no_lead": ("grid", "grid_lead"),
           "no_building_lead": ("building", "building_lead")}  # fmt: skip


def place_for(actor: Actor, code: str) -> Place:
    """The place asked for, in scope; without one the topmost of one's own. Raises OutOfScope."""
    scope = scope_of(actor)
    rows = places.light().filter(retired_at=None)
    if code:
        place = rows.filter(code=code.replace("\x00", "")).first()
    elif scope.reads_all:
        place = rows.order_by("path").first()
    else:
        place = rows.filter(pk__in=[path_ids(path)[-1] for path in scope.places[:1]]).first()
    if place is None or not scope.covers_path(place.path):
        raise OutOfScope(NOT_FOUND)
    return place


# -- who looks after a place


def people_at(place: Place, at: dt.datetime) -> list[dict[str, Any]]:
    """Who works on this ground, the nearest first: posted to the place or to one above it, below the street."""
    line = [
        one.id for one in places.lineage(place).values() if one.kind not in ("province", "city", "district")
    ]
    found = _posted(line, at)
    nearest, order = {pk: n for n, pk in enumerate(reversed(line))}, list(POSTS)
    return sorted(found, key=lambda row: (nearest[row["place_id"]], order.index(row["post"]), row["id"]))


def by_post(people: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same people under what they are: 网格长, 网格员, 楼栋长, guides, the community's own; the ones that a place
    has nobody as are named too: {label, people}."""
    groups: list[dict[str, Any]] = [{"label": str(label), "people": []} for label in POSTS.values()]
    order = list(POSTS)
    for person in people:
        groups[order.index(person["post"])]["people"].append(person)
    return groups


def children(place: Place, at: dt.datetime) -> list[dict[str, Any]]:
    """The places directly below, each with the people posted there; two statements."""
    rows = list(places.children(place)[:MOST_CHILDREN])
    posted: dict[int, list[dict[str, Any]]] = {}
    for person in _posted([row.pk for row in rows], at):
        posted.setdefault(person["place_id"], []).append(person)
    return [
        {
            "code": row.code,
            "name": row.name,
            "kind_label": str(label(row.kind)),
            "people": posted.get(row.pk, []),
            "missing": [
                str(ROLES[role].label)
                for gap, (kind, role) in MISSING.items()
                if gap != "no_building_lead"
                and kind == row.kind
                and not any(person["post"] == role for person in posted.get(row.pk, []))
            ],
        }
        for row in rows
    ]


def _posted(place_ids: Iterable[int], at: dt.datetime) -> list[dict[str, Any]]:
    rows = (
        Posting.objects.filter(live_q(at), place_id__in=list(place_ids), role__in=GROUND_ROLES)
        .select_related("account__person", "substitute__person", "place")
        .order_by("id")
    )
    return [_person(row, at) for row in rows]


def _person(row: Posting, at: dt.datetime) -> dict[str, Any]:
    since, until = row.substitute_from, row.substitute_until
    lent = since is not None and until is not None and since <= at < until
    substitute = row.substitute.person if lent and row.substitute is not None else None
    return {
        "id": row.pk,
        "place_id": row.place_id,
        "place": row.place.code,
        "place_name": row.place.name,
        "username": row.account.username,
        "name": row.account.person.name,
        "phone": mask_phone(row.account.person.phone),
        "role": row.role,
        "role_label": title_of(row.role, row.duty),
        "duty": row.duty,
        "post": "guide" if row.duty else row.role,
        "on_duty": row.on_duty,
        "until": row.until,
        "substitute": substitute.name if substitute else "",
        "substitute_phone": mask_phone(substitute.phone) if substitute else "",
    }


# -- where somebody is missing


def gaps(place: Place, at: dt.datetime) -> dict[str, int]:
    """How many gaps of each sort lie at or below a place."""
    return {name: _rows(name, place, at).order_by().count() for name in GAPS}


def gap_rows(
    name: str, place: Place, at: dt.datetime, query: Mapping[str, str]
) -> tuple[list[dict[str, Any]], Page]:
    """One page of gaps: {name, where, code (of the place to open), username (of the person to open), until, n}."""
    order = BY_CODE if name in (*MISSING, "no_duty") else BY_END if name == "ending" else BY_ID
    found = page(_rows(name, place, at), order, {"page_size": "25", **query})
    return _SHOWN[name](found.rows), found


def _rows(name: str, place: Place, at: dt.datetime) -> QuerySet:
    if name in MISSING:
        return _without(*MISSING[name], place, at)
    if name == "no_duty":
        return _desks_alone(place, at)
    return _ending(place, at) if name == "ending" else _several(place, at)


def _without(kind: str, role: str, place: Place, at: dt.datetime) -> QuerySet[Place]:
    there = Posting.objects.filter(live_q(at), place=OuterRef("pk"), role=role, duty="")
    return places.light().filter(within(place), ~Exists(there), kind=kind, retired_at=None)


def _desks_alone(place: Place, at: dt.datetime) -> QuerySet[Organisation]:
    duty = Posting.objects.filter(
        live_q(at),
        Q(place=OuterRef("desk_of")) | Q(organisation=OuterRef("pk")),
        Q(place__isnull=True) | Q(role__in=[role.name for role in ROLES.values() if role.works_for_desk]),
        on_duty=True,
    )
    return Organisation.objects.select_related("desk_of").filter(
        within(place, "desk_of__path"), ~Exists(duty), retired_at=None
    )


def _ending(place: Place, at: dt.datetime) -> QuerySet[Posting]:
    after = Posting.objects.filter(
        Q(until=None) | Q(until__gt=OuterRef("until")), since__lte=OuterRef("until"), role=OuterRef("role")
    ).exclude(pk=OuterRef("pk"))
    succeeded = Exists(after.filter(place=OuterRef("place"))) | Exists(
        after.filter(organisation=OuterRef("organisation"))
    )
    return (
        Posting.objects.select_related("account__person", "substitute__person", "place", "organisation")
        .filter(within(place, "place__path"), live_q(at), until__lte=at + SOON)
        .filter(~succeeded)
    )


def _several(place: Place, at: dt.datetime) -> QuerySet[Person]:
    here = Posting.objects.filter(live_q(at), within(place, "place__path"), account__person=OuterRef("pk"))
    busy = (
        Posting.objects.filter(live_q(at))
        .order_by()
        .values("account__person")
        .annotate(n=Count("pk"))
        .filter(n__gt=1)
    )
    return Person.objects.filter(Exists(here), pk__in=busy.values("account__person"))


def _shown_places(rows: list[Place]) -> list[dict[str, Any]]:
    lines = places.lineages(row.path for row in rows)
    return [
        {
            "name": row.name,
            "where": " / ".join([one.name for one in lines[row.path].values()][3:-1]),
            "code": row.code,
        }
        for row in rows
    ]


def _shown_desks(rows: list[Organisation]) -> list[dict[str, Any]]:
    return [
        {"name": row.name, "where": row.desk_of.name, "code": row.desk_of.code, "unit": row.code}
        for row in rows
    ]


def _shown_ending(rows: list[Posting]) -> list[dict[str, Any]]:
    return [
        {
            "name": f"{row['name']} · {row['role_label']}",
            "where": row["where"],
            "username": row["username"],
            "until": row["until"],
        }
        for row in people_pages.posting_rows(rows)
    ]


def _shown_several(rows: list[Person]) -> list[dict[str, Any]]:
    held = (
        Posting.objects.filter(account__person__in=rows, until=None)
        .annotate(person_id=F("account__person"), username=F("account__username"))
        .select_related("place", "organisation")
        .order_by("id")
    )
    seats: dict[int, list[str]] = {}
    names: dict[int, str] = {}
    for row in held:
        seat = row.place.name if row.place is not None else row.organisation.name
        seats.setdefault(row.person_id, []).append(f"{ROLES[row.role].label} {seat}")
        names.setdefault(row.person_id, row.username)
    return [
        {"name": row.name, "where": "；".join(seats.get(row.pk, ())), "username": names.get(row.pk, "")}
        for row in rows
    ]


_SHOWN: dict[str, Callable[[list], list[dict[str, Any]]]] = {
    **dict.fromkeys(MISSING, _shown_places),
    "no_duty": _shown_desks,
    "ending": _shown_ending,
    "several": _shown_several,
}
