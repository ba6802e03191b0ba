"""How a command finds its database: the servers of a running stack, or servers for its own time.

`ready(argv)` is called by manage.py before Django reads its settings. Where no URL is given and nothing runs,
it starts a keeper: a small process that owns the servers as long as at least one command uses them, and then
stops them. So two commands share one database, and neither takes it from under the other by ending.
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
import time
from types import FrameType

from config import env, processes, setup
from config.home import PROJECT, Home, HomeRefused, home
from config.ownership import Owner, Ownership, Use, nobody_uses, owner_of
from config.servers import RECOVERY_SECONDS, ServerFailed, Servers

# Commands that touch no database. `stack` brings its own.
NEED_NOTHING = frozenset(
    [
        "help",
        "version",
        "stack",
        "check",
        "compilemessages",
        "makemessages",
        "makemigrations",
        "collectstatic",
        "findstatic",
        "diffsettings",
        "compile_translations",
        "translations",
        "lifecycle",
        "likeness",
        "spectacular",
        "startapp",
    ]
)


def needs_database(argv: list[str]) -> bool:
    """Whether this command line reads or writes data."""
    if len(argv) < 2 or argv[1].startswith("-") or {"-h", "--help", "--version"} & set(argv[1:]):
        return False
    if argv[1] == "check" and "--database" in argv:
        return True
    return argv[1] not in NEED_NOTHING


def ready(argv: list[str]) -> None:
    """Set DATABASE_URL and REDIS_URL for this process where the environment leaves them open."""
    if env.text("DATABASE_URL") and env.text("REDIS_URL"):
        return
    if needs_database(argv):
        owner = serve(home())
        adopt(owner)
        if owner.kind == "keeper" and argv[1] not in {"prepare", "migrate"}:
            setup.ensure_tables(home())
            if argv[1] == "demo_town" and not owner.demo and setup.is_without_places(owner.database_url):
                home().demo_mark.touch()  # this command makes an empty data folder a demo's, for good
                os.environ["HUYING_DEMO"] = "1"


def adopt(owner: Owner) -> None:
    """Use the servers of `owner` in this process and its children."""
    for name, url in (("DATABASE_URL", owner.database_url), ("REDIS_URL", owner.redis_url)):
        if not env.text(name):
            os.environ[name] = url
    if owner.demo:
        os.environ.setdefault("HUYING_DEMO", "1")


def serve(place: Home) -> Owner:
    """The owner of ready servers for this folder, held for us until this process ends."""
    place.prepare()
    use = Use(place)
    atexit.register(use.end)
    keeper: subprocess.Popen[bytes] | None = None
    told = False
    start = time.monotonic()
    while time.monotonic() - start < RECOVERY_SECONDS + 30:
        owner = owner_of(place)
        if owner is not None and owner.ready:
            return owner
        if keeper is not None and keeper.poll():
            atexit.unregister(use.end)
            use.release()
            raise HomeRefused(f"数据库没有起来：\n{processes.tail(place.logs / 'keeper.log')}")
        if owner is None and (keeper is None or keeper.poll() is not None):
            keeper = _start_keeper(place)
        if not told and time.monotonic() - start > 3:
            told = True
            print("正在等待数据库就绪…", file=sys.stderr)
        time.sleep(0.03)
    raise HomeRefused("数据库迟迟没有就绪，请查看数据目录下的 logs/postgres.log。")


def _start_keeper(place: Home) -> subprocess.Popen[bytes]:
    place.keep(place.logs)
    with open(place.logs / "keeper.log", "wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "config.local"],
            cwd=PROJECT,
            env={**os.environ, "HUYING_HOME": str(place.path), "PYTHONPATH": str(PROJECT)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def keep(place: Home) -> int:
    """Own the servers of this folder until no command uses them; 0 also when another owns them already."""
    ownership = Ownership.take(place)
    if ownership is None:
        return 0
    leaving: list[int] = []

    def leave(signum: int, frame: FrameType | None) -> None:
        leaving.append(signum)

    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, leave)
    given = env.text("DATABASE_URL"), env.text("REDIS_URL")
    servers = Servers(place, postgres=not given[0], valkey=not given[1])
    try:
        servers.start()
        ownership.announce(
            Owner(
                pid=os.getpid(),
                kind="keeper",
                ready=True,
                database_url=given[0] or place.database_url,
                redis_url=given[1] or place.redis_url,
                demo=place.demo_mark.exists(),
            )
        )
        while not leaving and not servers.dead():
            with nobody_uses(place) as unused:
                if unused:
                    servers.stop()
                    ownership.release()
                    return 0
            time.sleep(0.1)
        return 1
    except ServerFailed as failure:
        print(failure)
        return 1
    finally:
        servers.stop()


if __name__ == "__main__":
    try:
        sys.exit(keep(home()))
    except (HomeRefused, env.Unreadable) as refusal:
        sys.exit(str(refusal))
