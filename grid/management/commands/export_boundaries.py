"""`manage.py export_boundaries FILE`: every boundary of a subtree as GeoJSON."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from grid import boundaries, finding, kinds


class Command(BaseCommand):
    help = _("导出边界为 GeoJSON FeatureCollection（CGCS2000 经纬度）。")

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--root", metavar="CODE", help=_("只导出该编码及其以下的地点"))
        parser.add_argument("--kind", choices=list(kinds.KINDS), help=_("只导出一种地点"))

    def handle(self, *args, **options) -> None:
        root = finding.by_code(options["root"]) if options["root"] else None
        if options["root"] and root is None:
            raise CommandError(_("没有编码为“{code}”的地点。").format(code=options["root"]))
        try:
            with Path(options["file"]).open("wb") as file:
                file.writelines(boundaries.pieces(root, options["kind"]))
        except OSError as problem:
            raise CommandError(_("文件写不了：{why}").format(why=problem.strerror)) from None
        self.stdout.write(_("已导出到 {file}").format(file=options["file"]))
