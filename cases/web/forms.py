"""What a form sent, as a command takes it: plain values by the table's needs, files as stored evidence, and
the key under which a double click acts once."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from cases import evidence
from cases.lifecycle import Need
from cases.models import Attachment
from cases.needs import MAX_FILES
from cases.refusals import MoveRefused, malformed, not_ready
from ledger.actor import Actor
from ledger.book import body_hash

# what may differ when the same form is sent again: also the phone's time, which only a later sending tells
LEFT_OUT = ("csrfmiddlewaretoken", "idempotency_key", "back", "next", "action", "captured_at", "rating_code")
MOST_KEY = 128


@dataclass
class Sent:
    """`posted` is what the form shows again when it is refused: files that were stored stand in it by id."""

    details: dict[str, Any]
    version: str
    key: str
    hash: str
    posted: QueryDict
    files: dict[str, list[str]] = field(default_factory=dict)


def read(request: HttpRequest, needs: Iterable[Need]) -> Sent:
    """The fields of some needs, without their files (see `store`). Raises MoveRefused (400)."""
    posted = request.POST.copy()
    return Sent(
        details={need.field: value(need, posted) for need in needs},
        version=posted.get("version", ""),
        key=key_of(posted),
        hash=hash_of(request),
        posted=posted,
    )


def value(need: Need, posted: QueryDict) -> Any:
    """A box that is not ticked sends nothing and means no."""
    base = need.type.partition(":")[0]
    if base == "bool":
        return posted.get(need.field, "") in ("1", "on", "true", "yes")
    if base in ("ids", "codes"):
        return [one for one in posted.getlist(need.field) if one]
    return posted.get(need.field, "").replace("\x00", "")


def key_of(posted: QueryDict) -> str:
    """The request's key; keys of forms and of the API cannot meet."""
    raw = posted.get("idempotency_key", "")
    if not raw:
        return ""
    if len(raw) > MOST_KEY or not raw.isascii() or not raw.isprintable():
        raise malformed(_("表单不完整，请刷新页面再交一次。"))
    return f"web:{raw}"


def hash_of(request: HttpRequest) -> str:
    """A fingerprint of everything the form sent."""
    fields = sorted((name, request.POST.getlist(name)) for name in request.POST if name not in LEFT_OUT)
    files = sorted(
        (name, [_digest(file) for file in request.FILES.getlist(name) if file]) for name in request.FILES
    )
    return body_hash([request.path, request.POST.get("action", ""), fields, files])


def _digest(file: Any) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def store(
    request: HttpRequest, sent: Sent, names: Iterable[str], *, by: Actor, at: dt.datetime
) -> list[Attachment]:
    """Keep the files of these fields and put their ids into the details; the files kept now. The same form
    sent twice stores them once. Raises MoveRefused for a file that cannot be taken; those stored before it
    stay in the form."""
    fresh: list[Attachment] = []
    for name in names:
        ids = list(sent.details.get(name) or [])
        files = [file for file in request.FILES.getlist(name) if file]
        if len(ids) + len(files) > MAX_FILES:
            raise not_ready(_("一次最多 %(n)s 份材料。") % {"n": MAX_FILES}, **{name: _("请少选几份。")})
        known = _digests(ids, by) if files and ids else set()
        for n, file in enumerate(files):
            try:
                kept = evidence.store(
                    by=by, at=at, file=file, key=f"{sent.key}:{name}:{n}" if sent.key else ""
                )
            except evidence.EvidenceRefused as refused:
                raise FileRefused(refused, name) from refused
            if kept.sha256 in known:  # chosen again, or sent again by a browser that kept the picture
                continue
            known.add(kept.sha256)
            fresh.append(kept)
            ids.append(str(kept.pk))
            sent.posted.setlist(name, ids)
        sent.details[name] = ids
    return fresh


def kinds_of(ids: list[str], by: Actor) -> dict[str, str]:
    """id → photo or voice, of files this person stored before."""
    try:
        rows = Attachment.objects.filter(pk__in=ids, uploaded_by_id=by.id).values_list("pk", "kind")
        return {str(pk): kind for pk, kind in rows}
    except (ValueError, ValidationError):
        return {}


def _digests(ids: list[str], by: Actor) -> set[str]:
    """What the files that were stored before are, to tell the same one sent again."""
    try:
        rows = Attachment.objects.filter(pk__in=ids, uploaded_by_id=by.id)
        return set(rows.values_list("sha256", flat=True))
    except (ValueError, ValidationError):
        return set()  # no ids: the command says so


class FileRefused(MoveRefused):
    """A file could not be taken: the evidence's own sentence and status, beside its field."""

    def __init__(self, refused: evidence.EvidenceRefused, name: str) -> None:
        super().__init__("not_ready", refused.sentence, fields={name: refused.sentence})
        self._status = refused.status

    @property
    def status(self) -> int:
        return self._status


def labels_of(needs: Iterable[Need]) -> Mapping[str, object]:
    """The labels of what is typed, for showing it again."""
    return {need.field: need.label for need in needs if need.type == "text"}
