"""People who keep calling: a process of its own that takes calls over HTTP at a steady rate, by several at once."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event

HANDS = 4
WORDS = (
    "楼道灯坏了，晚上看不见。",
    "垃圾三天没有清运。",
    "井盖响得厉害。",
    "有人乱贴小广告。",
    "路边停车堵了出口。",
)


@dataclass(frozen=True)
class Line:
    """Where to call, with whose key, from which places, how many a second."""

    host: str
    port: int
    key: str
    places: Sequence[str]
    rate: float


def run(line: Line, stop: Event, taken: Synchronized, failed: Synchronized) -> None:
    """Until told to stop; `taken` counts what was answered with 201."""
    number, turn, began = itertools.count(), threading.Lock(), time.monotonic()

    def hand() -> None:
        connection = HTTPConnection(line.host, line.port, timeout=30)
        while not stop.is_set():
            with turn:
                n = next(number)
            stop.wait(max(0.0, began + n / line.rate - time.monotonic()))
            if stop.is_set():
                return
            said = _call(connection, line, n)
            with (taken if said else failed).get_lock():
                (taken if said else failed).value += 1

    hands = [threading.Thread(target=hand) for _ in range(HANDS)]
    for one in hands:
        one.start()
    for one in hands:
        one.join()


def _call(connection: HTTPConnection, line: Line, n: int) -> bool:
    body = {"place": line.places[n % len(line.places)], "text": f"{WORDS[n % len(WORDS)]}第 {n} 个来电。"}
    try:
        connection.request(
            "POST",
            "/api/v1/calls/",
            json.dumps({**body, "caller": {"phone": f"139{n % 10**8:08d}"}}),
            {"Authorization": f"Token {line.key}", "Content-Type": "application/json"},
        )
        answer = connection.getresponse()
        answer.read()
        return answer.status == 201
    except (OSError, HTTPException):
        connection.close()  # the next request opens it again
        return False
