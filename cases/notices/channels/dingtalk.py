"""A group bot of DingTalk 钉钉: with a secret (加签) the address carries the time and its signature."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import urlencode

from cases.notices.channels import Message, Target
from cases.notices.channels.http import ask_bot
from ledger import clock


def send(message: Message, target: Target) -> None:
    named = "".join(
        f"@{name} " for name in message.mentions
    )  # it shows whom it names only where the text does
    body = {
        "msgtype": "text",
        "text": {"content": f"{named}{message.words}\n{message.link}"},
        "at": {"atUserIds": list(message.mentions), "isAtAll": False},
    }
    ask_bot(signed(target.address, target.secret, int(clock.now().timestamp() * 1000)), body)


def signed(address: str, secret: str, milliseconds: int) -> str:
    """The address with `timestamp` and `sign`; as it is where there is no secret."""
    if not secret:
        return address
    said = f"{milliseconds}\n{secret}".encode()
    sign = base64.b64encode(hmac.new(secret.encode(), said, hashlib.sha256).digest()).decode()
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}{urlencode({'timestamp': milliseconds, 'sign': sign})}"
