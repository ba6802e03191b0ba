"""Over whom an admin may decide: seats in their reach, accounts that hold no seat beyond it, never themselves."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q
from django.utils.translation import gettext as _

from grid import tree
from grid.models import Place
from ledger.actor import Actor
from parties.access import NotYours, reaches, require
from parties.errors import PartiesRefused
from parties.models import Account, Organisation, Posting


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
    elif organisation is not None and not reaches(by, organisation.path, "accounts"):
        require(by, "accounts", organisation=organisation.path)


def holds_seat(by: Actor, posting: Posting) -> bool:
    """As `require_seat`, asked."""
    try:
        require_seat(by, posting.place, posting.organisation)
    except NotYours:
        return False
    return True


def require_account(by: Actor, account: Account, at: dt.datetime) -> None:
    """Whoever could sign in as somebody has their rights: so only who may post to every seat an account holds,
    or is to hold, decides over the account itself."""
    require(by, "accounts")
    if by.system:
        return
    standing = Posting.objects.filter(Q(until=None) | Q(until__gt=at), account__person=account.person_id)
    for posting in standing.select_related("place", "organisation"):
        if not holds_seat(by, posting):
            raise NotYours(_("此人在您管辖以外还有任职，请上一级管理员来办。"))


def not_oneself(by: Actor, account: Account) -> None:
    """Nobody posts himself, whichever of his accounts he uses."""
    if by.person_id is not None and by.person_id == account.person_id:
        raise NotYours(_("不能给自己任职。"))
