"""The fields of the forms about deadlines, and the ladder as ticks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import kinds, rulebook
from cases.models.rules import Item, Policy
from cases.queries import choices, policy_rows
from cases.refusals import not_ready
from cases.sla import ladder, units
from cases.sla.phrases import amount_words
from ledger.clock import LOCAL
from parties import directory

ON = {
    "warned": gettext_lazy("快到期时告诉"),
    "breached": gettext_lazy("超时时告诉"),
    "silent": gettext_lazy("不响应时告诉"),
}
TELL = {
    "holder": gettext_lazy("承办人"),
    "head": gettext_lazy("单位负责人"),
    "dispatcher": gettext_lazy("派遣员"),
    "supervisor": gettext_lazy("督查员"),
}


def filters(stage: str, q: str) -> list[dict[str, Any]]:
    return [
        {
            "field": "stage",
            "type": "choice",
            "label": _("环节"),
            "choices": policy_rows.stage_choices(),
            "value": stage,
            "empty": _("全部"),
        },
        {"field": "q", "type": "line", "label": _("小项或依据"), "value": q},
    ]


def new_fields(today: dt.date) -> list[dict[str, Any]]:
    """One row: how long, from when on, for what, on what it rests, whom it tells."""
    return [
        _choice("stage", _("环节"), policy_rows.stage_choices(), required=True),
        {"field": "amount", "type": "line", "label": _("数量"), "required": True},
        _choice("unit", _("单位（时间）"), _pairs(Item.Unit.choices), required=True),
        _choice("anchor", _("起算"), choices.words(policy_rows.ANCHORS), required=True),
        *_scope(),
        {
            "field": "since",
            "type": "date",
            "label": _("生效日"),
            "required": True,
            "value": today.isoformat(),
        },
        {
            "field": "basis",
            "type": "line",
            "label": _("依据"),
            "required": True,
            "placeholder": _("文号或文件名"),
        },
        {"field": "no_response", "type": "bool", "label": _("逾期一天仍未做，记不响应")},
    ]


def adopt_fields(today: dt.date) -> list[dict[str, Any]]:
    return [
        {
            "field": "since",
            "type": "date",
            "label": _("生效日"),
            "required": True,
            "value": today.isoformat(),
        },
        {
            "field": "basis",
            "type": "line",
            "label": _("依据"),
            "required": True,
            "placeholder": _("文号或文件名"),
        },
    ]


def test_fields(asked: Mapping[str, str], now: dt.datetime) -> list[dict[str, Any]]:
    at = asked.get("at") or now.astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M")
    orgs = [{"value": org.code, "label": org.name} for org in directory.search() if org.kind != "committee"]
    return [
        {"field": "at", "type": "datetime", "label": _("呼叫时间"), "required": True, "value": at},
        _choice("item", _("小项"), choices.items(), empty=_("未定")),
        _choice("kind", _("类型"), choices.words(kinds.KINDS), empty=_("问题求助")),
        _choice("urgency", _("紧急程度"), choices.words(kinds.URGENCIES), empty=_("按小项")),
        _choice("level", _("层级"), choices.words(kinds.LEVELS), empty=_("按小项")),
        {
            "field": "place",
            "type": "line",
            "label": _("地点"),
            "placeholder": _("编码或名称"),
        },
        _choice("organisation", _("承办单位"), orgs, empty=_("不定")),
    ]


def _scope() -> list[dict[str, Any]]:
    categories = [{"value": one.code, "label": one.name} for one in rulebook.categories()]
    return [
        _choice("item", _("只对小项"), choices.items(), empty=_("不限")),
        _choice("category", _("只对大类"), categories, empty=_("不限")),
        _choice("kind", _("只对类型"), choices.words(kinds.KINDS), empty=_("不限")),
        _choice("urgency", _("只对紧急程度"), choices.words(kinds.URGENCIES), empty=_("不限")),
        _choice("level", _("只对层级"), choices.words(kinds.LEVELS), empty=_("不限")),
    ]


def _choice(
    field: str, label: str, options: list[Any], *, required: bool = False, empty: str = ""
) -> dict[str, Any]:
    found = {"field": field, "type": "choice", "label": label, "choices": options, "required": required}
    return {**found, "empty": empty} if empty else found


def _pairs(pairs: list[tuple[str, Any]]) -> list[dict[str, str]]:
    return [{"value": value, "label": str(label)} for value, label in pairs]


# -- whom its clocks tell


def ladder_fields() -> list[dict[str, Any]]:
    told = choices.words(TELL)
    return [
        *(
            {"field": f"tell_{on}", "type": "choices", "label": label, "choices": told}
            for on, label in ON.items()
        ),
        {
            "field": "after",
            "type": "line",
            "label": _("超时后再过"),
        },
        _choice("after_unit", _("再过的单位"), _pairs(Item.Unit.choices), empty=_("不用")),
        {"field": "tell_after", "type": "choices", "label": _("仍未完成则告诉"), "choices": told},
    ]


def ladder_of(posted: QueryDict) -> list[dict[str, Any]]:
    """The rungs that were ticked; none: the standing ladder."""
    rungs: list[dict[str, Any]] = [
        {"on": on, "tell": tell} for on in ON if (tell := posted.getlist(f"tell_{on}"))
    ]
    after, unit, tell = (
        posted.get("after", "").strip(),
        posted.get("after_unit", ""),
        posted.getlist("tell_after"),
    )
    if after or tell:
        try:
            amount = units.amount_of(unit, after)
        except units.NotAnAmount:
            raise not_ready(_("“超时后再过”要写数量和单位。"), after=_("请填数字，并选单位。")) from None
        shown = amount if isinstance(amount, int) else str(amount)
        rungs.append({"on": "breached", "after": [shown, unit], "tell": tell})
    return rungs


def ladder_words(row: Policy) -> list[str]:
    """Whom its clocks tell, a line each; the standing ladder where the row has none."""
    rungs = ladder.read(row.ladder or []) or ladder.STANDING
    said = []
    for rung in rungs:
        when = str(ON[rung.on])
        if rung.after is not None:
            when = _("超时再过 %(span)s 仍未完成时告诉") % {"span": amount_words(*rung.after)}
        told = _("、").join(str(TELL[who]) for who in rung.tell)
        said.append(_("%(field)s：%(words)s") % {"field": when, "words": told})
    return said if row.ladder else [*said, _("（通行的阶梯）")]
