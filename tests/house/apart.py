"""Separation of duties, read from the ledger alone: who handled a case never judges it (SPEC §4).

Written from the contract and not from the code: the entries say who acted and whose hands it was in; the postings of
that time say for whom one works."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache

from cases.models import Case, Holding
from ledger import reading
from ledger.models import Entry
from parties import directory
from parties.access import actor_of
from parties.models import Account

HANDLES = ("case.settled", "case.started", "case.claimed", "case.signed", "case.resolved")
HANDLES_PART = ("part.signed", "part.done")
JUDGES = (
    "case.verified",
    "case.reworked",
    "case.ruled",
    "relief.granted",
    "relief.refused",
    "case.withdrawn",
)
SENDS = ("case.assigned", "case.ruled")


@lru_cache(maxsize=4096)
def _units(account: int, at: dt.datetime) -> frozenset[int]:
    return actor_of(account, at).units


def forget() -> None:
    """Another town, other postings."""
    _units.cache_clear()
    _person.cache_clear()


@lru_cache(maxsize=1024)
def _person(account: int) -> int | None:
    return Account.objects.values_list("person_id", flat=True).get(pk=account)


def faults(case: Case) -> list[str]:
    """A sentence for every act of somebody who should have kept out of it."""
    return [f"{case.number}: {what}" for what in _faults(case)]


def _faults(case: Case) -> Iterable[str]:
    people: set[int | None] = set()
    units: set[int] = set()
    holder = _first_holder(case)
    sender: int | None = None
    merger: int | None = None
    asked: dict[int, int | None] = {}
    for entry in reading.timeline("case", case.pk):
        account, person = entry.actor_id, _person(entry.actor_id) if entry.actor_id else None
        if account is not None and entry.event in JUDGES:
            if person in people:
                yield f"{entry.event} by somebody who handled it"
            if (own := _units(account, entry.at) & units) and not _no_desk_is_left(
                case, units, people, entry
            ):
                yield f"{entry.event} by a unit that handled it: {[directory.name_of(pk) for pk in own]}"
        if account is not None and entry.event == "case.ruled" and person == sender:
            yield "ruled by who dispatched it"
        if account is not None and entry.event == "case.unmerged" and person == merger:
            yield "parted by who merged it"
        if entry.event in ("relief.granted", "relief.refused") and asked.get(entry.payload["n"]) == person:
            yield "a relief answered by who asked for it"
        # what this entry makes of it
        holder = _unit(entry.payload.get("holder"), holder)
        if entry.event in HANDLES and account is not None:
            people.add(person)
            units.add(holder)
        if entry.event in HANDLES_PART and account is not None:
            people.add(person)
            units.add(_unit(entry.payload["organisation"], 0))
        if entry.event in SENDS:
            sender = person
        if entry.event == "case.merged":
            merger = person
        if entry.event == "relief.asked":
            asked[entry.payload["n"]] = person


def _first_holder(case: Case) -> int:
    first = Holding.objects.filter(case=case, part=0).order_by("pk").first()
    return first.organisation_id if first is not None else case.holder_id


def _unit(code: object, otherwise: int) -> int:
    unit = directory.by_code(code) if isinstance(code, str) else None
    return unit.id if unit is not None else code if isinstance(code, int) else otherwise


def _no_desk_is_left(case: Case, units: set[int], people: set[int | None], entry: Entry) -> bool:
    """Where every desk above the place handled it, is who it is about, or has nobody who could check it and did not
    handle it, another human does."""
    from grid.queries import lineage

    if entry.event not in ("case.verified", "case.reworked"):
        return False
    line = lineage(entry.path)
    desks = {
        desk.id for level in ("community", "street", "district") if (desk := directory.desk_at(line, level))
    }
    if about := directory.by_id(case.about_organisation_id):
        desks = {pk for pk in desks if not directory.by_id(pk).path.startswith(about.path)}
    return not any(_checks(desk, people, entry) for desk in desks - units)


def _checks(desk: int, people: set[int | None], entry: Entry) -> bool:
    """Does somebody work for this desk who may check what happens there, and did not handle it?"""
    for account in Account.objects.filter(is_active=True).exclude(person__in=people - {None}):
        actor = actor_of(account.pk, entry.at)
        for grant in actor.without_lent_by(people).grants_for("verify"):
            if grant.unit_id == desk and (not grant.place_path or entry.path.startswith(grant.place_path)):
                return True
    return False
