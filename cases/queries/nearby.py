"""What is open on somebody's own ground, for a phone to keep: joined without a network, where the likeness that a server
computes (cases.queries.likely) cannot be asked for."""

from __future__ import annotations

from typing import Any

from cases import rulebook
from cases.kinds import OPEN
from cases.models import Case
from cases.queries import case_list, lists
from cases.queries.field import ground_of
from cases.queries.likely import ABOUT, GUARDED
from cases.queries.masking import title_for
from grid import queries
from grid.kinds import rank
from grid.models import Place
from ledger.actor import Actor

MOST = 120  # the newest


def open_near(actor: Actor) -> list[dict[str, Any]]:
    """The open cases of the lowest place where this person takes calls; never a sensitive or confidential one, nor one that
    is about somebody. `line`: the codes from below the community down to the place."""
    ground = ground_of(actor, "take")
    own = Place.objects.filter(pk=ground[0].place_id).first() if ground else None
    if own is None:
        return []
    here = lists.listed(actor).filter(case_list.at_or_below(own), status__in=OPEN).exclude(GUARDED | ABOUT)
    found = list(
        here.order_by("-id").only(
            *("number", "title", "path", "place_text", "item_id", "called_at", "callers", "sensitive"),
            *("confidential", "reporter_ids", "holder_id", "desk_id"),
        )[:MOST]
    )
    lines = queries.lineages(case.path for case in found)
    return [_row(actor, case, lines[case.path]) for case in found]


def _row(actor: Actor, case: Case, line: queries.Lineage) -> dict[str, Any]:
    item = rulebook.item_by_id(case.item_id)
    return {
        "number": case.number,
        "title": title_for(actor, case),
        "place_text": case.place_text,
        "called_at": case.called_at,
        "callers": case.callers,
        "item": item.code if item is not None else "",
        "line": " ".join(one.code for one in line.values() if rank(one.kind) > rank("community")),
    }
