"""Who is away and who stands in, as pages and interfaces show it; and what falls due meanwhile."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.kinds import OPEN
from cases.models import Case
from cases.queries import narrowing
from cases.scope import listed
from ledger.actor import Actor
from ledger.clock import local_date
from parties import absences
from parties.commands.absences import may_enter
from parties.commands.reach import accounts_of
from parties.errors import PartiesRefused
from parties.gate import NOT_FOUND, OutOfScope
from parties.leading import led_units
from parties.models import Absence, Account
from parties.models.absences import REASONS, standing_q

SHOWN = 10  # of what falls due, before it is entered


def seen(actor: Actor, at: dt.datetime) -> QuerySet[Absence]:
    """One's own, those in which one stands in, those of one's people, those of accounts one keeps."""
    rows = absences.seen_by(actor, at)
    if actor.may("accounts"):
        kept = Absence.objects.filter(account__in=accounts_of(actor, at))
        rows = rows | kept.select_related("account__person", "substitute__person")
    return rows.filter(standing_q(at)).order_by("since", "pk")


def find(actor: Actor, pk: int, at: dt.datetime) -> Absence:
    """One of those, past ones too; for everybody else there is none."""
    rows = Absence.objects.filter(pk=pk).select_related("account__person", "substitute__person")
    found = rows.first()
    if found is None:
        raise OutOfScope(NOT_FOUND)
    near = actor.id is not None and actor.id in (found.account_id, found.substitute_id)
    if not near and not may_enter(actor, found.account, at):
        raise OutOfScope(NOT_FOUND)
    return found


def account_asked(actor: Actor, username: str, at: dt.datetime) -> Account:
    """Whose absence is to be entered: one's own, or that of somebody whose work one hands out."""
    rows = Account.objects.select_related("person").filter(is_active=True)
    if not username or username == actor.username:
        return rows.get(pk=actor.id)
    found = rows.filter(username=_word(username)).first()
    if found is None or not may_enter(actor, found, at):
        raise OutOfScope(NOT_FOUND)
    return found


def substitute_named(username: Any) -> Account | None:
    """Who is to stand in; None for nobody."""
    if username in (None, ""):
        return None
    found = Account.objects.filter(username=_word(username)).first()
    if found is None:
        raise PartiesRefused(_("没有这个人。"), fields={"substitute": _("请换一个人。")})
    return found


def _word(username: Any) -> str:
    return str(username)[:64].replace("\x00", "")


def due_between(
    actor: Actor, account: Account, since: dt.datetime, until: dt.datetime, at: dt.datetime
) -> QuerySet[Case]:
    """What is in this person's hands and falls due in between, the nearest first."""
    rows = listed(actor).filter(holder_account=account, status__in=OPEN)
    return rows.filter(next_due_at__gte=max(since, at), next_due_at__lt=until).order_by("next_due_at", "pk")


def due_while_away(actor: Actor, accounts: Iterable[int], at: dt.datetime) -> dict[int, int]:
    """Account → how many cases in these hands fall due while their owner is away; one statement."""
    rows = listed(actor).filter(
        narrowing.due_while_away_q(at), status__in=OPEN, holder_account_id__in=list(accounts)
    )
    return dict(
        rows.order_by()
        .values("holder_account_id")
        .annotate(n=Count("pk"))
        .values_list("holder_account_id", "n")
    )


def due_url(username: str) -> str:
    """The list of exactly those."""
    return f"{reverse('cases:list')}?{urlencode({'tab': 'open', 'person': username, 'due': 'away'})}"


def last_day(row: Absence) -> dt.date:
    return local_date(row.until - dt.timedelta(microseconds=1))


def rows(actor: Actor, found: Sequence[Absence], at: dt.datetime) -> list[dict[str, Any]]:
    """As pages print them; two statements."""
    due = due_while_away(actor, {row.account_id for row in found}, at) if found else {}
    mine = led_units(actor)
    return [
        {
            "id": row.pk,
            "name": row.account.person.name,
            "username": row.account.username,
            "mine": row.account_id == actor.id,
            "for_me": row.substitute_id == actor.id,
            "since": local_date(row.since),
            "until": last_day(row),
            "now": row.since <= at,
            "reason": "" if row.substitute_id == actor.id and not mine else str(REASONS[row.reason]),
            "substitute": row.substitute.person.name if row.substitute is not None else "",
            "due": due.get(row.account_id, 0),
            "due_url": due_url(row.account.username),
            "may_change": row.account_id == actor.id or row.substitute_id != actor.id or bool(mine),
        }
        for row in found
    ]


def as_json(actor: Actor, row: Absence, at: dt.datetime, due: int) -> dict[str, Any]:
    """The reason is for who may enter it, not for who stands in."""
    own = row.account_id == actor.id or may_enter(actor, row.account, at)
    return {
        "id": row.pk,
        "person": {"username": row.account.username, "name": row.account.person.name},
        "since": row.since.isoformat(),
        "until": row.until.isoformat(),
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
        "reason": row.reason if own else None,
        "substitute": {"username": row.substitute.username, "name": row.substitute.person.name}
        if row.substitute is not None
        else None,
        "due": due,
    }


def candidates_json(
    actor: Actor, account: Account, since: dt.datetime, until: dt.datetime, at: dt.datetime
) -> dict[str, Any]:
    """Before it is entered: who may stand in, and how much falls due."""
    people = absences.candidates(account, since, until, at)
    return {
        "candidates": [{"username": one.username, "name": one.person.name} for one in people],
        "due": due_between(actor, account, since, until, at).count(),
    }


def stood_in_for(actor: Actor, at: dt.datetime) -> list[str]:
    """The names of those for whom this person stands in now; one statement, none for nobody."""
    if not actor.stands_in:
        return []
    rows = Account.objects.filter(pk__in=sorted(actor.stands_in)).order_by("person__name")
    return list(rows.values_list("person__name", flat=True))
