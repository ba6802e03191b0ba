"""The product as its own processes: `manage.py stack` on a data folder of its own, read and ended like a user would."""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from config.home import PROJECT, Home

PATIENCE = 180  # seconds; a first start gathers files and makes tables, on a machine busy with other tests


def environment(folder: Path, **more: str) -> dict[str, str]:
    """What a user's shell would hand to a command: nothing of the test session's servers."""
    ours = (
        "DATABASE_URL",
        "REDIS_URL",
        "HUYING_TEST_HOME",
        "DJANGO_SETTINGS_MODULE",
        "PYTEST_XDIST_WORKER",
        "PORT",
    )
    kept = {key: value for key, value in os.environ.items() if key not in ours}
    return {**kept, "HUYING_HOME": str(folder), **more}


def command(folder: Path, *arguments: str, **more: str) -> subprocess.Popen[str]:
    """A manage.py command on that data folder."""
    return subprocess.Popen(
        [sys.executable, str(PROJECT / "manage.py"), *arguments],
        env=environment(folder, **more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def data_folder(name: str = "home", mode: int = 0o755) -> Iterator[Path]:
    """The path of a data folder to be, in a temp folder that everybody may enter (or, by `mode`, may not)."""
    above = Path(tempfile.mkdtemp(prefix="huying-t-"))
    above.chmod(mode)
    folder = above / name
    try:
        yield folder
    finally:
        pointer = folder / "postgres.where"
        if pointer.exists():
            shutil.rmtree(Path(pointer.read_text().strip()).parent, ignore_errors=True)
        sockets = Home(folder).sockets
        shutil.rmtree(above, ignore_errors=True)
        shutil.rmtree(sockets, ignore_errors=True)


def processes_of(folder: Path) -> list[int]:
    """Live processes that work for this data folder, by their environment or their working folder."""
    found = []
    mark = f"HUYING_HOME={folder}".encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            if (entry / "stat").read_text().rpartition(")")[2].split()[0] == "Z":
                continue
            works_in = str((entry / "cwd").readlink())
            if mark in (entry / "environ").read_bytes().split(b"\0") or works_in.startswith(str(folder)):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def eventually(what, seconds: float = PATIENCE):
    """What `what()` gives once it gives something true."""
    until = time.monotonic() + seconds
    while True:
        if value := what():
            return value
        assert time.monotonic() < until, f"did not happen within {seconds} s"
        time.sleep(0.05)


class Product:
    """A running `manage.py stack`."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        self.process = command(folder, "stack", "--port", "0", *arguments)
        self.lines: list[str] = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as said:
            for line in said:
                self.lines.append(line.rstrip())

    @property
    def log(self) -> str:
        return "\n".join(self.lines)

    def wait_ready(self) -> Product:
        def seen() -> re.Match[str] | None:
            assert self.process.poll() is None, self.log
            return re.search(r"打开 (http://\S+)", self.log)

        self.address = eventually(seen)[1]
        return self

    def health(self) -> dict:
        """The answer of /healthz, whether well or ill; empty when nobody answers."""
        try:
            with urlopen(self.address + "healthz", timeout=3) as answer:
                return json.load(answer)
        except HTTPError as answer:
            return json.load(answer)
        except (URLError, OSError):
            return {}

    def is_well(self) -> bool:
        return self.health().get("status") == "ok"

    def part(self, words: str) -> int:
        """The pid of the supervisor's own child whose command line holds `words`."""
        for child in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split():
            line = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            if words in line:
                return int(child)
        raise AssertionError(f"no {words} among the children")

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(how)
        code = self.process.wait(PATIENCE)
        self.reader.join(5)
        return code


def interpreter_for(user: str) -> list[str] | None:
    """A Python that this user can run with the session's packages; None where there is none."""
    who = pwd.getpwnam(user)
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            done = subprocess.run(
                [python, "-c", "import django, psycopg2, redis, sys; print(sys.version_info[:2])"],
                user=who.pw_uid,
                group=who.pw_gid,
                extra_groups=[],
                cwd="/",
                env={
                    "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
                    "PATH": os.environ["PATH"],
                },
                capture_output=True,
                check=False,
            )
        except OSError:
            continue
        if done.returncode == 0 and done.stdout.decode().strip() == str(sys.version_info[:2]):
            return [python]
    return None
