"""Measure the product beside its yardsticks, in a database of its own that is dropped afterwards."""

from __future__ import annotations

import datetime as dt
import itertools
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.test import Client, override_settings
from knox.models import AuthToken

from cases import intake, moves, seeding
from cases.bench import filling, meter, yardstick
from cases.bench.meter import Subject
from cases.models import Attachment, Case, Clock
from cases.sla import sweep
from grid import importing
from grid.models import Place
from ledger import clock, versions
from ledger.actor import system
from parties import demo
from parties import seeding as parties_seeding
from parties.access import actor_of
from parties.models import Account

ITEM = "0611"  # dispatched to GV24 straight from the street


class Command(BaseCommand):
    help = "量一量：每个请求几条 SQL、是基准的几倍。"

    def add_arguments(self, parser):
        parser.add_argument("--cases", type=int, default=100_000, help="在办工单数（默认 100000）")
        parser.add_argument("--rounds", type=int, default=30)
        parser.add_argument("--only", choices=["requests", "sweep"], help="只量其中一项")
        parser.add_argument("--due", type=int, nargs="*", default=[1_000, 20_000], help="同时到期的时钟数")

    def handle(self, *args, **options):
        settings.DEMO = True
        name = connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            self._measure(options)
        finally:
            connection.creation.destroy_test_db(name, verbosity=0)

    def _measure(self, options):
        began = time.perf_counter()
        self._fill(options["cases"])
        self.stdout.write(
            f"{Case.objects.count()} 件工单，{Clock.objects.count()} 个时钟，备好用 {time.perf_counter() - began:.0f} 秒"
        )
        if options["only"] != "sweep":
            self._requests(options["rounds"])
        if options["only"] != "requests":
            for due in options["due"]:
                self._sweep(due)

    def _requests(self, rounds: int) -> None:
        plain = {
            **settings.STORAGES,
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        }
        with override_settings(ROOT_URLCONF="cases.bench.yardstick", ALLOWED_HOSTS=["*"], STORAGES=plain):
            subjects = self._subjects()
            meter.run(subjects, rounds, lambda: None)
        insert = next(one for one in subjects if one.name == "one-row DRF insert")
        for line in meter.table(subjects, insert):
            self.stdout.write(line)

    # -- the ground

    def _fill(self, copies: int) -> None:
        by, at = system("bench"), clock.now()
        importing.load_town(by, at)
        parties_seeding.load_organisations(by=by, at=at)
        demo.load_demo_accounts(by=by, at=at)
        seeding.load_rules(by, at)
        versions.clear_all()
        yardstick.make_table()
        templates = [self._template(code, n) for n, code in enumerate(self._grids())]
        if copies > len(templates):
            filling.multiply(templates, copies - len(templates), spread=dt.timedelta(hours=20))

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

    def _template(self, code: str, n: int) -> Case:
        """Thirds: received, waiting for signature, in hand."""
        by, at = system("bench"), clock.now()
        case = intake.take_call(
            by=by, at=at, place_code=code, text=f"沿街乱贴小广告，第 {n} 处。", item=ITEM,
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

    # -- the sweep

    def _sweep(self, due: int) -> None:
        """`due` clocks made due at once among all open ones; the same writes by one bare statement beside it."""
        now = sweep.database_now()
        sweep.sweep(now)
        ids = list(
            Clock.objects.filter(state="running", stage__in=("resolve", "feedback"), breached_at__isnull=True)
            .order_by("pk").values_list("pk", flat=True)[:due]
        )  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT max(next_at), min(warn_at), max(due_at) FROM cases_clock WHERE id = ANY(%s)", [ids]
            )
        bare = self._bare(ids)
        shift = dt.timedelta(days=30)
        self._make_due(ids, shift)
        began = time.perf_counter()
        done = sweep.sweep(now)
        took = time.perf_counter() - began
        self.stdout.write(
            f"sweep of {len(ids)} due of {Clock.objects.filter(state='running').count()} running: {took:.3f} s, "
            f"{done.total} entries, {done.total / took:.0f}/s; the writes alone by one statement {bare:.3f} s"
        )

    @staticmethod
    def _make_due(ids: list[int], shift: dt.timedelta) -> None:
        """Moved back as a whole: anchor, segments, due, warning."""
        values: dict[str, Any] = {"s": shift, "ids": ids}
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE cases_clock SET anchor = anchor - %(s)s, started_at = started_at - %(s)s, "
                "due_at = due_at - %(s)s, warn_at = warn_at - %(s)s, next_at = warn_at - %(s)s, warned_at = NULL, "
                "segments = (SELECT jsonb_agg(one || jsonb_build_object('from', to_jsonb((one->>'from')::timestamptz - %(s)s))) "
                "FROM jsonb_array_elements(segments) AS one) WHERE id = ANY(%(ids)s)",
                values,
            )

    @staticmethod
    def _bare(ids: list[int]) -> float:
        """The same rows written by one statement each for clocks, cases and entries; rolled back."""
        began = time.perf_counter()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE cases_clock SET breached_at = due_at, warned_at = warn_at, next_at = NULL WHERE id = ANY(%s)",
                [ids],
            )
            cursor.execute(
                "UPDATE cases_case SET chain_length = chain_length + 2 WHERE id IN (SELECT case_id FROM cases_clock WHERE id = ANY(%s))",
                [ids],
            )
            for kind in ("warned", "breached"):
                cursor.execute(
                    "INSERT INTO ledger_entry (subject_kind, subject_id, seq, event, at, recorded_at, actor_role, path, payload, "
                    "request_key, body_hash, once, prev_hash, hash, pending) SELECT 'bench', id, %s, 'clock.' || %s, now(), now(), "
                    "'bench', path, '{}', '', '', 'bench:' || id || %s, '', md5(id::text), false FROM cases_clock WHERE id = ANY(%s)",
                    [1 if kind == "warned" else 2, kind, kind, ids],
                )
            took = time.perf_counter() - began
            transaction.set_rollback(True)
        return took
