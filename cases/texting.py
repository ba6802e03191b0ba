"""Texts 短信 to callers' phones: planning one is one row of the outbox, in the transaction of what it tells of.

No number, name or word stands in the row; they are read when it is sent. What only the caller may know (the secret of
a rating) is sealed until then, and wiped. Where nobody can be reached so (no mobile number, no gateway) nothing is
planned, and `send` says so (None).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping

from django.conf import settings
from django.db import transaction

from cases.models.call import Call
from cases.models.case import Case
from cases.models.deliveries import NoticeDelivery
from cases.notices import gateways, outgoing_texts, planning, sealing, texts
from ledger import clock

CHANNEL = "sms"
SECRET = texts.SECRET
Fact = int | str | bool | None


def can_text(call: Call, case: Case) -> bool:
    """Could a text go to this caller's phone at all?"""
    caller = getattr(call, "caller", None)
    return caller is not None and bool(texts.mobile(caller.phone)) and is_on(case)


def is_on(case: Case) -> bool:
    """Do texts leave for the callers of this case? In the demo they do without a gateway: into the tray."""
    return settings.DEMO or gateways.of(case) is not None


def send(
    *,
    call: Call,
    kind: str,
    fields: Mapping[str, Fact] | None = None,
    at: dt.datetime,
    entry_id: int | None = None,
    case: Case | None = None,
) -> NoticeDelivery | None:
    """Plan one text to the caller of `call`; None where none can go. Inside a transaction.

    `kind` is one of notices.texts.KINDS. `fields` are ids, codes and instants, and those of SECRET, which nobody of the
    house may know. With the `entry_id` of what it tells of it is planned once, however often this runs. `case`: in
    which the matter lives, where that is not the call's own."""
    case = case or call.case
    chosen = texts.KINDS[kind]
    secret = {name: value for name, value in (fields or {}).items() if name in SECRET}
    if secret.keys() != chosen.secrets:
        raise ValueError(f"a text {kind} has other secrets")
    if not can_text(call, case):
        return None
    now, gateway = max(at, clock.now()), gateways.of(case)
    row = NoticeDelivery(
        channel=CHANNEL,
        endpoint=gateway,
        call=call,
        case=case,
        entry_id=entry_id,
        event=texts.EVENT + chosen.name,
        facts={name: value for name, value in (fields or {}).items() if name not in SECRET},
        sealed=sealing.seal(json.dumps(secret)) if secret else "",
        at=at,
        next_at=outgoing_texts.rests_until(chosen, case, gateway, now) or now,
    )
    NoticeDelivery.objects.bulk_create([row], ignore_conflicts=True)
    transaction.on_commit(planning.hint)
    return row
