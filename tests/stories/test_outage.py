"""The worker is killed and the broker emptied while calls come in; then both return. Nothing is lost, and every
due clock has warned and breached exactly once. Real processes, real time."""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import time
from pathlib import Path
from urllib.request import Request, urlopen

import psycopg2
import pytest

from config.home import Home
from config.servers import Valkey
from tests.config.product import Product, command, data_folder, eventually

pytestmark = pytest.mark.stack

LATE = 12  # calls of five days ago: their clocks are all past due
CRITICAL = 8  # calls of now that somebody must be told of


def run(folder: Path, *arguments: str) -> str:
    process = command(folder, *arguments, HUYING_DEMO="1")
    out, _ = process.communicate(timeout=180)
    assert process.returncode == 0, out
    return out.strip().splitlines()[-1]


def post(address: str, key: str, path: str, body: dict) -> dict:
    headers = {"Content-Type": "application/json", "Authorization": f"Token {key}"}
    with urlopen(Request(address + path, json.dumps(body).encode(), headers), timeout=30) as answer:
        assert answer.status == 201
        return json.load(answer)


def test_nothing_is_lost_while_worker_and_broker_are_gone():
    with data_folder() as folder:
        run(folder, "demo_town", "--calls", "0")
        key = run(folder, "api_key", "jiedao")
        product = Product(folder, "--demo").wait_ready()
        try:
            eventually(product.is_well)
            numbers = _calls_amid_failure(product, folder, key)
            eventually(lambda: product.health().get("status") == "ok", 120)
            _swept(folder, numbers)
        finally:
            product.stop()
        assert "校验无误" in run(folder, "verify_ledger")


def _calls_amid_failure(product: Product, folder: Path, key: str) -> list[str]:
    """Calls are taken while the worker is killed again and again and the broker is emptied."""
    place = "370811015001001"
    broker = Valkey(Home(folder)).client()
    old = (dt.datetime.now(dt.UTC) - dt.timedelta(days=5)).isoformat()
    numbers = []
    for n in range(LATE + CRITICAL):
        for pid in _workers(product):
            os.kill(pid, signal.SIGKILL)
        broker.flushall()
        body: dict = {"place": place, "text": f"断线时的第 {n} 件", "item": "0601", "channel": "phone"}
        body |= {"called_at": old} if n < LATE else {"urgency": "critical"}
        numbers.append(post(product.address, key, "api/v1/calls/", body)["number"])
        time.sleep(0.1)
    return numbers


def _workers(product: Product) -> list[int]:
    try:
        return [product.part(" worker ")]
    except AssertionError:
        return []  # it has not been started again yet


def _swept(folder: Path, numbers: list[str]) -> None:
    connection = psycopg2.connect(Home(folder).database_url)
    connection.autocommit = True
    cursor = connection.cursor()

    def ask(sql: str, *values):
        cursor.execute(sql, values)
        return cursor.fetchone()[0]

    assert ask("SELECT count(*) FROM cases_case WHERE number = ANY(%s)", numbers) == len(numbers)
    eventually(
        lambda: not ask("SELECT count(*) FROM cases_clock WHERE next_at < now() - interval '1 second'"), 120
    )
    eventually(lambda: not ask("SELECT count(*) FROM ledger_entry WHERE pending"), 120)
    due = ask("SELECT count(*) FROM cases_clock WHERE state = 'running' AND due_at < now()")
    assert due >= LATE * 2  # accept and resolve at least
    for kind in ("warned", "breached"):
        assert ask("SELECT count(*) FROM ledger_entry WHERE event = %s", f"clock.{kind}") == due
        assert ask("SELECT count(DISTINCT once) FROM ledger_entry WHERE event = %s", f"clock.{kind}") == due
    told = "SELECT count(DISTINCT case_id) FROM cases_notice WHERE event = 'case.received'"
    assert ask(told) == CRITICAL
    unfinished = "SELECT count(*) FROM ledger_delivery WHERE done_at IS NULL"
    assert ask(unfinished) == 0
    connection.close()
