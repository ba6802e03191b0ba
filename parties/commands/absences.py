"""Being away: entered by oneself, by who hands out the unit's work, or by who keeps the account. Nothing is moved: who
is away and who stands in is read from the dates, so all of it returns by itself."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from ledger.actor import Actor
from ledger.book import CHAIN, record
from parties.absences import candidates
from parties.access import NotYours, actor_of
from parties.commands.accounts import lock
from parties.commands.reach import require_account
from parties.errors import PartiesRefused
from parties.leading import led_units
from parties.models import Absence, Account
from parties.models.absences import REASONS, over_q

LONGEST = dt.timedelta(days=366)


def may_enter(by: Actor, account: Account, at: dt.datetime) -> bool:
    """For oneself; for those whose work one hands out; for accounts one keeps."""
    if by.system or by.id == account.pk or led_units(by) & actor_of(account.pk, at).units:
        return True
    try:
        require_account(by, account, at)
    except NotYours:
        return False
    return True


@transaction.atomic
def set_absence(
    *,
    by: Actor,
    at: dt.datetime,
    account: Account,
    since: dt.datetime,
    until: dt.datetime,
    reason: str,
    substitute: Account | None = None,
) -> Absence:
    """Away from `since` until `until`; what is past already is not told any more."""
    account = _lock(by, at, account, substitute)
    if not account.is_active:
        raise PartiesRefused(_("该账号已停用。"), status=409)
    since = max(since, at)
    _fits(account, since, until, reason, substitute, at)
    absence = Absence.objects.create(
        account=account,
        since=since,
        until=until,
        reason=reason,
        substitute=substitute,
        entered_by=by.id,
        entered_at=at,
    )
    _tell(account, "account.absence_set", by, at, absence)
    return absence


@transaction.atomic
def change_absence(
    *,
    by: Actor,
    at: dt.datetime,
    absence: Absence,
    since: dt.datetime,
    until: dt.datetime,
    reason: str,
    substitute: Account | None = None,
) -> Absence:
    """Other days, another substitute. One that has begun keeps its beginning."""
    account = _lock(by, at, absence.account, substitute)
    absence = _standing(absence, at)
    since = absence.since if absence.since <= at else max(since, at)
    _fits(account, since, until, reason, substitute, at, beside=absence.pk)
    if until <= at:
        raise PartiesRefused(_("提前回来请用“提前返岗”。"), fields={"until": _("请改日期。")})
    absence.since, absence.until, absence.reason = since, until, reason
    absence.substitute = substitute
    absence.save(update_fields=["since", "until", "reason", "substitute"])
    _tell(account, "account.absence_changed", by, at, absence)
    return absence


@transaction.atomic
def end_absence(*, by: Actor, at: dt.datetime, absence: Absence) -> Absence:
    """Back earlier, or not away after all."""
    account = _lock(by, at, absence.account, None)
    absence = _standing(absence, at)
    absence.ended_at = at
    absence.save(update_fields=["ended_at"])
    _tell(account, "account.absence_ended", by, at, absence)
    return absence


def _lock(by: Actor, at: dt.datetime, account: Account, substitute: Account | None) -> Account:
    """Both, the older account first: so two who name each other at once cannot both be right."""
    pks = sorted({account.pk, *([substitute.pk] if substitute is not None else [])})
    locked = {pk: lock(Account(pk=pk)) for pk in pks}
    if not may_enter(by, locked[account.pk], at):
        raise NotYours(_("离岗由本人、本单位负责人或管理员填写。"))
    return locked[account.pk]


def _standing(absence: Absence, at: dt.datetime) -> Absence:
    fresh = (
        Absence.objects.select_for_update(no_key=True, of=("self",))
        .select_related("account__person")
        .get(pk=absence.pk)
    )
    if fresh.ended_at is not None or fresh.until <= at:
        raise PartiesRefused(_("这段离岗已经结束。"), status=409)
    return fresh


def _fits(
    account: Account,
    since: dt.datetime,
    until: dt.datetime,
    reason: str,
    substitute: Account | None,
    at: dt.datetime,
    *,
    beside: int = 0,
) -> None:
    if until <= since or until - since > LONGEST:
        raise PartiesRefused(_("离岗要在开始以后结束，最长一年。"), fields={"until": _("请改日期。")})
    if reason not in REASONS:
        raise PartiesRefused(_("没有这种事由。"), fields={"reason": _("请在列出的里选。")})
    others = Absence.objects.filter(over_q(since, until)).exclude(pk=beside)
    if others.filter(account=account).exists():
        raise PartiesRefused(_("这段时间已经填过离岗。"), status=409, fields={"since": _("请改日期。")})
    relying = others.filter(substitute=account).select_related("account__person").first()
    if relying is not None:
        words = _("%(name)s这段时间由此人代办，请先给%(name)s另选代办人。")
        raise PartiesRefused(
            words % {"name": relying.account.person.name}, status=409, fields={"since": _("请改日期。")}
        )
    if substitute is not None:
        _may_stand_in(account, substitute, since, until, at)


def _may_stand_in(
    account: Account, substitute: Account, since: dt.datetime, until: dt.datetime, at: dt.datetime
) -> None:
    another = {"substitute": _("请换一个人。")}
    if Absence.objects.filter(over_q(since, until), account=substitute).exists():
        raise PartiesRefused(_("代办人这段时间自己也离岗。"), fields=another)
    if substitute.pk not in {one.pk for one in candidates(account, since, until, at)}:
        raise PartiesRefused(_("代办人须是本单位另一位职责相同的人。"), fields=another)


def _tell(account: Account, event: str, by: Actor, at: dt.datetime, absence: Absence) -> None:
    """Not why: that is for the unit, not for ever."""
    payload = {
        "absence": absence.pk,
        "since": absence.since.isoformat(),
        "until": absence.until.isoformat(),
        "substitute": absence.substitute_id,
    }
    record(subject=account, event=event, by=by, at=at, payload=payload)
    account.save(update_fields=[*CHAIN])
