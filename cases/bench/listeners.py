"""A thousand pages that stand open: idle connections to the live process of the whole product, then one call.

Printed: what the live process holds for each connection, how long one hint takes to reach all of them, and what a web
request takes beside them.
"""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cases.bench import wall

Say = Callable[[str], Any]

AT_ONCE = 50  # that come in at the same time
PATIENCE = 60.0  # seconds until a hint must have come
REQUESTS = 40
SPARE = 200  # files that a process has open besides


def measure(say: Say, *, connections: int) -> bool:
    """Did everybody get in, and hear of the call?"""
    _more_files(connections + SPARE)
    with wall.product() as (address, stack):
        key = wall.key_of(stack)
        web = _Web(address, key)
        live = _live_process(stack.pid)
        alone, before = web.median(), _held(live)
        heard = asyncio.run(_listen(web, connections, lambda: (_held(live), web.median())))
    held, beside = heard.idle
    say(f"{heard.came} 个连接，没进来的 {connections - heard.came} 个")
    say(
        f"实时提示进程 {before / 1024:.1f} → {held / 1024:.1f} MB，每个连接 {(held - before) / max(1, heard.came):.1f} KB"
    )
    took = sorted(heard.after)
    if took:
        say(
            f"登记一件：{len(took)} 个页面听到，一半在 {took[len(took) // 2]:.2f} 秒内，全部在 {took[-1]:.2f} 秒内"
        )
    say(f"网页请求中位 {alone * 1000:.0f} ms，挂着这些连接时 {beside * 1000:.0f} ms")
    return heard.came == connections == len(took)


class _Heard:
    """`idle`: what was measured while all stood open; `after`: seconds from the call's answer to each one's hint."""

    def __init__(self) -> None:
        self.came = 0
        self.idle: tuple[int, float] = (0, 0.0)
        self.after: list[float] = []


async def _listen(web: _Web, connections: int, look: Callable[[], tuple[int, float]]) -> _Heard:
    heard, gate = _Heard(), asyncio.Semaphore(AT_ONCE)
    lines: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def come() -> None:
        async with gate:
            where = urlsplit(await asyncio.to_thread(web.ticket))
            reader, writer = await asyncio.open_connection(where.hostname, where.port)
            writer.write(f"GET {where.path}?{where.query} HTTP/1.1\r\nHost: {where.netloc}\r\n\r\n".encode())
            if b" 200 " in await reader.readline() and await _until(reader, b"event: hello"):
                lines.append((reader, writer))

    await asyncio.gather(*(come() for _ in range(connections)), return_exceptions=True)
    heard.came = len(lines)
    await asyncio.sleep(2)
    heard.idle = await asyncio.to_thread(look)
    waiting = [asyncio.create_task(_until(reader, b"event: entry")) for reader, _writer in lines]
    called = await asyncio.to_thread(web.call)
    found = await asyncio.gather(*waiting)
    heard.after = [max(0.0, at - called) for at in found if at]
    for _reader, writer in lines:
        writer.close()
    return heard


async def _until(reader: asyncio.StreamReader, words: bytes) -> float:
    """When this line came; 0 where it did not."""
    try:
        async with asyncio.timeout(PATIENCE):
            while line := await reader.readline():
                if words in line:
                    return time.monotonic()
    except (TimeoutError, OSError):
        pass
    return 0.0


class _Web:
    """One who takes calls over the interface."""

    def __init__(self, address: str, key: str) -> None:
        found = urlsplit(address)
        self.host, self.port = found.hostname or "", found.port or 80
        self.headers = {"Authorization": f"Token {key}", "Content-Type": "application/json"}
        self.place = wall.grids(self.host, self.port, key)[0]

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        line = HTTPConnection(self.host, self.port, timeout=60)
        line.request(method, path, json.dumps(body) if body is not None else None, self.headers)
        answer = line.getresponse()
        said = json.loads(answer.read())
        line.close()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {said}")
        return said

    def ticket(self) -> str:
        return str(self._ask("GET", "/api/v1/live/ticket/")["url"])

    def call(self) -> float:
        """When it was answered."""
        self._ask("POST", "/api/v1/calls/", {"place": self.place, "text": "楼道灯坏了，晚上看不见。"})
        return time.monotonic()

    def median(self) -> float:
        took = []
        for _ in range(REQUESTS):
            began = time.perf_counter()
            self._ask("GET", "/api/v1/me/")
            took.append(time.perf_counter() - began)
        return statistics.median(took)


def _more_files(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, limit), hard))


def _live_process(stack: int) -> int:
    """The pid of the supervisor's live process."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes()
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if b"config.live:application" in words and parent == stack:
            return int(folder.name)
    raise RuntimeError("the live process does not run")


def _held(pid: int) -> int:
    """KB in memory."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0
