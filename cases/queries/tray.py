"""The demo's tray: texts that would have gone to callers' phones, the newest first.

Who is signed in sees those of the own cases, with what only the caller may know masked; nobody signed in stands for the
residents themselves, whose phones the tray replaces.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from cases.models.case import Case
from cases.models.deliveries import NoticeDelivery
from cases.notices import outgoing_texts, sealing, texts
from cases.scope import visible_to
from grid.paging import Key
from ledger.actor import Actor
from parties.privacy import mask_phone

NEWEST = (Key("id", descending=True),)


def rows(by: Actor) -> QuerySet[NoticeDelivery]:
    found = NoticeDelivery.objects.filter(call__isnull=False, endpoint=None, state="sent")
    if by.id is not None:
        found = found.filter(case__in=Case.objects.filter(visible_to(by)).values("pk"))
    return found.select_related("case", "call__caller")


def shown(found: Sequence[NoticeDelivery], by: Actor) -> list[dict[str, Any]]:
    """One statement for all their words."""
    words = texts.words_of(found)
    return [_row(row, words.get(row.pk, {}), by) for row in found]


def _row(row: NoticeDelivery, words: dict[str, str], by: Actor) -> dict[str, Any]:
    assert row.call is not None
    secrets = None
    if by.id is None:
        try:
            secrets = outgoing_texts.opened(row)
        except sealing.Unreadable:  # sealed with another key: it stays masked
            secrets = None
    said, _params = texts.body_of(row, row.call.caller, secrets, words=words)
    text = texts.signed(said, texts.TRAY_SIGNATURE)
    return {
        "id": row.pk,
        "kind": row.event.removeprefix(texts.EVENT),
        "kind_label": str(texts.kind_of(row).label),
        "phone": mask_phone(row.call.caller.phone),
        "text": text,
        "segments": texts.segments(text),
        "language": row.language or texts.language_of(row.call.caller),
        "at": row.ended_at or row.at,
    }
