"""Sweep by hand, or as of an instant."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cases import needs
from cases.sla import sweep
from ledger import versions


class Command(BaseCommand):
    help = "处理到期的时钟：预警、超时、不响应、期满。"

    def add_arguments(self, parser):
        parser.add_argument(
            "--at", help="按这一时刻处理（ISO 8601；不带时区按北京时间；将来的只在演示或测试中可用）"
        )

    def handle(self, *args, **options):
        versions.refresh()
        now = sweep.database_now()
        at = now
        if options["at"]:
            try:
                at = needs.instant(options["at"])
            except needs.Unfit as unfit:
                raise CommandError(str(unfit)) from unfit
            if at > now and not (settings.DEMO or settings.TESTING):
                raise CommandError("将来的时刻只在演示或测试中可用。")
        done = sweep.sweep(at)
        self.stdout.write(
            f"预警 {done.warned}，超时 {done.breached}，不响应 {done.silent}，期满 {done.terms}"
        )
