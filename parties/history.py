"""The history of a unit or an account, from the ledger, in words. Entries hold ids and codes; names are looked up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grid import queries as places
from ledger.models import Entry
from parties import directory
from parties.commands.accounts import REASONS, SEARCH_REASONS
from parties.models import Account
from parties.roles import ROLES

MOST = 100
LABELS = {
    "organisation.opened": gettext_lazy("设立"),
    "organisation.renamed": gettext_lazy("改名称或设置"),
    "organisation.moved": gettext_lazy("移动"),
    "organisation.serving_set": gettext_lazy("改服务范围"),
    "organisation.desk_moved": gettext_lazy("受理台随地点调整"),
    "organisation.retired": gettext_lazy("停用"),
    "organisation.merged": gettext_lazy("并入另一个单位"),
    "organisation.absorbed": gettext_lazy("并来一个单位"),
    "organisation.parted": gettext_lazy("并来的单位又分出去"),
    "organisation.restored": gettext_lazy("恢复使用"),
    "account.posted": gettext_lazy("任职"),
    "account.posting_confirmed": gettext_lazy("任职已确认"),
    "account.posting_ended": gettext_lazy("任职结束"),
    "account.posting_moved": gettext_lazy("任职随地点调整"),
    "account.substituted": gettext_lazy("定 AB 角"),
    "account.substitution_ended": gettext_lazy("AB 角结束"),
    "account.duty_set": gettext_lazy("值班"),
    "account.opened": gettext_lazy("开通账号"),
    "account.closed": gettext_lazy("停用账号"),
    "account.password_set": gettext_lazy("设密码"),
    "account.key_made": gettext_lazy("发密钥"),
    "account.phone_revealed": gettext_lazy("显示电话"),
    "account.exported": gettext_lazy("导出列表"),
    "account.phone_searched": gettext_lazy("按电话查工单"),
    "account.keys_forgotten": gettext_lazy("收回密钥"),
    "account.absence_set": gettext_lazy("登记离岗"),
    "account.absence_changed": gettext_lazy("改离岗"),
    "account.absence_ended": gettext_lazy("离岗提前结束"),
    "account.handed_work": gettext_lazy("收到交接的工单"),
    "person.erased": gettext_lazy("删除个人信息"),
}
FIELDS = {
    "name": gettext_lazy("名称"),
    "short_name": gettext_lazy("简称"),
    "aliases": gettext_lazy("别名"),
    "needs_release": gettext_lazy("对外发出前由负责人放行"),
    "auto_dispatch": gettext_lazy("受理后按职责行直派"),
}


def of(kind: str, pk: int, most: int = MOST, but: Collection[int] = ()) -> list[dict[str, Any]]:
    """The latest entries of a subject, newest first: {at, label, words, who, basis}; none about the postings
    `but`. Three statements at most."""
    rows = Entry.objects.filter(subject_kind=kind, subject_id=pk)
    if but:
        rows = rows.filter(Q(payload__posting__isnull=True) | ~Q(payload__posting__in=list(but)))
    entries = list(rows.order_by("-seq")[:most])
    who = _names(
        {entry.actor_id for entry in entries} | {entry.payload.get("substitute") for entry in entries}
    )
    known = places.by_ids(_places_in(entries))
    return [
        {
            "at": entry.at,
            "label": LABELS.get(entry.event, entry.event),
            "words": _words(entry, {pk: place.name for pk, place in known.items()}, who),
            "who": who.get(entry.actor_id, _("系统")),
            "basis": entry.payload.get("basis", ""),
        }
        for entry in entries
    ]


def _names(ids: Iterable[int | None]) -> dict[int | None, str]:
    found = Account.objects.filter(pk__in=[pk for pk in ids if isinstance(pk, int)])
    return dict(found.values_list("pk", "person__name"))


def _places_in(entries: Iterable[Entry]) -> set[int]:
    found: set[int] = set()
    for entry in entries:
        for name in ("place", "desk_of"):
            found.add(entry.payload.get(name))
        for name in ("serves", "begun", "ended"):
            found.update(entry.payload.get(name) or ())
    return {pk for pk in found if isinstance(pk, int)}


def _words(entry: Entry, names: Mapping[int, str], who: Mapping[int | None, str]) -> str:
    """What the entry says beside its label."""
    told, said = entry.payload, []
    for name, label in FIELDS.items():
        if isinstance(told.get(name), list) and len(told[name]) == 2:
            said.append(f"{label}：{_shown(told[name][0])} → {_shown(told[name][1])}")
    if role := ROLES.get(told.get("role", "")):
        said.append(str(role.label))
    for name, words in (
        ("place", ""),
        ("serves", _("服务")),
        ("begun", _("开始服务")),
        ("ended", _("不再服务")),
    ):
        found = told.get(name)
        ids = [found] if isinstance(found, int) else found or ()
        if listed := _("、").join(names[pk] for pk in ids if pk in names):
            said.append(f"{words} {listed}".strip())
    for name in ("parent", "into", "merged", "organisation"):
        if words := directory.name_of(told.get(name)):
            said.append(words)
    if told.get("substitute") in who:
        said.append(who[told["substitute"]])
    if words := REASONS.get(told.get("reason")) or SEARCH_REASONS.get(told.get("reason")):
        said.append(str(words))
    if (n := told.get("rows", told.get("cases"))) is not None:
        said.append(_("%(n)s 件") % {"n": n})
    if "on_duty" in told:
        said.append(_("开始值班") if told["on_duty"] else _("不再值班"))
    return _("，").join(said)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return _("是") if value else _("否")
    return _("、").join(value) if isinstance(value, list) else str(value)
