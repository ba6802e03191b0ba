"""Figures at size: what the dashboard of a street, a department and the district costs, and the wall's board; asked of
the tables, and asked again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.test import Client
from knox.models import AuthToken

from cases.bench import filling, meter
from cases.bench.meter import Subject
from cases.demo import play
from cases.figures.kept import forget
from cases.models import Case, Clock
from cases.sla import sweep
from grid.models import Place
from parties.models import Account

Say = Callable[[str], Any]

STORIES = 400  # told by the commands; all others are their copies
YEARS, A_YEAR = (
    2.0,
    500_000,
)  # a town tells of two years; one that has more than so many a year, of more years
READERS = {"street": "lingdao", "department": "bumen", "district": "quji"}
MOST = {"sql": 8, "ratio": 10.0, "page": 1000.0}  # statements, times the yardstick, milliseconds
GROWS = {"dashboard, street": 1.5}  # at five times the size


def measure(say: Say, sizes: Sequence[int], *, rounds: int, at: dt.datetime) -> None:
    """One table for each size, then how each grew; under the yardstick's own addresses."""
    play.play(STORIES, at)
    sweep.sweep(at=at)
    templates = list(Case.objects.order_by("pk"))
    found: dict[int, dict[str, Subject]] = {}
    told = 0.0
    for size in sorted(sizes):
        years = max(YEARS, size / A_YEAR)  # a larger town of more years adds older ones, not busier days
        filling.fill_years(templates, size, years=years, told=told if years > told else 0.0, say=say)
        told = years
        street = Case.objects.filter(street_id=Place.objects.get(code=_street()).pk).count()
        say(f"{Case.objects.count():,} 件工单（本街道 {street:,}），{Clock.objects.count():,} 个时钟")
        subjects = _subjects()
        meter.run(subjects, rounds, lambda: None)
        for line in meter.table(subjects, subjects[0]):
            say(line)
        found[size] = {one.name: one for one in subjects}
    _growth(say, found)


def _growth(say: Say, found: dict[int, dict[str, Subject]]) -> None:
    """Milliseconds by size, and how many times those of the size before the largest takes."""
    sizes = sorted(found)
    say(f"{'ms':28}" + "".join(f"{size:>12,}" for size in sizes))
    for name in found[sizes[0]]:
        took = [found[size][name].wall_ms for size in sizes]
        line = f"{name:28}" + "".join(f"{ms:>12.1f}" for ms in took)
        if len(took) > 1:
            grew = took[-1] / took[-2]
            line += f"{grew:>8.2f} ×"
            if name in GROWS:
                line += f"  {meter.judged(grew, GROWS[name])} ×"
        say(line)


def _street() -> str:
    return "370811015"


def _subjects() -> list[Subject]:
    accounts = {name: Account.objects.get(username=name) for name in {*READERS.values(), "wangge"}}
    key = AuthToken.objects.create(accounts["wangge"])[1]
    taker = Client(HTTP_AUTHORIZATION=f"Token {key}")
    pages = {name: Client() for name in accounts}
    for name, page in pages.items():
        page.force_login(accounts[name], backend=settings.AUTHENTICATION_BACKENDS[-1])

    def get(username: str, path: str) -> Callable[[object], object]:
        def run(_ready: object) -> object:
            answer = pages[username].get(path)
            if answer.status_code != 200:
                raise RuntimeError(f"{path}: {answer.status_code}")
            return answer

        return run

    def insert(_ready: object) -> object:
        return taker.post("/bench/insert/", {"text": "一行"}, content_type="application/json")

    found = [Subject("one-row DRF insert", insert)]
    for scope, username in READERS.items():
        limit = MOST["ratio"] if scope == "street" else None
        dashboard = get(username, "/dashboard/")
        found += [
            Subject(f"dashboard, {scope}", dashboard, forget, int(MOST["sql"]), limit, MOST["page"]),
            Subject(
                f"dashboard, {scope}, again", dashboard, lambda: None, int(MOST["sql"]), limit, MOST["page"]
            ),
            Subject(f"board, {scope}", get(username, "/screen/board/"), forget, int(MOST["sql"])),
        ]
    return found
