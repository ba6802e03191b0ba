"""How often a place is to be walked or visited: dated rules by kind of place, those of the most specific place first.

A rule asks for something and deadlines nobody, so it holds without a second person, as a duty row does.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cases.kinds import ROUNDS
from cases.models.round import RoundRule
from cases.models.rules import RuleTable
from cases.placing import standing
from cases.refusals import MoveRefused, not_ready
from grid import kinds as places
from ledger import clock
from ledger.actor import Actor
from parties import access

MOST_DAYS = 366
MOST_AHEAD = dt.timedelta(days=366)
LONGEST_BASIS = 120


@dataclass(frozen=True)
class Asked:
    """What one rule says, checked."""

    place_kind: str
    kind: str
    every_days: int
    since: dt.date
    basis: str


def set_rule(*, by: Actor, at: dt.datetime, place: str, **said: Any) -> RoundRule:
    """From `since` (today) on every `place_kind` at or below `place` is asked for a round of `kind` once in `every_days`;
    0 asks for none, and leaves what a wider place asks for without effect there. The rule before it ends that day.
    Needs `rules` over the place. Raises MoveRefused (422), NotYours (403)."""
    where, faults = None, {}
    try:
        where = standing(place)
    except MoveRefused as refused:
        faults = dict(refused.fields)
    asked, wrong = _read(said, clock.local_date(at))
    faults |= wrong
    if where is not None:
        access.require(by, "rules", path=where.path)
    if faults or where is None or asked is None:
        raise not_ready(pgettext("between sentences", "；").join(faults.values()), **faults)
    same = RoundRule.objects.filter(place=where, place_kind=asked.place_kind, kind=asked.kind)
    with RuleTable.change("rounds", "rules.round_set", by=by, at=at) as payload:
        if same.filter(since__gt=asked.since).exists():
            words = _("这里已有更晚生效的规则，请先从那天起改。")
            raise not_ready(words, since=words)
        same.filter(since=asked.since).delete()  # one that has not held a whole day is rewritten
        same.filter(Q(until__isnull=True) | Q(until__gt=asked.since)).update(until=asked.since)
        row = RoundRule.objects.create(place=where, **asked.__dict__)
        payload |= {
            "place": where.code,
            "place_kind": row.place_kind,
            "kind": row.kind,
            "every_days": row.every_days,
            "since": row.since.isoformat(),
        }
    return row


def _read(said: dict[str, Any], today: dt.date) -> tuple[Asked | None, dict[str, str]]:
    faults: dict[str, str] = {}
    place_kind, kind = said.get("place_kind"), said.get("kind")
    if place_kind not in places.INNER:
        faults["place_kind"] = _("请选哪种地点。")
    if kind not in ROUNDS:
        faults["kind"] = _("请选巡查还是走访。")
    every = said.get("every_days")
    if isinstance(every, str) and every.strip().isascii() and every.strip().isdigit():
        every = int(every.strip()[:6])
    if isinstance(every, bool) or not isinstance(every, int) or not 0 <= every <= MOST_DAYS:
        faults["every_days"] = _("几天一次：0 到 %(n)s 的整数，0 是不要求。") % {"n": MOST_DAYS}
    since = said.get("since") or today
    if not isinstance(since, dt.date) or not today <= since <= today + MOST_AHEAD:
        faults["since"] = _("生效日从今天起，一年以内。")
    basis = said.get("basis") or ""
    basis = " ".join(basis.split()) if isinstance(basis, str) else ""
    if not basis or len(basis) > LONGEST_BASIS:
        faults["basis"] = _("请写依据：文号或会议，最多 %(n)s 个字。") % {"n": LONGEST_BASIS}
    if faults:
        return None, faults
    return Asked(str(place_kind), str(kind), int(every), since, basis), {}
