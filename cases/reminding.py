"""批示 that wait for word: whoever has the case is reminded before it is due, when it is, and each working day after.

By the row itself, no clock: what an official wants to know moves no deadline of the case and paints it in no colour.
Once each by the row's own state; a pass that finds it late says only that it is late.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from cases import rulebook
from cases.models.instruction import Instruction
from cases.work import Work, locked
from ledger.actor import system

DUE, LATE = "case.word_due", "case.word_late"
BY = system("sweep")
AT_ONCE = 200
MOST = 5  # times that it is said to be late


def sweep(at: dt.datetime) -> int:
    """Everybody who is to be reminded by now; how many were."""
    ripe = Instruction.objects.filter(next_at__lte=at).order_by("next_at", "pk")
    return sum(_remind(pk, case, at) for pk, case in ripe.values_list("pk", "case_id")[:AT_ONCE])


def _remind(pk: int, case_id: int, at: dt.datetime) -> bool:
    """A case somebody is working on is left to the next pass."""
    with transaction.atomic():
        case = locked(skip_locked=True).filter(pk=case_id).first()
        row = Instruction.objects.filter(pk=pk, next_at__lte=at).first() if case is not None else None
        if case is None or row is None:
            return False
        work = Work.of(case, by=BY, at=at)
        late = row.answer_by <= at
        row.late_told += late
        row.next_at = _next(row, at)
        work.tell(
            LATE if late else DUE,
            payload={"instruction": row.seq, "until": row.answer_by.isoformat(), "n": row.late_told},
        )
        work.finish()
        row.save(update_fields=["next_at", "late_told"])
        return True


def _next(row: Instruction, at: dt.datetime) -> dt.datetime | None:
    """When it is due, then as each working day begins."""
    if not row.late_told:
        return row.answer_by
    if row.late_told >= MOST:
        return None
    cal = rulebook.calendar()
    opens, _closes = cal.intervals(cal.nth_workday_after(cal.local(at).date(), 1))[0]
    return opens.astimezone(dt.UTC)
