"""The tree measured as it grows: bulk load, single insert, move of a subtree, questions about subtrees.

One database, filled step by step; after each step the same things are done in the same street, so what its
neighbours cost it stands side by side. Run by `manage.py bench tree`.
"""

from __future__ import annotations

import datetime as dt
import os
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from grid import commands, finding, importing, queries, soundness, tree
from grid.models import Place
from grid.sheets import Row
from ledger.actor import Actor

Say = Callable[[str], Any]

HOME = "990101001"  # the street in which everything is measured
STREETS_IN_DISTRICT, COMMUNITIES = 14, 15
WORDS = (
    "王家",
    "李庄",
    "前铺",
    "后铺",
    "东街",
    "西街",
    "南关",
    "北关",
    "新村",
    "老营",
    "柳树",
    "石桥",
    "大屯",
    "小店",
    "河湾",
)


def made_up(count: int, first_district: int = 0) -> Iterator[Row]:
    """So many rows of the statistical shape (province, city, district, street, community), invented; those of the
    street that is measured hold grids besides."""
    left, number = count, 1

    def row(code: str, name: str, level: str, above: str) -> Row:
        nonlocal left, number
        left, number = left - 1, number + 1
        return Row(number, code, name, level, above)

    district = first_district
    while left > 0:
        city, nth = divmod(district, 99)
        province = f"{99 - city // 99:02d}"
        city_code = f"{province}{city % 99 + 1:02d}"
        if nth == 0:
            if city % 99 == 0:
                yield row(province, f"{WORDS[city % 15]}省", "province", "")
            yield row(city_code, f"{WORDS[city % 15]}市", "city", province)
        code = f"{city_code}{nth + 1:02d}"
        yield row(code, f"{WORDS[nth % 15]}区", "district", city_code)
        for s in range(1, STREETS_IN_DISTRICT + 1):
            street = f"{code}{s:03d}"
            yield row(street, f"{WORDS[s]}街道", "street", code)
            for c in range(1, COMMUNITIES + 1):
                community = f"{street}{c:03d}"
                name = WORDS[(s + c) % 15] + WORDS[(s * c + nth) % 15]
                yield row(community, f"{name}社区居委会", "community", street)
                if street == HOME:
                    for g in range(1, 5):
                        yield row(f"{community}{g:03d}", f"{name}第{g}网格", "grid", community)
            if left <= 0:
                return
        district += 1


def measure(say: Say, sizes: Sequence[int], by: Actor, at: dt.datetime, last: Sequence[Row] = ()) -> None:
    """Fill up to each size, measuring after each; `last`: real rows that come on top of everything."""
    say(
        f"{'places':>9}{'rows/s':>9}{'here µs':>9}{'there µs':>9}{'peak MB':>9}  "
        + "".join(f"{name:>22}" for name in _subjects(by, at))
    )
    first: dict[str, float] = {}
    district = 0
    for size in [*sizes, 0] if last else sizes:
        missing = size - Place.objects.count()
        rows = list(last) if not size else list(made_up(missing, district))
        began, here, there = time.perf_counter(), time.process_time(), _database_cpu()
        importing.load(rows, by=by, at=at)
        took, here, there = time.perf_counter() - began, time.process_time() - here, _database_cpu() - there
        district = 1 + max(_district_of(row) for row in rows) if size else district
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE) grid_place")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        cells = []
        for name, subject in _subjects(by, at).items():
            statements, wall = _timed(subject)
            first.setdefault(name, wall)
            cells.append(f"{statements:>4} SQL {wall * 1000:7.2f} ms {wall / first[name]:4.2f}×")
        say(
            f"{Place.objects.count():>9}{len(rows) / took:>9.0f}{here / len(rows) * 1e6:>9.0f}"
            f"{there / len(rows) * 1e6:>9.0f}{peak:>9.0f}  " + "".join(f"{c:>22}" for c in cells)
        )
    began = time.perf_counter()
    faults = soundness.faults()
    say(f"check_tree: {len(faults)} faults, {time.perf_counter() - began:.1f} s")


def _database_cpu() -> float:
    """Seconds of processor that our connection's server process has used; 0 where it runs elsewhere. Beside our own
    it tells what a load costs on a machine that is busy with other things: the two work at the same time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _district_of(row: Row) -> int:
    """The running number that `made_up` gave to a row's district; -1 for what stands above."""
    if len(row.code) < 6:
        return -1
    return ((99 - int(row.code[:2])) * 99 + int(row.code[2:4]) - 1) * 99 + int(row.code[4:6]) - 1


def _subjects(by: Actor, at: dt.datetime) -> dict[str, Callable[[int], Any]]:
    def grid(n: int) -> Place:
        return Place.objects.get(code=f"{HOME}{n % COMMUNITIES + 1:03d}001")

    def insert(n: int) -> Callable[[], Any]:
        above = grid(n)
        return lambda: commands.open_place(by=by, at=at, kind="building", name="测1号楼", parent=above)

    def move(n: int) -> Callable[[], Any]:
        """A community with its grids and buildings to the neighbouring street, and back the next time."""
        place = Place.objects.get(code=f"{HOME}{COMMUNITIES:03d}")
        there = Place.objects.get(code="990101002")
        home = Place.objects.get(code=HOME)
        parent = there if place.street_id == home.pk else home
        return lambda: commands.move_place(place=place, parent=parent, version=place.version, by=by, at=at)

    def below(n: int) -> Callable[[], Any]:
        street = Place.objects.get(code=HOME)
        return lambda: list(Place.objects.filter(tree.within(street)).values_list("pk"))

    def counted(n: int) -> Callable[[], Any]:
        district = Place.objects.get(code=HOME[:6])
        return lambda: queries.kind_counts(district)

    def search(n: int) -> Callable[[], Any]:
        return lambda: finding.search("wjlz")

    return {
        "insert": insert,
        "move subtree": move,
        "street below": below,
        "count district": counted,
        "search": search,
    }


def _timed(subject: Callable[[int], Callable[[], Any]], rounds: int = 30) -> tuple[int, float]:
    """(data statements, median seconds) of a subject, warm."""
    subject(0)()
    ready = subject(1)
    with CaptureQueriesContext(connection) as captured:
        ready()
    talk = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
    statements = sum(not query["sql"].startswith(talk) for query in captured.captured_queries)
    walls = []
    for n in range(2, rounds + 2):
        ready = subject(n)
        began = time.perf_counter()
        ready()
        walls.append(time.perf_counter() - began)
    return statements, statistics.median(walls)
