"""The organisations, kept in process: pure look-ups that cost no statement.

Read again when the version "organisations" moved. Values are frozen; nobody changes them.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from django.db.models import F

from grid import naming
from grid.tree import path_ids
from ledger.versions import Cached
from parties.kinds import KINDS, LEVELS
from parties.models import Organisation, Serving


class HasId(Protocol):
    @property
    def id(self) -> int: ...


Lineage = Mapping[str, HasId]  # kind → the place of that kind, from the top down

UPWARDS = {
    "grid": ("community", "street", "district"),
    "community": ("community", "street", "district"),
    "street": ("street", "district"),
    "district": ("district",),
}


@dataclass(frozen=True, slots=True)
class Org:
    """An organisation as everybody may know it. `desk_of`: id of the place whose desk it is."""

    id: int
    code: str
    name: str
    short_name: str
    aliases: tuple[str, ...]
    kind: str
    path: str
    parent_id: int | None
    template: str
    desk_of: int | None
    needs_release: bool
    auto_dispatch: bool
    retired: bool
    merged_into: int | None
    level: str


@dataclass(frozen=True)
class _Directory:
    orgs: dict[int, Org]
    codes: dict[str, Org]
    desks: dict[int, Org]  # by the place they are the desk of
    names: dict[str, tuple[Org, ...]]
    servings: dict[int, tuple[tuple[int, dt.datetime, dt.datetime | None], ...]]  # place → organisations
    served: dict[int, tuple[int, ...]]  # organisation → places it stands for now
    children: dict[int | None, tuple[Org, ...]]
    below: dict[tuple[str, ...], frozenset[int]] = field(default_factory=dict)  # what `under` found so far


def _load() -> _Directory:
    orgs = {
        row.pk: Org(
            id=row.pk,
            code=row.code,
            name=row.name,
            short_name=row.short_name,
            aliases=tuple(row.aliases),
            kind=row.kind,
            path=row.path,
            parent_id=row.parent_id,
            template=row.template,
            desk_of=row.desk_of_id,
            needs_release=row.needs_release,
            auto_dispatch=row.auto_dispatch,
            retired=row.retired_at is not None,
            merged_into=row.merged_into_id,
            level=_level(row.kind, row.desk_kind),
        )
        for row in Organisation.objects.annotate(desk_kind=F("desk_of__kind")).order_by("code")
    }
    servings: dict[int, list] = defaultdict(list)
    served: dict[int, list[int]] = defaultdict(list)
    for unit, place, since, until in Serving.objects.order_by("id").values_list(
        "organisation_id", "place_id", "since", "until"
    ):
        servings[place].append((unit, since, until))
        if until is None:
            served[unit].append(place)
    names: dict[str, list[Org]] = defaultdict(list)
    children: dict[int | None, list[Org]] = defaultdict(list)
    for org in orgs.values():
        children[org.parent_id].append(org)
        for word in {org.name, org.short_name, org.code, *org.aliases}:
            names[word].append(org)
    return _Directory(
        orgs=orgs,
        codes={org.code: org for org in orgs.values()},
        desks={org.desk_of: org for org in orgs.values() if org.desk_of and not org.retired},
        names={word: tuple(found) for word, found in names.items()},
        servings={place: tuple(found) for place, found in servings.items()},
        served={unit: tuple(found) for unit, found in served.items()},
        children={parent: tuple(found) for parent, found in children.items()},
    )


def _level(kind: str, desk_kind: str | None) -> str:
    return desk_kind if desk_kind in LEVELS else KINDS[kind].level


_directory: Cached[_Directory] = Cached("organisations", _load)


def by_id(organisation_id: int | None) -> Org | None:
    return _directory().orgs.get(organisation_id) if organisation_id is not None else None


def by_code(code: str) -> Org | None:
    return _directory().codes.get(code)


def current(org: Org | None) -> Org | None:
    """The unit that a merged one has become; any other is itself."""
    seen: set[int] = set()
    while org is not None and org.merged_into is not None and org.id not in seen:
        seen.add(org.id)
        org = by_id(org.merged_into)
    return org


def name_of(organisation_id: int | None, *, short: bool = False) -> str:
    """The unit's name, or "" where there is none."""
    org = by_id(organisation_id)
    return "" if org is None else org.short_name if short else org.name


def level_of(org: Org) -> str:
    """community, street or district: the level at which this unit resolves."""
    return org.level


def desk_at(lineage: Lineage, level: str) -> Org | None:
    """The desk of a level ("grid": the committee's) for a place with this lineage; a level that the place
    lacks: the next above. None where no level above has one."""
    desks = _directory().desks
    for kind in UPWARDS[level]:
        place = lineage.get(kind)
        if place is not None and place.id in desks:
            return desks[place.id]
    return None


def desk_of_path(path: str) -> Org | None:
    """The nearest desk at or above a place, by its id-path."""
    desks = _directory().desks
    for place_id in reversed(path_ids(path)):
        if place_id in desks:
            return desks[place_id]
    return None


def desks_over(path: str) -> list[Org]:
    """Every desk at or above a place, by its id-path, the highest first."""
    desks = _directory().desks
    return [desks[place_id] for place_id in path_ids(path) if place_id in desks]


def authority_at(path: str) -> str:
    """The subtree of organisations (id-path) that the nearest desk at or above a place commands:
    a committee itself, a command centre everything beside and below it. "" where there is no desk."""
    desk = desk_of_path(path)
    return authority_of(desk) if desk is not None else ""


def authority_of(desk: Org) -> str:
    """What a desk commands, as `authority_at`."""
    parent = by_id(desk.parent_id) if desk.kind == "desk" else None
    return parent.path if parent is not None else desk.path


def serving(template: str, lineage: Lineage, at: dt.datetime | None = None) -> Org | None:
    """The unit that fills a template of the checklist (TS02) for a place: the nearest that serves it or a
    place above. `at`: as of that instant; without one, what stands."""
    for org in servers_of(lineage, at):
        if org.template == template:
            return org
    return None


def servers_of(lineage: Lineage, at: dt.datetime | None = None) -> list[Org]:
    """Every standing unit that serves a place or one above it, the nearest first."""
    directory = _directory()
    found: list[Org] = []
    for place in reversed(list(lineage.values())):
        for unit, since, until in directory.servings.get(place.id, ()):
            org = directory.orgs[unit]
            live = until is None if at is None else since <= at and (until is None or at < until)
            if live and not org.retired:
                found.append(org)
    return found


def places_served(org: Org) -> tuple[int, ...]:
    """Ids of the places that the unit stands for."""
    return _directory().served.get(org.id, ())


def children_of(organisation_id: int | None) -> tuple[Org, ...]:
    """The units directly below one (None: the roots), by code."""
    return _directory().children.get(organisation_id, ())


def deskless_roots() -> tuple[str, ...]:
    """Units under none in whose subtrees no desk stands (id-paths): no place's command centre commands them."""
    known = _directory()
    commanded = {path_ids(org.path)[0] for org in known.desks.values()}
    return tuple(org.path for org in children_of(None) if org.id not in commanded)


def under(*paths: str) -> frozenset[int]:
    """Ids of all organisations in these subtrees (id-paths), themselves included."""
    if not paths:
        return frozenset()
    known = _directory()
    found = known.below.get(paths)
    if found is None:
        found = frozenset(org.id for org in known.orgs.values() if org.path.startswith(paths))
        known.below[paths] = found
    return found


def named(word: str) -> Org | None:
    """The one standing unit that goes by this name, short name, alias or code; None where none or several do.
    A name that was merged away leads to the unit it became."""
    found = {current(org) for org in _directory().names.get(word.strip(), ())}
    standing = [org for org in found if org is not None and not org.retired]
    return standing[0] if len(standing) == 1 else None


def search(
    q: str = "", *, kind: str = "", serves: Iterable[int] | None = None, retired: bool = False
) -> list[Org]:
    """Units by a part of a name, short name, alias or code, or by pinyin initials; by kind; by the places they
    serve (ids); by code."""
    word = q.strip().lower()
    wanted = None if serves is None else set(serves)
    directory = _directory()
    return [
        org
        for org in directory.orgs.values()
        if (retired or not org.retired)
        and (not kind or org.kind == kind)
        and (wanted is None or not wanted.isdisjoint(directory.served.get(org.id, ())))
        and (not word or _fits(org, word))
    ]


def _fits(org: Org, word: str) -> bool:
    names = (org.name, org.short_name, *org.aliases)
    if any(word in text.lower() for text in (*names, org.code)):
        return True
    return word.isascii() and word.isalpha() and any(word in initials_of(name) for name in names)


@lru_cache(maxsize=50_000)
def initials_of(name: str) -> str:
    """城管局 → cgj"""
    return naming.spell(name)[1]
