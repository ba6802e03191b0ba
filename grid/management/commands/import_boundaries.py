"""`manage.py import_boundaries FILE`: the areas of a GeoJSON file for places found by code or name."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from grid import boundary_files, datum, finding
from grid.errors import TreeRefused, Unreadable
from ledger import clock
from ledger.actor import system


class Command(BaseCommand):
    help = _("导入边界（GeoJSON FeatureCollection；properties 里要有 code 或 name）。")

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument(
            "--datum", choices=list(datum.KNOWN), default=datum.KEPT, help=_("文件的坐标基准")
        )
        parser.add_argument("--root", metavar="CODE", help=_("只认该编码及其以下的地点"))
        parser.add_argument("--basis", default="", help=_("依据"))
        parser.add_argument("--dry-run", action="store_true", help=_("只核对，不写入"))

    def handle(self, *args, **options) -> None:
        root = finding.by_code(options["root"]) if options["root"] else None
        if options["root"] and root is None:
            raise CommandError(_("没有编码为“{code}”的地点。").format(code=options["root"]))
        try:
            content = Path(options["file"]).read_bytes()
            features = boundary_files.load(
                boundary_files.read(content, within=root),
                by=system("import"),
                at=clock.now(),
                datum=options["datum"],
                basis=options["basis"],
                dry_run=options["dry_run"],
            )
        except OSError as problem:
            raise CommandError(_("文件打不开：{why}").format(why=problem.strerror)) from None
        except Unreadable as refusal:
            for number, sentence in refusal.problems:
                self.stderr.write(_("第 {n} 个：{sentence}").format(n=number, sentence=sentence))
            raise CommandError(refusal.sentence) from None
        except TreeRefused as refusal:
            raise CommandError(refusal.sentence) from None
        for one in features:
            for note in [one.problem] if one.problem else one.notes:
                self.stdout.write(_("第 {n} 个：{sentence}").format(n=one.number, sentence=note))
        same, bad = sum(one.same for one in features), sum(bool(one.problem) for one in features)
        self.stdout.write(
            _("共 {n} 个：写入 {new}，不变 {same}，有问题 {bad}").format(
                n=len(features), new=len(features) - same - bad, same=same, bad=bad
            )
        )
        if bad:
            raise CommandError(_("有 {n} 处问题。").format(n=bad))
        if options["dry_run"]:
            self.stdout.write(_("试运行，未写入。"))
