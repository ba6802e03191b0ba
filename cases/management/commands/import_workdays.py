"""`manage.py import_workdays FILE`: a year's notice of holidays; shown first, written with --apply."""

from __future__ import annotations

import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases import calendars, notice_import
from cases.models.calendars import Calendar
from cases.notices.messages import STAGES
from cases.refusals import MoveRefused
from cases.replanning import Moved
from cases.sla import notice_sheet
from cases.sla.phrases import moment_words
from ledger import clock, versions
from ledger.actor import system
from parties.access import NotYours

SHOWN = 20  # lines of a list before "and n more"; all with -v 2


class Command(BaseCommand):
    help = _("读入一年的放假通知（CSV 或通知原文），列出会改的日子和会移动的时限；加 --apply 才写入。")

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", metavar="FILE", help=_("文件；写 - 则从标准输入读"))
        parser.add_argument("--year", type=int, metavar="YYYY", help=_("哪一年；通知里写明了就不用"))
        parser.add_argument("--calendar", metavar="CODE", default=calendars.ROOT, help=_("哪份日历"))
        parser.add_argument("--basis", default="", help=_("依据（文号）"))
        parser.add_argument("--apply", action="store_true", help=_("写入日历并重新推算暂定的时限"))
        parser.add_argument("--sure", action="store_true", help=_("有没看懂的句子也写入"))

    def handle(self, *args, **options) -> None:
        versions.refresh()
        by, at = system("import"), clock.now()
        calendar = Calendar.objects.filter(code=options["calendar"]).first()
        if calendar is None:
            raise CommandError(_("没有这份日历：%(code)s。") % {"code": options["calendar"]})
        try:
            notice = notice_import.submit(
                by=by,
                at=at,
                calendar=calendar,
                text=self._text(options["file"]),
                year=options["year"],
                basis=options["basis"],
            )
            plan = notice_import.plan(notice)
            moved = plan.moved()
            self._show(plan, moved, None if options["verbosity"] > 1 else SHOWN)
            if not options["apply"]:
                self.stdout.write(_("以上只是预览；加 --apply 写入。"))
                return
            done = notice_import.apply(by=by, at=at, notice=notice, sure=options["sure"])
        except (MoveRefused, NotYours, notice_sheet.Unreadable) as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(
            ngettext(
                "日历改了 %(days)s 天，重新推算了 %(n)s 个时限。",
                "日历改了 %(days)s 天，重新推算了 %(n)s 个时限。",
                done.clocks,
            )
            % {"days": done.days, "n": done.clocks}
        )

    @staticmethod
    def _text(name: str) -> str:
        try:
            data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        except OSError as error:
            raise CommandError(_("读不到文件：%(name)s。") % {"name": name}) from error
        return notice_sheet.decode(data)

    def _show(self, plan: notice_import.Plan, moved: list[Moved], most: int | None) -> None:
        year, days = plan.notice.year, plan.reading.days
        self.stdout.write(_("%(year)s 年：读出 %(n)s 天，会改日历 %(changes)s 天。") % {
            "year": year, "n": len(days), "changes": len(plan.changes)
        })  # fmt: skip
        for date, named in sorted(days.items()):
            self.stdout.write(f"  {date.isoformat()} {named.kind} {named.name}")
        for label, lines in (
            (_("不能导入："), plan.faults),
            (_("请核对："), plan.doubts),
            (_("没有用到："), plan.reading.idle),
        ):
            for line in lines:
                self.stdout.write(f"{label}{line}")
        moving = sum(one.moves for one in moved)
        self.stdout.write(
            _("会重新推算 %(n)s 个暂定的时限，其中 %(moving)s 个会移动。")
            % {"n": len(moved), "moving": moving}
        )
        for one in moved[:most]:
            cal = calendars.calendar(one.clock.rule.get("calendar", calendars.ROOT))
            old, new = (
                moment_words(one.old.due_at, cal, ends=True),
                moment_words(one.new.due_at, cal, ends=True),
            )
            stage = STAGES.get(one.clock.stage, one.clock.stage)
            self.stdout.write(f"  {one.clock.case.number} {stage} {old} → {new}")
        if most is not None and len(moved) > most:
            self.stdout.write(_("……还有 %(n)s 个") % {"n": len(moved) - most})
