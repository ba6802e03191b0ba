"""任城区 with its real streets and communities, and everything invented that a demo needs (SPEC §12)."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cases import reminding, seeding
from cases.demo import echoes, leave, play, walks
from cases.sla import sweep
from grid import importing, sheet_plan
from ledger import clock, versions
from ledger.actor import system
from parties import demo
from parties import seeding as parties_seeding

FOUNDED = dt.timedelta(days=60)  # so long has the town been at work: its people are in office when it calls


class Command(BaseCommand):
    help = _("装入演示城区：任城区的街道社区、单位、清单、职责、账号和演示工单。")

    def add_arguments(self, parser) -> None:
        parser.add_argument(
            "--calls", type=int, default=400, metavar="N", help=_("演示工单的件数（默认 400）")
        )

    def handle(self, *args, **options) -> None:
        if not settings.DEMO:
            raise CommandError(
                _("演示数据只在演示模式装入：请用 manage.py stack --demo，或设 HUYING_DEMO=1。")
            )
        if options["calls"] < 0:
            raise CommandError(_("件数不能是负数。"))
        now = clock.now()
        self._found(now - FOUNDED)
        played = self._play(options["calls"], now)
        if options["calls"]:  # else nobody has done anything yet
            walks.walk(now)
            echoes.tell(now)
        leave.give(now)
        swept = sweep.sweep(now)
        reminding.sweep(now)
        self.stdout.write(_("工单：{taken}，已有 {known}").format(taken=played.taken, known=played.known))
        if options["verbosity"] > 1:
            for line in played.stuck:
                self.stdout.write(line)
            self.stdout.write(_("到期处理：{n}").format(n=swept.total))

    def _found(self, at: dt.datetime) -> None:
        by = system("demo")
        for label, load in (
            (_("地点"), lambda: importing.load_town(by, at).count(sheet_plan.OPEN)),
            (_("单位"), lambda: parties_seeding.load_organisations(by=by, at=at)),
            (_("账号"), lambda: demo.load_demo_accounts(by=by, at=at)),
            (_("清单、职责、时限、日历"), lambda: _added(seeding.load_rules(by, at))),
        ):
            done = load()
            versions.refresh()
            self.stdout.write(_("{label}：新增 {n}").format(label=label, n=done))

    def _play(self, calls: int, now: dt.datetime) -> play.Played:
        console = Console(stderr=True)
        if not console.is_terminal:
            return play.play(calls, now)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task(_("演示工单"), total=calls)
            return play.play(
                calls, now, progress=lambda done, total: bar.update(task, completed=done, total=total)
            )


def _added(rules: seeding.Loaded) -> str:
    return f"{rules.items} / {rules.duties} / {rules.policies} / {rules.days}"
