"""A worker of its own: a process that sweeps the test's database, to be raced and killed."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from tests.config.product import eventually

ROOT = Path(__file__).resolve().parents[2]
GATE, SNAG = 4201, 4202  # advisory locks: what all wait for before they sweep, and in the middle of a batch
SCRIPT = f"""
import datetime, sys, django
django.setup()
from django.db import connection
host, name, at, batch = sys.argv[1:]
connection.settings_dict.update(HOST=host, NAME=name)
with connection.cursor() as cursor:
    cursor.execute("SELECT pg_advisory_lock_shared({GATE})")
from cases.sla import sweep
print(sweep.sweep(datetime.datetime.fromisoformat(at), batch=int(batch)).total)
"""
TRIGGER = f"""
CREATE FUNCTION snag() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_advisory_xact_lock({SNAG}); RETURN NEW; END $$;
CREATE TRIGGER snag BEFORE UPDATE ON cases_clock FOR EACH ROW WHEN (NEW.case_id = %s) EXECUTE FUNCTION snag();
"""


def start(at: dt.datetime, batch: int) -> subprocess.Popen[str]:
    return process(SCRIPT, at.isoformat(), str(batch))


def process(script: str, *given: str) -> subprocess.Popen[str]:
    """A script of its own, told first where the test's database is."""
    settings = connection.settings_dict
    return subprocess.Popen(
        [sys.executable, "-c", script, settings["HOST"], settings["NAME"], *given],
        cwd=ROOT,
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        text=True,
    )


@contextmanager
def held(key: int) -> Iterator[None]:
    """Whoever needs this lock waits meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [key])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


@contextmanager
def snagged(case: int) -> Iterator[None]:
    """Whoever writes a clock of this case hangs there meanwhile, in the middle of its transaction."""
    with connection.cursor() as cursor:
        cursor.execute(TRIGGER, [case])
    with held(SNAG):
        yield
    with connection.cursor() as cursor:  # waits for whoever was let go
        cursor.execute("DROP TRIGGER snag ON cases_clock; DROP FUNCTION snag()")


def wait_for(n: int, key: int) -> None:
    """Until so many wait for the lock."""

    def waiting() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted",
                [key],
            )
            return cursor.fetchone()[0] >= n

    eventually(waiting, 60)
