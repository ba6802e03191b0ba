"""The rows behind a number, a page of them at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases import kinds
from cases.figures.behind import DENOMINATOR, MISSED, NUMERATOR, PLAIN, dated_by, figure_of
from cases.figures.catalogue import CASE, CLOCK, INSTRUCTION, STAY, VOICE
from cases.models import Case, Clock, Instruction, Voice
from cases.models.past import CasePast, ClockPast, VoicePast
from cases.notices.messages import STAGES
from cases.queries.addresses import address
from cases.queries.lists import SIZE, page_of
from cases.queries.masking import title_for
from cases.scope import listed
from cases.sla.phrases import minutes_words
from grid.paging import Key
from ledger.actor import Actor
from parties import directory

MOST_KEPT = 200  # kept rows listed with those behind a number
PART_WORDS = {
    NUMERATOR: gettext_lazy("分子"),
    DENOMINATOR: gettext_lazy("分母"),
    MISSED: gettext_lazy("没做到的"),
}


def words_of(code: str, part: str) -> str:
    """What the number counts."""
    name = str(figure_of(code).name)
    return name if code in PLAIN and part == DENOMINATOR else f"{name} · {PART_WORDS[part]}"


def kept_rows(
    actor: Actor, code: str, rows: QuerySet, at: dt.datetime, most: int = MOST_KEPT
) -> list[dict[str, Any]]:
    """What stood at a past instant and was changed since, as it stood; the newest change first."""
    seen = (
        rows.filter(case_id__in=listed(actor).values("pk")).select_related("case").order_by("-until", "-id")
    )
    return [{**_row(actor, one, at, is_now=False), "changed": True} for one in seen[:most]]


def behind(
    actor: Actor,
    code: str,
    rows: QuerySet,
    total: int,
    asked: Mapping[str, str],
    at: dt.datetime,
    size: int = SIZE,
) -> dict[str, Any]:
    """One page of the rows behind a number. What the reader may not list is counted only. Two statements
    besides the count."""
    number, when = figure_of(code), dated_by(code)
    key = "pk" if number.rows == CASE else "case_id"
    seen = rows.filter(**{f"{key}__in": listed(actor).values("pk")})
    if key != "pk":
        seen = seen.select_related("case")
    first = Key(when, descending=bool(number.when), nullable=not number.when)
    last = Key("call_id" if number.rows == VOICE else "id", descending=True)
    found, pager = page_of(seen, (first, last), asked, total, size)
    return {
        "rows": [_row(actor, row, at, is_now=not number.when) for row in found],
        "page": pager,
        "columns": _columns(code),
    }


def _columns(code: str) -> list[str]:
    if figure_of(code).rows == CLOCK:
        return [_("单位"), _("环节"), _("轮次"), _("到期"), _("停表"), _("结果")]
    if figure_of(code).rows == STAY:
        return [_("单位"), _("从"), _("到"), _("办公时间")]
    if figure_of(code).rows == VOICE:
        return [_("单位"), _("答复"), _("评价"), _("解决了吗"), _("满意吗")]
    if figure_of(code).rows == INSTRUCTION:
        return [_("单位"), _("批示"), _("要求回复"), _("回复"), _("状态")]
    if not figure_of(code).when:
        return [_("单位"), _("登记"), _("到期"), _("反映人"), _("状态")]
    return [_("单位"), _("登记"), _("承诺"), _("办结"), _("状态")]


def _row(actor: Actor, row: Model, at: dt.datetime, *, is_now: bool) -> dict[str, Any]:
    case: Case = row if isinstance(row, Case) else row.case  # type: ignore[attr-defined]
    if isinstance(row, Case | CasePast):
        unit = directory.by_id(row.holder_id)
    else:
        unit = directory.by_id(case.holder_id if isinstance(row, Instruction) else row.organisation_id)  # type: ignore[attr-defined]
    return {
        "number": case.number,
        "url": address("detail", case.number),
        "title": title_for(actor, case),
        "place": case.place_text,
        "unit": (unit.short_name or unit.name) if unit else "",
        "cells": _cells(row, at, is_now=is_now),
    }


def _cells(row: Any, at: dt.datetime, *, is_now: bool) -> list[dict[str, Any]]:
    """Each an instant `at` (or none), or `words`."""
    if isinstance(row, Clock | ClockPast):
        late = (row.stopped_at or at) > row.due_at
        words = _("超时") if late else _("按时")
        if row.stopped_at is None:
            words = _("未办，已超时")
        elif row.outcome == "ended":
            words = _("超时后转走")
        result = {"words": words, "late": late}
        stage = {"words": str(STAGES[row.stage])}
        return [stage, {"words": str(row.round)}, {"at": row.due_at}, {"at": row.stopped_at}, result]
    if isinstance(row, Instruction):
        late = (row.answered_at or at) > row.answer_by
        status = {"words": str(kinds.STATUSES[row.case.status])}
        return [
            {"at": row.instructed_at},
            {"at": row.answer_by, "late": late},
            {"at": row.answered_at},
            status,
        ]
    if isinstance(row, Voice | VoicePast):
        solved, step = kinds.SOLVED.get(row.solved, ""), kinds.SATISFACTION.get(row.step, "")
        return [{"at": row.told_at}, {"at": row.rated_at}, {"words": str(solved)}, {"words": str(step)}]
    if isinstance(row, Case | CasePast):
        status = {"words": str(kinds.STATUSES[row.status])}
        if is_now:
            late = row.next_due_at is not None and row.next_due_at < at
            due = {"at": row.next_due_at, "late": late}
            return [{"at": row.received_at}, due, {"words": str(row.callers)}, status]
        return [{"at": row.received_at}, {"at": row.promised_at}, {"at": row.resolved_at}, status]
    return [{"at": row.since}, {"at": row.until}, {"words": minutes_words(row.worked_minutes)}]
