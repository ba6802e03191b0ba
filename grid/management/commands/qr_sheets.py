"""`manage.py qr_sheets --root CODE --site URL FILE`: the stickers of a subtree's buildings as a PDF."""

from __future__ import annotations

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from grid import finding, sticker_sheets
from grid.errors import TreeRefused


class Command(BaseCommand):
    help = _("把一个地点之下各楼栋的二维码排成 A4 PDF，一楼一码。")

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", metavar="FILE")
        parser.add_argument("--root", metavar="CODE", required=True, help=_("街道、社区、网格或楼栋的编码"))
        parser.add_argument(
            "--site", metavar="URL", required=True, help=_("居民打开的网址，如 https://huying.example")
        )

    def handle(self, *args, **options) -> None:
        root = finding.by_code(options["root"])
        if root is None:
            raise CommandError(_("没有编码为“{code}”的地点。").format(code=options["root"]))
        try:
            found = sticker_sheets.stickers(root)
            Path(options["file"]).write_bytes(
                sticker_sheets.pdf(found, options["site"].rstrip("/"), root.name)
            )
        except TreeRefused as refusal:
            raise CommandError(refusal.sentence) from None
        except OSError as problem:
            raise CommandError(_("文件写不了：{why}").format(why=problem.strerror)) from None
        self.stdout.write(_("共 {n} 张，已写到 {file}").format(n=len(found), file=options["file"]))
