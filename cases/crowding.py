"""Many callers, one matter: who else calls makes it more urgent, by itself and once per step. A person may put it back."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import connection, transaction

from cases import corrections
from cases.kinds import OPEN, URGENCY_RANK
from cases.merging import wanted_by
from cases.work import Work
from ledger.actor import Actor

# one voice per phone: who rings ten times is not ten callers
VOICES = """
SELECT count(DISTINCT coalesce(nullif(caller.phone, ''), call.id::text))
FROM cases_call call JOIN cases_case own ON own.id = call.case_id
LEFT JOIN cases_caller caller ON caller.call_id = call.id
WHERE (own.id = %s OR own.merged_into_id = %s) AND call.origin = 'resident' AND call.withdrawn_at IS NULL
  AND call.called_at > %s
"""


def lift(*, number: str, by: Actor, at: dt.datetime) -> str:
    """Raise the urgency to what the callers of the last days ask for; "" where it stays. A step that was taken once
    is not taken again, whatever a person made of it since; running deadlines only come nearer."""
    with transaction.atomic():
        work = Work.on(number, by=by, at=at)
        case = work.case
        if case.status not in OPEN:
            return ""
        voices = _voices(case.pk, at)
        wanted = wanted_by(voices)
        if not wanted or URGENCY_RANK[wanted] <= max(
            URGENCY_RANK[case.urgency], URGENCY_RANK.get(case.lifted_to, -1)
        ):
            return ""
        before, case.urgency, case.lifted_to = case.urgency, wanted, wanted
        case.version += 1
        corrections.tighten(work)
        work.tell(
            "case.lifted", payload={"urgency": [before, wanted], "voices": voices, "days": settings.LIFT_DAYS}
        )
        work.finish()
        return wanted


def _voices(case_id: int, at: dt.datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(VOICES, [case_id, case_id, at - dt.timedelta(days=settings.LIFT_DAYS)])
        return int(cursor.fetchone()[0])
