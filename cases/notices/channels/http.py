"""One request to an address that was judged: no redirect followed, no endless answer, no endless wait."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Mapping
from typing import Any

from cases.notices.channels import Undelivered
from cases.notices.channels.guard import Judged, judge

PATIENCE = 5.0  # seconds for each step
IN_ALL = 10.0  # and for everything: a byte now and then is no answer
MOST = 64 * 1024  # bytes of an answer that are read
AGENT = "Huying/1"
HEARSAY = (408, 502, 504)  # who says so does not know what became of it


class _Plain(http.client.HTTPConnection):
    """Connects to the numeric address that was judged, whatever the name says by now."""

    def __init__(self, judged: Judged) -> None:
        super().__init__(judged.host, judged.port, timeout=PATIENCE)
        self.judged = judged

    def connect(self) -> None:
        self.sock = socket.create_connection((self.judged.ip, self.judged.port), PATIENCE)


class _Secure(_Plain):
    def connect(self) -> None:
        super().connect()
        context = ssl.create_default_context()
        self.sock = context.wrap_socket(self.sock, server_hostname=self.judged.host)


def post(address: str, body: bytes, headers: Mapping[str, str], method: str = "POST") -> bytes:
    """The beginning of the answer's body, of a 2xx; Undelivered else. JSON unless the headers say otherwise."""
    judged, left = judge(address), False
    link = (_Secure if judged.url.scheme == "https" else _Plain)(judged)
    late = threading.Event()
    cut = threading.Timer(IN_ALL, _cut, [link, late])
    cut.daemon = True
    cut.start()
    try:
        target = (judged.url.path or "/") + (f"?{judged.url.query}" if judged.url.query else "")
        usual = {"Content-Type": "application/json", "User-Agent": AGENT}
        link.connect()
        left = True
        link.request(method, target, body or None, {**usual, **headers})
        answer = link.getresponse()
        taken = answer.read(MOST)
    except ssl.SSLError as problem:
        raise Undelivered("tls", problem.reason or "", unsure=left) from None
    except (TimeoutError, ConnectionAbortedError):
        raise Undelivered("timeout", unsure=left) from None
    except (OSError, http.client.HTTPException) as problem:
        error = "timeout" if late.is_set() else "connect"
        raise Undelivered(error, type(problem).__name__, unsure=left) from None
    finally:
        cut.cancel()
        link.close()
    if 300 <= answer.status < 400:
        raise Undelivered("redirect", answer.status)
    if not 200 <= answer.status < 300:
        raise Undelivered("status", answer.status, unsure=answer.status in HEARSAY)
    return taken


def _cut(link: http.client.HTTPConnection, late: threading.Event) -> None:
    late.set()
    if link.sock is not None:
        try:
            link.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it was over already


def ask_bot(address: str, body: Mapping[str, Any]) -> None:
    """The group bots answer 200 also for a no; `errcode` tells."""
    taken = post(address, json.dumps(body, ensure_ascii=False).encode(), {})
    try:
        answer = json.loads(taken)
        code = answer["errcode"]
    except (ValueError, KeyError, TypeError):
        raise Undelivered("answer") from None
    if code != 0:
        raise Undelivered("rejected", f"{code} {str(answer.get('errmsg', ''))[:80]}")
