"""Children of ours: started so that they cannot outlive us, stopped in their own way."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

PR_SET_PDEATHSIG = 1
# Loaded before any fork: a child that has changed its user may not be able to read our packages.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def tied_to_us(how: signal.Signals) -> Callable[[], None] | None:
    """A hook for the child: the kernel sends it `how` when the thread that started it ends, by kill -9 too.

    Only the main thread may start children with it. Linux only; elsewhere stale children are found at the next start.
    """
    if _libc is None:
        return None
    parent = os.getpid()

    def tie() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(how))
        if os.getppid() != parent:  # we died between the fork and this line
            os._exit(1)

    return tie


def spawn(
    command: list[str | Path],
    *,
    dies_by: signal.Signals,
    output: IO[bytes] | int,
    uid: int | None = None,
    gid: int | None = None,
    **more: Any,
) -> subprocess.Popen[bytes]:
    """A foreground child in a session of its own (Ctrl-C reaches only us), optionally as another user."""
    who: dict[str, Any] = {} if uid is None else {"user": uid, "group": gid, "extra_groups": []}
    return subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=tied_to_us(dies_by),
        **who,
        **more,
    )


def stop(child: subprocess.Popen[bytes] | None, *steps: tuple[signal.Signals, float]) -> None:
    """Ask by each signal in turn, wait its seconds, and end the whole group by force where nothing helped."""
    if child is None:
        return
    for how, seconds in steps:
        if child.poll() is not None:
            break
        child.send_signal(how)
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    end_group(child)


def end_group(child: subprocess.Popen[bytes]) -> None:
    """End what is left of a child's session: after a kill -9 of a leader its helpers may live on."""
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    if child.poll() is None:
        child.wait()


def tail(file: Path, lines: int = 12) -> str:
    """The last lines of a log, to be shown with a refusal."""
    try:
        return "\n".join(file.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def open_log(file: Path, keep: int = 4 * 1024 * 1024) -> IO[bytes]:
    """A log to append to; one that has grown large makes room and keeps one predecessor."""
    if file.exists() and file.stat().st_size > keep:
        file.replace(file.with_suffix(".old.log"))
    return open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
