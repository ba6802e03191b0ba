"""A deadline told in sentences that a clerk can check with a paper calendar.

Sentences are written in Simplified Chinese and go through gettext; outside Django they come out as written.
Every counted and every skipped stretch is named; runs of like days are told as one.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured

from cases.kinds import KINDS, LEVELS, URGENCIES
from cases.sla import units
from cases.sla.calendar import MICROSECOND, ONE_DAY, Calendar
from cases.sla.phrases import (
    Run,
    _,
    amount_words,
    clock_words,
    dates_words,
    gettext_noop,
    hours_words,
    left_words,
    moment_words,
    reader,
    run_words,
    runs,
    span_words,
)

if TYPE_CHECKING:
    from cases.sla.clock import Clock
    from cases.sla.segments import Step

SELECTORS = {
    "item": gettext_noop("小项"),
    "category": gettext_noop("大类"),
    "kind": gettext_noop("类型"),
    "urgency": gettext_noop("紧急程度"),
    "level": gettext_noop("层级"),
}
LABELS: dict[str, dict[str, Any]] = {"kind": KINDS, "urgency": URGENCIES, "level": LEVELS}


# -- the whole story


def why(clock: Clock, cal: Calendar) -> list[str]:
    """The sentences of one clock, in the order things happened, the standing deadline last."""
    with reader():
        return _story(clock, cal)


def _story(clock: Clock, cal: Calendar) -> list[str]:
    from cases.sla.clock import STOPPED, steps  # clocks tell themselves by these words

    told = [clock.rule.reason] if clock.rule.reason else []
    for step in steps(clock, cal):
        told += TELLERS[step.kind](step, clock.rule.unit, cal)
    if clock.provisional:
        told.append(_provisional(clock, cal))
    told.append(_("到期时刻：%(due)s。") % {"due": moment_words(clock.due_at, cal, ends=True)})
    if clock.state == STOPPED and clock.stopped_at is not None:
        late = clock.stopped_at > clock.due_at
        verdict = _("办结时已超过到期时刻。") if late else _("停止时未超过到期时刻。")
        told.append(verdict)
    return told


def policy_reason(row: Any) -> str:
    """Why a policy row was the one: what it names, how much it gives, since when, on what basis."""
    named = [
        _("%(what)s“%(value)s”") % {"what": _(label), "value": _label(name, value)}
        for name, label in SELECTORS.items()
        if (value := getattr(row, name)) not in (None, "")
    ]
    said = _("按%(which)s的规定") % {"which": _("、").join(named)} if named else _("按通用规定")
    said += _("，限 %(amount)s") % {"amount": amount_words(row.amount, row.unit)}
    said += _("，自呼叫时起算") if row.anchor == "call" else _("，自本阶段开始时起算")
    if row.since:
        said += _("（%(day)s 起施行）") % {"day": row.since.isoformat()[:10]}
    if row.basis:
        said += _("，依据：%(basis)s") % {"basis": row.basis}
    return said + _("。")


def _label(selector: str, value: Any) -> str:
    """What people call a value: its word where the tables have one, else the value (an item's code)."""
    try:
        return str(LABELS.get(selector, {}).get(value, value))
    except ImproperlyConfigured:
        return str(value)


def _start(step: Step, unit: str, cal: Calendar) -> list[str]:
    at = moment_words(step.at, cal)
    if unit == units.UNTIL:
        return [_("期限为指定时刻，不按天数推算；自 %(at)s 起。") % {"at": at}]
    head = {
        units.HOUR: _("自 %(at)s 起，连续计 %(amount)s，不分昼夜和节假日。"),
        units.DAY: _("自 %(at)s 起，连续计 %(amount)s（每日 24 小时），不分昼夜和节假日。"),
        units.WORK_HOUR: _("自 %(at)s 起，计 %(amount)s，只计办公时间。"),
        units.WORK_DAY: _("自 %(at)s 起，限 %(amount)s；起算当日不计，到最后一个工作日办公结束时为止。"),
        units.LEGAL_DAY: _("自 %(at)s 起，限 %(amount)s；起算当日不计，到最后一日 24 时为止。"),
    }[unit] % {"at": at, "amount": amount_words(step.amount, unit)}
    return [head, *_counted(step.amount, unit, step.at, step.due, cal)]


def _counted(amount: Any, unit: str, at: dt.datetime, due: dt.datetime, cal: Calendar) -> list[str]:
    """What is counted and skipped from an instant to the deadline that `amount` of `unit` gives."""
    if unit == units.WORK_HOUR:
        return _opening_lines(at, due, cal)
    last = cal.date_of_end(due)
    if unit == units.WORK_DAY:
        return _workday_lines(cal.local(at).date() + ONE_DAY, last, cal)
    if unit == units.LEGAL_DAY:
        return _legal_lines(cal.local(at).date(), int(amount), last, cal)
    return []


def _pause(step: Step, unit: str, cal: Calendar) -> list[str]:
    at = moment_words(step.at, cal)
    if unit == units.LEGAL_DAY:
        return [_("%(at)s 起暂停，整日暂停的日期不计。") % {"at": at}]
    return [_("%(at)s 起暂停，%(left)s。") % {"at": at, "left": left_words(step.left, unit)}]


def _stop(step: Step, unit: str, cal: Calendar) -> list[str]:
    return [
        _("%(at)s 停止，%(left)s。") % {"at": moment_words(step.at, cal), "left": left_words(step.left, unit)}
    ]


def _resume(step: Step, unit: str, cal: Calendar) -> list[str]:
    at = moment_words(step.at, cal)
    due = moment_words(step.due, cal, ends=True)
    if unit == units.LEGAL_DAY and not step.floored:
        return [_("%(at)s 恢复，顺延整日暂停的日期后到期日为 %(due)s。") % {"at": at, "due": due}]
    if step.floored:
        return []
    said = [_("%(at)s 恢复，从此刻续计所余时间，到 %(due)s。") % {"at": at, "due": due}]
    if unit in units.IN_OPENING_TIME and step.left > 0:
        said += _opening_lines(step.at, step.due, cal)
    return said


def _void(step: Step, unit: str, cal: Calendar) -> list[str]:
    said = [_("%(at)s 认定此前的停止无效，时钟继续。") % {"at": moment_words(step.at, cal)}]
    if step.floored:
        said.append(
            _("所余不足 %(floor)s，按 %(floor)s从此刻计。") % {"floor": amount_words(step.amount, step.unit)}
        )
        return said + _opening_lines(step.at, step.due, cal)
    return said + _resume(step, unit, cal)


def _extend(step: Step, unit: str, cal: Calendar) -> list[str]:
    amount = amount_words(step.amount, step.unit)
    before = step.before or step.at
    said = [
        _("延长 %(amount)s，在原到期时刻 %(before)s 之上加计，到 %(due)s。")
        % {
            "amount": amount,
            "before": moment_words(before, cal, ends=True),
            "due": moment_words(step.due, cal, ends=True),
        }
    ]
    # 00:00 is the 24:00 of the date before: that date is the one not counted
    start = before - MICROSECOND if step.unit in (units.WORK_DAY, units.LEGAL_DAY) else before
    return said + _counted(step.amount, step.unit, start, step.due, cal)


def _cap(step: Step, unit: str, cal: Calendar) -> list[str]:
    return [_("到期时刻提前到 %(due)s（取较早者）。") % {"due": moment_words(step.due, cal, ends=True)}]


TELLERS = {
    "start": _start,
    "pause": _pause,
    "stop": _stop,
    "resume": _resume,
    "void": _void,
    "extend": _extend,
    "cap": _cap,
}


def _provisional(clock: Clock, cal: Calendar) -> str:
    if cal.date_of_end(clock.due_at) > cal.published_until:
        return _("%(day)s 以后的放假安排尚未公布，暂按每周工作日和法定节假日推算，公布后重算。") % {
            "day": cal.published_until.isoformat()
        }
    return _("所计日期没有可查的放假通知，暂按每周工作日和法定节假日推算。")


# -- what is counted and what is skipped


def _workday_lines(first: dt.date, last: dt.date, cal: Calendar) -> list[str]:
    said, counted = [], 0
    for run in runs(first, last, cal):
        if not run.hours:
            said.append(_skipped(run))
            continue
        told = {"days": run_words(run), "first": counted + 1, "last": counted + run.days}
        counted += run.days
        if run.days == 1:
            line = _("%(days)s为第 %(last)s 个工作日") % told
        else:
            line = _("%(days)s为第 %(first)s 至第 %(last)s 个工作日") % told
        said.append(line + _open_note(run) + _("。"))
    return said


def _legal_lines(anchor: dt.date, amount: int, last: dt.date, cal: Calendar) -> list[str]:
    first, end = anchor + ONE_DAY, units.end_of_legal_days(anchor, amount)
    told = {"days": dates_words(first, end), "last": amount}
    said = [
        _("%(days)s为第 1 至第 %(last)s 日，休息日和节假日也计。") % told
        if amount > 1
        else _("%(days)s为第 1 日。") % told
    ]
    for run in runs(end, last, cal):
        if not run.hours:
            said.append(
                _("%(days)s%(what)s，期限不在休息日届满，顺延。")
                % {"days": run_words(run), "what": _what(run)}
            )
    return said


def _opening_lines(start: dt.datetime, end: dt.datetime, cal: Calendar) -> list[str]:
    """The opening time from one instant to another: whole days in runs, the first and last as they are
    cut."""
    said = []
    first, last = cal.local(start), cal.local(end)
    for run in runs(first.date(), cal.date_of_end(end), cal):
        if not run.hours:
            said.append(_skipped(run))
            continue
        inner_first, inner_last = run.first, run.last
        head = tail = None
        if run.first == first.date():
            head, inner_first = run.first, run.first + ONE_DAY
        if run.last == last.date() and inner_first <= run.last:
            tail, inner_last = run.last, run.last - ONE_DAY
        if head:
            said.append(_cut_day(head, start, end, run, cal))
        if inner_first <= inner_last:
            said.append(_whole_days(Run(inner_first, inner_last, run.kind, run.hours, run.names), cal))
        if tail:
            said.append(_cut_day(tail, start, end, run, cal))
    return said


def _cut_day(date: dt.date, start: dt.datetime, end: dt.datetime, run: Run, cal: Calendar) -> str:
    pieces, total = [], 0
    for opens, closes in cal.intervals(date):
        since, until = max(opens.astimezone(dt.UTC), start), min(closes.astimezone(dt.UTC), end)
        if since < until:
            total += (until - since) // MICROSECOND
            pieces.append(f"{clock_words(since, cal)}–{clock_words(until, cal, ends=True)}")
    days = dates_words(date, date)
    if not pieces:
        return _("%(days)s起算时办公已结束，当日不计。") % {"days": days}
    told = {"days": days, "hours": _("、").join(pieces), "sum": span_words(total)}
    return _("%(days)s%(hours)s，计 %(sum)s") % told + _open_note(run) + _("。")


def _whole_days(run: Run, cal: Calendar) -> str:
    total = cal.opening(cal.midnight(run.first), cal.midnight(run.last + ONE_DAY))
    told = {"days": run_words(run), "hours": hours_words(run.hours), "n": run.days, "sum": span_words(total)}
    if run.days == 1:
        return _("%(days)s%(hours)s，计 %(sum)s") % told + _open_note(run) + _("。")
    return _("%(days)s每日 %(hours)s，共 %(n)s 日，计 %(sum)s") % told + _open_note(run) + _("。")


def _skipped(run: Run) -> str:
    return _("%(days)s%(what)s，不计。") % {"days": run_words(run), "what": _what(run)}


def _what(run: Run) -> str:
    """Why days are closed."""
    if run.kind == "holiday":
        if run.names:
            words = [_(name) for names in run.names for name in names.split("、")]
            return _("%(names)s放假") % {"names": _("、").join(dict.fromkeys(words))}
        return _("放假")
    if run.kind == "rest":
        return _("周末") if run.first.weekday() >= 5 and run.last.weekday() >= 5 else _("休息日")
    return _("不办公")


def _open_note(run: Run) -> str:
    """What an open day owes to a dated exception."""
    if run.kind == "makeup":
        return _("（调休上班）")
    if run.kind == "half":
        return _("（半天办公）")
    return _("（办公时间有变）") if run.kind == "hours" else ""
