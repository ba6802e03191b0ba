"""What must be so before the product serves: tables current, words compiled, static files gathered.

Each step is stamped in the data folder with a hash of what it was made from, and skipped where nothing changed.
"""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import django
import psycopg2

from config.home import PROJECT, Home

ROOMS = ("ledger", "grid", "parties", "cases", "config")


def fingerprint(files: Iterable[Path], *, contents: bool = True) -> str:
    """A hash over names and contents (or sizes and times, where reading them all would be slow)."""
    total = hashlib.sha256(django.__version__.encode())
    for file in sorted(files):
        total.update(str(file).encode())
        if contents:
            total.update(file.read_bytes())
        else:
            facts = file.stat()
            total.update(f"{facts.st_size} {facts.st_mtime_ns}".encode())
    return total.hexdigest()


def migrations() -> str:
    """The state of the code's migrations."""
    return fingerprint(file for room in ROOMS for file in (PROJECT / room).glob("migrations/*.py"))


def is_current(place: Home, what: str, mark: str) -> bool:
    kept = place.stamp(what)
    return kept.exists() and kept.read_text(encoding="ascii") == mark


def stamp(place: Home, what: str, mark: str) -> None:
    place.stamp(what).write_text(mark, encoding="ascii")


def ensure_tables(place: Home) -> None:
    """For a command on a database of its own: bring the tables up to date first, where they are not."""
    if is_current(place, "tables", migrations()):
        return
    done = subprocess.run([sys.executable, PROJECT / "manage.py", "prepare", "--tables-only"], check=False)
    if done.returncode:
        sys.exit(done.returncode)


def is_without_places(database_url: str) -> bool:
    """Whether nothing was ever loaded into this database."""
    with contextlib.closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        cursor.execute("select not exists (select from grid_place)")
        answer: bool = cursor.fetchone()[0]
        return answer
