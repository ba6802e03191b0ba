"""Out of somebody's hands into another's: which cases, by which right, to whom."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from cases.lifecycle import WORKED
from cases.models import Case
from cases.people import hands, sharing
from cases.queries import choices, lists, workload
from cases.scope import listed
from ledger.actor import Actor
from parties import directory
from parties.gate import NOT_FOUND, NotYours, OutOfScope
from parties.leading import led_units
from parties.models import Account


@dataclass(frozen=True)
class Pile:
    """What one has in hand (`account` None: what nobody has taken up). `way`: the bulk by which it goes on."""

    unit: directory.Org | None
    account: Account | None
    own: bool

    @property
    def name(self) -> str:
        return self.account.person.name if self.account is not None else _("没有人领取")

    @property
    def way(self) -> str:
        return "pass_on" if self.own else "assign"


def pile(actor: Actor, unit: str, person: str, at: dt.datetime) -> Pile:
    """One's own, or with a unit one leads that of one of its people. NotYours, OutOfScope."""
    if not unit and person in ("", actor.username):
        return Pile(None, Account.objects.select_related("person").get(pk=actor.id), own=True)
    org = workload.unit_asked(actor, unit)
    if org.id not in led_units(actor):
        raise NotYours(_("由本单位负责人或值班长交接。"))
    if not person:
        return Pile(org, None, own=False)
    account = (
        Account.objects.select_related("person").filter(username=person[:64].replace("\x00", "")).first()
    )
    if account is None or not held(actor, org).filter(holder_account=account).exists():
        raise OutOfScope(NOT_FOUND)
    return Pile(org, account, own=False)


def held(actor: Actor, unit: directory.Org) -> QuerySet[Case]:
    return lists.held(actor, directory.under(unit.path)).filter(status__in=WORKED)


def cases(actor: Actor, pile: Pile) -> QuerySet[Case]:
    """The nearest due first."""
    if pile.unit is None:
        rows = listed(actor).filter(holder_account_id=actor.id, status__in=WORKED)
    else:
        rows = held(actor, pile.unit).filter(holder_account=pile.account)
    return lists.with_names(rows).order_by("next_due_at", "pk")


def fields(actor: Actor, pile: Pile, at: dt.datetime) -> list[dict[str, Any]]:
    """To whom, and why. Without a name each goes to whoever has the lightest hands."""
    units = [pile.unit] if pile.unit is not None else [directory.by_id(pk) for pk in sorted(actor.units)]
    found = hands.of([unit for unit in units if unit is not None], actor, at)
    found = [one for one in found if pile.account is None or one.username != pile.account.username]
    best = sharing.suggest(found)
    return [
        {
            "field": "person",
            "type": "choice",
            "label": _("交给谁"),
            "required": False,
            "choices": choices.handed(found),
            "empty": _("按各人手上的多少分"),
            "hint": _("建议：%(words)s") % {"words": best.words} if best else _("现在没有别人在岗。"),
        },
        {
            "field": "reason",
            "type": "text",
            "label": _("依据、交接说明"),
            "required": False,
            "rows": 2,
            "hint": _("写在每件工单的经过里；收到的人合起来只收一条消息。"),
        },
    ]
