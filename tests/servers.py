"""The real PostgreSQL and Valkey of a test session: one pair on a temp folder, shared by all its processes."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

from django.conf import settings

from config.home import Home
from config.ownership import Ownership
from config.servers import UNSAFE_BUT_QUICK, Postgres, Servers


class TestServers:
    """Started by the process that began the session; its parallel workers only use them."""

    __test__ = False

    def __init__(self, folder: Path, *, postgres: bool, valkey: bool) -> None:
        self.home = Home(folder)
        self.ownership = Ownership.take(self.home)
        assert self.ownership is not None, f"{folder} belongs to another test session"
        self.servers = Servers(self.home, postgres=postgres, valkey=valkey, options=UNSAFE_BUT_QUICK)

    def start(self) -> None:
        self.servers.start()
        if not os.environ.get("DATABASE_URL"):  # the sockets may have had to go elsewhere than was foreseen
            settings.DATABASES["default"]["HOST"] = str(self.home.postgres_sockets)

    def stop(self) -> None:
        self.servers.stop()
        for part in self.servers.parts:
            if (
                isinstance(part, Postgres)
                and part.lodging is not None
                and part.lodging.data.parent != self.home.path
            ):
                shutil.rmtree(part.lodging.data.parent, ignore_errors=True)
        if self.home.sockets.parent != self.home.path:
            shutil.rmtree(self.home.sockets, ignore_errors=True)
        if self.ownership is not None:
            self.ownership.release()
        shutil.rmtree(self.home.path, ignore_errors=True)


def find_chromium() -> str:
    """The browser to test with, or nothing."""
    with contextlib.suppress(KeyError):
        return os.environ["HUYING_CHROMIUM"]
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    return ""
