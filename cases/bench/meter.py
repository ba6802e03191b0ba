"""Interleaved timing: each round runs every subject once, so that a noisy minute hits them all alike."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connection
from django.test.utils import CaptureQueriesContext

TALK = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@dataclass
class Subject:
    """`run` does the thing once; `prepare` gets ready for it outside the measurement."""

    name: str
    run: Callable[[object], object]
    prepare: Callable[[], object] = lambda: None
    allowed_sql: int | None = None
    allowed_ratio: float | None = None
    allowed_ms: float | None = None
    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    sql: int = 0

    def once(self) -> None:
        ready = self.prepare()
        wall, cpu = time.perf_counter(), time.process_time()
        self.run(ready)
        self.cpu.append(time.process_time() - cpu)
        self.wall.append(time.perf_counter() - wall)

    def count(self) -> None:
        """Data statements of one warm run."""
        ready = self.prepare()
        with CaptureQueriesContext(connection) as captured:
            self.run(ready)
        self.sql = sum(not query["sql"].startswith(TALK) for query in captured.captured_queries)

    @property
    def cpu_ms(self) -> float:
        return statistics.median(self.cpu) * 1000

    @property
    def wall_ms(self) -> float:
        return statistics.median(self.wall) * 1000


def run(subjects: list[Subject], rounds: int, progress: Callable[[], None]) -> None:
    """Warm each up and count its statements, then `rounds` interleaved rounds."""
    for subject in subjects:
        subject.once()
        subject.count()
        subject.cpu.clear()
        subject.wall.clear()
    for _round in range(rounds):
        for subject in subjects:
            subject.once()
        progress()


def table(subjects: list[Subject], yardstick: Subject) -> list[str]:
    """Lines: SQL, ratio of CPU and of time to the yardstick, absolute milliseconds for what they are worth."""
    lines = [f"{'':28}{'SQL':>5}{'CPU ×':>9}{'time ×':>9}{'CPU ms':>9}{'ms':>9}  allowed"]
    for one in subjects:
        cpu, wall = one.cpu_ms / yardstick.cpu_ms, one.wall_ms / yardstick.wall_ms
        allowed = []
        if one.allowed_sql is not None:
            allowed.append(f"{judged(one.sql, one.allowed_sql)} SQL")
        if one.allowed_ratio is not None:
            allowed.append(f"{judged(cpu, one.allowed_ratio)} ×")
        if one.allowed_ms is not None:
            allowed.append(f"{judged(one.wall_ms, one.allowed_ms)} ms")
        lines.append(
            f"{one.name:28}{one.sql:>5}{cpu:>9.2f}{wall:>9.2f}{one.cpu_ms:>9.2f}{one.wall_ms:>9.2f}  {', '.join(allowed)}"
        )
    return lines


def judged(measured: float, most: float) -> str:
    return f"{'ok' if measured <= most else 'OVER'} ≤ {most:g}"
