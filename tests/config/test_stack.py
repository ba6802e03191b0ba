"""The whole product under its supervisor: ready, revived, refused, stopped."""

from __future__ import annotations

import os
import signal
import socket
import time

import pytest

from tests.config.product import Product, command, data_folder, eventually, processes_of

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def product():
    """One running product for all of these, under a path with a space and Chinese characters."""
    with data_folder("呼应 数据") as folder:
        running = Product(folder).wait_ready()
        yield running
        if running.process.poll() is None:
            running.stop(signal.SIGTERM)
        assert eventually(lambda: not processes_of(folder), 15)


def test_it_says_when_it_is_ready_and_is_well(product):
    assert "就绪 ready" in product.log
    facts = product.health()
    assert facts["status"] == "ok"
    assert facts["ill"] == []
    assert facts["clock_skew"] <= 2
    assert facts["worker_age"] < 45
    assert facts["beat_age"] < 45
    assert "huying-demo" not in product.log


def test_a_command_uses_the_running_database(product):
    work = "from django.db import connection as c; cursor = c.cursor(); cursor.execute('show port'); print(c.settings_dict['HOST'])"
    said, _ = command(product.folder, "shell", "--verbosity", "0", "-c", work).communicate(timeout=60)
    assert "huying-" in said
    assert product.is_well()


def test_a_second_one_on_the_same_data_is_refused(product):
    second = command(product.folder, "stack", "--port", "0")
    said, _ = second.communicate(timeout=60)
    assert second.returncode == 1
    assert f"进程 {product.process.pid}" in said
    assert "Traceback" not in said


def test_a_taken_port_is_refused_with_a_sentence():
    with data_folder() as folder, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = command(folder, "stack", PORT=str(port))
        said, _ = refused.communicate(timeout=60)
        assert refused.returncode == 1
        assert f"端口 {port} 用不了" in said
        assert "Traceback" not in said
        assert not (folder / "postgres").exists()


@pytest.mark.parametrize("part", ["gunicorn", "postgres -D", "valkey-server", " worker ", " beat "])
def test_what_is_killed_comes_back(product, part):
    before = product.part(part)
    os.kill(before, signal.SIGKILL)

    def is_back() -> bool:
        try:
            return product.part(part) != before
        except (AssertionError, OSError):
            return False

    eventually(is_back)
    eventually(product.is_well)


def test_a_killed_supervisor_takes_its_children_along_and_the_next_start_works(product):
    os.kill(product.process.pid, signal.SIGKILL)
    product.process.wait()
    again = Product(product.folder).wait_ready()
    try:
        assert again.is_well()
        start = time.monotonic()
        assert again.stop(signal.SIGINT) == 0
        assert time.monotonic() - start < 20
        assert "已停止" in again.log
        assert eventually(lambda: not processes_of(product.folder), 15)
    finally:
        if again.process.poll() is None:
            again.process.kill()


def test_asked_to_stop_while_it_starts_it_stops():
    with data_folder() as folder:
        starting = Product(folder)
        eventually(lambda: "数据目录" in starting.log)
        assert starting.stop(signal.SIGTERM) == 0
        assert eventually(lambda: not processes_of(folder), 15)
