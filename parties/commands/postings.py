"""Postings: who may do what, where. Nobody posts himself; some roles wait for a second person."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from grid.models import Place
from ledger.actor import Actor
from ledger.book import CHAIN, record
from parties import consequences
from parties.access import NotYours
from parties.commands.accounts import lock
from parties.commands.organisations import lock as lock_unit
from parties.commands.reach import hold_places, not_oneself, require_seat
from parties.errors import PartiesRefused
from parties.models import Account, Organisation, Posting
from parties.roles import DUTIES, ORGANISATION, ROLES


@transaction.atomic
def post(
    *,
    by: Actor,
    at: dt.datetime,
    account: Account,
    role: str,
    place: Place | None = None,
    organisation: Organisation | None = None,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    on_duty: bool = False,
    duty: str = "",
) -> Posting:
    """Post an account to a place or a unit, from `since` (now) until `until` (open). Roles that wait give
    nothing before somebody else confirms; what the system itself posts is confirmed as it is made."""
    if role not in ROLES:
        raise PartiesRefused(_("没有这个角色。"), fields={"role": role})
    if (place is None) == (organisation is None):
        raise PartiesRefused(
            _("任职须在一个地点或一个单位，二者取一。"), fields={"place": "", "organisation": ""}
        )
    place = hold_places(place)[place.pk] if place is not None else None
    organisation = lock_unit(organisation) if organisation is not None else None
    require_seat(by, place, organisation)
    account = lock(account)
    not_oneself(by, account)
    if not account.is_active:
        raise PartiesRefused(_("该账号已停用。"), status=409)
    seat = ORGANISATION if place is None else place.kind
    if seat not in ROLES[role].seats:
        raise PartiesRefused(
            _("“%(role)s”不能在这类地点或单位任职。") % {"role": ROLES[role].label}, fields={"role": role}
        )
    if duty and (duty not in DUTIES or role not in DUTIES[duty].roles):
        raise PartiesRefused(_("这个职务不在此角色之下。"), fields={"duty": _("请换一个")})
    if any(target is not None and target.retired_at is not None for target in (place, organisation)):
        raise PartiesRefused(_("该地点或单位已停用。"), status=409)
    since = since or at
    if until is not None and until <= since:
        raise PartiesRefused(_("结束时间须晚于开始时间。"), fields={"until": until.isoformat()})
    waits = ROLES[role].waits and not by.system
    posting = Posting(
        account=account,
        role=role,
        place=place,
        organisation=organisation,
        since=since,
        until=until,
        on_duty=on_duty,
        duty=duty,
        posted_by_id=by.id,
        confirmed_at=None if waits else at,
    )
    try:
        with transaction.atomic():
            posting.save()
    except IntegrityError:
        raise PartiesRefused(_("已有同样的任职。"), status=409) from None
    _tell(account, "account.posted", by, at, posting, waits=waits, **({"duty": duty} if duty else {}))
    return posting


@transaction.atomic
def confirm_posting(*, by: Actor, at: dt.datetime, posting: Posting) -> Posting:
    """The second person's yes: neither who is posted nor who posted, counted by human."""
    posting, account = _lock(posting)
    require_seat(by, posting.place, posting.organisation)
    not_oneself(by, account)
    if posting.confirmed_at is not None or (posting.until is not None and posting.until <= at):
        raise PartiesRefused(_("这项任职不在待确认之中。"), status=409)
    poster = posting.posted_by
    if poster is not None and by.person_id == poster.person_id:
        raise NotYours(_("须由提出任职以外的另一人确认。"))
    posting.confirmed_at, posting.confirmed_by_id = at, by.id
    posting.save(update_fields=["confirmed_at", "confirmed_by"])
    _tell(account, "account.posting_confirmed", by, at, posting)
    return posting


@transaction.atomic
def end_posting(*, by: Actor, at: dt.datetime, posting: Posting) -> Posting:
    """It gives nothing from `at` on; what was done under it stays, what was in hand goes back to the unit."""
    posting, account = _lock(posting)
    require_seat(by, posting.place, posting.organisation)
    if posting.until is not None and posting.until <= at:
        raise PartiesRefused(_("这项任职已经结束。"), status=409)
    leaving = consequences.leaving(posting, at)
    posting.until = max(at, posting.since)
    posting.save(update_fields=["until"])
    _tell(account, "account.posting_ended", by, at, posting)
    consequences.tell_left(leaving, at, by)
    return posting


@transaction.atomic
def set_substitute(
    *,
    by: Actor,
    at: dt.datetime,
    posting: Posting,
    substitute: Account,
    since: dt.datetime,
    until: dt.datetime,
) -> Posting:
    """Name the AB角 for a period. Roles that wait for a second person are not lent: post them instead."""
    posting, account = _lock(posting)
    require_seat(by, posting.place, posting.organisation)
    not_oneself(by, substitute)
    if posting.until is not None and posting.until <= at:
        raise PartiesRefused(_("这项任职已经结束。"), status=409)
    if ROLES[posting.role].waits:
        raise PartiesRefused(
            _("此岗位不设AB角，请另行任职并由第二人确认。"), fields={"substitute": posting.role}
        )
    if substitute.person_id == account.person_id or not substitute.is_active:
        raise PartiesRefused(_("AB角须是另一位在用账号的人。"), fields={"substitute": substitute.username})
    if until <= since:
        raise PartiesRefused(_("结束时间须晚于开始时间。"), fields={"until": until.isoformat()})
    posting.substitute, posting.substitute_from, posting.substitute_until = substitute, since, until
    posting.save(update_fields=["substitute", "substitute_from", "substitute_until"])
    _tell(
        account,
        "account.substituted",
        by,
        at,
        posting,
        substitute=substitute.pk,
        since=since.isoformat(),
        until=until.isoformat(),
    )
    return posting


@transaction.atomic
def end_substitute(*, by: Actor, at: dt.datetime, posting: Posting) -> Posting:
    """The AB角's time is over now."""
    posting, account = _lock(posting)
    require_seat(by, posting.place, posting.organisation)
    posting.substitute = posting.substitute_from = posting.substitute_until = None
    posting.save(update_fields=["substitute", "substitute_from", "substitute_until"])
    _tell(account, "account.substitution_ended", by, at, posting)
    return posting


@transaction.atomic
def set_on_duty(*, by: Actor, at: dt.datetime, posting: Posting, on_duty: bool) -> Posting:
    """值班: oneself, or with the right another."""
    posting, account = _lock(posting)
    if by.id != account.pk:
        require_seat(by, posting.place, posting.organisation)
    posting.on_duty = on_duty
    posting.save(update_fields=["on_duty"])
    _tell(account, "account.duty_set", by, at, posting, on_duty=on_duty)
    return posting


def _lock(posting: Posting) -> tuple[Posting, Account]:
    """Account first, then the posting: the order of every command here."""
    account = lock(posting.account)
    fresh = (
        Posting.objects.select_for_update(no_key=True, of=("self",))
        .select_related("place", "organisation", "posted_by")
        .get(pk=posting.pk)
    )
    return fresh, account


def _tell(account: Account, event: str, by: Actor, at: dt.datetime, posting: Posting, **more: object) -> None:
    payload = {
        "posting": posting.pk,
        "role": posting.role,
        "place": posting.place_id,
        "organisation": posting.organisation_id,
        **more,
    }
    path = posting.place.path if posting.place is not None else ""
    record(subject=account, event=event, by=by, at=at, path=path, payload=payload)
    account.save(update_fields=[*CHAIN])
