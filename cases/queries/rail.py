"""Clocks in words, colours and the three-part rail 受理 → 办结 → 反馈. Pure: rows and an instant in, plain data out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.utils.translation import get_language

from cases import rulebook
from cases.models.case import Case
from cases.models.clock import TERMS, Clock
from cases.notices.messages import STAGES
from cases.queries import colours
from cases.queries.row_clocks import RAIL, RowClock
from cases.sla import clock as sla
from cases.sla.board import standing_round
from cases.sla.phrases import _, amount_words
from cases.templatetags.huying import duration, hm
from ledger.clock import LOCAL

LIVE = ("running", "paused")
AnyClock = Clock | RowClock


def left_words(due: dt.datetime, at: dt.datetime) -> str:
    """剩 1 小时 12 分, 超 3 小时"""
    words = {"span": duration(due - at)}
    return _("超 %(span)s") % words if at > due else _("剩 %(span)s") % words


def worst(rows: Sequence[AnyClock]) -> AnyClock | None:
    """The running clock that is due first; the terms of hold, ask and grace are nobody's deadline."""
    running = [row for row in rows if row.state == "running" and row.stage not in TERMS and row.part == 0]
    return min(running, key=lambda row: row.due_at, default=None)


def time_of(case: Case, rows: Sequence[AnyClock], at: dt.datetime) -> tuple[str, str]:
    """(stage in words, time in words) of what a case is being waited for; "" where nothing runs."""
    if not case.is_open:
        return "", ""
    term = {"on_hold": "hold", "awaiting_info": "ask"}.get(case.status)
    for row in rows:
        if term and row.stage == term and row.state == "running":
            if term == "hold":
                return _("已挂账"), _("至 %(day)s") % {"day": f"{row.due_at.astimezone(LOCAL):%m-%d}"}
            return _("待补充"), left_words(row.due_at, at)
    first = worst(rows)
    if first is None:
        return ("", _("已暂停")) if case.paused else ("", "")
    return _stages(get_language() or "").get(first.stage, ""), left_words(first.due_at, at)


@lru_cache(maxsize=8)
def _stages(language: str) -> dict[str, str]:
    """The names of the stages in the reader's language, looked up once."""
    return {stage: str(name) for stage, name in STAGES.items()}


def chip_words(case: Case, rows: Sequence[AnyClock], at: dt.datetime) -> str:
    """The time as a list prints it: the stage is named unless it is the work itself."""
    stage, words = time_of(case, rows, at)
    first = worst(rows)
    if not stage or (first is not None and first.stage == "resolve" and case.status == "in_hand"):
        return words
    if case.status in ("on_hold", "awaiting_info"):
        return f"{stage} · {words}"
    return _("%(stage)s%(left)s") % {"stage": stage, "left": words}


def rail_of(case: Case, rows: Sequence[AnyClock], at: dt.datetime) -> dict[str, dict[str, Any]]:
    """accept, resolve, feedback → {state, colour, percent, caption}, as the tag `rail` takes it."""
    latest = {stage: _latest(rows, stage) for stage in RAIL}
    current = next((stage for stage in RAIL if (row := latest[stage]) and row.state in LIVE), None)
    if not case.is_open:
        current = None
    hold = next((row for row in rows if row.stage == "hold" and row.state == "running"), None)
    return {stage: _part(stage, latest[stage], case, current, hold, at) for stage in RAIL}


def percent_of(row: AnyClock | None, at: dt.datetime) -> int:
    """How much of its time a clock has used, 0 to 100, in its unit's own base."""
    if row is None:
        return 0
    rule = row.rule
    cal = rulebook.calendar(rule.get("calendar", "default"))
    if row.turned:
        segments = sla.segments_from_json(row.segments)
        share = sla.used_share(sla.rebuild(sla.rule_from_json(rule), row.anchor, segments, cal), at, cal)
    else:
        share = sla.plain_share(rule["unit"], row.anchor, row.due_at, at, cal)
    return min(100, max(0, round(100 * share)))


def limit_words(row: AnyClock) -> str:
    """限 2 日"""
    rule = sla.rule_from_json(row.rule)
    if rule.until is not None:
        return _("限 %(at)s") % {"at": hm(rule.until)}
    return _("限 %(amount)s") % {"amount": amount_words(rule.amount, rule.unit)}


def _latest(rows: Sequence[AnyClock], stage: str) -> AnyClock | None:
    return standing_round(row for row in rows if row.stage == stage and row.part == 0)


def _part(
    stage: str, row: AnyClock | None, case: Case, current: str | None, hold: AnyClock | None, at: dt.datetime
) -> dict[str, Any]:
    if row is None:
        # a case without a caller is told to nobody; one that has not come so far says nothing yet
        return _said("stop" if stage == "feedback" and not case.has_caller else "todo")
    if row.state == "stopped":
        return _stopped(row)
    if row.state == "paused":
        until = _("暂停至 %(day)s") % {"day": f"{hold.due_at.astimezone(LOCAL):%m-%d}"} if hold else _("暂停")
        return _said("hold", "violet", percent_of(row, at), until)
    colour = colours.of_clock(row, at)
    if stage == current or colour == "red":
        return _said("now", colour, percent_of(row, at), left_words(row.due_at, at))
    return _said("todo", caption=limit_words(row))


def _stopped(row: AnyClock) -> dict[str, Any]:
    if row.outcome != "met" or row.stopped_at is None:
        return _said("stop")
    if row.stopped_at > row.due_at:
        return _said("late", "red", 100, _("超 %(span)s") % {"span": duration(row.stopped_at - row.due_at)})
    return _said("done", "green", 100, duration(row.stopped_at - row.anchor))


def _said(state: str, colour: str = "", percent: int = 0, caption: str = "") -> dict[str, Any]:
    return {"state": state, "colour": colour, "percent": percent, "caption": caption}
