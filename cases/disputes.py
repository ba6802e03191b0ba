"""争议: a matter that three units had, or that came back twice, waits for a ruling.

The parties are who declined it, who was named, and whose turn it is; each may state its view once a round. A
signature or a ruling ends the dispute; a ruling begins the next round."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from cases.guards import MOST_DECLINES
from cases.models.case import Case
from cases.parts import add
from cases.scope import is_about_unit, own_units, stands_at
from ledger.actor import Actor
from ledger.models import Entry
from parties import directory
from parties.leading import works_for

HOLDERS = 3  # the third unit's turn makes it a dispute
WAITS = ("received", "accepted", "assigned")  # where a ruling can still come
SETTLES = ("in_hand", "resolved", "answered", "closed", "rejected", "withdrawn")
STAYS_OFFERED = ("accepted", "on_hold", "awaiting_info", "merged")
OVERSEES = frozenset({"accept", "adjudicate", "read", "read_all"})

Payload = dict[str, Any]


def sent(case: Case, unit_id: int, at: dt.datetime) -> Payload:
    """A unit was given the lead."""
    add(case.lead_ids, unit_id)
    return _open(case, at)


def declined(case: Case, named: directory.Org, at: dt.datetime) -> Payload:
    """The holder sends it back and names another."""
    holder = directory.by_id(case.holder_id)
    add(case.party_ids, case.holder_id)
    add(case.party_ids, named.id)
    return {"unit": holder.code if holder else case.holder_id, **_open(case, at)}


def _open(case: Case, at: dt.datetime) -> Payload:
    if len(case.lead_ids) < HOLDERS and case.declines < MOST_DECLINES:
        return {}
    for unit in case.lead_ids:
        add(case.party_ids, unit)
    hear(case)
    if case.disputed_at is not None:
        return {}
    case.disputed_at = at
    return {"disputed": True}


def hear(case: Case) -> None:
    """Who was named sees the matter, to speak to it; not what only desk and holder may read, nor what is about them."""
    if case.sensitive or case.confidential:
        return
    for pk in case.party_ids:
        if not is_about_unit(case, directory.by_id(pk)):
            add(case.unit_ids, pk)


def ruled(case: Case, unit_id: int) -> None:
    """The next round begins with who was named."""
    case.rulings += 1
    case.ruled_item_id, case.ruled_row_id = case.item_id, None
    case.lead_ids, case.stated_ids = [unit_id], []
    case.disputed_at = None


def last_ruled(case: Case) -> directory.Org | None:
    """Whom the last ruling named, or what that unit became."""
    rows = Entry.objects.filter(subject_kind=Case.SUBJECT, subject_id=case.pk, event="case.ruled")
    payload = rows.order_by("-seq").values_list("payload", flat=True).first()
    return directory.current(directory.by_code(payload["organisation"])) if payload else None


def follow(case: Case, before: str) -> None:
    """After every move: whoever takes the work in hand ends the dispute; what leaves the desk is offered no more."""
    if case.status in SETTLES and case.disputed_at is not None:
        case.disputed_at, case.stated_ids = None, []
    if before == "accepted" and case.status not in STAYS_OFFERED:
        case.offered_at = None


def is_disputed(case: Case) -> bool:
    """Does it wait for a ruling?"""
    return case.disputed_at is not None and case.status in WAITS


def speaker(case: Case, by: Actor) -> int | None:
    """For which party one would speak: one that has not spoken yet, where one works for several."""
    own = [unit for unit in case.party_ids if any(works_for(grant, unit) for grant in by.grants)]
    silent = [unit for unit in own if unit not in case.stated_ids]
    return next(iter(silent or own), None)


def speak(case: Case, by: Actor) -> Payload:
    """A party has stated its view."""
    unit_id = speaker(case, by)
    add(case.stated_ids, unit_id)
    unit = directory.by_id(unit_id)
    return {"unit": unit.code if unit else unit_id, "round": case.rulings + 1}


def reads_statements(actor: Actor, case: Case) -> bool:
    """What parties state is for the desks, for who oversees them, and for the parties."""
    if actor.system or any("read_all" in grant.capabilities for grant in actor.grants):
        return True
    if own_units(actor).intersection(case.party_ids):
        return True
    return any(grant.capabilities & OVERSEES and stands_at(grant, case) for grant in actor.grants)


def closed_to(actor: Actor, case: Case, entries: Iterable[Entry] | None = None) -> frozenset[int]:
    """The entries (by seq) whose words and files this reader may not see: statements to which he is no party; of
    these entries, where they are in hand. Else one statement where there may be some."""
    if not case.party_ids or reads_statements(actor, case):
        return frozenset()
    if entries is not None:
        return frozenset(entry.seq for entry in entries if entry.event == "case.stated")
    rows = Entry.objects.filter(subject_kind=Case.SUBJECT, subject_id=case.pk, event="case.stated")
    return frozenset(rows.values_list("seq", flat=True))
