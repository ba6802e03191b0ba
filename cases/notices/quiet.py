"""Quiet hours: when a notice lies in the inbox without alerting anybody.

Nothing wakes a person at night but what is critical: until the hours are over a notice makes no bell count, and
no channel that comes later (SMS, bots) may send it; `Notice.quiet_until` says so. The inbox shows it at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Q
from django.utils.translation import gettext as _

from cases.models.notice import QuietHours
from cases.refusals import malformed
from ledger.actor import Actor
from ledger.clock import LOCAL

Hours = tuple[dt.time, dt.time]  # local; alike for never

STANDING: Hours = (dt.time(22), dt.time(7))


def until(hours: Hours, at: dt.datetime) -> dt.datetime | None:
    """When the quiet that lies over an instant ends; None where none does. The end itself is not quiet."""
    begins, ends = hours
    local = at.astimezone(LOCAL)
    now = local.time()
    overnight = ends < begins
    quiet = now >= begins or now < ends if overnight else begins <= now < ends
    if not quiet:
        return None
    day = local.date() + dt.timedelta(days=1) if overnight and now >= begins else local.date()
    return dt.datetime.combine(day, ends, LOCAL).astimezone(dt.UTC)


def hours_of(accounts: Collection[int]) -> dict[int, Hours]:
    """Each account's own hours, or the standing ones."""
    own = QuietHours.objects.filter(account_id__in=accounts).values_list("account_id", "begins", "ends")
    found = {account: (begins, ends) for account, begins, ends in own}
    return {account: found.get(account, STANDING) for account in accounts}


def set_hours(*, by: Actor, begins: str, ends: str) -> None:
    """Choose one's own hours, as HH:MM; from the next notice on."""
    try:
        hours = {"begins": dt.time.fromisoformat(begins), "ends": dt.time.fromisoformat(ends)}
    except ValueError:
        raise malformed(_("请把免打扰时段写成几点几分，例如 22:00。")) from None
    QuietHours.objects.update_or_create(account_id=by.id, defaults=hours)


def alerting(at: dt.datetime) -> Q:
    """Notices that may alert by now."""
    return Q(quiet_until=None) | Q(quiet_until__lte=at)
