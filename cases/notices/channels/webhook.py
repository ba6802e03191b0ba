"""A program of somebody else's: JSON, signed so that it can tell us from others and now from then.

`X-Huying-Signature: sha256=` HMAC-SHA-256 by the shared secret over `{X-Huying-Timestamp}.{body}`, in hex.
`X-Huying-Delivery` is the same at every try: who has seen it drops it.
"""

from __future__ import annotations

import hashlib
import hmac
import json

from cases.notices.channels import Message, Target
from cases.notices.channels.http import post
from ledger import clock


def send(message: Message, target: Target) -> None:
    body = json.dumps(body_of(message), ensure_ascii=False).encode()
    stamp = str(int(clock.now().timestamp()))
    headers = {"X-Huying-Delivery": message.key, "X-Huying-Timestamp": stamp, "X-Huying-Event": message.event}
    if target.secret:
        headers["X-Huying-Signature"] = signature(target.secret, stamp, body)
    post(target.address, body, headers)


def body_of(message: Message) -> dict[str, str | None]:
    return {
        "id": message.key,
        "event": message.event,
        "kind": message.kind,
        "urgency": message.urgency,
        "number": message.number or None,
        "text": message.words,
        "link": message.link,
        "at": message.at.isoformat(),
    }


def signature(secret: str, stamp: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
