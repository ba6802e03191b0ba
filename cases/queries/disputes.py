"""Returned, disputed, open to claims: which cases."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from cases import claims
from cases.disputes import WAITS
from cases.models import Case
from cases.scope import listable_q, place_q, visible
from cases.scope import listed as in_lists
from ledger.actor import Actor

RETURNED = Q(status="accepted", declines__gt=0)
DISPUTED = Q(disputed_at__isnull=False, status__in=WAITS)


def waiting(actor: Actor) -> QuerySet[Case]:
    """What may be listed, and of the rest what waits for a ruling where one rules: work is found by whose turn it is."""
    rulers = actor.grants_for("adjudicate")
    return visible(actor).filter(listable_q(actor) | (DISPUTED & place_q(Actor(actor.id, grants=rulers))))


def disputed(actor: Actor) -> QuerySet[Case]:
    """有争议: what waits for a ruling, in one's scope."""
    return waiting(actor).filter(DISPUTED)


def listed(actor: Actor) -> QuerySet[Case]:
    """退回与争议: what was sent back and not sent out again, and what waits for a ruling."""
    return waiting(actor).filter(RETURNED | DISPUTED)


def claimable(actor: Actor) -> QuerySet[Case]:
    """认领: what is open to claims, in one's scope; for who may claim, what his unit may claim too."""
    return in_lists(actor).filter(claims.open_q())
