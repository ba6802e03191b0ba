"""Measure the product beside its yardsticks, in a database of its own that is dropped afterwards."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import math
import time
from collections.abc import Iterator

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.test import Client, override_settings
from knox.models import AuthToken

from cases import intake, moves, seeding
from cases.bench import (
    browsing,
    desks,
    editor,
    figuring,
    filling,
    listeners,
    meter,
    phone,
    sweeping,
    wall,
    yardstick,
)
from cases.bench.meter import Subject
from cases.models import Attachment, Case, Clock
from grid import bench as tree_bench
from grid import importing, sheets
from grid.models import Place
from ledger import clock, versions
from ledger.actor import system
from parties import demo
from parties import seeding as parties_seeding
from parties.access import actor_of
from parties.models import Account

ITEM = "0611"  # a grid's matter


def sizes(text: str) -> list[int]:
    """`10000,100000`"""
    return [int(part) for part in text.split(",")]


@contextlib.contextmanager
def yardsticks() -> Iterator[None]:
    """The product with the yardsticks' own addresses before its own."""
    plain = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with override_settings(ROOT_URLCONF="cases.bench.yardstick", ALLOWED_HOSTS=["*"], STORAGES=plain):
        yield


class Command(BaseCommand):
    help = "量一量：每个请求几条 SQL、是基准的几倍。"

    def add_arguments(self, parser):
        parser.add_argument(
            "what",
            nargs="*",
            choices=[
                [],
                "requests",
                "sweep",
                "tree",
                "editor",
                "screen",
                "figures",
                "desks",
                "live",
                "phone",
            ],
            help="requests 请求、sweep 巡检、tree 地点树、editor 真浏览器里的地点页、screen 真浏览器里的指挥大屏、figures 大数据量下的看板、desks 受理台和队列的按键、live 一千个开着的页面、phone 慢网和慢手机上的页面；不写则量前两样",
        )
        parser.add_argument(
            "--cases",
            type=sizes,
            default=[100_000],
            metavar="N[,N…]",
            help="requests：在办工单数（默认 100000）；figures：依次量的工单数，如 10000,100000,1000000",
        )
        parser.add_argument("--rounds", type=int, default=30, help="requests、figures：几轮")
        parser.add_argument("--open", type=int, default=1_000_000, help="sweep：走着的时钟数（默认 1000000）")
        parser.add_argument("--due", type=int, default=20_000, help="sweep：其中同时到期的（默认 20000）")
        parser.add_argument(
            "--places",
            type=int,
            nargs="*",
            default=[5_000, 40_000],
            help="tree、editor：地点数（editor 取最后一个）",
        )
        parser.add_argument(
            "--national", metavar="FILE", nargs="*", default=[], help="tree：再加上全国区划的五个文件"
        )
        parser.add_argument("--sweep-rounds", type=int, default=5, help="sweep：几轮")
        parser.add_argument("--connections", type=int, default=1000, help="live：几个连接（默认 1000）")
        parser.add_argument("--minutes", type=float, default=60, help="screen：挂多少分钟（默认 60）")
        parser.add_argument("--rate", type=float, default=5, help="screen：每秒登记几件（默认 5）")

    def handle(self, *args, **options):
        settings.DEMO = True
        if options["what"] == ["screen"]:
            return self._screen(options["minutes"], options["rate"])
        if options["what"] == ["live"]:
            if not listeners.measure(self.stdout.write, connections=options["connections"]):
                raise CommandError("有没进来的，或没听到的。")
            return None
        if options["what"] in (["editor"], ["desks"], ["phone"]):
            try:
                options["chromium"] = browsing.find_chromium()
            except browsing.NoBrowser as missing:
                raise CommandError(str(missing)) from None
        name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            self._measure(options)
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)

    def _measure(self, options):
        if options["what"] == ["tree"]:
            rows = sheets.read_files(options["national"])
            return tree_bench.measure(
                self.stdout.write, options["places"], system("bench"), clock.now(), rows
            )
        self._plant()
        if options["what"] == ["editor"]:
            return self._editor(options["places"][-1], options["chromium"])
        if options["what"] == ["figures"]:
            with yardsticks():
                return figuring.measure(
                    self.stdout.write, options["cases"], rounds=options["rounds"], at=clock.now()
                )
        if options["what"] == ["phone"]:
            return self._phone(options["chromium"])
        if options["what"] == ["desks"]:
            return self._desks(options["chromium"])
        if options["what"] != ["sweep"]:
            self._fill(options["cases"][-1])
            self._requests(options["rounds"])
        if options["what"] != ["requests"]:
            self._fill(math.ceil(options["open"] / self._clocks_per_case()))
            sweeping.measure(self.stdout.write, due=options["due"], rounds=options["sweep_rounds"])

    def _editor(self, places: int, chromium: str) -> None:
        began = time.perf_counter()
        count = editor.fill(places, by=system("bench"), at=clock.now())
        self.stdout.write(f"{count:,} 个地点，备好用 {time.perf_counter() - began:.0f} 秒")
        try:
            fine = editor.measure(self.stdout.write, chromium, "admin", demo.PASSWORD)
        except browsing.NoBrowser as missing:
            raise CommandError(str(missing)) from None
        if not fine:
            raise CommandError("有超过限度的。")

    def _desks(self, chromium: str) -> None:
        """All of it in the one street whose desk is measured."""
        grids = Place.objects.filter(kind="grid", path__contains=self._street()).order_by("code")
        codes = grids.values_list("code", flat=True)[:60]
        self._templates = [self._template(code, n, item=desks.ITEM) for n, code in enumerate(codes)]
        self._fill(desks.OPEN)
        try:
            fine = desks.measure(self.stdout.write, chromium, demo.PASSWORD)
        except browsing.NoBrowser as missing:
            raise CommandError(str(missing)) from None
        if not fine:
            raise CommandError("有超过限度的。")

    def _phone(self, chromium: str) -> None:
        community = Place.objects.filter(kind="community", path__startswith=self._street()).earliest("code")
        try:
            fine = phone.measure(self.stdout.write, chromium, demo.PASSWORD, community=community.code)
        except browsing.NoBrowser as missing:
            raise CommandError(str(missing)) from None
        if not fine:
            raise CommandError("有超过限度的。")

    def _screen(self, minutes: float, rate: float) -> None:
        """The whole product, on a folder of its own."""
        try:
            fine = wall.measure(self.stdout.write, minutes=minutes, rate=rate, password=demo.PASSWORD)
        except browsing.NoBrowser as missing:
            raise CommandError(str(missing)) from None
        if not fine:
            raise CommandError("有在长的，或有错过的。")

    def _requests(self, rounds: int) -> None:
        with yardsticks():
            subjects = self._subjects()
            meter.run(subjects, rounds, lambda: None)
        insert = next(one for one in subjects if one.name == "one-row DRF insert")
        for line in meter.table(subjects, insert):
            self.stdout.write(line)

    # -- the ground

    def _plant(self) -> None:
        """The town, its people and rules, and one real case in each of a few hundred grids."""
        by, at = system("bench"), clock.now()
        importing.load_town(by, at)
        parties_seeding.load_organisations(by=by, at=at)
        demo.load_demo_accounts(by=by, at=at)
        seeding.load_rules(by, at)
        versions.clear_all()
        yardstick.make_table()
        self._templates = [self._template(code, n) for n, code in enumerate(self._grids())]

    def _fill(self, cases: int) -> None:
        """So many cases, copies of the templates."""
        began, missing = time.perf_counter(), cases - Case.objects.count()
        if missing > 0:
            filling.multiply(self._templates, missing, spread=dt.timedelta(hours=20))
        took = time.perf_counter() - began
        self.stdout.write(
            f"{Case.objects.count()} 件工单，{Clock.objects.count()} 个时钟，备好用 {took:.0f} 秒"
        )

    def _clocks_per_case(self) -> float:
        return Clock.objects.filter(case__in=self._templates, state="running").count() / len(self._templates)

    def _grids(self) -> list[str]:
        """A few hundred grids: each template stands for one."""
        own = list(
            Place.objects.filter(kind="grid", path__contains=self._street()).values_list("code", flat=True)
        )
        rest = (
            Place.objects.filter(kind="grid")
            .exclude(code__in=own)
            .order_by("code")
            .values_list("code", flat=True)
        )
        return own[:60] + list(rest)[::12]

    def _street(self) -> str:
        return Place.objects.get(code="370811015").path

    def _template(self, code: str, n: int, *, item: str = ITEM) -> Case:
        """Thirds: received, waiting for signature, in hand."""
        by, at = system("bench"), clock.now()
        case = intake.take_call(
            by=by, at=at, place_code=code, text=f"沿街乱贴小广告，第 {n} 处。", item=item,
            caller={"name": "周大妈", "phone": "13800002046"}, channel="visit",
        ).case  # fmt: skip
        if n % 3:
            steps = [("accept", {}), ("dispatch", {"organisation": "GV24"})]
            case = moves.perform_chain(number=case.number, steps=steps, by=by, at=at, version=case.version)
        if n % 3 == 2:
            case = moves.perform(number=case.number, move="sign", by=by, at=at, version=case.version)
        return case

    # -- requests

    def _subjects(self) -> list[Subject]:
        accounts = {
            name: Account.objects.get(username=name) for name in ("wangge", "jiedao", "bumen", "lingdao")
        }
        keys = {name: AuthToken.objects.create(account)[1] for name, account in accounts.items()}
        actors = {name: actor_of(account.pk, clock.now()) for name, account in accounts.items()}
        clients = {name: Client(HTTP_AUTHORIZATION=f"Token {key}") for name, key in keys.items()}
        pages = {name: Client() for name in accounts}
        for name, page in pages.items():
            page.force_login(accounts[name], backend=settings.AUTHENTICATION_BACKENDS[-1])
        grid = Place.objects.get(pk=actors["wangge"].grants[0].place_id).code
        number = itertools.count()

        def post(who: str, path: str, body: dict):
            answer = clients[who].post(path, body, content_type="application/json")
            if answer.status_code >= 400:
                raise RuntimeError(f"{path}: {answer.status_code} {answer.content[:300]!r}")
            return answer

        def get(client: Client, path: str):
            answer = client.get(path)
            if answer.status_code >= 400:
                raise RuntimeError(f"{path}: {answer.status_code}")
            return answer

        def taken() -> Case:
            return intake.take_call(
                by=actors["wangge"], at=clock.now(), place_code=grid, text=f"小广告 {next(number)}", item=ITEM,
                caller={"name": "周大妈", "phone": "13800002046"}, channel="visit",
            ).case  # fmt: skip

        def moved(*steps) -> Case:
            case = taken()
            return moves.perform_chain(
                number=case.number,
                steps=list(steps),
                by=system("bench"),
                at=clock.now(),
                version=case.version,
            )

        accept: moves.Step = ("accept", {})
        dispatch: moves.Step = ("dispatch", {"organisation": "GV24"})

        def in_hand() -> tuple[Case, str]:
            photo = Attachment.objects.create(
                kind="photo", mime="image/jpeg", size=1, sha256="0" * 64,
                uploaded_by_id=accounts["bumen"].pk, uploaded_at=clock.now(),
            )  # fmt: skip
            return moved(accept, dispatch, ("sign", {})), str(photo.pk)

        def move(who: str, name: str, **details):
            return lambda case: post(
                who, f"/api/v1/cases/{case.number}/moves/{name}/", {"version": case.version, **details}
            )

        def resolve(ready):
            case, photo = ready
            body = {"version": case.version, "result": "已清除。", "attachments": [photo]}
            return post("bumen", f"/api/v1/cases/{case.number}/moves/resolve/", body)

        call = {
            "place": grid,
            "text": "东门外小广告",
            "item": ITEM,
            "caller": {"name": "周", "phone": "13800002046"},
        }
        shown = Case.objects.filter(holder__code="GV24").order_by("pk").first()
        return [
            Subject("empty view", lambda _: get(pages["jiedao"], "/bench/empty/")),
            Subject("one-row DRF insert", lambda _: post("wangge", "/bench/insert/", {"text": "一行"})),
            Subject("take", lambda _: post("wangge", "/api/v1/calls/", call), allowed_sql=10, allowed_ratio=4),
            Subject("accept", move("jiedao", "accept"), taken, 10, 4),
            Subject("dispatch", move("jiedao", "dispatch", organisation="GV24"), lambda: moved(accept), 10, 4),
            Subject("sign", move("bumen", "sign"), lambda: moved(accept, dispatch), 10, 4),
            Subject("resolve", resolve, in_hand, 10, 4),
            Subject("queue, API, 50 rows", lambda _: get(clients["bumen"], "/api/v1/cases/?queue=mine&page_size=50"), allowed_sql=6, allowed_ratio=6),
            Subject("queue page, 50 rows", lambda _: get(pages["bumen"], "/queue/"), allowed_sql=6),
            Subject("detail, API", lambda _: get(clients["bumen"], f"/api/v1/cases/{shown.number}/"), allowed_sql=10, allowed_ratio=6),
            Subject("detail page", lambda _: get(pages["bumen"], f"/cases/{shown.number}/"), allowed_sql=10),
            Subject("search, API", lambda _: get(clients["jiedao"], "/api/v1/cases/?q=小广告&page_size=50"), allowed_ratio=10),
            Subject("dashboard page", lambda _: get(pages["lingdao"], "/dashboard/"), allowed_sql=8, allowed_ratio=10),
        ]  # fmt: skip
