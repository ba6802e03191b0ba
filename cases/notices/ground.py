"""Whom a publication of the tree concerns, and what its notice says: places by name, never a person."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from cases.notices.postings import held_by
from grid.models import Draft, Place
from grid.tree import within
from ledger.models import Entry
from parties.models.postings import live_q
from parties.roles import ROLES

FEW = 3  # places named in a notice


def recipients(entry: Entry) -> set[int]:
    """Everybody posted to a touched place or below it, without the one who published; of one that failed, its
    author."""
    if entry.event == "draft.failed":
        return {entry.payload["author"]} - {None}
    touched = Q(pk__in=[])
    for path in _topmost(_paths(entry)):
        touched |= within(path, "place__path")
    return held_by(touched & live_q(entry.at), ROLES, entry.at) - {entry.actor_id or 0}


def facts(entry: Entry) -> dict[str, Any]:
    """What the sentence is made from."""
    if entry.event == "draft.failed":
        problem = Draft.objects.filter(pk=entry.subject_id).values_list("problem", flat=True).first()
        return {"problem": problem or ""}
    touched = entry.payload["places"]
    names = dict(Place.objects.filter(pk__in=touched[:FEW]).values_list("pk", "name"))
    return {"names": [names[pk] for pk in touched[:FEW] if pk in names], "count": len(touched)}


def _paths(entry: Entry) -> list[str]:
    return list(Place.objects.filter(pk__in=entry.payload["places"]).values_list("path", flat=True))


def _topmost(paths: list[str]) -> list[str]:
    kept: list[str] = []
    for path in sorted(paths):
        if not kept or not path.startswith(kept[-1]):
            kept.append(path)
    return kept
