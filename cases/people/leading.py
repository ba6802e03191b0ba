"""Whose work one hands out: a head the people of the unit and of all below it, a shift lead the desk's."""

from __future__ import annotations

from cases.scope import is_at_desk
from ledger.actor import Actor, Grant
from parties import directory
from parties.access import scope_of

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
