"""What has happened to a case since the version that somebody's form still carried: who, when, what."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from cases import lifecycle
from cases.models.case import Case
from cases.queries import story
from cases.queries.masking import names_of
from ledger.actor import Actor
from ledger.models import Entry

# what makes a new version; a command's entries share their instant and their author, and make one
BUMPS = (
    frozenset(move.announces for move in lifecycle.MOVES.values())
    | frozenset(fact.event for fact in lifecycle.FACTS.values() if fact.bumps)
    | {"case.joined", "case.parted", "case.rehomed", "case.handed_over", "case.put_back"}
    | {"part.signed", "part.declined", "part.done", "part.released", "relief.reviewed"}
)
MOST = 12


def told(actor: Actor, case: Case, version: str) -> list[dict[str, Any]]:
    """The entries after that version as the timeline prints them, the newest first, at most twelve; none where
    the version cannot be read. Two statements."""
    if not (version.isascii() and version.isdigit() and len(version) < 10):
        return []
    fresh = after(story.read(case), case.version - int(version))
    names = names_of([case.pk])[case.pk] if fresh else []
    shown = story.told_entries(actor, case, fresh[-MOST:], names)
    return shown[::-1]


def after(entries: Sequence[Entry], versions: int) -> list[Entry]:
    """The entries that the last so many versions were made by, and what came between; without alarms of clocks."""
    commands = [
        list(group) for _key, group in itertools.groupby(entries, lambda e: (e.recorded_at, e.actor_id))
    ]
    found: list[list[Entry]] = []
    for group in reversed(commands):
        if versions <= 0:
            break
        found.append(group)
        versions -= any(entry.event in BUMPS for entry in group)
    return [entry for group in reversed(found) for entry in group if not entry.event.startswith("clock.")]
