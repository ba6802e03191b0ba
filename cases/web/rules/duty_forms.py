"""The fields of the forms about duty rows, and what they send as the commands take it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from cases import kinds, rulebook
from cases.models.rules import DutyRow
from cases.queries import choices, duties
from cases.refusals import not_ready
from cases.routing import concern
from cases.web.rules import reading
from grid.models import Place
from grid.queries import lineage
from parties import directory


def _choice(field: str, label: str, options: list[Any], **more: Any) -> dict[str, Any]:
    return {"field": field, "type": "choice", "label": label, "choices": options, **more}


def _line(field: str, label: str, **more: Any) -> dict[str, Any]:
    return {"field": field, "type": "line", "label": label, **more}


def parts() -> list[dict[str, str]]:
    return [{"value": value, "label": str(label)} for value, label in DutyRow.Part.choices]


def filters(asked: Mapping[str, str]) -> list[dict[str, Any]]:
    categories = [{"value": one.code, "label": f"{one.code} {one.name}"} for one in rulebook.categories()]
    matters = [{"label": _("大类"), "choices": categories}, *choices.items()]
    return [
        _line("q", _("查找"), value=asked.get("q", ""), placeholder=_("事项、单位、地点、拼音首字母")),
        _choice("item", _("小项或大类"), matters, value=asked.get("item", ""), empty=_("全部")),
        _line("place", _("地点（含以下）"), value=asked.get("place", "")),
        _line("organisation", _("单位"), value=asked.get("organisation", "")),
        _choice("part", _("角色"), parts(), value=asked.get("part", ""), empty=_("全部")),
    ]


def new_fields(asked: Mapping[str, str], today: dt.date) -> list[dict[str, Any]]:
    """A new row; `asked` fills in what one came with."""
    categories = [{"value": one.code, "label": f"{one.code} {one.name}"} for one in rulebook.categories()]
    return [
        _choice("item", _("小项"), choices.items(), value=asked.get("item", ""), empty=_("不写小项")),
        _choice(
            "category", _("或整个大类"), categories, value=asked.get("category", ""), empty=_("不写大类")
        ),
        _line(
            "place",
            _("地点（含以下）"),
            required=True,
            value=asked.get("place", ""),
            hint=_("编码、名称或拼音首字母。"),
        ),
        *_who(asked),
        *_when(today, asked),
    ]


def change_fields(row: DutyRow, today: dt.date) -> list[dict[str, Any]]:
    """What may differ in the row that takes over."""
    told = {
        "organisation": row.organisation.code if row.organisation else "",
        "template": row.template,
        "part": row.part,
        "direct": "1" if row.direct else "",
        "basis": row.basis,
        "until": row.until.isoformat() if row.until else "",
    }
    return [*_who(told), *_when(max(today, row.since), told)]


def end_fields(today: dt.date) -> list[dict[str, Any]]:
    return [
        {"field": "on", "type": "date", "label": _("失效日"), "required": True, "value": today.isoformat()}
    ]


def _who(told: Mapping[str, str]) -> list[dict[str, Any]]:
    offices = [
        {"value": code, "label": f"{name}（{code}）"} for code, name in sorted(concern.templates().items())
    ]
    return [
        _line(
            "organisation",
            _("单位"),
            value=told.get("organisation", ""),
            hint=_("名称、简称、编码或拼音首字母。"),
        ),
        _choice(
            "template",
            _("或各地自有的机构"),
            offices,
            value=told.get("template", ""),
            empty=_("不用"),
            hint=_("每个镇街或社区用它自己的那一个。"),
        ),
        _choice("part", _("角色"), parts(), value=told.get("part", "lead"), required=True, empty=""),
        {
            "field": "direct",
            "type": "bool",
            "label": _("街道可直派，不必上呼"),
            "value": told.get("direct", ""),
        },
    ]


def _when(since: dt.date, told: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "field": "since",
            "type": "date",
            "label": _("生效日"),
            "required": True,
            "value": since.isoformat(),
        },
        {
            "field": "until",
            "type": "date",
            "label": _("失效日"),
            "value": told.get("until", ""),
            "hint": _("不写就一直有效；写了，到期后原来的一行继续。"),
        },
        _line(
            "basis",
            _("依据"),
            required=True,
            value=told.get("basis", ""),
            placeholder=_("文号或文件名"),
        ),
    ]


def test_fields(asked: Mapping[str, str], today: dt.date) -> list[dict[str, Any]]:
    return [
        _choice(
            "item", _("小项"), choices.items(), value=asked.get("item", ""), required=True, empty=_("请选择")
        ),
        _line(
            "place",
            _("地点"),
            required=True,
            value=asked.get("place", ""),
            hint=_("编码、名称或拼音首字母。"),
        ),
        _choice(
            "kind",
            _("类型"),
            choices.words(kinds.KINDS),
            value=asked.get("kind", ""),
            empty=_("按小项"),
        ),
        {"field": "on", "type": "date", "label": _("哪一天"), "value": asked.get("on") or today.isoformat()},
    ]


# -- what was sent


def place_of(words: str) -> Place:
    """By code, name or pinyin initials. Raises MoveRefused."""
    found = duties.place_named(words.strip()) if words.strip() else None
    if found is None:
        raise not_ready(_("没有这个地点。"), place=_("请核对地点。"))
    return found


def unit_of(words: str, place: Place) -> directory.Org | None:
    """By code, name, alias or pinyin initials: the one that has to do with the place. None where nothing was
    written. Raises MoveRefused where none or several go by the word."""
    words = words.strip()
    if not words:
        return None
    if (exact := directory.by_code(words) or directory.named(words)) is not None:
        return exact
    line = lineage(place)
    found = [unit for unit in directory.search(words) if concern.reaches(unit, line)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise not_ready(_("没有找到单位“%(word)s”。") % {"word": words[:40]}, organisation=_("请核对单位。"))
    names = _("、").join(unit.short_name or unit.name for unit in found[:8])
    raise not_ready(
        _("“%(word)s”有几家：%(names)s。") % {"word": words[:40], "names": names},
        organisation=_("请写全名。"),
    )


def content(posted: Mapping[str, str], place: Place) -> dict[str, Any]:
    """Who, in which part, from when to when, on what it rests. Raises MoveRefused."""
    if not posted.get("basis", "").strip():
        raise not_ready(_("请写明依据（文号或文件名）。"), basis=_("请填写。"))
    return {
        "organisation": unit_of(posted.get("organisation", ""), place),
        "template": posted.get("template", ""),
        "part": posted.get("part", ""),
        "direct": bool(posted.get("direct")),
        "since": reading.date(posted.get("since", ""), "since"),
        "until": reading.date(posted.get("until", ""), "until", required=False),
        "basis": posted.get("basis", ""),
    }
