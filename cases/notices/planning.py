"""What leaves the house for one entry: the mails of those told, and what the endpoints of its units want to hear.

Written in the transaction of the reaction: a message is planned exactly when its notice is there. Nothing is sent
here (cases.notices.sending).
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection, Mapping
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from cases.kinds import URGENCY_RANK
from cases.models.case import Case
from cases.models.deliveries import Endpoint, NoticeDelivery
from cases.models.notice import Notice
from cases.notices import kinds, preferences, quiet
from cases.notices.recipients import holder_then
from grid.tree import path_ids
from ledger.clock import LOCAL
from ledger.models import Entry
from parties import directory
from parties.models import Account

log = logging.getLogger("cases.notices")

SEND, QUEUE = "cases.send_notices", "outward"
MORNING = dt.time(8)  # when the day's summary leaves, local
GROUPS = ("wecom", "dingtalk")  # read by people, so they keep the standing quiet hours


def plan(
    entry: Entry,
    case: Case | None,
    facts: Mapping[str, Any],
    told: Collection[int],
    at: dt.datetime,
    *,
    event: str = "",
) -> None:
    """Plan every message of an entry; each at most once, however often this runs. `event`: under which name the
    notice speaks, where that is not the entry's."""
    event = event or entry.event
    kind = kinds.kind_of(event)
    posts = _posts(entry, case, facts, told, kind, at) if case is not None else []
    rows = [*_mails(entry, case, told, kind, at), *posts]
    for row in rows:
        row.event = event
    if rows:
        NoticeDelivery.objects.bulk_create(rows, ignore_conflicts=True)
        transaction.on_commit(hint)


def hint() -> None:
    """Tell a worker; beat finds what this missed."""
    try:
        current_app.send_task(SEND, queue=QUEUE, retry=False, ignore_result=True, expires=30)
    except Exception as problem:  # a dead broker delays, it never loses
        log.warning("no broker to hint: %s", problem)


# -- to people


def _mails(
    entry: Entry, case: Case | None, told: Collection[int], kind: str, at: dt.datetime
) -> list[NoticeDelivery]:
    if not told or not settings.MAIL_READY:
        return []
    reachable = Account.objects.filter(pk__in=told, is_active=True).exclude(person__email="")
    accounts = list(reachable.values_list("pk", flat=True))
    if not accounts:
        return []
    choices = preferences.chosen(accounts, kind, at)
    critical = case is not None and case.urgency == "critical"  # nobody turns that off
    wanted = {pk: kinds.NOW if critical else choices[pk].mail for pk in accounts}
    wanted = {pk: mail for pk, mail in wanted.items() if mail != kinds.OFF}
    notices = Notice.objects.filter(entry_id=entry.pk, account_id__in=wanted)
    return [
        NoticeDelivery(
            channel="mail",
            notice=notice,
            case=case,
            entry_id=entry.pk,
            facts=notice.facts,
            digest="" if wanted[notice.account_id] == kinds.NOW else wanted[notice.account_id],
            at=entry.at,
            next_at=max(leaves_at(wanted[notice.account_id], at), notice.quiet_until or at),
        )
        for notice in notices
    ]


def leaves_at(mail: str, at: dt.datetime) -> dt.datetime:
    """When what is told now leaves: now, at the next full hour, on the next morning."""
    local = at.astimezone(LOCAL)
    if mail == kinds.HOUR:
        local = local.replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=1)
    elif mail == kinds.DAY:
        day = local.date() + dt.timedelta(days=local.time() >= MORNING)
        local = dt.datetime.combine(day, MORNING, LOCAL)
    return local.astimezone(dt.UTC)


# -- to groups and programs


def _posts(
    entry: Entry, case: Case, facts: Mapping[str, Any], told: Collection[int], kind: str, at: dt.datetime
) -> list[NoticeDelivery]:
    if not may_leave(case):
        return []
    endpoints = [one for one in wanting(entry, case, kind) if _urgent_enough(one, case)]
    if not endpoints:
        return []
    mentions = _named(told, kind, at)
    night = None if case.urgency == "critical" else quiet.until(quiet.STANDING, at)
    return [
        NoticeDelivery(
            channel=one.channel,
            endpoint=one,
            case=case,
            entry_id=entry.pk,
            facts=dict(facts),
            mentions=mentions if one.channel in GROUPS else [],
            at=entry.at,
            next_at=night if night is not None and one.channel in GROUPS else at,
        )
        for one in endpoints
    ]


def may_leave(case: Case) -> bool:
    """What is about somebody of ours or kept close never goes to a group: who reads there is known to nobody."""
    return case.about_account_id is None and case.about_organisation_id is None and not case.confidential


def wanting(entry: Entry, case: Case, kind: str) -> list[Endpoint]:
    """The endpoints of the units whose case it is, and of those above them, that want this kind."""
    units = [directory.by_id(unit) for unit in {holder_then(entry, case), case.desk_id}]
    line = {pk for unit in units if unit is not None for pk in path_ids(unit.path)}
    rows = Endpoint.objects.filter(Q(organisation_id__in=sorted(line)), is_on=True, kinds__contains=[kind])
    return list(rows.order_by("id"))


def _urgent_enough(endpoint: Endpoint, case: Case) -> bool:
    return URGENCY_RANK[case.urgency] >= URGENCY_RANK[endpoint.least_urgency]


def _named(told: Collection[int], kind: str, at: dt.datetime) -> list[int]:
    if not told:
        return []
    known = Account.objects.filter(pk__in=told, is_active=True).exclude(person__chat_id="")
    accounts = list(known.values_list("pk", flat=True))
    choices = preferences.chosen(accounts, kind, at)
    return sorted(pk for pk in accounts if choices[pk].mention)
