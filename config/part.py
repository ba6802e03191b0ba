"""One program of the product as a child of the supervisor, and what it says."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from typing import Any

from config import processes
from config.home import PROJECT


def say(part: str, text: str) -> None:
    """One line of the stack's own log."""
    try:
        print(f"{part:<8}| {text}", flush=True)
    except (BrokenPipeError, ValueError):
        pass  # whoever read us is gone; the product goes on


@dataclass
class Part:
    """One program of the product, kept running."""

    name: str
    command: list[str]
    stops_by: tuple[tuple[signal.Signals, float], ...]
    more: dict[str, Any] = field(default_factory=dict)
    child: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    deaths: int = 0
    next_start: float = 0.0
    rest: bytes = b""

    def start(self, environment: dict[str, str]) -> None:
        self.child = processes.spawn(
            list(self.command),
            dies_by=signal.SIGTERM,
            output=subprocess.PIPE,
            env=environment,
            cwd=PROJECT,
            **self.more,
        )
        assert self.child.stdout is not None
        os.set_blocking(self.child.stdout.fileno(), False)
        self.started = time.monotonic()

    def read(self) -> bool:
        """Print the complete lines that have come; False at the end of the stream."""
        assert self.child is not None and self.child.stdout is not None
        try:
            piece = os.read(self.child.stdout.fileno(), 65536)
        except BlockingIOError:
            return True
        *lines, self.rest = (self.rest + piece).split(b"\n")
        if not piece and self.rest:
            lines, self.rest = [self.rest], b""
        for line in lines:
            if line.strip():
                say(self.name, line.decode("utf-8", "replace").rstrip())
        return bool(piece)

    def stop(self) -> None:
        processes.stop(self.child, *self.stops_by)


def how_it_ended(code: int | None) -> str:
    """An exit code in words."""
    if code is not None and code < 0:
        return f"信号 {signal.Signals(-code).name}"
    return f"退出码 {code}"
