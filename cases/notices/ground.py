"""Whom a change of a tree concerns, and what its notice says: places and units by name, never a person."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from cases.notices.postings import held_by
from grid import drafts
from grid.draft_base import DraftBase
from grid.models import Draft, Place
from grid.tree import within
from ledger.models import Entry
from parties.access import actor_of
from parties.models import Organisation, UnitDraft
from parties.models.postings import live_q
from parties.roles import DESK_ROLES, ROLES

FEW = 3  # places or units named in a notice
PUBLISHED = "draft.published"  # what a notice of any change of places is called
DRAFTS: dict[str, type[DraftBase]] = {model.SUBJECT: model for model in (Draft, UnitDraft)}
FAILED = tuple(f"{subject}.failed" for subject in DRAFTS)


def is_by_itself(entry: Entry) -> bool:
    """Is it the change of a place that neither a publication nor another change tells of?"""
    return not {"draft", "part"} & entry.payload.keys()


def recipients(entry: Entry) -> set[int]:
    """Everybody posted to what was touched or below it, without the one who published; of one that failed, its
    author, or where the author has left, everybody who may take it over."""
    if entry.event in FAILED:
        author = entry.payload["author"]
        return _keepers(entry) if author is None else {author}
    touched = Q(pk__in=[])
    if "units" in entry.payload:
        touched = Q(organisation__in=entry.payload["units"])
        touched |= Q(place__desks__in=entry.payload["units"], role__in=DESK_ROLES)
    else:
        for path in _topmost(_paths(entry)):
            touched |= within(path, "place__path")
    return held_by(touched & live_q(entry.at), ROLES, entry.at) - {entry.actor_id or 0}


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


def facts(entry: Entry) -> dict[str, Any]:
    """What the sentence is made from."""
    if entry.event in FAILED:
        draft = _draft_of(entry)
        return {"problem": draft.problem if draft is not None else ""}
    model = Organisation if "units" in entry.payload else Place
    touched = entry.payload.get("units") or _touched(entry)
    names = dict(model._default_manager.filter(pk__in=touched[:FEW]).values_list("pk", "name"))
    return {"names": [names[pk] for pk in touched[:FEW] if pk in names], "count": len(touched)}


def _paths(entry: Entry) -> list[str]:
    return list(Place.objects.filter(pk__in=_touched(entry)).values_list("path", flat=True))


def _touched(entry: Entry) -> list[int]:
    """The places of a publication; or the changed one with those that took over."""
    told = entry.payload
    if "places" in told:
        return list(told["places"])
    codes = told.get("successors") or [told[key] for key in ("successor",) if told.get(key)]
    heirs = Place.objects.filter(code__in=codes).order_by("pk").values_list("pk", flat=True)
    return [entry.subject_id, *heirs]


def _topmost(paths: list[str]) -> list[str]:
    kept: list[str] = []
    for path in sorted(paths):
        if not kept or not path.startswith(kept[-1]):
            kept.append(path)
    return kept
