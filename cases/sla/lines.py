"""What is counted and what is skipped between two instants, line by line, with the running sum.

A line speaks for like days in a row. Its `counted`, `total` and `left` are days where days are counted (work_day,
legal_day), else microseconds of the unit's base; the counted lines of one list add up to its goal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from cases.sla import units
from cases.sla.calendar import MICROSECOND, ONE_DAY, Calendar
from cases.sla.phrases import (
    Run,
    Weeks,
    _,
    blocks,
    clock_words,
    dates_words,
    hours_words,
    moment_words,
    ngettext,
    run_words,
    runs,
    span_words,
)


@dataclass(frozen=True, slots=True)
class Line:
    """`days` names the dates, `what` what they are or how long they are open, `words` is the whole sentence."""

    first: dt.date
    last: dt.date
    days: str
    what: str
    words: str
    counted: int = 0
    total: int = 0
    left: int = 0


class _Sum:
    """Adds up towards a goal and tells how far it has come."""

    def __init__(self, goal: int) -> None:
        self.goal, self.total = goal, 0

    def skip(self, run: Run, words: str = "") -> Line:
        told = {"days": run_words(run), "what": closed_words(run)}
        words = words or _("%(days)s%(what)s，不计。") % told
        left = self.goal - self.total
        return Line(run.first, run.last, told["days"], told["what"], words, 0, self.total, left)

    def take(self, first: dt.date, last: dt.date, days: str, what: str, words: str, counted: int) -> Line:
        self.total += counted
        left = self.goal - self.total
        return Line(first, last, days, what, words, counted, self.total, left)

    def so_far(self, counted: int) -> str:
        """The running sum and what remains, where one line is not the whole."""
        if counted == self.goal:
            return ""
        total = self.total + counted
        if total == self.goal:
            return _("，累计 %(total)s，计满") % {"total": span_words(total)}
        told = {"total": span_words(total), "left": span_words(self.goal - total)}
        return _("，累计 %(total)s，尚余 %(left)s") % told


def counted(amount: Any, unit: str, at: dt.datetime, due: dt.datetime, cal: Calendar) -> list[Line]:
    """From an instant to the deadline that `amount` of `unit` gives."""
    last = cal.date_of_end(due)
    if unit == units.WORK_DAY:
        return workdays(cal.local(at).date() + ONE_DAY, last, int(amount), cal)
    if unit == units.LEGAL_DAY:
        return legal_days(cal.local(at).date(), int(amount), last, cal)
    return stretch(unit, at, due, cal)


def whole_second(at: dt.datetime) -> dt.datetime:
    """An instant as it is printed: what is told adds up to the second, and nobody checks a fraction by hand."""
    return at.replace(microsecond=0)


def stretch(unit: str, start: dt.datetime, end: dt.datetime, cal: Calendar) -> list[Line]:
    """The unit's own time from one instant to a later one."""
    if unit in units.IN_OPENING_TIME:
        return opening(start, end, cal)
    return elapsed(start, end, cal)


def elapsed(start: dt.datetime, end: dt.datetime, cal: Calendar) -> list[Line]:
    """Time that runs day and night."""
    start, end = whole_second(start), whole_second(end)
    passed = (end - start) // MICROSECOND
    if passed <= 0:
        return []
    days = _("%(start)s 至 %(end)s") % {
        "start": moment_words(start, cal),
        "end": moment_words(end, cal, ends=True),
    }
    what = _("昼夜连续")
    words = _("%(days)s %(what)s，计 %(sum)s。") % {"days": days, "what": what, "sum": span_words(passed)}
    first, last = cal.local(start).date(), cal.date_of_end(end)
    return [_Sum(passed).take(first, last, days, what, words, passed)]


def workdays(first: dt.date, last: dt.date, goal: int, cal: Calendar) -> list[Line]:
    """Working days from a date to a date, numbered."""
    said, so_far = [], _Sum(goal)
    for block in blocks(runs(first, last, cal)):
        if not block.hours:
            said.append(so_far.skip(block))
            continue
        told: dict[str, Any] = {
            "days": run_words(block),
            "first": so_far.total + 1,
            "last": so_far.total + block.open_days,
        }
        if isinstance(block, Weeks):
            told["n"] = block.weeks
            what = _("第 %(first)s 至第 %(last)s 个工作日（共 %(n)s 周，周末不计）") % told
        elif block.open_days == 1:
            what = _("第 %(last)s 个工作日") % told + open_note(block)
        else:
            what = _("第 %(first)s 至第 %(last)s 个工作日") % told + open_note(block)
        words = _("%(days)s为%(what)s。") % {"days": told["days"], "what": what}
        said.append(so_far.take(block.first, block.last, told["days"], what, words, block.open_days))
    return said


def legal_days(anchor: dt.date, goal: int, last: dt.date, cal: Calendar) -> list[Line]:
    """Calendar days after a date, then the rest days over which the end is put off."""
    first, end = anchor + ONE_DAY, units.end_of_legal_days(anchor, goal)
    told: dict[str, str | int] = {"last": goal}
    days = dates_words(first, end)
    if goal > 1:
        what = _("第 1 至第 %(last)s 日，休息日和节假日也计") % told
    else:
        what = _("第 1 日") % told
    words = _("%(days)s为%(what)s。") % {"days": days, "what": what}
    so_far = _Sum(goal)
    return [so_far.take(first, end, days, what, words, goal), *_put_off(end, last, so_far, cal)]


def given_back(until: dt.date, days: int, last: dt.date | None, due: dt.date, cal: Calendar) -> list[Line]:
    """legal_day: the dates paused whole, up to the date before `until`; then the rest days after the new last
    date."""
    so_far, said = _Sum(days), []
    if days:
        first, end = until - days * ONE_DAY, until - ONE_DAY
        named = dates_words(first, end)
        what = str(
            ngettext("整日暂停，到期日顺延 %(n)s 日", "整日暂停，到期日顺延 %(n)s 日", days) % {"n": days}
        )
        words = _("%(days)s%(what)s。") % {"days": named, "what": what}
        said.append(so_far.take(first, end, named, what, words, days))
    if last is not None:
        said += _put_off(last, due, so_far, cal)
    return said


def _put_off(end: dt.date, last: dt.date, so_far: _Sum, cal: Calendar) -> list[Line]:
    said = []
    for run in runs(end, last, cal):
        if not run.hours:
            told = {"days": run_words(run), "what": closed_words(run)}
            said.append(so_far.skip(run, _("%(days)s%(what)s，期限不在休息日届满，顺延。") % told))
    return said


def opening(start: dt.datetime, end: dt.datetime, cal: Calendar) -> list[Line]:
    """The opening time from one instant to another: whole days in runs, the first and last as they are cut."""
    start, end = whole_second(start), whole_second(end)
    so_far = _Sum(cal.opening(start, end))
    first, last = cal.local(start).date(), cal.date_of_end(end)
    said = []
    for block in blocks(_cut_at(first, last, runs(first, last, cal))):
        if not block.hours:
            said.append(so_far.skip(block))
        elif block.first == block.last and block.first in (first, last):
            said.append(_part_of_day(block, start, end, so_far, cal))
        else:
            said.append(_whole_days(block, so_far, cal))
    return said


def _cut_at(first: dt.date, last: dt.date, told: Iterator[Run]) -> Iterator[Run]:
    """The runs with an open first and last date standing alone."""
    for run in told:
        begin, end = run.first, run.last
        if not run.hours:
            yield run
            continue
        if begin == first:
            yield run.cut(begin, begin)
            begin += ONE_DAY
        alone = end == last and begin <= end
        if alone:
            end -= ONE_DAY
        if begin <= end:
            yield run.cut(begin, end)
        if alone:
            yield run.cut(last, last)


def _part_of_day(run: Run, start: dt.datetime, end: dt.datetime, so_far: _Sum, cal: Calendar) -> Line:
    pieces, total = [], 0
    for opens, closes in cal.intervals(run.first):
        since, until = max(opens.astimezone(dt.UTC), start), min(closes.astimezone(dt.UTC), end)
        if since < until:
            total += (until - since) // MICROSECOND
            pieces.append(f"{clock_words(since, cal)}–{clock_words(until, cal, ends=True)}")
    days = dates_words(run.first, run.first)
    if not pieces:
        line = so_far.skip(run, _("%(days)s起算时办公已结束，当日不计。") % {"days": days})
        return replace(line, what=_("起算时办公已结束"))
    return _open(run, days, _("、").join(pieces), total, so_far)


def _whole_days(block: Run | Weeks, so_far: _Sum, cal: Calendar) -> Line:
    total = cal.opening(cal.midnight(block.first), cal.midnight(block.last + ONE_DAY))
    told = {"hours": hours_words(block.hours), "n": block.open_days}
    what = told["hours"]
    if isinstance(block, Weeks):
        told["weeks"] = block.weeks
        what = _("共 %(weeks)s 周：周一至周五每日 %(hours)s，共 %(n)s 日，周末不计") % told
    elif block.open_days > 1:
        what = _("每日 %(hours)s，共 %(n)s 日") % told
    return _open(block, run_words(block), str(what), total, so_far)


def _open(block: Run | Weeks, days: str, what: str, total: int, so_far: _Sum) -> Line:
    note = open_note(block)
    told = {"days": days, "hours": what, "sum": span_words(total)}
    words = _("%(days)s%(hours)s，计 %(sum)s") % told + note + so_far.so_far(total) + _("。")
    return so_far.take(block.first, block.last, days, what + note, words, total)


# -- why days are closed, and what an open one owes to an exception


def closed_words(run: Run | Weeks) -> str:
    """Why days are closed."""
    if run.kind == "holiday":
        if run.names:
            words = [_(name) for names in run.names for name in names.split("、")]
            return _("%(names)s放假") % {"names": _("、").join(dict.fromkeys(words))}
        return _("放假")
    if run.kind == "rest":
        return _("周末") if run.first.weekday() >= 5 and run.last.weekday() >= 5 else _("休息日")
    return _("不办公")


def open_note(run: Run | Weeks) -> str:
    """What an open day owes to a dated exception."""
    if run.kind == "makeup":
        return _("（调休上班）")
    if run.kind == "half":
        return _("（半天办公）")
    return _("（办公时间有变）") if run.kind == "hours" else ""
