"""Somebody of the demo's department is away, and a colleague looks after the work."""

from __future__ import annotations

import datetime as dt

from ledger import clock
from ledger.actor import system
from parties import commands
from parties.models import Absence, Account

AWAY, STANDS_IN, DAYS = "bumen2", "bumen", 3  # 梁超, 吴国栋


def give(now: dt.datetime) -> Absence | None:
    """From today for three days; None where it was given before, or they are not there."""
    people = {one.username: one for one in Account.objects.filter(username__in=(AWAY, STANDS_IN))}
    if len(people) < 2 or Absence.objects.filter(account=people[AWAY]).exists():
        return None
    until = clock.local_midnight(clock.local_date(now) + dt.timedelta(days=DAYS))
    return commands.set_absence(
        by=system("demo"),
        at=now,
        account=people[AWAY],
        since=now,
        until=until,
        reason="leave",
        substitute=people[STANDS_IN],
    )
