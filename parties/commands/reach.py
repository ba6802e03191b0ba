"""Over whom an admin may decide: seats in their reach, accounts that hold no seat beyond it, never themselves."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from grid import tree
from grid.models import Place
from ledger.actor import Actor
from ledger.models import Entry
from parties.access import NotYours, keeps, kept_by, reaches_roots, require, scope_of
from parties.errors import PartiesRefused
from parties.models import Account, Organisation, Posting
from parties.models.postings import standing_q


def hold_places(*places: Place | None) -> dict[int, Place]:
    """These places as they now are: until the transaction ends nobody moves or retires them. Asked for before any
    unit or account is locked, as a change of the tree locks them in that order."""
    ids = [place.pk for place in places if place is not None]
    if ids:
        tree.lock_places(*ids, shared=True)
    return Place.objects.in_bulk(ids)


def require_ground(by: Actor, place: Place, field: str = "place") -> None:
    """A unit is given only a place that stands and that one's own right reaches."""
    require(by, "organisations", path=place.path)
    if place.retired_at is not None:
        raise PartiesRefused(_("该地点已停用。"), status=409, fields={field: place.code})


def require_seat(by: Actor, place: Place | None, organisation: Organisation | None) -> None:
    """Accounts are posted only where one's own right to post reaches: an admin of a place to everything at
    and below it, and to the units of its desk."""
    if place is not None:
        require(by, "accounts", path=place.path)
    elif organisation is not None and not keeps(by, organisation.path, "accounts"):
        require(by, "accounts", organisation=organisation.path)


def holds_seat(by: Actor, posting: Posting) -> bool:
    """As `require_seat`, asked."""
    try:
        require_seat(by, posting.place, posting.organisation)
    except NotYours:
        return False
    return True


def seats_of(by: Actor) -> Q:
    """Postings at the seats one posts to (`require_seat`), or reads as an auditor."""
    if scope_of(by).reads_all:
        return Q()
    found = scope_of(by, "accounts").place_q("place__path")
    for root in kept_by(by, "accounts"):
        found |= Q(organisation__path__startswith=root)
    return found


def accounts_of(by: Actor, at: dt.datetime) -> QuerySet[Account]:
    """The accounts in reach: those that hold a seat there, or are to hold one. One that holds none anywhere is of
    who posts to the seat it held last; before its first one, of who opened it; and of who reaches the roots."""
    rows = Account.objects.all()
    if scope_of(by).reads_all:
        return rows
    if not by.may("accounts"):
        return rows.none()
    held = Posting.objects.filter(account=OuterRef("pk"))
    here, standing = Posting.objects.filter(seats_of(by)), held.filter(standing_q(at))
    if reaches_roots(by, "accounts"):
        return rows.filter(Exists(standing.filter(seats_of(by))) | ~Exists(standing))
    opened = Entry.objects.filter(
        subject_kind=Account.SUBJECT, subject_id=OuterRef("pk"), event="account.opened", actor_id=by.id
    )
    rows = rows.alias(last=Subquery(held.order_by("-until", "-pk").values("pk")[:1]))
    idle = Q(last__in=here.values("pk")) | (~Exists(held) & Exists(opened))
    return rows.filter(Exists(standing.filter(seats_of(by))) | (~Exists(standing) & idle))


def require_account(by: Actor, account: Account, at: dt.datetime) -> None:
    """Whoever could sign in as somebody has their rights: so only who may post to every seat an account holds,
    stands in for (AB角), or is to, decides over the account itself; over one that holds none, whose reach it is in."""
    require(by, "accounts")
    if by.system:
        return
    standing = Posting.objects.filter(standing_q(at)).filter(
        Q(account__person=account.person_id)
        | Q(
            substitute__person=account.person_id, substitute_until__gt=at
        )  # who stands in has those rights too
    )
    found = list(standing.select_related("place", "organisation"))
    if not all(holds_seat(by, posting) for posting in found):
        raise NotYours(_("此人在您管辖以外还有任职，请上一级管理员来办。"))
    if not found and not accounts_of(by, at).filter(pk=account.pk).exists():
        raise NotYours(_("此人没有在任的岗位，也不归您管辖，请上一级管理员来办。"))


def not_oneself(by: Actor, account: Account) -> None:
    """Nobody posts himself, whichever of his accounts he uses."""
    if by.person_id is not None and by.person_id == account.person_id:
        raise NotYours(_("不能给自己任职。"))
