"""Returned, disputed, open to claims: which cases."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from cases import claims
from cases.disputes import WAITS
from cases.models import Case
from cases.scope import visible
from ledger.actor import Actor

RETURNED = Q(status="accepted", declines__gt=0)
DISPUTED = Q(disputed_at__isnull=False, status__in=WAITS)


def disputed(actor: Actor) -> QuerySet[Case]:
    """有争议: what waits for a ruling, in one's scope."""
    return visible(actor).filter(DISPUTED)


def listed(actor: Actor) -> QuerySet[Case]:
    """退回与争议: what was sent back and not sent out again, and what waits for a ruling."""
    return visible(actor).filter(RETURNED | DISPUTED)


def claimable(actor: Actor) -> QuerySet[Case]:
    """认领: what is open to claims, in one's scope; for who may claim, what his unit may claim too."""
    return visible(actor).filter(claims.open_q())
