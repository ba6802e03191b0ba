"""评价: what a caller says of the answer (SPEC §8). One voice per caller and case; the words stand with the entry.

Not solved, or only in part: somebody outside the chain looks first. Done, and the caller gets the evidence; not done,
and it is opened again with a draft finding. What every caller has rated is waited for no longer.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import effects, hearing, moves, needs, own_calls, voice_keys
from cases.authority import SYSTEM_GRANT
from cases.guards import Context, is_long_over
from cases.lifecycle import Need
from cases.models.call import Call, matter_of, matter_q
from cases.models.case import Case
from cases.models.deliveries import NoticeDelivery
from cases.models.rating import Voice
from cases.notices import texts
from cases.refusals import MoveRefused, not_ready
from cases.work import Work

EVENT = "case.rated"
NEEDS = (
    Need("solved", "choice:solved", True, gettext_lazy("解决了吗")),
    Need("step", "choice:satisfaction", True, gettext_lazy("满意吗")),
    Need("words", "text", False, gettext_lazy("想说的话")),
)
RATED_IN = ("answered", "closed")


def rate(
    *, call: Call, sent: dict[str, Any], at: dt.datetime, request_key: str = "", body_hash: str = ""
) -> Voice:
    """The caller's voice on the answer that stands; `sent` by NEEDS. The key was proved (cases.voice_keys). Raises
    MoveRefused."""
    try:
        with transaction.atomic():
            return _rate(call, sent, at, (request_key, body_hash))
    except (MoveRefused, IntegrityError):
        if moves.replay(own_calls.RESIDENT, request_key, body_hash):
            return Voice.objects.get(call=hearing.speaker(call, matter_of(call)))
        raise


def why_not(call: Call, case: Case, at: dt.datetime) -> str:
    """What stands against rating now; "" for nothing."""
    if call.withdrawn_at is not None:
        return _("您已经收回了这次反映。")
    if case.status not in RATED_IN or call.origin != "resident" or case.answered_at is None:
        return _("答复以后才能评价。")
    if voice_of(call, case) is not None:
        return _("您已经评价过了，谢谢。")
    return _("答复已超过 30 天，不能再评价。") if is_long_over(case, at) else ""


def voice_of(call: Call, case: Case) -> Voice | None:
    """What this caller said of the answer that stands; who called twice has one voice."""
    phone = caller.phone if (caller := getattr(call, "caller", None)) is not None else ""
    own = Q(pk=call.pk) | Q(caller__phone=phone) if phone else Q(pk=call.pk)
    calls = Call.objects.filter(matter_q(case.pk), own)
    since = case.answered_at
    return Voice.objects.filter(call__in=calls.values("pk"), rated_at__gte=since).first() if since else None


def _rate(call: Call, sent: dict[str, Any], at: dt.datetime, key: tuple[str, str]) -> Voice:
    work = Work.on(matter_of(call).number, by=own_calls.RESIDENT, at=at)
    own_calls.standing(call)
    if words := why_not(call, work.case, work.at):
        raise MoveRefused("not_from_here", words, case=work.case)
    told, faults = needs.clean(NEEDS, sent, work.case)
    if faults:
        raise not_ready(_("还缺：%(fields)s") % {"fields": "；".join(faults.values())}, **faults)
    voice = hearing.say(work.case, call, work.at, work.pending, step=told["step"], solved=told["solved"])
    if told["solved"] != "yes":
        _doubt(work)
    work.tell(
        EVENT,
        payload={"call": call.pk, "step": told["step"], "solved": told["solved"]},
        texts={"words": told["words"]} if "words" in told else None,
        request_key=key[0],
        body_hash=key[1],
    )
    work.finish()
    return voice


def _doubt(work: Work) -> None:
    """Somebody has to look: a clock against the desk that checks, the one that is there or a new round."""
    work.case.doubted_at = work.case.doubted_at or work.at
    if work.board.open("verify") is None:
        effects.start_stage(
            "verify",
            Context(work.case, work.by, work.at, SYSTEM_GRANT, work.board, work.lineage),
        )


def ask_for(case: Case, at: dt.datetime) -> int:
    """Each caller of an answered matter gets the key to rate it, once per answer; how many. Inside the caller's
    transaction."""
    asked = NoticeDelivery.objects.filter(event=f"{texts.EVENT}rate", at__gte=case.answered_at)
    callers = Call.objects.filter(matter_q(case.pk), withdrawn_at=None, origin="resident")
    rows = callers.exclude(pk__in=asked.values("call")).select_related("case", "case__merged_into", "caller")
    return sum(voice_keys.send(call=call, kind="rate", at=at) for call in rows.order_by("id"))
