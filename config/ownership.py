"""Who runs the servers of a data folder, and who uses them: two file locks, freed by the kernel whatever happens.

The owner (the stack, or a keeper on behalf of short commands) holds `owner.lock` exclusively and writes into it
who it is and where its servers answer. Every command beside it holds `users.lock` shared while it works.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from config.home import Home, HomeRefused


@dataclass(frozen=True)
class Owner:
    """What the owner says of itself."""

    pid: int
    kind: str  # "stack" or "keeper"
    ready: bool = False
    address: str = ""
    database_url: str = ""
    redis_url: str = ""
    demo: bool = False


def _open(file: Path) -> IO[str]:
    try:
        return open(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="utf-8")
    except OSError as problem:
        raise HomeRefused(f"数据目录的锁 {file} 打不开：{problem.strerror}。它可能属于另一个用户。") from None


def _lock(file: IO[str], how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class Ownership:
    """The exclusive right to run servers in this data folder; given up by `release()` or by dying."""

    def __init__(self, home: Home, file: IO[str]) -> None:
        self.home = home
        self._file = file

    @classmethod
    def take(cls, home: Home, tries: int = 5) -> Ownership | None:
        """The right, or None where another has it. Looks a few times: a command that only asks who
        owns it holds the lock for a blink."""
        home.prepare()
        file = _open(home.owner_lock)
        for attempt in range(tries):
            if attempt:
                time.sleep(0.1)
            if _lock(file, fcntl.LOCK_EX):
                file.truncate(0)
                return cls(home, file)
        file.close()
        return None

    def announce(self, owner: Owner) -> None:
        """Say who owns the servers and where they answer. The file is readable by its owner only."""
        self._file.seek(0)
        self._file.truncate(0)
        self._file.write(json.dumps(asdict(owner)))
        self._file.flush()

    def release(self) -> None:
        self._file.truncate(0)
        self._file.close()


def owner_of(home: Home) -> Owner | None:
    """Who owns the servers now; None when nobody does. One that has not spoken yet is not ready."""
    if not home.owner_lock.exists():
        return None
    with _open(home.owner_lock) as file:
        if _lock(file, fcntl.LOCK_SH):
            return None  # nobody holds it; closing gives the lock back
        try:
            return Owner(**json.loads(file.read()))
        except (ValueError, TypeError):
            return Owner(pid=0, kind="")


def was_cut_off(home: Home) -> bool:
    """Whether the last owner died without giving its right back."""
    return owner_of(home) is None and home.owner_lock.exists() and home.owner_lock.stat().st_size > 0


class Use:
    """A shared hold on somebody's servers: as long as one lives, a keeper keeps them running."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._file = _open(home.users_lock)
        fcntl.flock(self._file, fcntl.LOCK_SH)  # waits while a keeper is on its way out

    def release(self) -> None:
        self._file.close()

    def end(self, seconds: float = 15) -> None:
        """Release, and where this was the last use, wait until the keeper has stopped its servers."""
        self.release()
        until = time.monotonic() + seconds
        beside = 0
        while time.monotonic() < until:
            owner = owner_of(self.home)
            if owner is None or owner.kind == "stack":
                return
            with _open(self.home.users_lock) as probe:
                if _lock(probe, fcntl.LOCK_SH) and not _lock(probe, fcntl.LOCK_EX):
                    beside += 1  # others use it still, or look at it at this very moment
                    if beside >= 3:
                        return
            time.sleep(0.05)


@contextmanager
def nobody_uses(home: Home) -> Iterator[bool]:
    """For the keeper: True when no command uses the servers; none can begin to while the block runs."""
    with _open(home.users_lock) as file:
        yield _lock(file, fcntl.LOCK_EX)
