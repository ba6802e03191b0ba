"""A text that did not arrive is no answer: the feedback goes on, and somebody goes to the door (代访).

Three ways lead here: the gateway refused for good, its receipt says no, or none came in time. Each is found again by
the sweep, so a worker that dies in the middle loses nothing; and each text counts once.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Q

from cases import editing, moves
from cases.lifecycle import FACTS
from cases.models.case import Case
from cases.models.clock import Clock
from cases.models.deliveries import NoticeDelivery
from cases.notices import early, texts
from ledger.actor import system

BY = system("texts")
AT_ONCE = 200
OPEN = ("", "awaited")


def sweep(at: dt.datetime) -> int:
    """What nobody has looked after yet: heard of too early, given up, or never heard of; how many."""
    news = NoticeDelivery.objects.filter(receipt="awaited", ended_at__gt=at - early.LASTS).exclude(
        remote_id=""
    )
    late = NoticeDelivery.objects.filter(receipt="awaited", receipt_at__lte=at).order_by("receipt_at")
    lost = NoticeDelivery.objects.filter(call__isnull=False, state="given_up", receipt="")
    found = early.found(news.order_by("-ended_at").only("endpoint_id", "remote_id")[:AT_ONCE])
    found += [(pk, "silent") for pk in late.values_list("pk", flat=True)[:AT_ONCE]]
    found += [(pk, "not_arrived") for pk in lost.order_by("-pk").values_list("pk", flat=True)[:AT_ONCE]]
    return sum(hear(pk=pk, receipt=receipt, at=at) for pk, receipt in found)


def hear(*, pk: int, receipt: str, at: dt.datetime) -> bool:
    """What became of a text. True where it was news: the first word on it stands, the same again changes nothing."""
    with transaction.atomic():
        row = NoticeDelivery.objects.filter(pk=pk).first()
        if row is None:
            return False
        ripe = Case.objects.filter(pk=row.case_id).select_for_update(of=("self",), no_key=True)
        case = ripe.first()  # its row first, always
        unheard = NoticeDelivery.objects.filter(Q(receipt__in=OPEN), pk=pk)
        if not unheard.update(receipt=receipt, receipt_at=at):
            return False
        if receipt != "arrived" and case is not None:
            _miss(row, case, at)
        return True


def _miss(row: NoticeDelivery, case: Case, at: dt.datetime) -> None:
    """The caller was not told by it; nothing where he was told otherwise since, or the case went on."""
    kind, call = texts.kind_of(row).name, row.call
    if kind == "answered":
        told_by_it = call is not None and call.told_channel == "sms" and call.told_at == row.at
        if told_by_it and case.status in moves.MOVES["miss"].sources:
            moves.perform(
                number=case.number, move="miss", by=BY, at=at, version=case.version, call=row.call_id
            )
    elif kind == "interim" and case.status in FACTS["miss_interim"].sources and _still_waits(row, case):
        editing.add_fact(number=case.number, fact="miss_interim", by=BY, at=at, call=row.call_id)


def _still_waits(row: NoticeDelivery, case: Case) -> bool:
    """Was nobody told anything since? The round that this interim answer began is the last one, and the feedback goes
    on."""
    rounds = Clock.objects.filter(case=case, stage="feedback", part=0)
    begun = rounds.order_by("-round").values_list("started_at", flat=True).first()
    return begun == row.at and rounds.exclude(state="stopped").exists()
