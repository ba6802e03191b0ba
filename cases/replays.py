"""The same request again, told by its key: it is answered with what it wrote before, and changes nothing."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cases.refusals import not_ready
from ledger import reading
from ledger.actor import Actor
from ledger.models import Entry


def entry_of(by: Actor, request_key: str, body_hash: str, subject: str) -> Entry | None:
    """The entry by which a request with this key already changed a `subject`; 422 when the key came with another body."""
    entry = reading.request_entry(by.id, request_key)
    if entry is not None and (entry.subject_kind != subject or entry.body_hash != body_hash):
        raise not_ready(_("这个幂等键已用于另一个请求，请换一个。"))
    return entry
