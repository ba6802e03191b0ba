"""Who of a unit could have a case, and what is in whose hands already."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import Count, OuterRef, Q, Subquery

from cases.kinds import OPEN
from cases.models import Case
from cases.people import sharing
from cases.people.sharing import Hand
from cases.scope import about_q
from ledger.actor import Actor
from parties import directory
from parties.leading import leading_q, works_in_q
from parties.models import Absence, Posting
from parties.models.absences import away_q
from parties.models.postings import live_q


def of(units: Sequence[directory.Org], actor: Actor, at: dt.datetime) -> list[Hand]:
    """Those who do the work of these units, by name; one statement. What is about the asker is not counted."""
    where = Q(pk__in=[])
    for unit in units:
        where |= works_in_q(unit)
    held = Case.objects.filter(~about_q(actor), holder_account=OuterRef("account"), status__in=OPEN)
    held = held.order_by().values("holder_account")
    away = Absence.objects.filter(away_q(at), account=OuterRef("account")).order_by("-until")
    rows = (
        Posting.objects.filter(live_q(at), where, account__is_active=True)
        .annotate(
            open=Subquery(held.annotate(n=Count("pk")).values("n")),
            weight=Subquery(held.annotate(n=sharing.weight_sum(at)).values("n")),
            away_until=Subquery(away.values("until")[:1]),
        )
        .order_by("account__person__name", "account_id")
        .values_list(
            "account_id",
            "account__username",
            "account__person__name",
            "open",
            "weight",
            "away_until",
            leading_q(),
        )
    )
    found: dict[str, Hand] = {}
    for account, username, name, n, weight, until, leads in rows:
        known = found.get(username)
        if known is None or (known.leads and not leads):
            found[username] = Hand(
                username, name, n or 0, weight or 0, until is not None, leads, until, account
            )
    return list(found.values())


def for_case(case: Case, actor: Actor, at: dt.datetime) -> list[Hand]:
    """Those who could have this case; asked once for a case in hand."""
    known: list[Hand] | None = case.__dict__.get("_hands")
    if known is None:
        unit = directory.by_id(case.holder_id)
        known = case.__dict__["_hands"] = of([unit], actor, at) if unit is not None else []
    return known


def free_for(case: Case, actor: Actor, at: dt.datetime) -> list[Hand]:
    """Those who may be given it: not whom it is about, nor who has it already."""
    barred = (case.about_account_id, case.holder_account_id)
    return [hand for hand in for_case(case, actor, at) if hand.account not in barred]


def suggestion(case: Case, actor: Actor, at: dt.datetime) -> sharing.Suggestion | None:
    return sharing.suggest(free_for(case, actor, at))
