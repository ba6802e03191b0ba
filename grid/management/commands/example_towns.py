"""`manage.py example_towns [NAME …]`: small towns in the four shapes that districts keep their ground in."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grid import importing, sheet_plan, sheets
from grid.errors import TreeRefused
from ledger import clock
from ledger.actor import system

# name → its shape; the names down to the community are public record, what stands below is invented
TOWNS = {
    "weibin": gettext_lazy("街道–社区–网格–楼栋（宝鸡渭滨）"),
    "dunhuang": gettext_lazy("社区–片区–楼栋–单元（敦煌）"),
    "maanshan": gettext_lazy("街道–社区–网格（小区）–楼栋–户（马鞍山）"),
    "zhangzhou": gettext_lazy("市–区–街道–社区（漳州）"),
}


class Command(BaseCommand):
    help = _("装入四种层级形状的示例：") + "；".join(f"{name} {shape}" for name, shape in TOWNS.items())

    def add_arguments(self, parser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help=_("不写则全部"))

    def handle(self, *args, **options) -> None:
        wanted = options["names"] or list(TOWNS)
        if unknown := [name for name in wanted if name not in TOWNS]:
            raise CommandError(_("没有这个示例：{names}").format(names="、".join(unknown)))
        for name in wanted:
            rows = sheets.shipped(f"example_{name}")
            try:
                report = importing.load(rows, by=system("import"), at=clock.now(), basis="example", keep=True)
            except TreeRefused as refusal:
                raise CommandError(refusal.sentence) from None
            opened = report.count(sheet_plan.OPEN)
            self.stdout.write(_("{shape}：新增 {n} 个地点").format(shape=TOWNS[name], n=opened))
