"""Which cases one sees: the same rule filters lists and judges single objects (SPEC §4).

Visible: the place is in scope, or one's organisation holds or held it, or one reported it, or it is open
to one's claim. Never: what is about oneself or one's own unit.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from django.db.models import Q, QuerySet

from cases import claims
from cases.models.case import ANCESTORS, Case
from grid.tree import path_ids
from ledger import clock, versions
from ledger.actor import Actor, Grant
from parties import directory
from parties.access import scope_of
from parties.leading import is_at_desk


def visible_to(actor: Actor) -> Q:
    """The filter over Case for everything this actor may see."""
    if actor.system:
        return Q()
    scope = scope_of(actor)
    seen = Q(pk__in=[])
    if scope.reads_all:
        seen = Q()
    else:
        seen |= place_q(actor)
        units = own_units(actor)
        if units:
            seen |= Q(unit_ids__overlap=sorted(units))
        if actor.id is not None:
            seen |= Q(reporter_ids__contains=[actor.id])
        seen |= claimable_q(actor)
    return seen & ~about_q(actor)


def visible(actor: Actor) -> QuerySet[Case]:
    """Everything this actor may see; the filter is built once for as long as the rules it follows stand."""
    bare = Actor(
        actor.id, actor.person_id, system=actor.system, grants=actor.grants
    )  # and no request with it
    return _visible(bare, clock.today(), *(versions.current(name) for name in FOLLOWED))


# the place of a posting comes with the actor; what the rest of the filter is made of
FOLLOWED = ("organisations", "places", "checklist", "duty", "roles")


@lru_cache(maxsize=256)
def _visible(actor: Actor, _day: dt.date, *_versions: int) -> QuerySet[Case]:
    return Case.objects.filter(visible_to(actor))


def listed(actor: Actor) -> QuerySet[Case]:
    """What lists, searches, prints and counts of them hold: all of it but the sensitive that others work on. Whose turn
    it is finds it by `visible`, among what waits for one."""
    bare = Actor(actor.id, actor.person_id, system=actor.system, grants=actor.grants)
    return _listed(bare, clock.today(), *(versions.current(name) for name in FOLLOWED))


@lru_cache(maxsize=256)
def _listed(actor: Actor, day: dt.date, *rules: int) -> QuerySet[Case]:
    return _visible(actor, day, *rules).filter(listable_q(actor))


def covers(actor: Actor, case: Case) -> bool:
    """The same rule for one case in hand."""
    if actor.system:
        return True
    if is_about(actor, case):
        return False
    if scope_of(actor).reads_all:
        return True
    return (
        any(stands_at(grant, case) for grant in actor.grants)
        or bool(own_units(actor) & set(case.unit_ids))
        or (actor.id is not None and actor.id in case.reporter_ids)
        or is_open_to_claim(actor, case)
    )


def stands_at(grant: Grant, case: Case) -> bool:
    """Does the case stand at the posted place or below it? An ended case stands where it ended: by the columns,
    for a place is the same place when it has moved; by the id-path where no column tells."""
    if grant.place_kind in ANCESTORS:
        return bool(getattr(case, f"{grant.place_kind}_id") == grant.place_id)
    return bool(grant.place_path) and case.path.startswith(grant.place_path)


def place_q(actor: Actor) -> Q:
    """By the ancestor columns where the posted place has one, by the id-path above and below them."""
    seen = Q(pk__in=[])
    posted = {(g.place_id, g.place_path, g.place_kind) for g in actor.grants if g.place_path}
    for place_id, path, kind in sorted(posted):
        seen |= Q(**{f"{kind}_id": place_id}) if kind in ANCESTORS else Q(path__startswith=path)
    return seen


def own_units(actor: Actor) -> frozenset[int]:
    """The organisations whose cases one sees wherever they are: the units one is posted to with all below
    them, and the desk of a place one is posted to, where that place is the desk's own. A grid worker works
    for the committee, but sees only the own grid's cases of it."""
    posted = directory.under(*(g.organisation_path for g in actor.grants if g.organisation_path))
    desks = {g.unit_id for g in actor.grants if g.place_id is not None and is_at_desk(g)}
    return posted | frozenset(unit for unit in desks if unit is not None)


def claimable_q(actor: Actor) -> Q:
    units = _claiming_units(actor)
    return claims.open_q() & claims.reach_q(units) if units else Q(pk__in=[])


def is_open_to_claim(actor: Actor, case: Case) -> bool:
    return claims.waits(case) and any(claims.fits(unit, case) for unit in _claiming_units(actor))


def _claiming_units(actor: Actor) -> list[directory.Org]:
    """The units for which one may claim."""
    found = (directory.by_id(grant.unit_id) for grant in actor.grants_for("claim"))
    return list(dict.fromkeys(unit for unit in found if unit is not None))


def stands_in(actor: Actor, case: Case) -> bool:
    """Is this case before the actor for an absent colleague: in that one's hands, or, in nobody's, at that one's post
    and at none of the actor's own?"""
    if not actor.stands_in:
        return False
    if case.holder_account_id is not None:
        return case.holder_account_id in actor.stands_in
    here = [grant for grant in actor.grants if grant.place_path and case.path.startswith(grant.place_path)]
    return bool(here) and all(grant.lent_by is not None for grant in here)


def about_q(actor: Actor, via: str = "") -> Q:
    """Cases about the actor, or about a unit the actor works for or one above it; rows that have such a case, where
    `via` leads to it ("case__")."""
    units = sorted(own_and_above(actor))
    mine = Q(**{f"{via}about_account_id": actor.id}) if actor.id is not None else Q(pk__in=[])
    theirs = Q(**{f"{via}about_organisation_id__in": units}) if units else Q(pk__in=[])
    return mine | theirs


def hidden(actor: Actor) -> tuple[int, ...]:
    """The cases that `about_q` keeps from this actor, for whatever counts more than one may see. Kept until a call
    about somebody is taken: no statement where nothing is new."""
    if actor.system:
        return ()
    bare = Actor(actor.id, actor.person_id, grants=actor.grants)
    return _hidden(bare, *(versions.current(name) for name in ("organisations", "accused")))


@lru_cache(maxsize=1024)
def _hidden(actor: Actor, *_versions: int) -> tuple[int, ...]:
    return tuple(Case.objects.filter(about_q(actor)).order_by("pk").values_list("pk", flat=True))


def is_about(actor: Actor, case: Case) -> bool:
    if case.about_account_id is not None and case.about_account_id == actor.id:
        return True
    return case.about_organisation_id is not None and case.about_organisation_id in own_and_above(actor)


def is_about_unit(case: Case, unit: directory.Org | None) -> bool:
    """Is the case about this unit, or about one above it?"""
    about = directory.by_id(case.about_organisation_id)
    return about is not None and unit is not None and unit.path.startswith(about.path)


def own_and_above(actor: Actor) -> frozenset[int]:
    """The units one works for and all above them: a case about one of these is about one's own."""
    units = [directory.by_id(unit) for unit in actor.units]
    return frozenset(pk for unit in units if unit for pk in path_ids(unit.path))


def reads_words(actor: Actor, case: Case) -> bool:
    """May the actor read caller and text? Confidential and sensitive ones: only desk and holder."""
    return not (case.confidential or case.sensitive) or is_near(actor, case)


def is_near(actor: Actor, case: Case) -> bool:
    """Desk, holder or reporter: who reads the words even of a confidential or sensitive case."""
    if actor.system:
        return True
    return (
        case.holder_id in own_units(actor)
        or case.desk_id in actor.units
        or (actor.id is not None and actor.id in case.reporter_ids)
    )


def listable_q(actor: Actor) -> Q:
    """Of what is visible: what may stand in a list. A sensitive case does for those only who read its words."""
    return Q(sensitive=False) | near_q(actor)


def near_q(actor: Actor) -> Q:
    """The filter of `is_near`."""
    if actor.system:
        return Q()
    near = Q(holder_id__in=sorted(own_units(actor))) | Q(desk_id__in=sorted(actor.units))
    return near | Q(reporter_ids__contains=[actor.id]) if actor.id is not None else near
