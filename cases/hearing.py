"""Who was told and who says what of it: one voice per caller and matter (cases.models.rating).

Who called twice by one number is one caller. What a voice was before it changes is handed to the entry that changes
it, for figures of the past.
"""

from __future__ import annotations

import datetime as dt
from copy import copy

from django.db.models import Q

from cases.models.call import Call, matter_q
from cases.models.case import ANCESTORS, Case
from cases.models.rating import Voice
from cases.pending import Pending

OF_CASE = ("path", *(f"{kind}_id" for kind in ANCESTORS))
TOLD = ("case", "organisation", *OF_CASE, "told_at")


def tell_all(case: Case, pending: Pending) -> None:
    """Everybody of the matter is told, but who was told apart since the work was done: those words stand."""
    untold = Q(told_at=None) | Q(told_at__lt=case.resolved_at)
    Call.objects.filter(matter_q(case.pk), untold, withdrawn_at=None).update(**pending.told)
    tell(case, pending.told["told_at"], pending)


def tell(case: Case, told_at: dt.datetime, pending: Pending, *, only: int | None = None) -> None:
    """The callers told at that instant have a voice (`only`: the one of this call), once for each answer."""
    mine = _of_matter(case)
    told = [call for call in mine if call.told_at == told_at and (only is None or call.pk == only)]
    rows: dict[int, Voice] = {}
    for call in told:
        speaker = _speaker(call, mine)
        voice = getattr(speaker, "voice", None)
        if voice is None:
            rows[speaker.pk] = new(case, speaker, told_at)
        elif voice.told_at is None or case.resolved_at is None or voice.told_at < case.resolved_at:
            pending.voices.append(voice)
            rows[speaker.pk] = new(case, speaker, told_at)
    if rows:
        Voice.objects.bulk_create(
            rows.values(), update_conflicts=True, unique_fields=["call"], update_fields=TOLD
        )


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
