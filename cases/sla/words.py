"""A deadline told in sentences that a clerk can check with a paper calendar.

Sentences are written in Simplified Chinese and go through gettext; outside Django they come out as written.
Every counted and every skipped stretch is named; runs of like days are told as one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext

from cases.kinds import KINDS, LEVELS, URGENCIES
from cases.sla import units
from cases.sla.calendar import MICROSECOND, ONE_DAY, SECOND, Calendar, Hours

if TYPE_CHECKING:
    from cases.sla.clock import Clock
    from cases.sla.segments import Step


def _(text: str) -> str:
    """gettext, once there are settings: the arithmetic and its words also work without."""
    try:
        return gettext(text)
    except ImproperlyConfigured:
        return text


def N_(text: str) -> str:
    """Marks a word that is translated where it is printed."""
    return text


HOLIDAYS = (N_("元旦"), N_("春节"), N_("清明节"), N_("劳动节"), N_("端午节"), N_("中秋节"), N_("国庆节"))
WEEKDAYS = (N_("周一"), N_("周二"), N_("周三"), N_("周四"), N_("周五"), N_("周六"), N_("周日"))
AMOUNTS = {
    units.HOUR: N_("%(n)s 小时"),
    units.DAY: N_("%(n)s 日"),
    units.WORK_HOUR: N_("%(n)s 个工作小时"),
    units.WORK_DAY: N_("%(n)s 个工作日"),
    units.LEGAL_DAY: N_("%(n)s 日（法定期间）"),
}
SELECTORS = {
    "item": N_("小项"),
    "category": N_("大类"),
    "kind": N_("类型"),
    "urgency": N_("紧急程度"),
    "level": N_("层级"),
}
LABELS: dict[str, dict[str, Any]] = {"kind": KINDS, "urgency": URGENCIES, "level": LEVELS}


# -- the whole story


def why(clock: Clock, cal: Calendar) -> list[str]:
    """The sentences of one clock, in the order things happened, the standing deadline last."""
    from cases.sla.clock import STOPPED, steps

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
    return [_("%(at)s 起暂停，%(left)s。") % {"at": at, "left": _left(step.left, unit)}]


def _stop(step: Step, unit: str, cal: Calendar) -> list[str]:
    return [_("%(at)s 停止，%(left)s。") % {"at": moment_words(step.at, cal), "left": _left(step.left, unit)}]


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
            _("所余不足 %(floor)s，按 %(floor)s 从此刻计。") % {"floor": amount_words(step.amount, step.unit)}
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


# -- runs of days


@dataclass(frozen=True, slots=True)
class Run:
    """Days in a row that are alike: open with the same hours, or closed for the same sort of reason."""

    first: dt.date
    last: dt.date
    kind: str
    hours: Hours
    names: tuple[str, ...]

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def runs(first: dt.date, last: dt.date, cal: Calendar) -> Iterator[Run]:
    """The days from `first` to `last` as runs of like days."""
    start, held, names, date = first, None, (), first
    while date <= last:
        day = cal.day(date)
        like = (day.kind, day.hours)
        if like != held:
            if held is not None:
                yield Run(start, date - ONE_DAY, *held, names)
            start, held, names = date, like, ()
        if day.name and day.name not in names:
            names = (*names, day.name)
        date += ONE_DAY
    if held is not None:
        yield Run(start, last, *held, names)


def _workday_lines(first: dt.date, last: dt.date, cal: Calendar) -> list[str]:
    said, counted = [], 0
    for run in runs(first, last, cal):
        if not run.hours:
            said.append(_skipped(run))
            continue
        told = {"days": _days(run), "first": counted + 1, "last": counted + run.days}
        counted += run.days
        if run.days == 1:
            line = _("%(days)s为第 %(last)s 个工作日") % told
        else:
            line = _("%(days)s为第 %(first)s 至第 %(last)s 个工作日") % told
        said.append(line + _open_note(run) + _("。"))
    return said


def _legal_lines(anchor: dt.date, amount: int, last: dt.date, cal: Calendar) -> list[str]:
    first, end = anchor + ONE_DAY, units.end_of_legal_days(anchor, amount)
    told = {"days": _span(first, end), "last": amount}
    said = [
        _("%(days)s为第 1 至第 %(last)s 日，休息日和节假日也计。") % told
        if amount > 1
        else _("%(days)s为第 1 日。") % told
    ]
    for run in runs(end, last, cal):
        if not run.hours:
            said.append(
                _("%(days)s%(what)s，期限不在休息日届满，顺延。") % {"days": _days(run), "what": _what(run)}
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
    days = _span(date, date)
    if not pieces:
        return _("%(days)s起算时办公已结束，当日不计。") % {"days": days}
    told = {"days": days, "hours": _("、").join(pieces), "sum": span_words(total)}
    return _("%(days)s%(hours)s，计 %(sum)s") % told + _open_note(run) + _("。")


def _whole_days(run: Run, cal: Calendar) -> str:
    total = cal.opening(cal.midnight(run.first), cal.midnight(run.last + ONE_DAY))
    told = {"days": _days(run), "hours": hours_words(run.hours), "n": run.days, "sum": span_words(total)}
    if run.days == 1:
        return _("%(days)s%(hours)s，计 %(sum)s") % told + _open_note(run) + _("。")
    return _("%(days)s每日 %(hours)s，共 %(n)s 日，计 %(sum)s") % told + _open_note(run) + _("。")


def _skipped(run: Run) -> str:
    return _("%(days)s%(what)s，不计。") % {"days": _days(run), "what": _what(run)}


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


# -- words for amounts and times


def amount_words(amount: Any, unit: str) -> str:
    return _(AMOUNTS[unit]) % {"n": f"{amount:f}" if not isinstance(amount, int) else amount}


def _left(left: int, unit: str) -> str:
    words = {"span": span_words(abs(left))}
    if unit in units.IN_OPENING_TIME:
        return _("已超办公时间 %(span)s") % words if left < 0 else _("尚余办公时间 %(span)s") % words
    return _("已超 %(span)s") % words if left < 0 else _("尚余 %(span)s") % words


def span_words(amount: int) -> str:
    """A length of time in hours, minutes and seconds."""
    seconds = amount // SECOND
    hours, minutes, seconds = seconds // 3600, seconds // 60 % 60, seconds % 60
    words = []
    if hours:
        words.append(_("%(n)s 小时") % {"n": hours})
    if minutes:
        words.append(_("%(n)s 分") % {"n": minutes})
    if seconds or not words:
        words.append(_("%(n)s 秒") % {"n": seconds})
    return " ".join(words)


def moment_words(at: dt.datetime, cal: Calendar, *, ends: bool = False) -> str:
    """An instant with its weekday; as an end, 00:00 is told as 24:00 of the date before."""
    local = cal.local(at)
    date = cal.date_of_end(at) if ends else local.date()
    return _("%(date)s（%(weekday)s）%(time)s") % {
        "date": date.isoformat(),
        "weekday": _(WEEKDAYS[date.weekday()]),
        "time": clock_words(at, cal, ends=ends),
    }


def clock_words(at: dt.datetime, cal: Calendar, *, ends: bool = False) -> str:
    time = cal.local(at).time()
    if ends and time == dt.time.min:
        return "24:00"
    if time.microsecond:
        return time.strftime("%H:%M:%S.%f").rstrip("0")
    return time.strftime("%H:%M:%S" if time.second else "%H:%M")


def hours_words(hours: Hours) -> str:
    return _("、").join(
        f"{opens:%H:%M}–{'24:00' if closes == dt.time.min else format(closes, '%H:%M')}"
        for opens, closes in hours
    )


def _days(run: Run) -> str:
    return _span(run.first, run.last)


def _span(first: dt.date, last: dt.date) -> str:
    """One date, or from one to another, each with its weekday; the year once."""
    told = {
        "first": first.isoformat(),
        "first_weekday": _(WEEKDAYS[first.weekday()]),
        "last": f"{last:%m-%d}" if last.year == first.year else last.isoformat(),
        "last_weekday": _(WEEKDAYS[last.weekday()]),
    }
    if first == last:
        return _("%(first)s（%(first_weekday)s）") % told
    return _("%(first)s（%(first_weekday)s）至 %(last)s（%(last_weekday)s）") % told
