"""Who is away from when to when, and who may stand in."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db.models import Q, QuerySet

from ledger.actor import Actor, Grant
from parties import directory
from parties.access import actor_of, grant_of, is_lendable
from parties.leading import led_units
from parties.models import Absence, Account, Posting
from parties.models.absences import away_q, over_q, standing_q
from parties.models.postings import live_q
from parties.roles import ROLES


def seen_by(actor: Actor, at: dt.datetime) -> QuerySet[Absence]:
    """One's own, those in which one stands in, and those of the people whose work one hands out."""
    mine = Q(account_id=actor.id) | Q(substitute_id=actor.id)
    units = led_units(actor)
    if units:
        mine |= Q(account__in=Posting.objects.filter(live_q(at), _of_units(units)).values("account_id"))
    rows = Absence.objects.filter(mine) if actor.id is not None else Absence.objects.none()
    return rows.select_related("account__person", "substitute__person")


def _of_units(units: Collection[int]) -> Q:
    """Posted to one of these units, or to the place at which one of them is the desk."""
    orgs = [org for pk in units if (org := directory.by_id(pk)) is not None]
    return Q(organisation_id__in=sorted(units)) | Q(
        place_id__in=sorted(org.desk_of for org in orgs if org.desk_of is not None)
    )


# -- who may stand in


def candidates(account: Account, since: dt.datetime, until: dt.datetime, at: dt.datetime) -> list[Account]:
    """Who works for the same unit, may do the same there, and is not away then; and the AB角 of a posting, if it is so
    for the whole time. By name."""
    grants = lendable(account, at)
    found: dict[int, Account] = {}
    for posting in _colleagues(account, grants, at):
        grant = _grant(posting)
        if any(is_lendable(one, [grant]) for one in grants):
            found[posting.account_id] = posting.account
    named = Posting.objects.filter(
        live_q(at), account=account, substitute_from__lte=since, substitute_until__gte=until
    )
    for posting in named.select_related("substitute__person"):
        if posting.substitute is not None and posting.substitute.is_active:
            found[posting.substitute.pk] = posting.substitute
    busy = set(
        Absence.objects.filter(over_q(since, until), account_id__in=found).values_list(
            "account_id", flat=True
        )
    )
    fitting = [one for pk, one in found.items() if pk not in busy and one.person_id != account.person_id]
    return sorted(fitting, key=lambda one: (one.person.name, one.username))


def lendable(account: Account, at: dt.datetime) -> list[Grant]:
    """The account's own postings in which a colleague may stand in."""
    return [
        grant
        for grant in actor_of(account.pk, at).grants
        if grant.lent_by is None and is_lendable(grant, [grant])
    ]


def _colleagues(account: Account, grants: Iterable[Grant], at: dt.datetime) -> Iterable[Posting]:
    """Others who work where these postings do, in roles that can do as much; one statement."""
    where = Q(pk__in=[])
    for grant in grants:
        unit = directory.by_id(grant.unit_id)
        fitting = [role.name for role in ROLES.values() if role.capabilities >= grant.capabilities]
        here = Q(organisation_id=grant.unit_id)
        if unit is not None and unit.desk_of is not None:
            here |= Q(place_id=unit.desk_of)
            if grant.place_id != unit.desk_of:  # who works below a desk is stood in for by who does so too
                here |= Q(place__path__startswith=_ground_of(grant, unit.desk_of))
        where |= here & Q(role__in=fitting)
    rows = Posting.objects.filter(live_q(at), where, account__is_active=True).exclude(account=account)
    return rows.select_related("account__person", "place").order_by("pk")


def _ground_of(grant: Grant, place_id: int) -> str:
    """The path of the desk's place, from that of a posting below it."""
    head, found, _tail = grant.place_path.partition(f"/{place_id}/")
    return head + found


def _grant(posting: Posting) -> Grant:
    place = posting.place
    return grant_of(
        posting.role,
        posting.place_id,
        place.path if place else None,
        place.kind if place else None,
        posting.organisation_id,
    )


# -- at an instant


def stand_ins(accounts: Collection[int], at: dt.datetime) -> dict[int, list[int]]:
    """Substitute → for whom of these accounts; one statement, none for nobody."""
    found: dict[int, list[int]] = defaultdict(list)
    if accounts:
        rows = Absence.objects.filter(away_q(at), account_id__in=accounts, substitute__is_active=True)
        for substitute, account in rows.order_by("pk").values_list("substitute_id", "account_id"):
            found[substitute].append(account)
    return dict(found)


def standing(accounts: Collection[int], at: dt.datetime) -> QuerySet[Absence]:
    """What is or is to come of these accounts, the nearest first."""
    return Absence.objects.filter(standing_q(at), account_id__in=accounts).order_by("since", "pk")
