"""@ somebody in a note: the colleagues who may be named, and who of them was."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

from cases.models.case import Case
from cases.scope import covers
from ledger.actor import Actor
from parties import directory
from parties.access import actor_of
from parties.models import Posting
from parties.models.postings import live_q

MOST = 200


@dataclass(frozen=True)
class Colleague:
    account: int
    name: str
    username: str
    unit: str


def colleagues(case: Case, by: Actor, at: dt.datetime) -> list[Colleague]:
    """Who works for a unit that has or had the case, for its desk or for a place it lies in, and may see it;
    oneself left out. One statement, and one per person of a case that is about somebody."""
    places = [pk for pk in (case.street_id, case.community_id, case.grid_id) if pk is not None]
    units = {*case.unit_ids, case.holder_id, case.desk_id}
    where = Q(organisation_id__in=units) | Q(place_id__in=places)
    rows = (
        Posting.objects.filter(where & live_q(at), account__is_active=True)
        .order_by("account__person__name", "account_id")
        .values_list(
            "account_id", "account__person__name", "account__username", "organisation_id", "place__path"
        )
    )
    found: dict[int, Colleague] = {}
    for account, name, username, unit, path in rows[:MOST]:
        if account != by.id and name and account not in found:
            desk = directory.desk_of_path(path) if path else None
            found[account] = Colleague(
                account, name, username, directory.name_of(unit or (desk.id if desk else None), short=True)
            )
    guarded = case.about_account_id is not None or case.about_organisation_id is not None
    return [one for one in found.values() if not guarded or covers(actor_of(one.account, at), case)]


def named(text: str, people: list[Colleague]) -> list[int]:
    """The accounts behind every @name or @username of a text; the longest name that fits is meant, and several
    people of one name all are."""
    found: set[int] = set()
    for piece in text.split("@")[1:]:
        fitting = [one for one in people if piece.startswith(one.name) or _is(piece, one.username)]
        longest = max((len(one.name) for one in fitting if piece.startswith(one.name)), default=0)
        found |= {one.account for one in fitting if not longest or len(one.name) == longest}
    return sorted(found)


def _is(piece: str, username: str) -> bool:
    rest = piece.removeprefix(username)
    return rest != piece and not (rest[:1].isascii() and rest[:1].isalnum())
