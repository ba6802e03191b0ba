"""`manage.py rebuild_tallies [--check]`: what stands beside its source, made anew from it, or only compared."""

from __future__ import annotations

import sys

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from cases import tallies


class Command(BaseCommand):
    help = _(
        "按来源重算工单和时钟旁存的数（最紧时限、协办数、上级地点）；--check 只比对，有出入时以 1 退出。"
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--check", action="store_true", help=_("只比对，不改"))

    def handle(self, *args, **options) -> None:
        found = tallies.check() if options["check"] else tallies.rebuild()
        for label, n in found.items():
            words = _("{label}：{n} 处有出入") if options["check"] else _("{label}：重算了 {n} 处")
            self.stdout.write(words.format(label=label, n=n))
        if not found:
            self.stdout.write(_("都与来源一致。"))
        elif options["check"]:
            sys.exit(1)
