"""`manage.py export_places [--root CODE] FILE`: the tree, or a part of it, as a sheet."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from grid import exporting, finding


class Command(BaseCommand):
    help = _("把地点导出成表（.csv 或 .xlsx）；原样再导入，什么都不会变。")

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--root", metavar="CODE", help=_("只导出该编码及其以下的地点"))

    def handle(self, *args, **options) -> None:
        root = finding.by_code(options["root"]) if options["root"] else None
        if options["root"] and root is None:
            raise CommandError(_("没有编码为“{code}”的地点。").format(code=options["root"]))
        path = Path(options["file"])
        try:
            with path.open("wb") as file:
                if path.suffix.lower() == ".xlsx":
                    exporting.workbook(file, root)
                else:
                    file.writelines(exporting.csv_pieces(root))
        except OSError as problem:
            raise CommandError(_("文件写不了：{why}").format(why=problem.strerror)) from None
        self.stdout.write(_("已导出到 {file}").format(file=path))
