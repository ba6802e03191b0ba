"""Sweep by hand, or as of an instant; tells how far it is."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from cases import needs, reminding
from cases.sla import sweep
from ledger import versions


class Command(BaseCommand):
    help = gettext_lazy("处理到期的时钟：预警、超时、不响应、升级、期满。")

    def add_arguments(self, parser):
        parser.add_argument(
            "--at", help=_("按这一时刻处理（ISO 8601；不带时区按北京时间；将来的只在演示或测试中可用）")
        )

    def handle(self, *args, **options):
        versions.refresh()
        at = _instant(options["at"])
        done = self._sweep(at)
        reminding.sweep(at)
        self.stdout.write(
            _("预警 %(warned)s，超时 %(breached)s，不响应 %(silent)s，升级 %(overdue)s，期满 %(terms)s")
            % vars(done)
        )
        left = sweep.progress()
        self.stdout.write(
            _("此刻还有 %(waiting)s 个到期未处理，最早的已等 %(lag)s 秒")
            % {"waiting": left.waiting, "lag": round(left.lag, 1)}
        )

    def _sweep(self, at: dt.datetime) -> sweep.Swept:
        console = Console(stderr=True)
        if not console.is_terminal:
            return sweep.sweep(at)
        columns = (TextColumn("{task.description}"), TextColumn("{task.completed}"), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(_("到期的时钟"), total=None)
            return sweep.sweep(at, tell=lambda swept: bar.update(task, completed=swept.total))


def _instant(asked: str | None) -> dt.datetime:
    """The instant asked for, or the database's now; the future is for demo and test."""
    now = sweep.database_now()
    if not asked:
        return now
    try:
        at = needs.instant(asked)
    except needs.Unfit as unfit:
        raise CommandError(str(unfit)) from unfit
    if at > now and not (settings.DEMO or settings.TESTING):
        raise CommandError(_("将来的时刻只在演示或测试中可用。"))
    return at
