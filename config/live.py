"""The live process: a small ASGI program of its own (uvicorn) that passes hints from Valkey on to open pages.

    GET /live/?ticket=…     text/event-stream: `hello`, then `entry` and `here` with the topics concerned

It reads no database and no session: the ticket says which topics one may hear, and nothing but topics, versions
and counts goes out. A slow reader misses nothing, since hints of one kind add up until they are sent. While Valkey
is away everybody is sent home to ask by themselves; a `hello` on coming back says: look now, you may have missed
something. A connection ends after some minutes, so that rights that ended are not heard any longer.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
from collections import defaultdict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from cases.live import tickets, wire
from config import heartbeat
from ledger import clock

log = logging.getLogger("live")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

HEARTBEAT = 20.0  # seconds: a comment that keeps proxies from thinking we died
LASTS = 600.0  # seconds: then the page comes again with a new ticket
GATHER = 0.05  # seconds in which hints to one page become one
MOST = 5000  # connections; more are told to ask by themselves
HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"content-encoding", b"identity"),  # what compresses holds a stream back
    (b"x-accel-buffering", b"no"),
    (b"vary", b"Origin"),
    (b"x-content-type-options", b"nosniff"),
)


class Listener:
    """One open page: what it has not been told yet, by kind."""

    def __init__(self, topics: frozenset[str]) -> None:
        self.topics = topics
        self.waiting: dict[str, tuple[set[str], dict[str, Any]]] = {}
        self.over = False
        self.rung = asyncio.Event()

    def hear(self, kind: str, topics: set[str], seen: dict[str, Any]) -> None:
        told, known = self.waiting.setdefault(kind, (set(), {}))
        told |= topics
        known.update({name: seen[name] for name in topics & seen.keys()})
        self.rung.set()

    def end(self) -> None:
        self.over = True
        self.rung.set()

    def take(self) -> bytes:
        waiting, self.waiting = self.waiting, {}
        return b"".join(
            _event(kind, {"t": sorted(topics), "v": seen}) for kind, (topics, seen) in waiting.items()
        )


class Switchboard:
    """Who listens to what, and the one subscription that all of them share."""

    def __init__(self) -> None:
        self.by_topic: dict[str, set[Listener]] = defaultdict(set)
        self.listeners: set[Listener] = set()
        self.connected = False

    def join(self, listener: Listener) -> None:
        self.listeners.add(listener)
        for topic in listener.topics:
            self.by_topic[topic].add(listener)

    def part(self, listener: Listener) -> None:
        self.listeners.discard(listener)
        for topic in listener.topics:
            self.by_topic[topic].discard(listener)
            if not self.by_topic[topic]:
                del self.by_topic[topic]

    def pass_on(self, text: str | bytes) -> None:
        try:
            said = json.loads(text)
            kind, topics, seen = str(said["k"]), set(said["t"]), dict(said["v"])
            deaf = set(said["n"])
        except (ValueError, KeyError, TypeError):
            log.warning("live: a message nobody understands was left out")
            return
        concerned: dict[Listener, set[str]] = defaultdict(set)
        for topic in topics & self.by_topic.keys():
            for listener in self.by_topic[topic]:
                if deaf.isdisjoint(listener.topics):
                    concerned[listener].add(topic)
        for listener, heard in concerned.items():
            listener.hear(kind, heard, seen)

    async def run(self) -> None:
        """Listen to Valkey for ever; while it is away nobody is kept."""
        while True:
            valkey = Redis.from_url(
                settings.VALKEY.url,
                socket_connect_timeout=2,
                health_check_interval=10,
                retry=Retry(NoBackoff(), 0),
            )
            try:
                async with valkey, valkey.pubsub(ignore_subscribe_messages=True) as subscription:
                    await subscription.subscribe(wire.channel())
                    self.connected = True
                    while True:
                        message = await subscription.get_message(timeout=5.0)
                        if message is not None:
                            self.pass_on(message["data"])
            except (RedisError, OSError) as problem:
                log.warning("live: Valkey is away: %s", problem)
            self.connected = False
            for listener in list(self.listeners):
                listener.end()
            await asyncio.sleep(1)

    async def pulse(self) -> None:
        """Say every few seconds that this process lives and how many listen."""
        while True:
            with contextlib.suppress(RedisError, OSError):
                async with Redis.from_url(settings.VALKEY.url, socket_connect_timeout=2) as valkey:
                    now = clock.now().isoformat()
                    await valkey.set(heartbeat.key(heartbeat.LIVE), now, ex=24 * 3600)
                    await valkey.set(heartbeat.key("listeners"), len(self.listeners), ex=60)
            await asyncio.sleep(10)


board = Switchboard()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _live(receive, send)
    elif scope["type"] == "http":
        await _answer(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": 1008})


async def _live(receive: Receive, send: Send) -> None:
    tasks: list[asyncio.Task[None]] = []
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            tasks = [asyncio.create_task(board.run()), asyncio.create_task(board.pulse())]
            await send({"type": "lifespan.startup.complete"})
        else:
            for task in tasks:
                task.cancel()
            for listener in list(board.listeners):
                listener.end()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _answer(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"] != "/live/" or scope["method"] != "GET":
        return await _refuse(send, 404)
    query = parse_qs(scope["query_string"].decode("latin-1"))
    ticket = tickets.read((query.get("ticket") or [""])[0])
    origin = dict(scope["headers"]).get(b"origin", b"").decode("latin-1")
    if ticket is None or (origin and origin != ticket.origin):
        return await _refuse(send, 403)
    cross = ((b"access-control-allow-origin", ticket.origin.encode("latin-1")),) if origin else ()
    if not board.connected or len(board.listeners) >= MOST:
        return await _refuse(send, 503, cross)
    listener = Listener(ticket.topics)
    board.join(listener)
    gone = asyncio.create_task(_until_gone(receive, listener))
    try:
        await send({"type": "http.response.start", "status": 200, "headers": [*HEADERS, *cross]})
        await _stream(listener, send)
    except OSError:
        pass  # the reader went away in the middle of a word
    finally:
        board.part(listener)
        gone.cancel()


async def _stream(listener: Listener, send: Send) -> None:
    async def say(words: bytes, more: bool = True) -> None:
        await send({"type": "http.response.body", "body": words, "more_body": more})

    await say(b"retry: 3000\n\n" + _event("hello", {}))
    ends = asyncio.get_running_loop().time() + LASTS
    while not listener.over and asyncio.get_running_loop().time() < ends:
        try:
            await asyncio.wait_for(listener.rung.wait(), HEARTBEAT)
        except TimeoutError:
            await say(b":\n\n")
            continue
        await asyncio.sleep(GATHER)
        listener.rung.clear()
        if words := listener.take():
            await say(words)
    await say(_event("bye", {}), more=False)


async def _until_gone(receive: Receive, listener: Listener) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.end()


async def _refuse(send: Send, status: int, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
    await send(
        {"type": "http.response.start", "status": status, "headers": [*headers, (b"content-length", b"0")]}
    )
    await send({"type": "http.response.body", "body": b""})


def _event(kind: str, said: dict[str, Any]) -> bytes:
    return f"event: {kind}\ndata: {json.dumps(said, separators=(',', ':'))}\n\n".encode()
