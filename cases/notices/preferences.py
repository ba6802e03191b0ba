"""What a person chose per kind of notice, or what the kind and their roles say."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models.deliveries import NoticeChoice
from cases.notices.kinds import KINDS, MAILS, mail_by_default
from cases.refusals import not_ready
from ledger.actor import Actor
from parties.models import Posting
from parties.models.postings import live_q


@dataclass(frozen=True)
class Choice:
    """`own`: chosen by the person, not given by default."""

    mail: str
    mention: bool
    own: bool = False


def chosen(accounts: Collection[int], kind: str, at: dt.datetime) -> dict[int, Choice]:
    """How a kind reaches each of these accounts; two statements, none for nobody."""
    if not accounts:
        return {}
    rows = NoticeChoice.objects.filter(account_id__in=accounts, kind=kind)
    found = {row.account_id: Choice(row.mail, row.mention, own=True) for row in rows}
    roles = _roles_of([account for account in accounts if account not in found], at)
    for account in accounts:
        if account not in found:
            found[account] = Choice(mail_by_default(kind, roles[account]), KINDS[kind].mention)
    return found


def of(actor: Actor) -> dict[str, Choice]:
    """All of one's own, in the order of the kinds; one statement."""
    rows = {row.kind: row for row in NoticeChoice.objects.filter(account_id=actor.id)}
    return {
        name: Choice(rows[name].mail, rows[name].mention, own=True)
        if name in rows
        else Choice(mail_by_default(name, actor.roles), kind.mention)
        for name, kind in KINDS.items()
    }


@transaction.atomic
def choose(*, by: Actor, choices: Mapping[str, Mapping[str, object]]) -> None:
    """Set one's own choices, `{kind: {mail, mention}}`; what is not named stays. One's own affair: no entry."""
    faults = {}
    for kind, choice in choices.items():
        mail, mention = choice.get("mail"), choice.get("mention")
        if kind not in KINDS or mail not in MAILS or not isinstance(mention, bool):
            faults[kind] = _("请在列出的选项里选。")
    if faults:
        raise not_ready(_("有的选项对不上，没有保存。"), **faults)
    NoticeChoice.objects.bulk_create(
        [NoticeChoice(account_id=by.id, kind=kind, **choice) for kind, choice in choices.items()],
        update_conflicts=True,
        unique_fields=["account", "kind"],
        update_fields=["mail", "mention"],
    )


def forget(*, by: Actor) -> None:
    """Back to the defaults."""
    NoticeChoice.objects.filter(account_id=by.id).delete()


def _roles_of(accounts: Collection[int], at: dt.datetime) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    if accounts:
        rows = Posting.objects.filter(live_q(at), account_id__in=accounts).order_by("id")
        for account, role in rows.values_list("account_id", "role"):
            found[account].append(role)
    return found
