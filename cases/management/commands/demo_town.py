"""任城区 with its real streets and communities, and everything invented that a demo needs (SPEC §12)."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cases import seeding
from grid import importing
from ledger import clock, versions
from ledger.actor import system
from parties import demo
from parties import seeding as parties_seeding


class Command(BaseCommand):
    help = "装入演示城区：任城区的街道社区、单位、清单、职责、账号和演示工单。"

    def add_arguments(self, parser):
        parser.add_argument("--calls", type=int, default=400, help="演示工单的件数（默认 400）")

    def handle(self, *args, **options):
        if not settings.DEMO:
            raise CommandError("演示数据只在演示模式装入：请用 manage.py stack --demo，或设 HUYING_DEMO=1。")
        by, at = system("demo"), clock.now()
        for label, load in (
            ("地点", lambda: importing.load_town(by, at)),
            ("单位", lambda: parties_seeding.load_organisations(by=by, at=at)),
            ("账号", lambda: demo.load_demo_accounts(by=by, at=at)),
            ("清单、职责、时限、日历", lambda: seeding.load_rules(by, at)),
        ):
            done = load()
            versions.refresh()
            self.stdout.write(f"{label}：{_words(done)}")


def _words(done: object) -> str:
    effects = getattr(done, "effects", None)
    return str(len(effects)) if effects is not None else str(done)
