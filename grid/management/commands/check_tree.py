"""`manage.py check_tree [--repair]`: prove the tree's invariants; mend what follows from the links."""

from __future__ import annotations

import sys

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from grid import soundness


class Command(BaseCommand):
    help = _("检查网格树是否完好；有问题时以 1 退出。--repair 按上下级关系重算左右值和路径。")

    def add_arguments(self, parser) -> None:
        parser.add_argument("--repair", action="store_true", help=_("修复可由上下级关系推出的部分"))

    def handle(self, *args, **options) -> None:
        faults = self._report()
        if faults and options["repair"]:
            changed = soundness.repair()
            self.stdout.write(_("已修复 {n} 行，再次检查：").format(n=changed))
            faults = self._report()
        if faults:
            sys.exit(1)

    def _report(self) -> list[soundness.Fault]:
        places, streets = soundness.size()
        faults = soundness.faults()
        self.stdout.write(_("地点 {places} 个，街道树 {streets} 棵。").format(places=places, streets=streets))
        for fault in faults:
            self.stdout.write(_("问题 {name}：{label}，{n} 处").format(**vars(fault) | {"n": fault.count}))
        if not faults:
            self.stdout.write(_("树完好，没有问题。"))
        return faults
