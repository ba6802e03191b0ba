"""Text messages to callers: planned here, in the transaction of what they tell; sent by whoever empties the outbox.

The one way to write to a caller. A call without a number to write to gets none, and that is said (None).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from cases.models.call import Call
from cases.models.texting import CallerText
from cases.notices import sealing

# which fields nobody of ours may ever read: sealed in the outbox, in no tray, no log, no export
SECRET = frozenset({"rating_code"})


def send(*, call: Call, kind: str, fields: Mapping[str, Any], at: dt.datetime) -> CallerText | None:
    """Plan one message; inside the caller's transaction. `fields` are plain values for the template of `kind`."""
    caller = getattr(call, "caller", None)
    if caller is None or not caller.phone:
        return None
    secret = {name: value for name, value in fields.items() if name in SECRET}
    return CallerText.objects.create(
        call=call,
        kind=kind,
        fields={name: value for name, value in fields.items() if name not in SECRET},
        sealed=sealing.seal(json.dumps(secret)) if secret else "",
        at=at,
        next_at=at,
    )


def fields_of(text: CallerText) -> dict[str, Any]:
    """Everything the message says, opened: for the moment in which it leaves, and for nothing else. Raises
    sealing.Unreadable."""
    return {**text.fields, **(json.loads(sealing.unseal(text.sealed)) if text.sealed else {})}
