"""`manage.py check_boundaries [--root CODE]`: what overlaps, what nobody covers, what lies outside."""

from __future__ import annotations

import sys

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from grid import boundaries, finding, kinds

SHOWN = 20


class Command(BaseCommand):
    help = _(
        "检查边界：同类地点的重叠、上级之内的空白、伸出上级之外的部分，面积以平方米计；有问题时以 1 退出。"
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--root", metavar="CODE", help=_("只查该编码及其以下的地点"))
        parser.add_argument("--kind", choices=list(kinds.KINDS), help=_("只查一种地点"))
        parser.add_argument(
            "--at-least",
            metavar="M2",
            type=float,
            default=boundaries.TRIFLE,
            help=_("小于这个面积的不报，默认 20 平方米"),
        )

    def handle(self, *args, **options) -> None:
        root = finding.by_code(options["root"]) if options["root"] else None
        if options["root"] and root is None:
            raise CommandError(_("没有编码为“{code}”的地点。").format(code=options["root"]))
        found = boundaries.check(root, options["kind"], boundaries.Trifle(options["at_least"]))
        self.stdout.write(
            _("有边界的 {drawn} 个，没有的 {without} 个。").format(drawn=found.drawn, without=found.without)
        )
        lines = [boundaries.sentence(one) for one in (*found.overlaps, *found.outside, *found.gaps)]
        shown = lines if options["verbosity"] > 1 else lines[:SHOWN]
        for line in shown:
            self.stdout.write(line)
        if len(shown) < len(lines):
            self.stdout.write(_("……另有 {n} 行（加 -v 2 全部列出）").format(n=len(lines) - len(shown)))
        if lines:
            sys.exit(1)
        self.stdout.write(_("没有重叠，没有空白。"))
