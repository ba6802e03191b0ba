"""The changes of a unit as one table: what each asks for, which command it is, and what it touches.

Page and interface read this table: the same fields, the same dry run, the same refusals.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grid.followers import Impact
from ledger import versions
from ledger.actor import Actor
from parties import commands, consequences, directory
from parties.errors import PartiesRefused
from parties.kinds import KINDS
from parties.models import Organisation, Serving
from parties.reading import BASIS, Field, read, version_of
from parties.retrying import retried


@dataclass(frozen=True)
class Way:
    """One sort of change. `ends`: the consequences of which end are shown; `key`: the key that opens its form."""

    name: str
    label: Any
    icon: str
    command: Callable[..., Organisation]
    fields: tuple[Field, ...]
    ends: str = ""
    key: str = ""
    danger: bool = False

    def read(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        return read((*self.fields, BASIS), sent)


@dataclass(frozen=True)
class Outcome:
    """What was done, or would be: the unit, what differs [{label, before, after}], what else it touches."""

    unit: Organisation
    changes: list[dict[str, str]]
    impacts: list[Impact] = field(default_factory=list)
    dry_run: bool = False

    @property
    def blocked(self) -> str:
        """Why it cannot be done yet, in one sentence; "" where it can."""
        reasons = [impact.sentence for impact in self.impacts if impact.blocks]
        return _("还不能这样改：") + _("；").join(reasons) + _("。") if reasons else ""


CODE = Field(
    "code", gettext_lazy("编码"), required=True, hint=gettext_lazy("一经使用不再改，也不给别的单位用。")
)
NAME = Field("name", gettext_lazy("名称"), required=True)
SHORT = Field("short_name", gettext_lazy("简称"))
ALIASES = Field("aliases", gettext_lazy("别名"), "lines", hint=gettext_lazy("一行一个。查找、导入时都认。"))
KIND = Field("kind", gettext_lazy("类别"), "kind", required=True)
RELEASE = Field("needs_release", gettext_lazy("对外发出前由负责人放行"), "bool")
AUTO = Field(
    "auto_dispatch",
    gettext_lazy("受理后按职责行直派"),
    "bool",
    hint=gettext_lazy("职责行只指向一家的，受理后直接派出；其余仍留在台上。"),
)
PARENT = Field("parent", gettext_lazy("移到哪个单位下面"), "unit", True, gettext_lazy("填编码或名称。"))
INTO = Field("into", gettext_lazy("并入哪个单位"), "unit", True, gettext_lazy("填编码或名称。"))
PLACE = Field("place", gettext_lazy("地点"), "place", True, gettext_lazy("填编码，或名称、拼音首字母。"))
DESK_OF = Field(
    "desk_of",
    gettext_lazy("是哪个地点的受理台"),
    "place",
    hint=gettext_lazy("居委会、指挥中心填，别的不填。"),
)
SERVES = Field("serves", gettext_lazy("服务的地点"), "place", hint=gettext_lazy("以后还可以再加。"))


def _open(*, organisation: Organisation | None, version: int | None, **values: Any) -> Organisation:
    """A new unit below `organisation`; its version does not matter, nothing of it changes."""
    serves = values.pop("serves", None)
    return commands.open_organisation(parent=organisation, serves=[serves] if serves else [], **values)


WAYS: dict[str, Way] = {
    way.name: way
    for way in (
        Way("open", gettext_lazy("加下级"), "plus", _open,
            (NAME, CODE, KIND, SHORT, ALIASES, SERVES, DESK_OF, RELEASE), key="Insert"),
        Way("rename", gettext_lazy("改名"), "pencil", commands.rename_organisation,
            (NAME, SHORT, RELEASE, AUTO), key="F2"),
        Way("aliases", gettext_lazy("改别名"), "tags", commands.rename_organisation, (ALIASES,)),
        Way("serve", gettext_lazy("加服务地点"), "map-pin", commands.begin_serving, (PLACE,)),
        Way("leave", gettext_lazy("不再服务"), "map-off", commands.end_serving, (PLACE,)),
        Way("move", gettext_lazy("移动"), "arrows-transfer-up", commands.move_organisation, (PARENT,), key="Move"),
        Way("merge", gettext_lazy("并入"), "arrows-join", commands.merge_organisation, (INTO,),
            ends="merged", danger=True),
        Way("retire", gettext_lazy("停用"), "archive", commands.retire_organisation, (),
            ends="retired", key="Delete", danger=True),
        Way("restore", gettext_lazy("恢复"), "refresh", commands.restore_organisation, ()),
    )
}  # fmt: skip


@retried
def carry_out(
    way: Way,
    *,
    unit: Organisation | None,
    sent: Mapping[str, Any],
    by: Actor,
    at: dt.datetime,
    dry_run: bool = False,
) -> Outcome:
    """Do a change, or only try it: a dry run is the real command, taken back, so it refuses what the real one
    would; what merely has no home yet is told instead (`Outcome.blocked`). PartiesRefused, NotYours."""
    values = way.read(sent)
    version = None if way.name == "open" else version_of(sent)
    found = _impacts(way, unit, values)
    before = snapshot(unit) if way.name != "open" else {}
    try:
        with transaction.atomic():
            changed = way.command(organisation=unit, version=version, by=by, at=at, **values)
            # of two names merged, what becomes of the one that goes is told
            after = snapshot(Organisation.objects.get(pk=unit.pk) if unit and before else changed)
            if dry_run:
                transaction.set_rollback(True)
    except PartiesRefused as refused:
        if not (dry_run and refused.impacts):
            raise
        changed, after = refused.now or unit, before
    finally:
        if dry_run:
            versions.forget()  # what was read inside has never been
    differs = [
        {"label": label, "before": before.get(label, ""), "after": words}
        for label, words in after.items()
        if words != before.get(label, "")
    ]
    return Outcome(changed, differs, found, dry_run)


def _impacts(way: Way, unit: Organisation | None, values: Mapping[str, Any]) -> list[Impact]:
    if not way.ends or unit is None:
        return []
    return consequences.impacts(consequences.UnitChange(way.ends, unit, values.get("into")))


def snapshot(unit: Organisation) -> dict[str, str]:
    """The facts of a unit in words, label → words, read from its row."""
    parent = directory.by_id(unit.parent_id)
    into = directory.by_id(unit.merged_into_id)
    state = _("在用") if unit.retired_at is None else _("已停用")
    return {
        _("名称"): unit.name,
        _("简称"): unit.short_name,
        _("别名"): _("、").join(unit.aliases),
        _("编码"): unit.code,
        _("类别"): str(KINDS[unit.kind].label),
        _("上级单位"): parent.name if parent else "",
        _("受理台"): unit.desk_of.name if unit.desk_of_id else "",
        _("服务的地点"): _("、").join(_serving(unit)),
        _("对外发出前由负责人放行"): _("是") if unit.needs_release else _("否"),
        **({_("受理后按职责行直派"): _("是") if unit.auto_dispatch else _("否")} if unit.desk_of_id else {}),
        _("状态"): _("并入“%(name)s”") % {"name": into.name} if into else state,
    }


def _serving(unit: Organisation) -> Iterable[str]:
    rows = Serving.objects.filter(organisation=unit, until=None).order_by("place__code")
    return rows.values_list("place__name", flat=True)
