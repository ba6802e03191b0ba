"""`manage.py import_calls FILE`: calls from elsewhere, replayed at their own time, each exactly once."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cases import rulebook
from cases.importing.formats import FORMATS, Columns, Format, detect
from cases.importing.reading import CallFile
from cases.importing.rows import Reader
from cases.importing.run import Import, Report
from cases.kinds import CHANNELS, ORIGINS
from grid.errors import TreeRefused
from ledger import clock, versions
from ledger.actor import system

SHOWN = 20  # refused rows told before "and n more"; all of them with -v 2
EVERY = 2000  # rows between two plain lines of progress

COLUMNS = {
    "text": _("呼叫内容所在的列"),
    "subject": _("标题所在的列"),
    "called_at": _("来电时间所在的列；没有则按现在登记"),
    "ref": _("原系统编号所在的列；没有则按行的内容识别"),
    "place": _("地点所在的列：编码或名称"),
    "item": _("小项编码所在的列"),
    "kind": _("类型所在的列"),
    "target": _("给定期限所在的列：有的按此办结，空的不设办结时限"),
    "closed": _("原系统办结时间所在的列：由系统按此时间就地办结"),
}


class Command(BaseCommand):
    help = _("导入呼叫（CSV 或 .csv.gz）。按来源和编号只登记一次，可重复执行，可中断后再执行。")

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--format", choices=[*FORMATS, "none"], help=_("已知的文件；不写则看表头"))
        for name, words in COLUMNS.items():
            parser.add_argument(f"--{name.replace('_', '-')}-column", metavar="NAME", default="", help=words)
        parser.add_argument("--place", metavar="CODE", default="", help=_("全部登记在这个地点"))
        parser.add_argument(
            "--spread", choices=["grids"], help=_("分到该地点之下的各网格，由 --seed 和编号决定")
        )
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--item", metavar="CODE", default="", help=_("没有写小项的行用这一小项"))
        parser.add_argument("--origin", choices=list(ORIGINS), default="")
        parser.add_argument("--channel", choices=list(CHANNELS), default="")
        parser.add_argument("--tz", default=str(clock.LOCAL), help=_("不带时区的时间所在的时区"))
        parser.add_argument("--source", metavar="NAME", default="", help=_("来源名，放在编号之前"))
        parser.add_argument("--limit", type=int, metavar="N", help=_("只读前 N 行"))
        parser.add_argument("--dry-run", action="store_true", help=_("只检查每一行，不写入"))
        parser.add_argument(
            "--restart", action="store_true", help=_("接着上次中断处：先一次找出已登记的编号")
        )

    def handle(self, *args, **options) -> None:
        versions.refresh()
        if options["limit"] is not None and options["limit"] < 0:
            raise CommandError(_("--limit 不能是负数。"))
        try:
            file = CallFile(options["file"])
            known = _format(file, options)
            with self._telling(file, options) as tell:
                report = Import(
                    file=file,
                    reader=_reader(known, file, options),
                    by=system("import"),
                    base=options["place"],
                    spread=options["spread"] == "grids",
                    seed=options["seed"],
                    limit=options["limit"],
                    dry_run=options["dry_run"],
                    restart=options["restart"],
                    progress=tell,
                ).run()
        except TreeRefused as refusal:
            raise CommandError(refusal.sentence) from None
        self._tell(report, options)

    def _tell(self, report: Report, options: dict) -> None:
        shown = report.problems if options["verbosity"] > 1 else report.problems[:SHOWN]
        for number, sentence in shown:
            self.stderr.write(_("第 %(n)s 行：%(sentence)s") % {"n": number, "sentence": sentence})
        if report.refused > len(shown):
            left = report.refused - len(shown)
            self.stderr.write(_("……另有 %(n)s 行没有登记（加 -v 2 列出）。") % {"n": left})
        if report.places or report.units:
            words = {"places": report.places, "units": report.units}
            self.stdout.write(_("新开地点 %(places)s 个，单位 %(units)s 个。") % words)
        if report.closed:
            self.stdout.write(_("其中按原系统时间办结 %(n)s 件。") % {"n": report.closed})
        if options["dry_run"]:
            self.stdout.write(_("试运行：以上都没有写入。"))
        elif report.read and report.known == report.read:
            self.stdout.write(_("这些行早已登记，没有新增。"))
        self.stdout.write(json.dumps(report.totals))

    @contextlib.contextmanager
    def _telling(self, file: CallFile, options: dict) -> Iterator[Callable[[Report], None]]:
        """A bar on a terminal, a line now and then elsewhere."""
        console = Console(stderr=True)
        if not console.is_terminal:
            yield self._line()
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            total = file.count()
            task = bar.add_task(str(_("导入")), total=min(total, options["limit"] or total))
            yield lambda report: bar.update(task, completed=report.read)

    def _line(self) -> Callable[[Report], None]:
        told = 0

        def tell(report: Report) -> None:
            nonlocal told
            if report.read - told >= EVERY:
                told = report.read
                words = _("已读 %(read)s 行：登记 %(taken)s，已有 %(known)s，未登记 %(refused)s")
                self.stdout.write(words % report.totals)

        return tell


def _format(file: CallFile, options: dict) -> Format:
    """The known file, with the columns that options name in place of its own."""
    named = {name: options[f"{name}_column"] for name in COLUMNS if options[f"{name}_column"]}
    wanted = options["format"]
    if wanted:
        known = FORMATS.get(wanted)
    else:
        known = None if "text" in named else detect(file.header)
    base = known or Format(name="", columns=Columns())
    changes: dict = {"columns": replace(base.columns, **named)}
    # a column named by hand stands in for what the format would have composed
    changes |= {f"{name}_of": None for name in ("text", "place") if name in named}
    return replace(base, **changes)


def _reader(known: Format, file: CallFile, options: dict) -> Reader:
    try:
        tz = ZoneInfo(options["tz"])
    except (ZoneInfoNotFoundError, ValueError):
        raise CommandError(_("没有“%(tz)s”这个时区。") % {"tz": options["tz"]}) from None
    if options["item"] and rulebook.item(options["item"]) is None:
        raise CommandError(_("网格清单里没有“%(code)s”这一小项。") % {"code": options["item"]})
    return Reader(
        format=known,
        source=options["source"] or known.name or Path(file.path).name.split(".")[0],
        now=clock.now(),
        tz=tz,
        origin=options["origin"],
        channel=options["channel"],
        item=options["item"],
    )
