"""`manage.py import_places FILE`: bring the tree to what a sheet says, or tell what it would do."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from grid import importing, queries, sheet_plan, sheets
from grid.errors import TreeRefused, Unreadable
from ledger import clock
from ledger.actor import system

SHOWN = 20  # lines of one sort before "and n more"; all of them with -v 2

STAGES = {
    "check": gettext_lazy("检查"),
    "write": gettext_lazy("写入"),
    "change": gettext_lazy("修改"),
}
DOES = {
    sheet_plan.OPEN: gettext_lazy("新增"),
    sheet_plan.RENAME: gettext_lazy("更名"),
    sheet_plan.MOVE: gettext_lazy("移动"),
    sheet_plan.FACTS: gettext_lazy("改资料"),
    sheet_plan.SAME: gettext_lazy("不变"),
}


class Command(BaseCommand):
    help = _(
        "导入地点表（CSV、.gz 或 .xlsx；列：编码、名称、上级编码、类型，中英文均可）。按编码对应，可重复执行。"
        "全国区划数据包的 provinces、cities、areas、streets、villages 五个文件可一起给。"
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("files", metavar="FILE", nargs="+")
        parser.add_argument("--dry-run", action="store_true", help=_("只列出每行的结果和错误，不写入"))
        parser.add_argument(
            "--root", metavar="CODE", help=_("只导入该编码及其以下的地点（连同它的各级上级）")
        )

    def handle(self, *args, **options) -> None:
        try:
            rows = sheets.read_files(options["files"])
            if options["root"]:
                rows = importing.only_under(rows, options["root"])
            with self._bar() as progress:
                report = importing.load(
                    rows,
                    by=system("import"),
                    at=clock.now(),
                    dry_run=options["dry_run"],
                    progress=progress,
                )
        except Unreadable as refusal:
            self._problems(refusal.problems, options["verbosity"])
            raise CommandError(refusal.sentence) from None
        except TreeRefused as refusal:
            raise CommandError(refusal.sentence) from None
        if options["dry_run"]:
            self._effects(report, options["verbosity"])
            self._problems(report.problems, options["verbosity"])
        counts = "，".join(f"{label} {report.count(does)}" for does, label in DOES.items())
        self.stdout.write(_("共 {n} 行：{counts}").format(n=len(rows), counts=counts))
        if report.problems:
            raise CommandError(_("有 {n} 处问题。").format(n=len(report.problems)))
        if options["dry_run"]:
            self.stdout.write(_("试运行，未写入。"))

    def _effects(self, report: sheet_plan.Report, verbosity: int) -> None:
        changes = [effect for effect in report.effects if effect.does != sheet_plan.SAME]
        standing = [effect.place for effect in changes if effect.place]
        queries.lineages(place.path for place in standing)
        lines = []
        for effect in changes:
            row = effect.row
            line = _("第 {n} 行：{does} {code} {name}").format(
                n=row.number, does=DOES[effect.does], code=row.code, name=row.name
            )
            if effect.place and effect.does == sheet_plan.RENAME:
                line += _("（原名 {name}）").format(name=effect.place.name)
            if effect.place and effect.does == sheet_plan.MOVE:
                line += _("（现在 {path}，移到 {code} 之下）").format(
                    path=queries.path_text(effect.place), code=row.parent_code
                )
            lines.append(line)
        self._some(lines, verbosity, self.stdout)
        follows = [
            _("第 {n} 行：{sentence}").format(n=number, sentence=impact.sentence)
            for number, impact in report.consequences
        ]
        self._some(follows, verbosity, self.stdout)

    def _problems(self, problems: list[tuple[int, str]], verbosity: int) -> None:
        lines = [_("第 {n} 行：{sentence}").format(n=n, sentence=sentence) for n, sentence in problems]
        self._some(lines, verbosity, self.stderr)

    @staticmethod
    def _some(lines: list[str], verbosity: int, out) -> None:
        shown = lines if verbosity > 1 else lines[:SHOWN]
        for line in shown:
            out.write(line)
        if len(shown) < len(lines):
            out.write(_("……另有 {n} 行（加 -v 2 全部列出）").format(n=len(lines) - len(shown)))

    @contextlib.contextmanager
    def _bar(self) -> Iterator[sheet_plan.Progress | None]:
        """A bar on a terminal; nothing where nobody watches."""
        console = Console(stderr=True)
        if not console.is_terminal:
            yield None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            tasks: dict[str, TaskID] = {}

            def tell(stage: str, done: int, total: int) -> None:
                if stage not in tasks:
                    tasks[stage] = bar.add_task(str(STAGES[stage]), total=total)
                bar.update(tasks[stage], completed=done, total=total)

            yield tell
