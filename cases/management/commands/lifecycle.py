"""Write cases/LIFECYCLE.md from the table of moves, or say that it is stale. No database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases import diagram

PAGE = Path(diagram.__file__).with_name("LIFECYCLE.md")


class Command(BaseCommand):
    help = "由流转表写出 cases/LIFECYCLE.md；--check 只看它是不是最新的。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="不写文件；不是最新的就以 1 退出")

    def handle(self, *args: Any, **options: Any) -> None:
        fresh = diagram.page()
        is_fresh = PAGE.exists() and PAGE.read_text(encoding="utf-8") == fresh
        if options["check"]:
            if not is_fresh:
                raise CommandError("cases/LIFECYCLE.md 不是最新的：运行 manage.py lifecycle。")
            self.stdout.write("cases/LIFECYCLE.md 是最新的。")
            return
        if not is_fresh:
            PAGE.write_text(fresh, encoding="utf-8")
        self.stdout.write("cases/LIFECYCLE.md 已写好。")
