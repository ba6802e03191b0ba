"""Another writer, in a process and a connection of its own: locks a random case, changes it, commits, again and
again; and remembers how long the longest of it took."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from typing import Any

import psycopg2

PAUSE = 0.002  # between two changes


@dataclass(frozen=True)
class Waits:
    """In seconds, over so many changes."""

    changes: int
    typical: float
    longest: float


def run(server: dict[str, Any], cases: Sequence[int], stop: Event, answer: Connection) -> None:
    took: list[float] = []
    chance = random.Random(1)  # noqa: S311
    connection = psycopg2.connect(**server)
    with connection.cursor() as cursor:
        answer.send("ready")
        while not stop.is_set():
            case = chance.choice(cases)
            began = time.perf_counter()
            cursor.execute("SELECT 1 FROM cases_case WHERE id = %s FOR NO KEY UPDATE", [case])
            cursor.execute("UPDATE cases_case SET version = version + 1 WHERE id = %s", [case])
            connection.commit()
            took.append(time.perf_counter() - began)
            time.sleep(PAUSE)
    connection.close()
    took.sort()
    answer.send(Waits(len(took), took[len(took) // 2], took[-1]))
