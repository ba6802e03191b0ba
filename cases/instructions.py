"""批示: an official writes on a case what is wanted and by when word is to come; whoever has the case says what came of
it. Both are facts: one entry each, the words beside it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext as _

from cases import guards, rulebook
from cases.models.case import ANCESTORS, Case
from cases.models.instruction import Instruction
from cases.refusals import not_ready, not_yours
from cases.work import Work

AT_MOST = dt.timedelta(days=90)  # ahead: who wants word later writes again
GIVEN = 2  # work_day, where the official names no time
REMIND = 0.8  # of the opening time till then

Payload = dict[str, Any]


def suggested(at: dt.datetime) -> dt.datetime:
    """By when word is asked for unless somebody says otherwise: the end of the second working day, local."""
    cal = rulebook.calendar()
    return cal.local(cal.close_of_nth_workday_after(cal.local(at).date(), GIVEN))


def remind_at(since: dt.datetime, until: dt.datetime) -> dt.datetime:
    """When whoever has to answer is reminded; when word is due where no office opens before."""
    cal = rulebook.calendar()
    seconds = cal.opening_seconds(since, until)
    return cal.add_opening(since, seconds * REMIND) if seconds > 0 else until


def instruct(work: Work, c: guards.Context) -> Payload:
    """It changes nothing about whose the case is or when it is due."""
    case, until = work.case, c.sent.get("until") or suggested(work.at)
    if not work.at < until <= work.at + AT_MOST:
        raise not_ready(
            _("回复时间要在现在以后、%(n)s 天以内。") % {"n": AT_MOST.days}, until=_("请改时间。")
        )
    work.pending.instructions.append(
        Instruction(
            case=case,
            seq=work.next_seq,
            instructed_at=work.at,
            instructed_by_id=c.by.id,
            answer_by=until,
            next_at=remind_at(work.at, until),
            path=case.path,
            **{f"{kind}_id": getattr(case, f"{kind}_id") for kind in ANCESTORS},
        )
    )
    case.word_due_at = min(filter(None, (case.word_due_at, until)))
    return {"until": until.isoformat()}


def report(work: Work, c: guards.Context) -> Payload:
    """Word on every instruction that waits, to each of those who wrote them; nobody answers himself."""
    case = work.case
    waiting = list(Instruction.objects.filter(case=case, answered_at=None).order_by("pk"))
    if c.by.id is not None and any(one.instructed_by_id == c.by.id for one in waiting):
        raise not_yours(_("这件批示是您写的，须由承办的人回复。"))
    late = any(one.answer_by < work.at for one in waiting)
    Instruction.objects.filter(pk__in=[one.pk for one in waiting]).update(
        answered_at=work.at,
        next_at=None,
        answered_by_id=c.by.id,
        answered_unit_id=c.grant.unit_id if c.grant.unit_id is not None else case.holder_id,
        answered_seq=work.next_seq,
    )
    case.word_due_at = None
    return {"instructions": [one.seq for one in waiting], "late": late}


def wrote(case: Case, seqs: list[int]) -> set[int]:
    """The accounts that wrote these."""
    rows = Instruction.objects.filter(case=case, seq__in=seqs, instructed_by__isnull=False)
    return set(rows.values_list("instructed_by_id", flat=True))
