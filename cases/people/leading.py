"""Whose work one hands out: a head the people of the unit and of all below it, a shift lead the desk's."""

from __future__ import annotations

from django.db.models import Q

from cases.scope import is_at_desk
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


def works_for_q(unit: directory.Org) -> Q:
    """Postings of those who do its work: in the unit and below; at a desk those posted where it stands."""
    at_desk = [role.name for role in ROLES.values() if role.works_for_desk and "accept" in role.capabilities]
    in_unit = [role.name for role in ROLES.values() if "sign" in role.capabilities]
    found = Q(organisation_id__in=sorted(directory.under(unit.path)), role__in=in_unit)
    if unit.desk_of is not None:
        found |= Q(place_id=unit.desk_of, role__in=at_desk)
    return found
