"""The live process: a real uvicorn on loopback, hints over the real Valkey."""

from __future__ import annotations

import http.client
import json
import re
import threading
import time
from urllib.parse import urlencode

import pytest
import uvicorn

from cases.live import tickets, topics, wire
from config import live
from tests.builders import a_case
from tests.config.product import eventually

ORIGIN = "http://testserver"


@pytest.fixture(scope="module")
def port():
    server = uvicorn.Server(uvicorn.Config(live.application, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    eventually(lambda: server.started and live.board.connected, 20)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive(), "it stops with readers on the line"


class Listener:
    def __init__(self, port: int, ticket: str, origin: str = ORIGIN) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        self.line.request(
            "GET", f"/live/?{urlencode({'ticket': ticket})}", headers={"Origin": origin} if origin else {}
        )
        self.answer = self.line.getresponse()
        self.status = self.answer.status

    def next(self) -> tuple[str, dict]:
        """The next event; what is no event (a heartbeat, `retry`) left out."""
        kind = ""
        while line := self.answer.readline().decode():
            if line.startswith("event: "):
                kind = line[7:].strip()
            elif line.startswith("data: "):
                return kind, json.loads(line[6:])
        return "end", {}


def status_of(port: int, ticket: str, origin: str = ORIGIN) -> int:
    one = Listener(port, ticket, origin)
    one.line.close()
    return one.status


@pytest.fixture
def hear(port):
    opened = []

    def connect(*heard: str) -> Listener:
        one = Listener(port, tickets.mint(heard, ORIGIN))
        opened.append(one)
        assert one.status == 200 and one.next() == ("hello", {})
        return one

    yield connect
    for one in opened:
        one.line.close()


@pytest.mark.parametrize("ticket", ["", "x", "eyJ0IjoiYzEifQ:1abc:zzz", "ü" * 30])
def test_a_wrong_ticket_is_refused(port, ticket):
    assert status_of(port, ticket) == 403


def test_a_ticket_ends_after_two_minutes(port, monkeypatch):
    ticket = tickets.mint(["c1"], ORIGIN)
    monkeypatch.setattr(tickets, "GOOD_FOR", -1)
    assert status_of(port, ticket) == 403


def test_a_page_of_another_site_is_refused(port):
    assert status_of(port, tickets.mint(["c1"], ORIGIN), "http://elsewhere.example") == 403
    assert status_of(port, tickets.mint(["c1"], ORIGIN), "null") == 403


def test_its_own_page_may_read_and_nobody_keeps_it(hear):
    answer = hear("c1").answer
    assert answer.getheader("Access-Control-Allow-Origin") == ORIGIN
    assert answer.getheader("Cache-Control") == "no-store"
    assert answer.getheader("Content-Type") == "text/event-stream; charset=utf-8"


def test_nothing_else_is_answered(port):
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    for method, path in (("GET", "/"), ("POST", "/live/"), ("GET", "/live/../healthz")):
        line.request(method, path)
        answer = line.getresponse()
        assert (answer.status, answer.read()) == (404, b"")
    line.close()


def test_a_hint_comes_within_a_second_and_only_to_whom_it_concerns(hear):
    one, other = hear("c7", "u3"), hear("c8")
    start = time.monotonic()
    wire.publish(wire.ENTRY, {"c7", "p9"}, {"c7": [2, 5]})
    assert one.next() == ("entry", {"t": ["c7"], "v": {"c7": [2, 5]}})
    assert time.monotonic() - start < 1
    wire.publish(wire.HERE, {"c8"})
    assert other.next() == ("here", {"t": ["c8"], "v": {}}), "nothing came before it"


def test_whom_a_hint_is_not_for_hears_nothing_of_it(hear):
    accused, colleague = hear("p9", "x5"), hear("p9")
    wire.publish(wire.ENTRY, {"c7", "p9"}, {"c7": [2, 5]}, deaf={"x5", "a3"})
    wire.publish(wire.HERE, {"p9"})
    assert colleague.next()[0] == "entry"
    assert accused.next()[0] == "here", "nothing came before it"


def test_hints_in_a_burst_add_up(hear):
    one = hear("c7", "c8")
    for n in range(50):
        wire.publish(wire.ENTRY, {"c7", "c8"}, {"c7": [n, n], "c8": [1, n]})
    got, last = 0, {}
    while last.get("c7") != [49, 49] or last.get("c8") != [1, 49]:
        kind, said = one.next()
        assert kind == "entry"
        got, last = got + 1, last | said["v"]
    assert got < 25


def test_what_nobody_understands_ends_nobody(hear):
    one = hear("c7")
    for text in ("{", "[]", '{"k": 1}', "ü"):
        wire.client().publish(wire.channel(), text)
    wire.publish(wire.ENTRY, {"c7"})
    assert one.next()[0] == "entry"


@pytest.mark.django_db
def test_a_new_case_reaches_its_desk_as_ids_and_counts(town, hear, django_capture_on_commit_callbacks):
    one = hear(*topics.of_actor(town.actor("jiedao")))
    start = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        a_case(by="wangge", text="机密：外墙。")
    kind, said = one.next()
    assert kind == "entry" and time.monotonic() - start < 5
    assert said["t"] and all(re.fullmatch(r"[acup]\d+", topic) for topic in said["t"])
    assert all(isinstance(n, int) for seen in said["v"].values() for n in seen)
    assert set(said) == {"t", "v"}


def test_a_cut_sends_everybody_home_and_the_next_hello_says_look_now(port, hear):
    one = hear("c7")
    wire.client().client_kill_filter(_type="pubsub")
    assert one.next() == ("bye", {}) and one.next() == ("end", {})
    eventually(lambda: live.board.connected, 10)
    again = hear("c7")
    wire.publish(wire.ENTRY, {"c7"})
    assert again.next()[0] == "entry"
