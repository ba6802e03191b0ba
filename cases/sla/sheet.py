"""The paper calendar of a deadline: the weeks it spans, a cell a day, with what each day counts for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from cases.sla import units
from cases.sla.calendar import MICROSECOND, ONE_DAY, SECOND, Calendar
from cases.sla.clock import Clock, steps
from cases.sla.lines import whole_second
from cases.sla.phrases import _, hours_words, reader
from cases.sla.segments import EXTEND, PAUSE, RUN, TILES

KEPT = 4  # weeks shown at either end of a long span
MOST = 10  # weeks shown in all


@dataclass(slots=True)
class Cell:
    """One date: `what` it is (open, with its hours where they are not the ordinary ones, or why closed), `counted` of it in words, `marks` what happened on it
    (起, 停, 续, 毕, 止)."""

    date: dt.date
    what: str
    is_open: bool
    counted: str = ""
    amount: int = 0  # days or microseconds behind `counted`
    marks: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Week:
    """Monday to Sunday; None outside the span. `skipped` weeks before it were left out."""

    cells: list[Cell | None]
    skipped: int = 0


def weeks(clock: Clock, cal: Calendar) -> list[Week]:
    """The weeks from the anchor to the deadline, in the reader's language."""
    with reader():
        first, last = cal.local(clock.anchor).date(), cal.date_of_end(clock.due_at)
        if last < first:
            return []
        cells = {cell.date: cell for cell in _cells(first, last, cal)}
        _count(clock, cal, cells)
        _mark(clock, cal, cells)
        return _shortened(_by_week(first, last, cells))


def _cells(first: dt.date, last: dt.date, cal: Calendar) -> Iterator[Cell]:
    date = first
    while date <= last:
        day = cal.day(date)
        if day.hours:
            kinds = {"makeup": _("调休上班"), "half": _("半天"), "hours": _("时间有变")}
            word = kinds.get(day.kind, _("办公"))
            if day.hours != cal.ordinary:
                word += f" {hours_words(day.hours)}"
            yield Cell(date, word, True)
        else:
            names = [_(name) for name in day.name.split("、")] if day.name else []
            rest = _("休") if day.kind == "rest" else _("放假")
            yield Cell(date, _("、").join(names) or rest, False)
        date += ONE_DAY


def in_days(clock: Clock) -> bool:
    """Is this clock counted by numbering days? Only one that has run without a break; what a break left of a
    work_day is kept in opening time."""
    tiles = [one for one in clock.segments if one.kind in TILES]
    points = [one for one in clock.segments if one.kind not in TILES]
    if clock.rule.unit not in (units.WORK_DAY, units.LEGAL_DAY) or any(one.kind != RUN for one in tiles[:-1]):
        return False
    if clock.rule.unit == units.LEGAL_DAY:
        return not any(one.kind == EXTEND for one in points)
    return all(one.kind != EXTEND or one.unit == clock.rule.unit for one in points)


def _count(clock: Clock, cal: Calendar, cells: dict[dt.date, Cell]) -> None:
    anchor = cal.local(clock.anchor).date()
    unit = clock.rule.unit
    if in_days(clock):
        n = 0
        for date, cell in cells.items():
            if date == anchor or (unit == units.WORK_DAY and not cell.is_open):
                continue
            if unit == units.LEGAL_DAY and n >= int(clock.rule.amount):
                cell.counted = _("顺延")
                continue
            n += 1
            cell.counted, cell.amount = _("第 %(n)s 日") % {"n": n}, 1
        return
    if unit == units.LEGAL_DAY or mixed(clock):
        return
    floors = {step.at for step in steps(clock, cal) if step.floored}
    for since, until in running(clock):
        opened = unit in units.IN_OPENING_TIME or since in floors  # a floor is laid out in opening time
        start_of, end_of = whole_second(since), whole_second(until)
        for date, cell in cells.items():
            start = max(start_of, cal.midnight(date))
            end = min(end_of, cal.midnight(date + ONE_DAY))
            if start < end:
                cell.amount += cal.opening(start, end) if opened else (end - start) // MICROSECOND
    for cell in cells.values():
        if cell.amount:
            cell.counted = _("计 %(time)s") % {"time": hours_and_minutes(cell.amount)}


def mixed(clock: Clock) -> bool:
    """Was it extended by a unit of another base? Then no day counts for a single amount."""
    base = clock.rule.unit in units.IN_OPENING_TIME
    return any(one.kind == EXTEND and (one.unit in units.IN_OPENING_TIME) != base for one in clock.segments)


def running(clock: Clock) -> list[tuple[dt.datetime, dt.datetime]]:
    """The stretches that count towards the deadline: from the anchor to it, without pauses and stops that were
    voided."""
    found = []
    since: dt.datetime | None = clock.anchor
    for tile in (one for one in clock.segments if one.kind in TILES):
        if tile.kind == RUN:
            since = since or tile.start
        elif since is not None and tile.end is not None:  # a pause or stop that stands leaves what remains
            found.append((since, min(tile.start, clock.due_at)))
            since = None
    if since is not None:
        found.append((since, clock.due_at))
    return [(start, end) for start, end in found if start < end]


def _mark(clock: Clock, cal: Calendar, cells: dict[dt.date, Cell]) -> None:
    def put(at: dt.datetime, word: str, *, ends: bool = False) -> None:
        date = cal.date_of_end(at) if ends else cal.local(at).date()
        time = "24:00" if ends and cal.local(at).time() == dt.time.min else f"{cal.local(at):%H:%M}"
        if date in cells:
            cells[date].marks.append(word % {"time": time})

    put(clock.anchor, _("%(time)s 起"))
    halted = False
    for tile in (one for one in clock.segments if one.kind in TILES):
        if tile.kind != RUN and not halted:
            put(
                tile.start,
                _("%(time)s 停") if tile.end is not None or tile.kind == PAUSE else _("%(time)s 毕"),
            )
        elif tile.kind == RUN and halted:
            put(tile.start, _("%(time)s 续"))
        halted = tile.kind != RUN
    put(clock.due_at, _("%(time)s 止"), ends=True)


def _by_week(first: dt.date, last: dt.date, cells: dict[dt.date, Cell]) -> list[Week]:
    monday = first - first.weekday() * ONE_DAY
    found = []
    while monday <= last:
        found.append(Week([cells.get(monday + n * ONE_DAY) for n in range(7)]))
        monday += 7 * ONE_DAY
    return found


def _shortened(found: list[Week]) -> list[Week]:
    if len(found) <= MOST:
        return found
    tail = found[-KEPT:]
    tail[0].skipped = len(found) - 2 * KEPT
    return [*found[:KEPT], *tail]


def hours_and_minutes(amount: int) -> str:
    """7:30, or 7:30:15 where seconds are left."""
    seconds = amount // SECOND
    words = f"{seconds // 3600}:{seconds // 60 % 60:02}"
    return f"{words}:{seconds % 60:02}" if seconds % 60 else words
