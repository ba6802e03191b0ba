"""What a page that stands open asks for again and again: its numbers, what has come since, who is on which case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases import authority
from cases.lifecycle import FACTS
from cases.live import presence
from cases.live.presence import Here
from cases.models import Case
from cases.queries import notices, views
from cases.scope import visible
from ledger.actor import Actor
from ledger.clock import LOCAL

ROWS_AT_MOST = 100


INBOX = "notices"


def arrived(actor: Actor, page: str, tab: str, since: dt.datetime, at: dt.datetime) -> QuerySet:
    """What has come into a list after `since`, by whoever's hand it came; of the inbox, what the bell counts."""
    if page == INBOX:
        return notices.alerting(actor, at).filter(at__gt=since)
    tabs = views.TABS[page if page in views.TABS else "queue"]
    rows = (tabs.get(tab) or next(iter(tabs.values()))).rows(actor, at)
    return rows.filter(held_since__gt=since)


def arrived_words(n: int, page: str = "") -> str:
    if n and page == INBOX:
        return ngettext("%(n)s 条新消息", "%(n)s 条新消息", n) % {"n": n}
    return ngettext("新派来 %(n)s 件", "新派来 %(n)s 件", n) % {"n": n} if n else ""


def here_of(actor: Actor, numbers: Sequence[str], at: dt.datetime) -> dict[str, str]:
    """number → who is on it, of those that this reader may see; oneself is nobody."""
    wanted = list(numbers)[:ROWS_AT_MOST]
    if not wanted:
        return {}
    known = dict(visible(actor).filter(number__in=wanted).values_list("pk", "number"))
    found = presence.here(list(known), at)
    return {known[pk]: words for pk, people in found.items() if (words := row_words(actor, people))}


def row_words(actor: Actor, people: Sequence[Here]) -> str:
    others = presence.others(people, actor)
    return _("%(name)s 正在办理") % {"name": others[0].name} if others else ""


def takes_part(actor: Actor, case: Case) -> bool:
    """Who has no part in a case only looks, and takes no lease."""
    return not isinstance(authority.acting(FACTS["note"], case, actor), str)


def scene(actor: Actor, case: Case, people: Sequence[Here], lease: str = "") -> dict[str, Any]:
    """Who is on a case, in words for this reader."""
    others = presence.others(people, actor)
    names = _("、").join(one.name for one in others)
    first = people[0] if people else None
    ahead = first is not None and first.account != actor.id
    if first is not None and ahead and first.taken:
        words = _("%(name)s 接手了，正在办理。您写的都还在，可以查看和留言。") % {"name": first.name}
    elif first is not None and ahead:
        words = _("%(name)s 正在办理。您可以查看和留言；提交前系统会再核对一次。") % {"name": first.name}
    elif others:
        words = _("您正在办理，%(names)s 也在看。") % {"names": names}
    else:
        words = ""
    return {
        "lease": lease,
        "words": words,
        "ahead": ahead,
        "here": [
            {
                "name": one.name,
                "since": dt.datetime.fromtimestamp(one.since / 1000, LOCAL).isoformat(timespec="seconds"),
                "lead": one is first,
            }
            for one in others
        ],
        "version": case.version,
        "entries": case.chain_length,
    }
