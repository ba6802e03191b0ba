"""Whose work one hands out: a head the people of the unit and of all below it, a shift lead the desk's."""

from __future__ import annotations

from django.db.models import BooleanField, Q, Value, When
from django.db.models import Case as OneOf

from ledger.actor import Actor, Grant
from parties import directory
from parties.access import scope_of
from parties.roles import ROLES

DESK_LEAD = frozenset({"adjudicate", "accept"})


def leads(grant: Grant) -> bool:
    """Is this the post of a head, or of who leads a desk's shift?"""
    if grant.organisation_path:
        return "assign" in grant.capabilities
    return grant.capabilities >= DESK_LEAD and is_at_desk(grant)


def is_at_desk(grant: Grant) -> bool:
    """Is this a post at the desk itself, not at a place below that works for it?"""
    unit = directory.by_id(grant.unit_id)
    return unit is not None and unit.desk_of == grant.place_id


def works_for(grant: Grant, unit_id: int) -> bool:
    """Is this a post at the unit or above it, or at the desk that the unit is? Who works for a desk from a place
    below it works only there."""
    unit = directory.by_id(unit_id)
    if unit is None:
        return False
    if grant.organisation_path:
        return unit.path.startswith(grant.organisation_path)
    return grant.unit_id == unit_id and is_at_desk(grant)


def led_units(actor: Actor) -> frozenset[int]:
    """The units whose work one hands out."""
    found: set[int] = set()
    for grant in actor.grants:
        if leads(grant):
            found |= directory.under(grant.organisation_path) if grant.organisation_path else set()
            found |= {grant.unit_id} - {None}
    return frozenset(pk for pk in found if pk is not None)


def seen_units(actor: Actor) -> frozenset[int]:
    """Those whose people one may look over: who audits sees every unit."""
    if scope_of(actor).reads_all:
        return directory.under("/")
    return led_units(actor)


def works_in_q(unit: directory.Org) -> Q:
    """Postings of those to whom the unit's own work can be given: in it, or at its desk."""
    return works_for_q(unit, below=False)


def leading_q() -> OneOf:
    """Is a posting one of those who `lead`? As a column."""
    heads = [role.name for role in ROLES.values() if "assign" in role.capabilities]
    shifts = [role.name for role in ROLES.values() if role.capabilities >= DESK_LEAD]
    leads = Q(organisation__isnull=False, role__in=heads) | Q(place__isnull=False, role__in=shifts)
    return OneOf(When(leads, then=Value(True)), default=Value(False), output_field=BooleanField())


def works_for_q(unit: directory.Org, *, below: bool = True) -> Q:
    """Postings of those who do its work: in the unit and below; at a desk those posted where it stands."""
    at_desk = [role.name for role in ROLES.values() if role.works_for_desk and "accept" in role.capabilities]
    in_unit = [role.name for role in ROLES.values() if "sign" in role.capabilities]
    units = sorted(directory.under(unit.path)) if below else [unit.id]
    found = Q(organisation_id__in=units, role__in=in_unit)
    if unit.desk_of is not None:
        found |= Q(place_id=unit.desk_of, role__in=at_desk)
    return found
