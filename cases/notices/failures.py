"""What could not be sent: who sees it, and sending it again or letting it go. The row keeps who let it go; the
ledger is not told, for nothing has happened to a case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from cases.models.case import Case
from cases.models.deliveries import NoticeDelivery
from cases.notices import planning
from cases.notices.endpoints import KEEPS
from cases.refusals import malformed, not_yours
from cases.scope import about_q, listable_q
from ledger.actor import Actor
from parties import directory, gate
from parties.access import reach_of, scope_of
from parties.commands.reach import accounts_of
from parties.leading import led_units

AGAIN, GIVE_UP = "again", "give_up"
ACTS = (AGAIN, GIVE_UP)
MOST = 200


def may_look(by: Actor) -> bool:
    """Admins, who leads a unit, and who audits."""
    return by.may(KEEPS) or bool(led_units(by)) or scope_of(by).reads_all


def visible(by: Actor, at: dt.datetime) -> QuerySet[NoticeDelivery]:
    """What went to the endpoints of one's units, and for who keeps accounts to those people's mailboxes; nothing of a
    case about oneself or one's own unit. `named`: may the row say which case it was? Of a sensitive one to those only
    who may list it."""
    listable = Case.objects.filter(listable_q(by), pk=OuterRef("case_id"))
    told = Q(entry_id__isnull=False) | Q(call__isnull=False)
    rows = NoticeDelivery.objects.filter(~about_q(by, "case__"), told)
    rows = rows.annotate(named=Exists(listable))
    if scope_of(by).reads_all:
        return rows
    roots = [
        *reach_of(by, KEEPS),
        *(g.organisation_path for g in by.grants_for(KEEPS) if g.organisation_path),
    ]
    seen = Q(endpoint__organisation_id__in=sorted(directory.under(*roots) | led_units(by)))
    if by.may("accounts"):
        seen |= Q(notice__account_id__in=accounts_of(by, at).values("pk"))
    return rows.filter(seen)


def given_up(by: Actor, at: dt.datetime) -> QuerySet[NoticeDelivery]:
    """What nobody has looked after yet."""
    return visible(by, at).filter(state="given_up", ended_by=None)


def must_mend(by: Actor) -> None:
    """Who may do something about it."""
    if not may_look(by):
        raise not_yours(_("消息投递由管理员和单位负责人查看。"))
    if scope_of(by).reads_all:
        raise not_yours(_("审计员只能看，不能改动。"))


@transaction.atomic
def act(*, by: Actor, at: dt.datetime, name: str, ids: Sequence[int]) -> int:
    """Send these again, or let them go; how many were still as they were seen. The others are left."""
    must_mend(by)
    if not ids or len(ids) > MOST or not all(isinstance(one, int) and 0 < one < 2**63 for one in ids):
        raise malformed(_("请选要处理的消息，一次最多 %(n)s 条。") % {"n": MOST})
    if name not in ACTS:
        raise gate.OutOfScope(gate.NOT_FOUND)
    wanted = visible(by, at).filter(pk__in=ids, state__in=("failed", "given_up"))
    pks = list(wanted.values_list("pk", flat=True))
    rows = NoticeDelivery.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=pks)
    rows = rows.filter(state__in=("failed", "given_up")).order_by("pk")
    found = list(rows.values_list("pk", flat=True))
    if name == AGAIN:
        done = NoticeDelivery.objects.filter(pk__in=found).update(
            state="waiting", tries=0, next_at=at, ended_at=None, ended_by=None, batch=None, out_since=None
        )
        transaction.on_commit(planning.hint)
    else:
        done = NoticeDelivery.objects.filter(pk__in=found).update(
            state="given_up", ended_at=at, ended_by=by.id
        )
    return done
