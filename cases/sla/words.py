"""A deadline told in words that a clerk can check with a paper calendar.

Sentences are written in Simplified Chinese and go through gettext; outside Django they come out as written.
A story is chapters, one for each thing that happened to the deadline; a chapter lays something out (the amount,
what was left, an extension) in lines that add up to its goal and end at its `due`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured

from cases.kinds import KINDS, LEVELS, URGENCIES
from cases.sla import lines, units
from cases.sla.calendar import MICROSECOND, Calendar
from cases.sla.lines import Line
from cases.sla.phrases import (
    _,
    amount_words,
    gettext_noop,
    left_words,
    moment_words,
    reader,
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


@dataclass(frozen=True, slots=True)
class Chapter:
    """One thing that happened: `said` in sentences, then the lines, counted in days where `in_days`, else in
    microseconds of the unit's base. `due` is the deadline that stood after it; the lines of a start, resume, void
    or extension end there."""

    kind: str  # start, pause, stop, resume, void, extend, cap, replan
    at: dt.datetime
    due: dt.datetime
    said: tuple[str, ...]
    lines: tuple[Line, ...] = ()
    in_days: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """How a deadline came about: which policy, chapter by chapter, and how it stands."""

    reason: str
    chapters: tuple[Chapter, ...]
    closing: tuple[str, ...]

    def sentences(self) -> list[str]:
        told = [self.reason] if self.reason else []
        for chapter in self.chapters:
            told += chapter.said
            told += [line.words for line in chapter.lines]
        return [*told, *self.closing]


# -- the whole story


def why(clock: Clock, cal: Calendar) -> list[str]:
    """The sentences of one clock, in the order things happened, the standing deadline last."""
    return story(clock, cal).sentences()


def story(clock: Clock, cal: Calendar, reason: str = "") -> Story:
    """One clock's story in the reader's language; `reason` in place of the words the rule was copied with."""
    from cases.sla.clock import STOPPED, steps  # clocks tell themselves by these words

    with reader():
        told = steps(clock, cal)
        last = told[-1] if clock.state == STOPPED else None
        chapters = tuple(TELLERS[step.kind](step, clock.rule.unit, cal, step is last) for step in told)
        closing = []
        if clock.provisional:
            closing.append(_provisional(clock, cal))
        if clock.missed_at is not None and clock.missed_at != clock.due_at:
            missed = moment_words(clock.missed_at, cal, ends=True)
            closing.append(_("曾在 %(at)s 到期而未完成，这一次逾期不因后来的变动而取消。") % {"at": missed})
        closing.append(_("到期时刻：%(due)s。") % {"due": moment_words(clock.due_at, cal, ends=True)})
        if clock.state == STOPPED and clock.stopped_at is not None:
            late = clock.stopped_at > clock.due_at
            closing.append(_("停止时已超过到期时刻。") if late else _("停止时未超过到期时刻。"))
        return Story(reason or clock.rule.reason, chapters, tuple(closing))


def policy_reason(row: Any, names: Mapping[str, str] | None = None) -> str:
    """Why a policy row was the one: what it names, how much it gives, since when, on what basis. `names` are what
    people call its item and category; without, their codes."""
    called = names or {}
    named = [
        _("%(what)s“%(value)s”") % {"what": _(label), "value": called.get(name) or _label(name, value)}
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


def _start(step: Step, unit: str, cal: Calendar, last: bool) -> Chapter:
    at = moment_words(step.at, cal)
    if unit == units.UNTIL:
        said = _("期限为指定时刻，不按天数推算；自 %(at)s 起。") % {"at": at}
        rows = lines.elapsed(step.at, step.due, cal)
        return _chapter(step, [said], rows)
    said = {
        units.HOUR: _("自 %(at)s 起，连续计 %(amount)s，不分昼夜和节假日。"),
        units.DAY: _("自 %(at)s 起，连续计 %(amount)s（每日 24 小时），不分昼夜和节假日。"),
        units.WORK_HOUR: _("自 %(at)s 起，计 %(amount)s，只计办公时间。"),
        units.WORK_DAY: _("自 %(at)s 起，限 %(amount)s；起算当日不计，到最后一个工作日办公结束时为止。"),
        units.LEGAL_DAY: _("自 %(at)s 起，限 %(amount)s；起算当日不计，到最后一日 24 时为止。"),
    }[unit] % {"at": at, "amount": amount_words(step.amount, unit)}
    rows = lines.counted(step.amount, unit, step.at, step.due, cal)
    return _chapter(step, [said], rows, unit in BY_DAYS)


def _pause(step: Step, unit: str, cal: Calendar, last: bool) -> Chapter:
    at = moment_words(step.at, cal)
    if unit == units.LEGAL_DAY:
        return _chapter(step, [_("%(at)s 起暂停，整日暂停的日期不计。") % {"at": at}])
    said = [_("%(at)s 起暂停，%(left)s。") % {"at": at, "left": left_words(_left(step, unit, cal), unit)}]
    return _remainder(step, unit, cal, said)


def _stop(step: Step, unit: str, cal: Calendar, last: bool) -> Chapter:
    told = {"at": moment_words(step.at, cal), "left": left_words(_left(step, unit, cal), unit)}
    said = [_("%(at)s 停止，%(left)s。") % told]
    return _chapter(step, said) if last else _remainder(step, unit, cal, said)


def _left(step: Step, unit: str, cal: Calendar) -> int:
    """What was left when nothing was counted any more, between the instants as they are printed."""
    since = lines.whole_second(step.since or step.at)
    return units.left(unit, since, lines.whole_second(step.due), cal)


def _remainder(step: Step, unit: str, cal: Calendar, said: list[str]) -> Chapter:
    """What was left when it halted, or by how much it was late, in lines."""
    if step.since != step.at or not step.left or unit == units.LEGAL_DAY:
        return _chapter(step, said)
    due = moment_words(step.due, cal, ends=True)
    if step.left > 0:
        said.append(_("所余的是到 %(due)s 为止的下列时间。") % {"due": due})
        return _chapter(step, said, lines.stretch(unit, step.at, step.due, cal))
    said.append(_("所超的是自 %(due)s 起的下列时间。") % {"due": due})
    return _chapter(step, said, lines.stretch(unit, step.due, step.at, cal))


def _resume(step: Step, unit: str, cal: Calendar, last: bool) -> Chapter:
    told = {"at": moment_words(step.at, cal), "due": moment_words(step.due, cal, ends=True)}
    if step.late:
        told["over"] = span_words(abs(step.left))
        said = [_("%(at)s 恢复时早已逾期，所超的 %(over)s照旧，到期时刻记为 %(due)s。") % told]
        return _chapter(step, said, _dates_back(step, unit, cal), unit in BY_DAYS)
    if unit == units.LEGAL_DAY:
        said = [_("%(at)s 恢复，顺延整日暂停的日期后到期日为 %(due)s。") % told]
        return _chapter(step, said, _dates_back(step, unit, cal), in_days=True)
    said = [_("%(at)s 恢复，从此刻续计所余时间，到 %(due)s。") % told]
    return _chapter(step, said, lines.stretch(unit, step.at, step.due, cal))


def _dates_back(step: Step, unit: str, cal: Calendar) -> list[Line]:
    """legal_day: the dates paused whole, and over which rest days the end moves on."""
    if unit != units.LEGAL_DAY:
        return []
    last = None if step.late else step.last
    return lines.given_back(cal.local(step.at).date(), step.days, last, cal.date_of_end(step.due), cal)


def _void(step: Step, unit: str, cal: Calendar, last: bool) -> Chapter:
    said = [_("%(at)s 认定此前的停止无效，时钟继续。") % {"at": moment_words(step.at, cal)}]
    if step.floored:
        floor = amount_words(step.amount, step.unit)
        said.append(_("所余不足 %(floor)s，按 %(floor)s从此刻计。") % {"floor": floor})
        return _chapter(step, said, lines.opening(step.at, step.due, cal))
    resumed = _resume(step, unit, cal, last)
    return _chapter(step, [*said, *resumed.said], list(resumed.lines), resumed.in_days)


def _extend(step: Step, unit: str, cal: Calendar, last: bool) -> Chapter:
    before = step.before or step.at
    said = _("延长 %(amount)s，在原到期时刻 %(before)s 之上加计，到 %(due)s。") % {
        "amount": amount_words(step.amount, step.unit),
        "before": moment_words(before, cal, ends=True),
        "due": moment_words(step.due, cal, ends=True),
    }
    # 00:00 is the 24:00 of the date before: that date is the one not counted
    start = before - MICROSECOND if step.unit in BY_DAYS else before
    rows = lines.counted(step.amount, step.unit, start, step.due, cal)
    return _chapter(step, [said], rows, step.unit in BY_DAYS)


def _cap(step: Step, unit: str, cal: Calendar, last: bool) -> Chapter:
    due = moment_words(step.due, cal, ends=True)
    return _chapter(step, [_("到期时刻提前到 %(due)s（取较早者）。") % {"due": due}])


def _replan(step: Step, unit: str, cal: Calendar, last: bool) -> Chapter:
    told = {"at": moment_words(step.at, cal), "due": moment_words(step.due, cal, ends=True)}
    if step.before is None or step.before == step.due:
        return _chapter(step, [_("%(at)s 因规则或日历有变重新推算，到期时刻为 %(due)s。") % told])
    told["before"] = moment_words(step.before, cal, ends=True)
    return _chapter(step, [_("%(at)s 因规则或日历有变重新推算：原为 %(before)s，现为 %(due)s。") % told])


BY_DAYS = (units.WORK_DAY, units.LEGAL_DAY)
TELLERS: dict[str, Callable[[Step, str, Calendar, bool], Chapter]] = {
    "start": _start,
    "pause": _pause,
    "stop": _stop,
    "resume": _resume,
    "void": _void,
    "extend": _extend,
    "cap": _cap,
    "replan": _replan,
}


def _chapter(step: Step, said: list[str], rows: list[Line] | None = None, in_days: bool = False) -> Chapter:
    return Chapter(step.kind, step.at, step.due, tuple(said), tuple(rows or ()), in_days)


def _provisional(clock: Clock, cal: Calendar) -> str:
    if cal.date_of_end(clock.due_at) > cal.published_until:
        return _("%(day)s 以后的放假安排尚未公布，暂按每周工作日和法定节假日推算，公布后重算。") % {
            "day": cal.published_until.isoformat()
        }
    return _("所计日期没有可查的放假通知，暂按每周工作日和法定节假日推算。")
