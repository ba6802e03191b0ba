"""Make everything ready to serve; safe to run twice, and from two places at once."""

from __future__ import annotations

import argparse
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command, get_commands
from django.core.management.base import BaseCommand
from django.db import connection

from config import assets, setup, words
from config.home import home

ONE_AT_A_TIME = 0x48555949  # the advisory lock under which tables change


class Command(BaseCommand):
    help = "迁移数据库、编译译文、收集静态文件；加 --demo 时在空库里装入演示数据。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--demo", action="store_true", help="空库里装入演示城区")
        parser.add_argument("--tables-only", action="store_true", help="只更新数据库表")

    def handle(self, *args: Any, **options: Any) -> None:
        place = home()
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", [ONE_AT_A_TIME])
            call_command("migrate", interactive=False, verbosity=0)
            if settings.DATABASES["default"]["HOST"] == str(place.postgres_sockets):
                setup.stamp(place, "tables", setup.migrations())
            if not options["tables_only"]:
                words.compile_all()
                self._gather_static()
                if options["demo"]:
                    self._demo()
            cursor.execute("select pg_advisory_unlock(%s)", [ONE_AT_A_TIME])

    def _gather_static(self) -> None:
        assets.require()
        place = home()
        sources = [
            file for folder in settings.STATICFILES_DIRS for file in folder.rglob("*") if file.is_file()
        ]
        mark = setup.fingerprint(sources, contents=False)
        gathered = settings.STATIC_ROOT / "staticfiles.json"
        if gathered.exists() and setup.is_current(place, "static", mark):
            return
        self.stdout.write("正在收集静态文件…")
        call_command("collectstatic", interactive=False, verbosity=0, clear=True)
        setup.stamp(place, "static", mark)

    def _demo(self) -> None:
        from grid.models import Place  # the database must be current before its models mean anything

        home().demo_mark.touch()
        if Place.objects.exists():
            return
        if "demo_town" not in get_commands():
            raise CommandError("没有 demo_town 命令，演示数据装不了。")
        self.stdout.write("正在装入演示城区（只在第一次）…")
        call_command("demo_town")
