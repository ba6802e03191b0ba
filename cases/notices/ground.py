"""Whom a change of a tree concerns, and what its notice says to each: places and units by name, never a person.

Told are the people posted to what changed, below it, and above it up to the street: its desk and its staff; of a
street's own change, who works for what stands directly above. Each reads first of what is on their own ground.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from cases.notices.postings import held_by, holders
from grid import drafts, kinds
from grid.draft_base import DraftBase
from grid.models import Draft, Place, PlacePast, Succession
from grid.tree import path_ids, within
from ledger.models import Entry
from parties import directory
from parties.access import actor_of
from parties.models import UnitDraft
from parties.models.postings import live_q
from parties.roles import DESK_ROLES, ROLES

FEW = 3  # places or units named in a notice
PUBLISHED = "draft.published"  # what a notice of any change of places is called
DRAFTS: dict[str, type[DraftBase]] = {model.SUBJECT: model for model in (Draft, UnitDraft)}
FAILED = tuple(f"{subject}.failed" for subject in DRAFTS)
Facts = dict[str, Any]


def is_by_itself(entry: Entry) -> bool:
    """Is it the change of a place that neither a publication nor another change tells of?"""
    return not {"draft", "part"} & entry.payload.keys()


def told(entry: Entry) -> dict[int, Facts]:
    """account → what its notice is made from, without the one who published. Of one that failed its author is told,
    or, where the author has left, everybody who may take it over."""
    if entry.event in FAILED:
        author, draft = entry.payload["author"], _draft_of(entry)
        facts = {"problem": draft.problem if draft is not None else ""}
        return dict.fromkeys(_keepers(entry) if author is None else {author}, facts)
    found = _of_units(entry) if "units" in entry.payload else _of_places(entry)
    found.pop(entry.actor_id or 0, None)
    return found


# -- places


def _of_places(entry: Entry) -> dict[int, Facts]:
    touched = _touched(entry)
    rows = {pk: (name, kind, path) for pk, name, kind, path in _columns(touched)}
    touched = [pk for pk in touched if pk in rows]
    inside: dict[int, list[int]] = defaultdict(list)  # place → what was touched at it or below
    for pk in touched:
        for above in path_ids(rows[pk][2]):
            inside[above].append(pk)
    left = _left(touched, entry)
    for above, some in [*left.items(), *_taken_over(touched)]:
        inside[above] += [pk for pk in some if pk not in inside[above]]
    where = [within(path, "place__path") for path in _topmost(path for _name, _kind, path in rows.values())]
    where.append(Q(place__in=_desks_above([row[1:] for row in rows.values()], left)))
    posted = holders(reduce(or_, where) & live_q(entry.at), ROLES, entry.at, "place_id", "place__path")
    mine: dict[int, dict[int, None]] = defaultdict(dict)
    for account, place, path in posted:
        itself = [place] if place in rows else []
        below = inside.get(place, ())
        above = [pk for pk in path_ids(path)[-2::-1] if pk in rows]  # the nearest first
        mine[account] |= dict.fromkeys((*itself, *below, *above))
    names = {pk: row[0] for pk, row in rows.items()}
    return _facts(entry, touched, names, mine)


def _touched(entry: Entry) -> list[int]:
    """The places of a publication; or the changed one with those that took over."""
    payload = entry.payload
    if "places" in payload:
        return list(payload["places"])
    codes = payload.get("successors") or [payload[key] for key in ("successor",) if payload.get(key)]
    heirs = Place.objects.filter(code__in=codes).order_by("pk").values_list("pk", flat=True)
    return [entry.subject_id, *heirs]


def _columns(ids: Iterable[int]) -> Iterable[tuple[int, str, str, str]]:
    return Place.objects.filter(pk__in=ids).values_list("pk", "name", "kind", "path")


def _left(touched: Iterable[int], entry: Entry) -> dict[int, list[int]]:
    """place up to the street → what stood below it until the change, and went elsewhere."""
    pasts = PlacePast.objects.filter(place__in=touched, until=entry.at, above_id__isnull=False)
    gone = list(pasts.values_list("place_id", "above_id"))
    lines = dict(Place.objects.filter(pk__in={above for _pk, above in gone}).values_list("pk", "path"))
    found: dict[int, list[int]] = defaultdict(list)
    for pk, above in gone:
        for one in path_ids(lines.get(above, "")):
            found[one].append(pk)
    return found


def _taken_over(touched: Iterable[int]) -> Iterable[tuple[int, list[int]]]:
    """(heir, what it took over): whoever works there now may have come with it."""
    ended = Succession.objects.filter(old__in=touched).order_by("pk")
    return [(new, [old]) for old, new in ended.values_list("old_id", "new_id")]


def _desks_above(rows: Iterable[tuple[str, str]], left: Iterable[int]) -> set[int]:
    """The places above these (kind, path) up to the street; of what is no lower than a street, what is directly
    above. Above what has left, too."""
    found: set[int] = set(left)
    upper: set[int] = set()
    for kind, path in rows:
        if kind in kinds.UPPER or kind == kinds.STREET:
            upper.update(path_ids(path)[-2:-1])
        else:
            found.update(path_ids(path))
    inner = Place.objects.filter(pk__in=found).exclude(kind__in=kinds.UPPER)
    return upper | set(inner.values_list("pk", flat=True))


# -- units


def _of_units(entry: Entry) -> dict[int, Facts]:
    units = list(entry.payload["units"])
    where = Q(organisation__in=units) | Q(place__desks__in=units, role__in=DESK_ROLES)
    posted = holders(where & live_q(entry.at), ROLES, entry.at, "organisation_id", "place_id")
    desks = {org.desk_of: org.id for org in map(directory.by_id, units) if org is not None and org.desk_of}
    mine: dict[int, dict[int, None]] = defaultdict(dict)
    for account, unit, place in posted:
        own: int = unit or desks.get(place, 0)
        mine[account] |= {own: None} if own in units else {}
    names = {org.id: org.name for org in map(directory.by_id, units) if org is not None}
    return _facts(entry, units, names, mine)


def _facts(
    entry: Entry, touched: list[int], names: Mapping[int, str], mine: Mapping[int, Iterable[int]]
) -> dict[int, Facts]:
    """Each reader's own first."""
    draft = {"draft": entry.subject_id} if entry.subject_kind in DRAFTS else {}
    found = {}
    for account, own in mine.items():
        first = list(dict.fromkeys((*own, *touched)))[:FEW]
        found[account] = {
            "names": [names[pk] for pk in first if pk in names],
            "count": len(touched),
            **draft,
        }
    return found


# -- drafts that failed


def _keepers(entry: Entry) -> set[int]:
    """Who may change everything that the draft names: few look after a tree, so each is asked."""
    draft = _draft_of(entry)
    if draft is None:
        return set()
    capability = drafts.tree_of(draft).capability
    roles = [name for name, role in ROLES.items() if capability in role.capabilities]
    asked = held_by(live_q(entry.at), roles, entry.at)
    return {account for account in asked if drafts.may_all(draft, actor_of(account, entry.at))}


def _draft_of(entry: Entry) -> DraftBase | None:
    return DRAFTS[entry.subject_kind]._default_manager.filter(pk=entry.subject_id).first()


def _topmost(paths: Iterable[str]) -> list[str]:
    kept: list[str] = []
    for path in sorted(paths):
        if not kept or not path.startswith(kept[-1]):
            kept.append(path)
    return kept
