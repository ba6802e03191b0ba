"""Who was told and who says what of it: one voice per caller and matter (cases.models.rating).

Who called twice by one number is one caller. What a voice was before it changes is handed to the entry that changes
it, for figures of the past.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from copy import copy
from typing import Any

from django.db import connection

from cases.models.call import Call, matter_q
from cases.models.case import ANCESTORS, Case
from cases.models.rating import Voice
from cases.pending import Pending

OF_CASE = ("path", *(f"{kind}_id" for kind in ANCESTORS))
WRITTEN = ("case_id", "organisation_id", *OF_CASE, "told_at")
KEPT = ("call_id", *WRITTEN, "step", "solved", "rated_at")

# tells the calls of a matter, gives each of their callers a voice, and says what the voices had been that had one: of
# an answer that is told again. One statement, for every answer takes it
TELL = f"""
WITH mine AS (
    SELECT call.id, call.origin, call.told_at, COALESCE(NULLIF(caller.phone, ''), 'call ' || call.id) AS caller
    FROM cases_call call LEFT JOIN cases_caller caller ON caller.call_id = call.id
    WHERE call.withdrawn_at IS NULL
      AND call.case_id IN (SELECT id FROM cases_case WHERE id = %(case_id)s OR merged_into_id = %(case_id)s)
), told AS (
    UPDATE cases_call SET told = %(told)s, told_at = %(told_at)s, told_channel = %(told_channel)s, missed_at = NULL
    WHERE id IN (SELECT id FROM mine WHERE (told_at IS NULL OR told_at < %(since)s)
                 AND (%(only)s::bigint IS NULL OR (id = %(only)s AND origin = 'resident')))
    RETURNING id
), speakers AS (
    SELECT DISTINCT ON (mine.caller) mine.id, {", ".join(f"voice.{name}" for name in KEPT)}
    FROM mine LEFT JOIN cases_voice voice ON voice.call_id = mine.id
    WHERE mine.origin = 'resident' AND mine.caller IN (SELECT caller FROM mine JOIN told USING (id))
    ORDER BY mine.caller, voice.call_id IS NULL, mine.id
), written AS (
    INSERT INTO cases_voice (call_id, {", ".join(WRITTEN)}, step, solved)
    SELECT id, {", ".join(f"%({name})s" for name in WRITTEN)}, '', '' FROM speakers
    WHERE told_at IS NULL OR told_at < %(since)s
    ON CONFLICT (call_id) DO UPDATE SET {", ".join(f"{name} = EXCLUDED.{name}" for name in WRITTEN)}
)
SELECT n, {", ".join(KEPT)} FROM (SELECT count(*) AS n FROM told) AS told
LEFT JOIN speakers ON speakers.call_id IS NOT NULL AND (told_at IS NULL OR told_at < %(since)s)
"""  # noqa: S608 -- our own words


def tell(
    case: Case, told: Mapping[str, Any], pending: Pending, *, since: dt.datetime, only: int | None = None
) -> int:
    """Everybody of the matter (`only`: the caller of this call) is told, but who was told apart since the work was done:
    those words stand. How many calls were."""
    columns = {name: getattr(case, name) for name in OF_CASE}
    asked = {
        "case_id": case.pk,
        "organisation_id": case.holder_id,
        "since": since,
        "only": only,
        "told": told["told"],
        "told_at": told["told_at"],
        "told_channel": told["told_channel"],
        **columns,
    }
    with connection.cursor() as cursor:
        cursor.execute(TELL, asked)
        rows = cursor.fetchall()
    pending.voices += [Voice(**dict(zip(KEPT, row[1:], strict=True))) for row in rows if row[1] is not None]
    return int(rows[0][0])


def untell(case: Case, call_id: int, pending: Pending) -> None:
    """The text to this call did not arrive, and its caller was told by no other."""
    mine = _of_matter(case)
    call = next((one for one in mine if one.pk == call_id), None)
    if call is None or any(_is_since(one.told_at, case.resolved_at) for one in _same_caller(call, mine)):
        return
    voice = getattr(_speaker(call, mine), "voice", None)
    if voice is not None and voice.told_at is not None:
        pending.voices.append(voice)
        Voice.objects.filter(pk=voice.pk).update(told_at=None)


def say(case: Case, call: Call, at: dt.datetime, pending: Pending, *, step: str, solved: str) -> Voice:
    """The last word of this call's caller."""
    spoken = speaker(call, case)
    voice: Voice | None = getattr(spoken, "voice", None)
    if voice is None:  # who joined after everybody was told
        voice = new(case, spoken, None)
    else:
        pending.voices.append(copy(voice))
    voice.step, voice.solved, voice.rated_at = step, solved, at
    voice.save()
    return voice


def everybody_spoke(case: Case) -> bool:
    """Has every caller rated the answer that stands?"""
    mine = _of_matter(case)
    voices = (getattr(_speaker(call, mine), "voice", None) for call in mine)
    return all(voice is not None and _is_since(voice.rated_at, case.answered_at) for voice in voices)


def _is_since(at: dt.datetime | None, since: dt.datetime | None) -> bool:
    return at is not None and since is not None and at >= since


def speaker(call: Call, case: Case) -> Call:
    """The call under which its caller has a voice in the matter."""
    mine = _of_matter(case)
    return _speaker(next(one for one in mine if one.pk == call.pk), mine)


def new(case: Case, call: Call, told_at: dt.datetime | None) -> Voice:
    where = {name: getattr(case, name) for name in OF_CASE}
    return Voice(call=call, case=case, organisation_id=case.holder_id, told_at=told_at, **where)


def _of_matter(case: Case) -> list[Call]:
    """The calls of its residents that stand, the first first."""
    rows = Call.objects.filter(matter_q(case.pk), withdrawn_at=None, origin="resident")
    return list(rows.select_related("caller", "voice").order_by("pk"))


def _same_caller(call: Call, mine: list[Call]) -> list[Call]:
    phone = _phone(call)
    return [one for one in mine if one.pk == call.pk or (phone and _phone(one) == phone)]


def _speaker(call: Call, mine: list[Call]) -> Call:
    """The one that has spoken or was told, else the first."""
    same = _same_caller(call, mine)
    return next((one for one in same if getattr(one, "voice", None) is not None), same[0])


def _phone(call: Call) -> str:
    caller = getattr(call, "caller", None)
    return caller.phone if caller is not None else ""
