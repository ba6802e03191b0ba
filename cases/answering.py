"""One matter in several places, one answer: what the callers of the whole were told, those of its places are told too.

Each place is answered by a move of its own, with its own entry and its own refusal; the report is a bulk's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from cases import bulk, needs
from cases.models import Bulk, Case
from ledger.actor import Actor

WAY = "answer_places"


def everywhere(case: Case, details: Mapping[str, Any], *, by: Actor, at: dt.datetime) -> Bulk | None:
    """What is left to do after the whole was answered so, once per answer; None where it was not asked for, or no
    place waits. Running it is the edge's."""
    asked = details.get("everywhere")
    if not case.child_count or not asked or not needs.read("bool", asked):
        return None
    places = Case.objects.filter(parent=case, status__in=("resolved", "answered")).order_by("pk")
    cases = list(places.values("number", "version"))
    if not cases:
        return None
    key = (
        f"everywhere:{case.pk}:{case.answered_at}"  # sent again it is the same, whatever became of the places
    )
    return bulk.ask(by=by, at=at, move=WAY, cases=cases, details=details, request_key=key, body_hash="")
