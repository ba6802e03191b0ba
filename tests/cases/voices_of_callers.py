"""Callers and their keys, for tests: what a text message said, a browser that reported."""

from __future__ import annotations

import datetime as dt
from random import Random

from django.db.models import QuerySet

from cases import rating
from cases.kinds import SATISFACTION
from cases.models import Call, Case, NoticeDelivery, Voice
from cases.models.call import matter_of
from cases.notices import outgoing_texts
from ledger import clock, post
from tests import builders
from tests.pages import Reader

HOUR = dt.timedelta(hours=1)
RATED = {"solved": "yes", "step": "good"}


def an_answered(**call) -> Case:
    """Answered, and everybody has been asked to rate it."""
    case = builders.a_case(through=("accept", "dispatch", "sign", "resolve", "answer"), **call)
    with clock.frozen(case.last_at):
        post.deliver_pending()
    case.refresh_from_db()
    return case


def asked() -> QuerySet[NoticeDelivery]:
    """The texts that ask for a rating."""
    return NoticeDelivery.objects.filter(event="text.rate")


def ratings() -> QuerySet[Voice]:
    """What callers have said."""
    return Voice.objects.exclude(rated_at=None)


def sent_to(call: Call) -> str:
    """The digits of the last message."""
    text = NoticeDelivery.objects.filter(call=call).exclude(sealed="").order_by("id").last()
    assert text is not None
    return outgoing_texts.opened(text)["rating_code"]


def rate(case: Case, call: Call | None = None, *, later: dt.timedelta = HOUR, **said):
    call = call or case.calls.get()
    return rating.rate(call=call, sent={**RATED, **said}, at=case.last_at + later)


def many_rate(chance: Random, at: dt.datetime, share: float = 0.6) -> int:
    """Of everybody who was told and may speak, so many say something; how many."""
    calls = Call.objects.filter(told_at__isnull=False, origin="resident", withdrawn_at=None)
    said = 0
    for call in calls.select_related("case").order_by("pk"):
        case = matter_of(call)
        when = max(call.told_at, case.last_at) + HOUR * chance.uniform(0.2, 60)
        if chance.random() < share and when <= at and not rating.why_not(call, case, when):
            solved = chance.choice(("yes", "yes", "yes", "partly", "no"))
            sent = {"solved": solved, "step": chance.choice(list(SATISFACTION))}
            rating.rate(call=call, sent=sent, at=when)
            said += 1
    return said


def tracked(call: Call, tail: str = "1234") -> Reader:
    """A browser that has shown the pair."""
    return Reader().open("/track/").send("track", code=call.tracking_code, tail=tail)
