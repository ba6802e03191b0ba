"""Standard texts as they are offered with a form, their placeholders filled in; and as their keepers list them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import rulebook, standard_texts
from cases.models import Case
from cases.models.texts import StandardText
from cases.queries.lists import person_of, units_of
from cases.sla.board import ClockBoard
from cases.templatetags.huying import hm
from ledger import clock
from ledger.actor import Actor
from parties import directory

MOST = 30
# what a text may leave open, and what it is
PLACEHOLDERS = {
    "单位": gettext_lazy("承办单位"),
    "小项": gettext_lazy("网格清单的小项"),
    "地点": gettext_lazy("工单的地点"),
    "期限": gettext_lazy("办结时限"),
    "承办人": gettext_lazy("经办人，没有领取的是您"),
    "编号": gettext_lazy("工单编号"),
    "今天": gettext_lazy("今天的日期"),
    "我": gettext_lazy("您的姓名"),
}
HOLE = re.compile(r"\{(" + "|".join(PLACEHOLDERS) + r")\}")


def seen(actor: Actor) -> QuerySet[StandardText]:
    """Everybody's, and those of the units one works for."""
    mine = Q(organisation=None) | Q(organisation_id__in=units_of(actor))
    return StandardText.objects.filter(mine, retired_at=None)


def offered(actor: Actor, case: Case, board: ClockBoard, move: str, at: dt.datetime) -> list[dict[str, Any]]:
    """The texts that fit this case and move, the most particular first, filled in."""
    rows = seen(actor).filter(Q(item=None) | Q(item_id=case.item_id), Q(move="") | Q(move=move))
    values = values_of(actor, case, board, at)
    found: list[dict[str, Any]] = [
        {"id": row.pk, "title": row.title, "words": fill(row.text, values), "own": row.organisation_id is not None,
         "rank": (row.item_id is None, row.organisation_id is None, not row.move, row.title)}
        for row in rows[:200]
    ]  # fmt: skip
    found.sort(key=lambda one: one["rank"])
    return found[:MOST]


def values_of(actor: Actor, case: Case, board: ClockBoard, at: dt.datetime) -> dict[str, str]:
    """What stands for each placeholder. No caller's name and number: a text is kept and sent on."""
    item, lead = rulebook.item_by_id(case.item_id), board.latest("resolve")
    today = clock.local_date(at)
    return {
        "单位": directory.name_of(case.holder_id),
        "小项": item.name if item else _("所反映的问题"),
        "地点": case.place_text,
        "期限": hm(lead.due_at) if lead is not None else "",
        "承办人": person_of(case) or actor.name,
        "编号": case.number,
        "今天": _("%(month)s月%(day)s日") % {"month": today.month, "day": today.day},
        "我": actor.name,
    }


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled; what is no placeholder stays as it is written."""
    return HOLE.sub(lambda found: values[found[1]], text)


# -- for their keepers


def line(actor: Actor, row: StandardText) -> dict[str, Any]:
    item = rulebook.item_by_id(row.item_id)
    return {
        "id": row.pk,
        "version": row.version,
        "title": row.title,
        "text": row.text,
        "unit": directory.name_of(row.organisation_id, short=True) if row.organisation_id else _("全区通用"),
        "item": item.name if item else _("所有小项"),
        "move": str(standard_texts.moves_with_words().get(row.move, "")) or _("各步"),
        "edit_url": f"{reverse('cases:texts')}?edit={row.pk}"
        if standard_texts.may_keep(actor, row.organisation_id)
        else "",
    }


def as_json(row: StandardText) -> dict[str, Any]:
    unit, item = directory.by_id(row.organisation_id), rulebook.item_by_id(row.item_id)
    return {
        "id": row.pk,
        "version": row.version,
        "organisation": unit.code if unit else None,
        "item": item.code if item else None,
        "move": row.move,
        "title": row.title,
        "text": row.text,
    }
