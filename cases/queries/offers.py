"""What somebody may do with a case now: the move bar, the API's `moves`, the facts beside them.

All from the lifecycle table; a move that is not allowed stays in place with the sentence that forbids it.
"""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cases import authority, guards, needs, parts, rulebook
from cases.lifecycle import FACTS, MOVES, FactKind, Move, Need, open_to
from cases.models.case import Case
from cases.models.holding import Part
from cases.sla.board import ClockBoard
from grid.queries import lineage
from ledger.actor import Actor


@dataclass(frozen=True)
class Offer:
    """`mine`: the actor holds the capability at all; the others' moves are only told to interfaces."""

    row: Move | FactKind
    enabled: bool
    why_not: str | None
    mine: bool

    @property
    def name(self) -> str:
        return self.row.name


def moves_of(case: Case, board: ClockBoard, by: Actor, at: dt.datetime) -> list[Offer]:
    """The moves that leave the case's status, in the table's order; those of the system left out."""
    rows = [row for row in open_to(case.status) if row.by_people]
    # an assisting unit has its own sign, decline and resolve, whatever the lead's status
    rows += [
        MOVES[name] for name in parts.MOVES if MOVES[name] not in rows and parts.own_part(case, by, name)
    ]
    return [_offer(row, case, board, by, at) for row in rows]


def facts_of(case: Case, board: ClockBoard, by: Actor, at: dt.datetime) -> list[Offer]:
    """The facts that may be recorded in the case's status."""
    return [
        _offer(row, case, board, by, at)
        for row in FACTS.values()
        if row.by_people and case.status in row.sources
    ]


def _offer(row: Move | FactKind, case: Case, board: ClockBoard, by: Actor, at: dt.datetime) -> Offer:
    if not authority.may_try(row, case, by):
        return Offer(row, False, _("您没有“%(move)s”的权限。") % {"move": row.label}, mine=False)
    if own := parts.own_part(case, by, row.name):
        return _part_offer(row, own[0])
    grant = authority.acting(row, case, by)
    if isinstance(grant, str):
        return Offer(row, False, grant, mine=authority.may_try(row, case, by, now=True))
    if row.guards:
        context = guards.Context(
            case, by, max(at, case.last_at), grant, board, lineage(case.path), drawing=True
        )
        if sentence := guards.why_not(row.guards, context):
            return Offer(row, False, sentence, mine=True)
    return Offer(row, True, None, mine=True)


def _part_offer(row: Move | FactKind, part: Part) -> Offer:
    if part.state == parts.MOVES[row.name][0]:
        return Offer(row, True, None, mine=True)
    return Offer(row, False, _("协办部分现在不能“%(move)s”。") % {"move": row.label}, mine=True)


def move_json(offer: Offer, case: Case) -> dict[str, Any]:
    """SPEC §10: {name, label, needs: [{field, type, required}], enabled, why_not}."""
    return {
        "name": offer.name,
        "label": str(offer.row.label),
        "needs": [need_json(need, case) for need in offer.row.needs],
        "enabled": offer.enabled,
        "why_not": offer.why_not,
    }


def need_json(need: Need, case: Case | None) -> dict[str, Any]:
    """One field of a form: its type without the list it chooses from, and the list itself."""
    return {**_drawn(need, get_language() or ""), "required": is_required(need, case)}


@functools.lru_cache(maxsize=1024)
def _drawn(need: Need, language: str) -> dict[str, Any]:
    """What is the same for every case: the table's words, looked up once per language."""
    base, _colon, of = need.type.partition(":")
    shown: dict[str, Any] = {
        "field": need.field,
        "type": base,
        "required": False,
        "label": str(need.label),
    }
    if base == "choice":
        shown["choices"] = [
            {"value": value, "label": str(label)} for value, label in needs.CHOICES[of].items()
        ]
    elif of:
        shown["of"] = of
    return shown


def is_required(need: Need, case: Case | None) -> bool:
    if need.required == "item":
        item = rulebook.item_by_id(case.item_id) if case is not None else None
        return item is not None and "photo" in item.evidence
    if need.required == "case":
        return case is None or (need.field == "item" and case.item_id is None)
    return bool(need.required)
