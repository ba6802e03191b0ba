"""The command screen for as long as it hangs there: the whole product on a data folder of its own, calls coming in over
HTTP all the time, a real browser on the board, its network cut for a while in the middle.

Printed at intervals: what the page's script holds after its garbage is collected, how many nodes and listeners the
browser keeps for it, what the web processes hold, how far the board is behind what was answered.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from cases.bench import browsing, caller

Say = Callable[[str], Any]

WALL = {"width": 1920, "height": 1080}
READER, TAKER, STREET = "lingdao", "jiedao", "370811015"
CUT = 60.0  # seconds without a network
PATIENCE = 60.0  # seconds until a call must stand on the board; beyond, it was missed
KEPT = {"heap": 2.0, "nodes": 300}  # what the last third may hold more than the first: MB, nodes
SHOWN = "document.querySelector('[data-part=today] dd').textContent"


@dataclass
class Sample:
    """After so many minutes."""

    minute: float
    heap: float  # MB
    nodes: int
    listeners: int
    held: float  # MB of the web processes
    taken: int
    behind: float  # seconds until the board showed what had been taken


def measure(say: Say, *, minutes: float, rate: float, password: str) -> bool:
    """The whole product on a folder of its own. Flat, and nothing missed? Raises NoBrowser."""
    chromium = browsing.find_chromium()
    with product() as (address, stack), browsing.opened(chromium) as browser:
        page = _board(browser, address, READER, password)
        return hang(say, page, address, key_of(stack), stack.pid, minutes=minutes, rate=rate)


def hang(
    say: Say, page: Any, address: str, key: str, stack: int, *, minutes: float, rate: float, cut: float = CUT
) -> bool:
    """A board that stands open and is quiet so far, then so many calls a second; `stack` is the supervisor's pid."""
    host, port = urlsplit(address).hostname or "", urlsplit(address).port or 80
    line = caller.Line(host, port, key, grids(host, port, key), rate)
    base = _shown(page)
    with _calls(line) as (taken, failed):
        samples, missed = _watch(say, page, taken, base, stack, minutes, cut)
        say(f"登记 {taken.value} 件（没成 {failed.value}），错过 {missed} 次")
    return _flat(say, samples) and not missed


# -- what runs


@contextlib.contextmanager
def product() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`manage.py stack --demo` on a folder that goes away with it: (address, its process)."""
    folder = tempfile.mkdtemp(prefix="huying-wall-")
    log = Path(folder) / "stack.log"
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    with log.open("w") as said:
        stack = subprocess.Popen(
            [sys.executable, "manage.py", "stack", "--demo", "--port", "0"],
            env={**kept, "HUYING_HOME": f"{folder}/home"},
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        yield _ready(stack, log), stack
    finally:
        stack.send_signal(signal.SIGINT)
        stack.wait(120)
        shutil.rmtree(folder, ignore_errors=True)


def _ready(stack: subprocess.Popen[str], log: Path) -> str:
    until = time.monotonic() + 900
    while time.monotonic() < until and stack.poll() is None:
        if found := re.search(r"打开 (http://\S+?)/?\s", log.read_text()):
            return found[1]
        time.sleep(0.5)
    raise RuntimeError(f"the product did not start:\n{log.read_text()[-2000:]}")


def key_of(stack: subprocess.Popen[str]) -> str:
    """An interface key of who takes the calls."""
    home = dict(
        part.split("=", 1)
        for part in Path(f"/proc/{stack.pid}/environ").read_text().split("\0")
        if "=" in part
    )["HUYING_HOME"]
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    said = subprocess.run(
        [sys.executable, "manage.py", "api_key", TAKER],
        env={**kept, "HUYING_HOME": home, "HUYING_DEMO": "1"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    return said.stdout.strip().splitlines()[-1]


def grids(host: str, port: int, key: str) -> list[str]:
    asked = HTTPConnection(host, port, timeout=60)
    asked.request(
        "GET", f"/api/v1/places/?within={STREET}&kind=grid", headers={"Authorization": f"Token {key}"}
    )
    rows = json.load(asked.getresponse())
    asked.close()
    return [place["code"] for place in (rows["results"] if isinstance(rows, dict) else rows)]


@contextlib.contextmanager
def _calls(line: caller.Line) -> Iterator[tuple[Any, Any]]:
    made = multiprocessing.get_context("spawn")
    stop, taken, failed = made.Event(), made.Value("q", 0), made.Value("q", 0)
    process = made.Process(target=caller.run, args=(line, stop, taken, failed), daemon=True)
    process.start()
    try:
        yield taken, failed
    finally:
        stop.set()
        process.join(60)


def _board(browser: Any, address: str, username: str, password: str) -> Any:
    page = browsing.sign_in(browser, address, username, password, WALL)
    page.goto(f"{address}/screen/")
    page.locator("[data-signal=live]").wait_for(timeout=60_000)
    return page


# -- looking


def _watch(
    say: Say, page: Any, taken: Any, base: int, stack: int, minutes: float, cut: float
) -> tuple[list[Sample], int]:
    """Samples at even intervals, the cut after the middle of them; how often the board did not come up to date."""
    began, every = time.monotonic(), max(10.0, minutes)
    samples: list[Sample] = []
    missed, is_cut = 0, False
    say(f"{'分钟':>6}{'脚本 MB':>9}{'节点':>8}{'监听':>6}{'网页进程 MB':>12}{'已登记':>8}{'落后 s':>8}")
    while (minute := (time.monotonic() - began) / 60) < minutes:
        if not is_cut and minute >= minutes / 2:
            is_cut = True
            missed += _cut(say, page, taken, base, cut)
        behind = _behind(page, taken, base)
        missed += behind is None
        samples.append(_sample(page, minute, taken.value, stack, -1.0 if behind is None else behind))
        one = samples[-1]
        say(
            f"{one.minute:>6.1f}{one.heap:>9.2f}{one.nodes:>8}{one.listeners:>6}{one.held:>12.0f}"
            f"{one.taken:>8}{one.behind:>8.1f}"
        )
        page.wait_for_timeout(every * 1000)
    return samples, missed


def _shown(page: Any) -> int:
    return int(page.evaluate(SHOWN).replace(",", ""))


def _behind(page: Any, taken: Any, base: int) -> float | None:
    """Seconds until the board shows all that was taken by now; None where it does not."""
    wanted, began = base + taken.value, time.monotonic()
    while _shown(page) < wanted:
        if time.monotonic() - began > PATIENCE:
            return None
        page.wait_for_timeout(100)
    return time.monotonic() - began


def _cut(say: Say, page: Any, taken: Any, base: int, seconds: float) -> int:
    """The network goes away and comes back; is everything there that was taken meanwhile?"""
    page.context.set_offline(True)
    page.wait_for_timeout(1000)
    before, shown = taken.value, _shown(page)
    page.wait_for_timeout(seconds * 1000)
    during, stood = taken.value - before, _shown(page) == shown
    page.context.set_offline(False)
    behind = _behind(page, taken, base)
    came = "没有追上" if behind is None else f"{behind:.1f} 秒后追上"
    say(
        f"断网 {seconds:.0f} 秒：其间登记 {during} 件，屏上{'未变' if stood else '变了（没有真断）'}，恢复后{came}"
    )
    return int(behind is None or not stood or not during)


def _sample(page: Any, minute: float, taken: int, stack: int, behind: float) -> Sample:
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    heap = session.send("Runtime.getHeapUsage")["usedSize"] / 1e6
    counts = session.send("Memory.getDOMCounters")
    session.detach()
    return Sample(minute, heap, counts["nodes"], counts["jsEventListeners"], _held(stack), taken, behind)


def _held(stack: int) -> float:
    """MB of the programs under the supervisor that speak to the page: web and live."""
    found = 0
    for process in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            if not process.name.isdigit() or _ancestor(int(process.name), stack) is False:
                continue
            if b"gunicorn" in (line := (process / "cmdline").read_bytes()) or b"uvicorn" in line:
                found += int((process / "statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    return found / 1e6


def _ancestor(pid: int, wanted: int) -> bool:
    while pid > 1:
        if pid == wanted:
            return True
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return False


def _flat(say: Say, samples: list[Sample]) -> bool:
    """The last third beside the first."""
    third = max(1, len(samples) // 3)
    fine = True
    for name, allowed in KEPT.items():
        first, last = (
            statistics.median(getattr(one, name) for one in part)
            for part in (samples[:third], samples[-third:])
        )
        fine &= last - first <= allowed
        say(f"{name}: {first:,.1f} → {last:,.1f} {'✓' if last - first <= allowed else '✗ 在长'}")
    return fine
