"""Why a deadline is where it is: the policy that won, every counted and skipped stretch, and the paper calendar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cases import calendars, rulebook
from cases.models import Case, Clock
from cases.notices.messages import STAGES
from cases.queries.addresses import address
from cases.sla import clock as sla
from cases.sla import policy, sheet, units, words
from cases.sla.board import ClockBoard, calendar_of, pure, standing_round
from cases.sla.calendar import SECOND, Calendar
from cases.sla.lines import Line
from cases.sla.phrases import (
    WEEKDAYS,
    hours_words,
    moment_words,
    reader,
    span_words,
)
from cases.sla.words import Chapter

TITLES = {
    "start": lambda: _("起算"),
    "pause": lambda: _("暂停"),
    "stop": lambda: _("停止"),
    "resume": lambda: _("恢复"),
    "void": lambda: _("停止无效"),
    "extend": lambda: _("延期"),
    "cap": lambda: _("取较早者"),
    "replan": lambda: _("重新推算"),
}
OPENED = 16  # lines that may stand open at once; of longer stories only the last chapter


def find(board: ClockBoard, stage: str, asked: Mapping[str, str]) -> Clock | None:
    """The clock of a stage: the lead's last round, or `round` and `part` as asked."""
    part, wanted = asked.get("part") or "0", asked.get("round") or ""
    rows = [row for row in board.rows if row.stage == stage and str(row.part) == part]
    if wanted:
        rows = [row for row in rows if str(row.round) == wanted]
    return standing_round(rows)


def url_of(case: Case, row: Clock, latest: bool = True) -> str:
    """The page that explains a clock."""
    asked = {"part": row.part} if row.part else {}
    if not latest:
        asked["round"] = row.round
    plain = address("why", case.number, row.stage)
    return f"{plain}?{urlencode(asked)}" if asked else plain


def page(board: ClockBoard, row: Clock) -> dict[str, Any]:
    """What the page of one clock prints."""
    cal = calendar_of(row)
    clock = pure(row, cal)
    told = words.story(clock, cal, reason_of(row))
    last = max((n for n, one in enumerate(told.chapters) if one.lines), default=-1)
    every = sum(len(one.lines) for one in told.chapters) <= OPENED
    return {
        "label": label_of(row),
        "url": url_of(board.case, row, row is board.latest(row.stage, row.part)),
        "due_at": row.due_at,
        "provisional": row.provisional,
        "sentences": [
            sentence
            for one in told.chapters
            for sentence in (one.said[:1] if one.kind in ("pause", "stop") else one.said)
        ],
        "reason": told.reason,
        "yielded": yielded(board.case, row),
        "promised": _promised(board.case, row, cal),
        "warn": _warn(row, clock, cal),
        "calendar": _calendar(row.rule.get("calendar", calendars.ROOT), cal),
        "closing": told.closing,
        "chapters": [
            _chapter(one, clock.rule.unit, cal, opened=every or n == last)
            for n, one in enumerate(told.chapters)
        ],
        "weekdays": [_(name) for name in WEEKDAYS],
        "weeks": sheet.weeks(clock, cal),
        "others": _others(board, row),
    }


def steps_json(row: Clock) -> list[dict[str, Any]]:
    """The same for programs: each chapter with its lines; `counted` in days or seconds, as `unit` says."""
    cal = calendar_of(row)
    told = words.story(pure(row, cal), cal, reason_of(row))
    return [
        {
            "kind": one.kind,
            "at": one.at.isoformat(),
            "due_at": one.due.isoformat(),
            "said": list(one.said),
            "unit": "day" if one.in_days else "second",
            "lines": [
                {
                    "from": line.first.isoformat(),
                    "to": line.last.isoformat(),
                    "words": line.words,
                    "counted": _plain(line.counted, one.in_days),
                    "total": _plain(line.total, one.in_days),
                }
                for line in one.lines
            ],
        }
        for one in told.chapters
    ]


def sentences(row: Clock) -> list[str]:
    """The whole story, sentence by sentence."""
    cal = calendar_of(row)
    return words.story(pure(row, cal), cal, reason_of(row)).sentences()


def _plain(counted: int, in_days: bool) -> int | float:
    return counted if in_days else counted / SECOND


def label_of(row: Clock) -> str:
    """What the clock is called, with its round where it is not the first."""
    label = str(STAGES.get(row.stage, row.stage))
    if row.part:
        label += _("（协办 %(n)s）") % {"n": row.part}
    return label + (_("（第 %(n)s 轮）") % {"n": row.round} if row.round > 1 else "")


# -- which policy and why it won


def reason_of(row: Clock) -> str:
    """The policy in the reader's own language, where its row is still known; else as it was copied."""
    known = row.rule.get("policy")
    copied = (known, str(row.rule["amount"]), row.rule["unit"])
    for one in (*rulebook.policies(), *policy.DEFAULTS):
        if known and (str(one.id), str(one.amount), one.unit) == copied:
            return words.policy_reason(one, _names(one))
    return str(row.rule.get("reason", ""))


def yielded(case: Case, row: Clock) -> list[str]:
    """The policies that spoke of this case too when the clock began, and gave way to the more particular one."""
    item = rulebook.item_by_id(case.item_id)
    facts = policy.Facts(
        item=item.code if item else "",
        category=item.category if item else "",
        kind=case.kind,
        urgency=case.urgency,
        level=case.level,
    )
    fitting = policy.fitting(row.rule["stage"], facts, rulebook.policies(), row.started_at)
    if not fitting or str(fitting[0].id) != row.rule.get("policy"):
        return []
    won = policy.names(fitting[0])
    return [words.policy_reason(one, _names(one)) for one in fitting[1:] if policy.names(one) < won]


def _names(row: policy.Row) -> dict[str, str]:
    """What people call the item and the category that a policy names."""
    item, category = rulebook.item(row.item or ""), rulebook.category(row.category or "")
    found = {
        "item": f"{item.code} {item.name}" if item else "",
        "category": category.name if category else "",
    }
    return {name: word for name, word in found.items() if word}


# -- beside the deadline


def _promised(case: Case, row: Clock, cal: Calendar) -> str:
    """What the caller was told, beside the limit that is worked to."""
    if row.stage != "resolve" or case.promised_at is None:
        return ""
    told = {"at": moment_words(case.promised_at, cal, ends=True)}
    if case.promised_at == row.due_at:
        return _("%(at)s，与办理时限相同；受理时告知，此后不变。") % told
    return _("%(at)s；受理时告知，此后不变。办理时限因延期、暂停或返工另行推算。") % told


def _warn(row: Clock, clock: sla.Clock, cal: Calendar) -> str:
    """How the time of the warning is worked out."""
    if row.warn_at is None or (clock.rule.unit == units.UNTIL and clock.allowance <= 0):
        return ""
    told = {
        "all": span_words(clock.allowance),
        "fifth": span_words(clock.allowance // sla.WARN_SHARE),
        "at": moment_words(row.warn_at, cal),
    }
    if clock.rule.unit in units.IN_OPENING_TIME:
        return _("%(at)s：总量为办公时间 %(all)s，剩两成即 %(fifth)s时预警。") % told
    return _("%(at)s：总量 %(all)s，剩两成即 %(fifth)s时预警。") % told


def _calendar(ref: str, cal: Calendar) -> str:
    code = calendars.code_of(ref)
    line = calendars.line(code) if code != calendars.ROOT else ()
    told = {
        "name": (line[0].name if line else "") or _("通用工作日历"),
        "hours": hours_words(cal.ordinary),
        "since": cal.published_from.isoformat(),
        "until": cal.published_until.isoformat(),
    }
    return _("%(name)s；工作日 %(hours)s；放假和调休通知已有 %(since)s 至 %(until)s。") % told


def _others(board: ClockBoard, row: Clock) -> list[dict[str, Any]]:
    """The case's other clocks, as tabs."""
    if len(board.rows) < 2:
        return []
    return [
        {
            "label": label_of(one),
            "url": url_of(board.case, one, one is board.latest(one.stage, one.part)),
            "current": one is row,
        }
        for one in board.rows
    ]


# -- the account


def _chapter(one: Chapter, unit: str, cal: Calendar, *, opened: bool) -> dict[str, Any]:
    with reader():
        return {
            "title": TITLES[one.kind](),
            "said": one.said,
            "lines": [_line(line, one.in_days) for line in one.lines],
            "sum": _sum(one),
            "ends": moment_words(one.due, cal, ends=True),
            "lays": one.kind in ("start", "resume", "void", "extend"),
            "opened": opened,
        }


def _sum(one: Chapter) -> str:
    if not one.lines:
        return ""
    return _in_days(one.lines[-1].total) if one.in_days else span_words(one.lines[-1].total)


def _line(line: Line, in_days: bool) -> dict[str, Any]:
    return {
        "days": line.days,
        "what": line.what,
        "counted": _short(line.counted, in_days) if line.counted else "",
        "total": _short(line.total, in_days),
        "left": _short(line.left, in_days),
    }


def _short(amount: int, in_days: bool) -> str:
    """As a cell has it: 2 日, 7:30, 0:00:30."""
    return _in_days(amount) if in_days else sheet.hours_and_minutes(amount)


def _in_days(amount: int) -> str:
    return ngettext("%(n)s 日", "%(n)s 日", amount) % {"n": amount}
