"""Command: a round 巡查、走访 was made at a place. A fact on the place, without a case; its chain is its own."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from cases import needs, replays
from cases.captured import happened
from cases.lifecycle import CAPTURED, Need
from cases.models.evidence import Attachment
from cases.models.round import Round
from cases.placing import standing
from cases.refusals import MoveRefused, not_ready, not_yours
from grid import kinds as places
from grid.models import Place
from ledger import book, reading
from ledger.actor import Actor

CAPABILITY = "round"
NEEDS = (
    Need("kind", "choice:rounds", True, gettext_lazy("巡查还是走访")),
    Need("text", "text", False, gettext_lazy("说明")),
    Need("attachments", "ids", False, gettext_lazy("照片、录音")),
    CAPTURED,
)


@dataclass(frozen=True)
class Logged:
    round: Round
    replayed: bool = False


def log(
    *, by: Actor, at: dt.datetime, place: str, request_key: str = "", body_hash: str = "", **details: Any
) -> Logged:
    """Write down that `by` was there. `kind`, and if wanted `text`, `attachments` (ids) and `captured_at`, which a phone
    kept. Raises MoveRefused (403, 422); the same request again gives the first answer."""
    try:
        with transaction.atomic():
            return Logged(_log(by, at, place, details, request_key, body_hash))
    except (MoveRefused, IntegrityError):
        if earlier := _replay(by, request_key, body_hash):
            return Logged(earlier, replayed=True)
        raise


def own(by: Actor, ref: str) -> Round | None:
    """A round that this person made: by its id, or by the key under which a phone sent it (None where that has not come, or
    was refused). Raises MoveRefused (422) for an id that is none."""
    if not (ref.isascii() and ref.isdigit() and len(ref) <= 15):
        entry = reading.request_entry(by.id, f"web:{ref}")
        found = entry.subject_id if entry is not None and entry.subject_kind == Round.SUBJECT else None
        return Round.objects.filter(pk=found).first() if found is not None else None
    row = Round.objects.filter(pk=int(ref), made_by_id=by.id).first()
    if row is None:
        raise not_ready(_("没有您的这次巡查走访。"), round=_("请核对是哪一次。"))
    return row


def _log(
    by: Actor, at: dt.datetime, code: str, details: dict[str, Any], request_key: str, body_hash: str
) -> Round:
    if not by.may(CAPABILITY):
        raise not_yours(_("您没有“%(move)s”的权限。") % {"move": _("巡查走访")})
    sent, faults = needs.clean(NEEDS, details, None)
    if faults:
        raise not_ready(pgettext("between sentences", "；").join(faults.values()), **faults)
    where = standing(code)
    if where.kind not in places.INNER:
        raise not_ready(_("请选街道以下的地点。"), place=_("请选街道以下的地点。"))
    if not by.may(CAPABILITY, path=where.path):
        raise not_yours(_("这个地点不在您负责的范围内。"))
    captured = sent.get("captured_at")
    row = Round.objects.create(
        place=where,
        kind=sent["kind"],
        made_at=happened(captured, at),
        captured_at=captured,
        received_at=at,
        made_by_id=by.id,
        text=sent.get("text", ""),
    )
    files = sent.get("attachments", ())
    _take_files(by, row, files)
    book.record(
        subject=row,
        event="round.made",
        by=by,
        at=at,
        path=where.path,
        payload=_payload(row, where, files),
        request_key=request_key,
        body_hash=body_hash,
    )
    row.save(update_fields=book.CHAIN)
    return row


def _payload(row: Round, where: Place, files: Sequence[uuid.UUID]) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": row.kind, "place": where.code, "made_at": row.made_at.isoformat()}
    if row.captured_at:
        told["captured_at"] = row.captured_at.isoformat()
    if files:
        told["files"] = len(files)
    return told


def _take_files(by: Actor, row: Round, files: Sequence[uuid.UUID]) -> None:
    if files and Attachment.free(files, by.id).update(round_id=row.pk, seq=1) != len(files):
        raise not_ready(_("有材料找不到或已用在别处，请重新上传。"), attachments=_("请重新上传。"))


def _replay(by: Actor, request_key: str, body_hash: str) -> Round | None:
    entry = replays.entry_of(by, request_key, body_hash, Round.SUBJECT)
    return Round.objects.select_related("place").get(pk=entry.subject_id) if entry is not None else None
