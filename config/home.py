"""The data folder (`HUYING_HOME`): where things lie in it, and who may look.

The folder is private. Two things may have to live outside of it, and a pointer file inside then says where:
sockets, whose paths the kernel limits to 107 bytes and which the URL spellings want plain; and the
database's files, where root keeps the project in a folder that the database's own user cannot enter
(PostgreSQL refuses to run as root). No folder that is not ours ever has its mode changed.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
import tempfile
from pathlib import Path

from config import env

PROJECT = Path(__file__).resolve().parent.parent
LONGEST_SOCKET = 107  # bytes, the kernel's limit for a Unix socket's path
PLAIN = re.compile(r"[A-Za-z0-9._/-]+")


class HomeRefused(Exception):
    """The data folder cannot be used; the message is the sentence to show."""


def home() -> Home:
    """The data folder of this process: `HUYING_HOME`, or `.huying/` in the project."""
    return Home(env.folder("HUYING_HOME", PROJECT / ".huying"))


class Home:
    """Paths inside one data folder. Reading a path creates nothing; `prepare` and `keep` do."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    @property
    def key(self) -> str:
        """A short name for this folder, for what must live elsewhere."""
        return hashlib.sha256(os.fsencode(self.path)).hexdigest()[:12]

    # -- what lies where
    @property
    def secret(self) -> Path:
        return self.path / "secret_key"

    @property
    def media(self) -> Path:
        return self.path / "media"

    @property
    def static(self) -> Path:
        return self.path / "static"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def valkey_data(self) -> Path:
        return self.path / "valkey"

    @property
    def demo_mark(self) -> Path:
        """There once demo data was loaded: this data belongs to demo mode for good."""
        return self.path / "demo"

    def stamp(self, what: str) -> Path:
        """Where it is noted from what `what` was last made."""
        return self.path / f".{what}.stamp"

    @property
    def owner_lock(self) -> Path:
        """Held exclusively by whoever runs the servers; its text says who that is."""
        return self.path / "owner.lock"

    @property
    def users_lock(self) -> Path:
        """Held shared by every command that uses servers it did not start."""
        return self.path / "users.lock"

    @property
    def sockets(self) -> Path:
        """The folder of the sockets: inside where the path is short and plain and every server gets in, else
        under the temp folder."""
        pointer = self.path / "sockets.where"
        if pointer.exists():
            recorded = Path(pointer.read_text(encoding="utf-8").strip())
            if recorded.name == f"huying-{self.key}" and recorded.parent.is_dir():
                return recorded
        inside = self.path / "run"
        longest = inside / "postgres" / ".s.PGSQL.5432"
        if len(os.fsencode(longest)) <= LONGEST_SOCKET and PLAIN.fullmatch(str(inside)):
            return inside
        return self._sockets_outside()

    def _sockets_outside(self) -> Path:
        temp = Path(tempfile.gettempdir()).absolute()
        if not PLAIN.fullmatch(str(temp)) or len(os.fsencode(temp)) > 60:
            temp = Path("/tmp")  # noqa: S108  # the folder made in it is ours and checked
        return temp / f"huying-{self.key}"

    @property
    def postgres_sockets(self) -> Path:
        return self.sockets / "postgres"

    @property
    def valkey_socket(self) -> Path:
        return self.sockets / "valkey" / "valkey.sock"

    @property
    def database_url(self) -> str:
        """The embedded database of this folder, whether it runs or not."""
        return env.Database(name="huying", user="postgres", host=str(self.postgres_sockets)).url

    @property
    def redis_url(self) -> str:
        """The embedded Valkey of this folder, whether it runs or not."""
        return env.Redis(path=str(self.valkey_socket)).url

    # -- making them
    def prepare(self) -> None:
        """The folder itself, made private where it is new. Root's is passable (not readable): the database's
        user must get through to its own files, and everything else in it is private one level down."""
        mode = 0o711 if os.geteuid() == 0 else 0o700
        try:
            if not self.path.exists():
                self.path.mkdir(parents=True)
                self.path.chmod(mode)
        except OSError as problem:
            raise HomeRefused(
                f"数据目录 {self.path} 建不了：{problem.strerror}。可用 HUYING_HOME 另指一处。"
            ) from None
        if not self.path.is_dir() or not os.access(self.path, os.W_OK | os.X_OK):
            raise HomeRefused(f"数据目录 {self.path} 不可写：请换一个用户运行，或用 HUYING_HOME 另指一处。")

    def keep(self, folder: Path) -> Path:
        """One private folder of ours, made if missing."""
        self.prepare()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def keep_sockets(self, *, outside: bool = False) -> Path:
        """The folder of the sockets, ours and safe to use; `outside` where a server's user cannot get in here.
        It may stand in a temp folder others write to, so one that somebody else put there is refused."""
        self.prepare()
        folder = self._sockets_outside() if outside else self.sockets
        mode = 0o711 if os.geteuid() == 0 else 0o700
        if folder.parent != self.path:
            (self.path / "sockets.where").write_text(f"{folder}\n", encoding="utf-8")
        try:
            folder.mkdir(mode=mode)
            folder.chmod(mode)
        except FileExistsError:
            pass
        facts = folder.lstat()
        if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid() or facts.st_mode & 0o022:
            raise HomeRefused(
                f"套接字目录 {folder} 不属于当前用户，不能使用：请删除它，或用 HUYING_HOME 另指一处。"
            )
        return folder

    def secret_key(self) -> str:
        """The key that signs sessions, made once for this folder and readable by its owner only."""
        try:
            kept = self.secret.read_text(encoding="ascii").strip()
            if kept:
                return kept
        except FileNotFoundError:
            pass
        except OSError as problem:
            raise HomeRefused(
                f"密钥文件 {self.secret} 读不了：{problem.strerror}。请换一个用户运行。"
            ) from None
        self.prepare()
        fresh = secrets.token_urlsafe(64)
        draft = self.path / f".secret_key.{os.getpid()}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(fresh + "\n")
        try:
            os.link(draft, self.secret)  # the first of two processes wins, the other reads the winner's
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        return self.secret.read_text(encoding="ascii").strip()
