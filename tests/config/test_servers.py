"""The embedded servers: kept through every kind of sudden death, and found by every command."""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
import sys
import time

import pytest

from config import local
from config.home import PROJECT, Home, HomeRefused
from config.ownership import Owner, Ownership, owner_of
from config.servers import UNSAFE_BUT_QUICK, Servers
from tests.config.product import command, data_folder, environment, interpreter_for, processes_of

pytestmark = pytest.mark.stack


def start(home: Home) -> Servers:
    servers = Servers(home, options=UNSAFE_BUT_QUICK)
    servers.start()
    return servers


def write(servers: Servers) -> None:
    postgres, valkey = servers.parts
    with postgres.connect("huying") as connection, connection.cursor() as cursor:
        cursor.execute("create table kept (n int); insert into kept values (7)")
    valkey.client().set("kept", "7")


def read(servers: Servers) -> tuple[int, bytes]:
    postgres, valkey = servers.parts
    with postgres.connect("huying") as connection, connection.cursor() as cursor:
        cursor.execute("select n from kept")
        return cursor.fetchone()[0], valkey.client().get("kept")


def test_data_survives_sudden_death_and_a_recycled_pid():
    with data_folder("数据 一") as folder:
        home = Home(folder)
        servers = start(home)
        try:
            write(servers)
            time.sleep(1.1)  # Valkey writes its file to disk once a second
            for part in servers.parts:
                part.child.kill()
                part.child.wait()
            servers = start(home)
            assert read(servers) == (7, b"7")

            for part in servers.parts:
                part.child.kill()
                part.child.wait()
            note = servers.parts[0].lodging.data / "postmaster.pid"
            rest = note.read_text().split("\n", 1)[1]
            note.write_text(f"{os.getpid()}\n{rest}")  # after a reboot the number is somebody else's
            servers = start(home)
            assert read(servers) == (7, b"7")
        finally:
            servers.stop()
        assert not [pid for pid in processes_of(folder) if pid != os.getpid()]


def test_servers_left_by_a_dead_supervisor_are_taken_over():
    with data_folder() as folder:
        home = Home(folder)
        first = start(home)
        second = None
        try:
            write(first)
            second = start(home)  # as after a kill -9 where the kernel could not end them
            assert read(second) == (7, b"7")
            assert all(part.child.wait(10) is not None for part in first.parts)
        finally:
            first.stop()
            if second:
                second.stop()


def test_everything_in_the_data_folder_is_private():
    with data_folder() as folder:
        servers = start(Home(folder))
        servers.stop()
        Home(folder).secret_key()
        assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600
        open_to_others = [
            entry.name
            for entry in folder.iterdir()
            if entry.is_dir() and entry.name != "run" and entry.stat().st_mode & 0o077
        ]
        assert open_to_others == []
        assert not any(entry.stat().st_mode & 0o077 for entry in (folder / "run").iterdir())


def test_a_folder_that_is_not_ours_keeps_its_mode():
    """Root's private folder stays private; the database then lies outside of it."""
    with data_folder(mode=0o700) as folder:
        servers = start(Home(folder))
        try:
            write(servers)
            assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700
            if os.geteuid() == 0:
                assert folder not in servers.parts[0].lodging.data.parents
            assert read(servers) == (7, b"7")
        finally:
            servers.stop()


def test_a_long_path_gets_short_sockets():
    with data_folder("深" * 40) as folder:
        home = Home(folder / ("x" * 60))
        servers = start(home)
        try:
            write(servers)
            assert len(os.fsencode(home.valkey_socket)) < 107
            assert stat.S_IMODE(home.postgres_sockets.stat().st_mode) == 0o700
        finally:
            servers.stop()
            subprocess.run(["rm", "-rf", str(home.sockets)], check=True)


def test_a_socket_folder_put_there_by_somebody_else_is_refused(tmp_path):
    home = Home(tmp_path / "数据")
    theirs = home._sockets_outside()
    theirs.mkdir()
    theirs.chmod(0o777)
    try:
        with pytest.raises(HomeRefused, match="不属于当前用户"):
            home.keep_sockets()
    finally:
        theirs.rmdir()


def test_one_owner_at_a_time(tmp_path):
    home = Home(tmp_path / "home")
    assert owner_of(home) is None
    first = Ownership.take(home)
    assert first is not None
    first.announce(Owner(pid=os.getpid(), kind="stack", address="http://127.0.0.1:1/"))
    assert Ownership.take(home, tries=1) is None
    assert owner_of(home).address == "http://127.0.0.1:1/"
    first.release()
    assert owner_of(home) is None
    second = Ownership.take(home)
    assert second is not None
    second.release()


@pytest.mark.parametrize(
    ("line", "needed"),
    [
        ("manage.py", False),
        ("manage.py help", False),
        ("manage.py check_tree --help", False),
        ("manage.py stack --demo", False),
        ("manage.py makemigrations --check", False),
        ("manage.py check_tree", True),
        ("manage.py migrate", True),
        ("manage.py sla_due --unit day", True),
    ],
)
def test_which_commands_need_a_database(line, needed):
    assert local.needs_database(line.split()) is needed


WORK = """
import pathlib, time
from django.db import connection
cursor = connection.cursor()
cursor.execute("select pg_backend_pid()")
print("begun", flush=True)
while not pathlib.Path({go!r}).exists():
    time.sleep(0.05)
cursor.execute("select count(*) from django_migrations")
print("migrations", cursor.fetchone()[0])
"""


def test_commands_share_servers_started_for_their_own_time():
    with data_folder() as folder:
        go = folder.parent / "go"
        long = command(folder, "shell", "--verbosity", "0", "-c", WORK.format(go=str(go)))
        try:
            assert any(line.strip() == "begun" for line in long.stdout)  # the tables were made on the way
            short = command(folder, "shell", "--verbosity", "0", "-c", WORK.format(go=str(folder)))
            said, _ = short.communicate(timeout=60)
            assert short.returncode == 0, said
            assert long.poll() is None
            go.touch()  # only now may the long one go on: the short one's end took nothing from it
            said, _ = long.communicate(timeout=60)
            assert long.returncode == 0, said
            assert "migrations" in said
            assert processes_of(folder) == []
        finally:
            long.kill()


def test_a_command_without_need_starts_nothing():
    with data_folder() as folder:
        said, _ = command(folder, "help").communicate(timeout=60)
        assert "stack" in said
        assert not (folder / "postgres").exists()


def test_an_unreadable_value_stops_with_a_sentence():
    with data_folder() as folder:
        process = command(folder, "check_tree", DATABASE_URL="mysql://x", REDIS_URL="redis://localhost")
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 1
        assert "DATABASE_URL 读不懂" in said
        assert "Traceback" not in said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_an_ordinary_user_runs_it_as_himself():
    python = interpreter_for("nobody")
    if python is None:
        pytest.skip("no Python that nobody may run has this session's packages")
    who = pwd.getpwnam("nobody")
    with data_folder(mode=0o777) as folder:
        done = subprocess.run(
            [*python, "-m", "config.local"],
            cwd=PROJECT,
            user=who.pw_uid,
            group=who.pw_gid,
            extra_groups=[],
            env=environment(folder, PYTHONPATH=os.pathsep.join([str(PROJECT), *filter(None, sys.path)])),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert (folder / "postgres" / "PG_VERSION").stat().st_uid == who.pw_uid
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
