"""One clock's whole life as plain data: start, pause, resume, extend, cap, stop, void, replan.

The rule, the anchor and the segments are the whole truth. `due_at`, `warn_at` and the rest are readings of
them, and `rebuild` reads them again at any time. Every function returns a new clock. Asking for what cannot
apply (pausing a clock that does not run, stopping one twice) returns the clock as it was.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from cases.sla import alarms, units
from cases.sla.calendar import Calendar
from cases.sla.replay import Replay
from cases.sla.segments import (
    CAP,
    EXTEND,
    PAUSE,
    REPLAN,
    RUN,
    STOP,
    TILES,
    ClockRefused,
    Rule,
    Segment,
    Step,
    rule_from_json,
    rule_to_json,
    segments_from_json,
    segments_to_json,
    utc,
)
from cases.sla.units import Amount

__all__ = [
    "Clock",
    "ClockRefused",
    "Rule",
    "Segment",
    "Step",
    "cap",
    "colour",
    "due",
    "extend",
    "from_json",
    "left",
    "next_at",
    "pause",
    "plain_share",
    "rebuild",
    "replan",
    "rerule",
    "resume",
    "rule_from_json",
    "rule_to_json",
    "segments_from_json",
    "segments_to_json",
    "start",
    "steps",
    "stop",
    "to_json",
    "touches",
    "uncap",
    "unstop",
    "used_share",
    "void",
    "why",
]

RUNNING, PAUSED, STOPPED = ("running", "paused", "stopped")
STATE_OF = {RUN: RUNNING, PAUSE: PAUSED, STOP: STOPPED}
FLOOR_WORK_HOURS = 4
WARN_SHARE = 5  # a fifth, 20 %, of the allowance left


@dataclass(frozen=True, slots=True)
class Clock:
    """`allowance` is what was granted in all, in microseconds of the unit's base. `missed_at` is the first
    due time that passed while it ran: a later pause, extension or voided stop does not take it back. `due_at`
    of a paused or stopped clock is the one it had at that instant."""

    rule: Rule
    anchor: dt.datetime
    segments: tuple[Segment, ...]
    due_at: dt.datetime
    warn_at: dt.datetime
    no_response_at: dt.datetime | None
    state: str
    provisional: bool
    stopped_at: dt.datetime | None
    allowance: int
    missed_at: dt.datetime | None = None
    climbs_at: alarms.Moments = ()


# -- what one does with a clock


def start(rule: Rule, anchor: dt.datetime, at: dt.datetime, cal: Calendar) -> Clock:
    """A running clock counted from `anchor`; `at` is when it came to be (later than the anchor for a call
    taken down afterwards)."""
    return rebuild(rule, utc(anchor), (Segment(RUN, utc(at)),), cal)


def pause(clock: Clock, at: dt.datetime, cal: Calendar) -> Clock:
    """Nothing is counted from `at` on. It may lie back (a relief takes effect from filing), over what was paused
    and ran on since; not over a stop that was voided, and not before the clock."""
    if clock.state != RUNNING:
        return clock
    at = utc(at)
    segments = list(clock.segments)
    while True:
        index, tile = _last_tile(segments)
        before = next((n for n in range(index - 1, -1, -1) if segments[n].kind in TILES), None)
        if at >= tile.start or before is None:
            break
        if segments[before].kind == STOP:
            at = tile.start
            break
        segments[before] = replace(segments[before], end=None)
        del segments[index]
    if tile.kind == RUN:
        return rebuild(clock.rule, clock.anchor, _with_tile(segments, Segment(PAUSE, at)), cal)
    return rebuild(clock.rule, clock.anchor, segments, cal)  # it was paused then, and stays so


def resume(clock: Clock, at: dt.datetime, cal: Calendar) -> Clock:
    """What was left when paused is laid out from `at`; from where the pause began, where that is later (a hold that
    was over before this clock could rest took none of its time)."""
    _, tile = _last_tile(clock.segments)
    return _turn(clock, PAUSED, RUN, max(utc(at), tile.start), cal)


def stop(clock: Clock, at: dt.datetime) -> Clock:
    """Done at `at`; the deadline stays what it was."""
    if clock.state == STOPPED:
        return clock
    at = utc(at)
    missed = clock.missed_at
    if missed is None and clock.state == RUNNING and at > clock.due_at:
        missed = clock.due_at
    segments = _with_tile(clock.segments, Segment(STOP, at))
    return replace(clock, segments=segments, state=STOPPED, stopped_at=at, missed_at=missed)


def since(clock: Clock) -> dt.datetime:
    """Since when it is in the state it is in: nothing can have happened to it before."""
    return _last_tile(clock.segments)[1].start


def void(clock: Clock, at: dt.datetime, cal: Calendar, floor_work_hours: Amount = FLOOR_WORK_HOURS) -> Clock:
    """The stop did not stand: the clock runs on from `at` with what was left at the stop, but at least the
    floor (0 for none)."""
    if clock.state != STOPPED:
        return clock
    at = utc(at)
    index, tile = _last_tile(clock.segments)
    _forward(tile, at)
    voided = replace(tile, end=at, amount=floor_work_hours, unit=units.WORK_HOUR)
    segments = _put((*clock.segments[:index], voided, *clock.segments[index + 1 :]), Segment(RUN, at))
    return rebuild(clock.rule, clock.anchor, segments, cal)


def unstop(clock: Clock, cal: Calendar) -> Clock:
    """As if the standing stop had never been (a merge undone): the time since counts as what it was
    before."""
    if clock.state != STOPPED:
        return clock
    index, _ = _last_tile(clock.segments)
    kept = (*clock.segments[:index], *clock.segments[index + 1 :])
    index, tile = _last_tile(kept)
    kept = (*kept[:index], replace(tile, end=None), *kept[index + 1 :])
    return rebuild(clock.rule, clock.anchor, kept, cal)


def extend(clock: Clock, amount: Amount | None, at: dt.datetime, cal: Calendar, unit: str = "") -> Clock:
    """`amount` of `unit` on top of the deadline, effective from `at` (the filing, which may lie back);
    without an amount the rule's own again."""
    if amount is None:
        if clock.rule.unit == units.UNTIL:
            raise ClockRefused("a clock until an instant can only be extended by an amount and a unit")
        amount, unit = clock.rule.amount, clock.rule.unit
    unit = unit or clock.rule.unit
    return _point(clock, Segment(EXTEND, utc(at), amount=units.amount_of(unit, amount), unit=unit), cal)


def cap(clock: Clock, latest: dt.datetime, at: dt.datetime, cal: Calendar) -> Clock:
    """Due at `latest` where it would be due later (a merge takes the earliest due). Never moves it later. A cap that
    only another one makes idle is kept: that other may fall away."""
    free = [segment for segment in clock.segments if segment.kind != CAP]
    own_due = (
        clock.due_at
        if len(free) == len(clock.segments)
        else rebuild(clock.rule, clock.anchor, free, cal).due_at
    )
    if latest >= own_due:
        return clock
    return _point(clock, Segment(CAP, utc(at), until=utc(latest)), cal)


def uncap(clock: Clock, latest: dt.datetime, at: dt.datetime, cal: Calendar) -> Clock:
    """As if that one `cap` had never been (a merge undone); all else that happened to the clock stands."""
    taken = Segment(CAP, utc(at), until=utc(latest))
    if taken not in clock.segments:
        return clock
    index = clock.segments.index(taken)
    return rebuild(clock.rule, clock.anchor, (*clock.segments[:index], *clock.segments[index + 1 :]), cal)


def rerule(clock: Clock, rule: Rule, cal: Calendar, *, never_later: bool = False) -> Clock:
    """The same clock under another rule, counted from the same anchor through the same segments. With
    `never_later` the clock stays as it is where the new rule would give more time."""
    changed = rebuild(rule, clock.anchor, clock.segments, cal)
    return clock if never_later and changed.due_at > clock.due_at else changed


def replan(clock: Clock, cal: Calendar, at: dt.datetime | None = None) -> Clock:
    """The same clock under another calendar; with `at` the segments remember when that was and which deadline
    it found."""
    if at is not None:
        return _point(clock, Segment(REPLAN, utc(at), until=clock.due_at), cal)
    return rebuild(clock.rule, clock.anchor, clock.segments, cal)


# -- what one reads off a clock


def due(clock: Clock, cal: Calendar) -> dt.datetime:
    """The deadline computed anew from the segments; `due_at` is always equal to it under the same
    calendar."""
    return Replay(clock.rule, clock.anchor, clock.segments, cal).due


def touches(clock: Clock, first: dt.date, last: dt.date, cal: Calendar) -> bool:
    """Was the deadline counted over any of these dates, so that a change of them may move it?"""
    return Replay(clock.rule, clock.anchor, clock.segments, cal).touches(first, last)


def steps(clock: Clock, cal: Calendar) -> tuple[Step, ...]:
    """How the deadline came about, in order; `cases.sla.words` tells it."""
    return tuple(Replay(clock.rule, clock.anchor, clock.segments, cal).steps)


def why(clock: Clock, cal: Calendar) -> list[str]:
    """How the deadline came about, in sentences of the reader's language."""
    from cases.sla import words  # the words read clocks, so clocks cannot import them above

    return words.why(clock, cal)


def next_at(
    clock: Clock, warned: bool, breached: bool, no_response: bool, rungs: int = 0
) -> dt.datetime | None:
    """The next instant the sweep must look at a clock that has (or not) warned, breached, told of silence, and
    so many timed rungs of its ladder."""
    if clock.state != RUNNING:
        return None
    return alarms.upcoming(clock, warned=warned, breached=breached, silent=no_response, rungs=rungs)


def colour(clock: Clock, now: dt.datetime) -> str:
    """By time alone: stopped grey, paused violet, past due red, past warning yellow, else green. The due
    instant itself is still in time."""
    if clock.state != RUNNING:
        return "grey" if clock.state == STOPPED else "violet"
    if now > clock.due_at:
        return "red"
    return "yellow" if now >= clock.warn_at else "green"


def left(clock: Clock, now: dt.datetime, cal: Calendar) -> int:
    """What is left in microseconds of the unit's base, as of `now`, or of the instant it was paused or
    stopped."""
    return units.left(clock.rule.unit, _halted_at(clock) or now, clock.due_at, cal)


def used_share(clock: Clock, now: dt.datetime, cal: Calendar) -> float:
    """The share of the allowance that is gone, in the unit's base: 0 at the anchor, 1 at due, more when
    late."""
    if clock.allowance <= 0:
        return 1.0
    return max(0.0, 1 - left(clock, now, cal) / clock.allowance)


def plain_share(
    unit: str, anchor: dt.datetime, due_at: dt.datetime, now: dt.datetime, cal: Calendar
) -> float:
    """`used_share` of a clock that has only run since its anchor, without reading it anew."""
    allowance = units.left(unit, anchor, due_at, cal)
    return max(0.0, 1 - units.left(unit, now, due_at, cal) / allowance) if allowance > 0 else 1.0


# -- reading the segments


def rebuild(rule: Rule, anchor: dt.datetime, segments: Sequence[Segment], cal: Calendar) -> Clock:
    """A clock from its truth: rule, anchor and segments."""
    told = Replay(rule, anchor, segments, cal)
    _, tile = _last_tile(segments)
    return Clock(
        rule=rule,
        anchor=utc(anchor),
        segments=tuple(segments),
        due_at=told.due,
        warn_at=min(told.due, units.lay_out(rule.unit, told.due, -(told.allowance // WARN_SHARE), cal)),
        no_response_at=alarms.silence(rule.no_response_after, told.due, cal),
        climbs_at=alarms.climbs(rule.ladder, told.due, cal),
        state=STATE_OF[tile.kind],
        provisional=told.provisional,
        stopped_at=tile.start if tile.kind == STOP else None,
        allowance=told.allowance,
        missed_at=told.missed_at,
    )


# -- writing the segments


def _turn(clock: Clock, state: str, kind: str, at: dt.datetime, cal: Calendar) -> Clock:
    if clock.state != state:
        return clock
    return rebuild(clock.rule, clock.anchor, _with_tile(clock.segments, Segment(kind, at)), cal)


def _point(clock: Clock, segment: Segment, cal: Calendar) -> Clock:
    if segment.start < clock.segments[0].start:
        raise ClockRefused(f"the clock did not run yet at {segment.start.isoformat()}")
    return rebuild(clock.rule, clock.anchor, _put(clock.segments, segment), cal)


def _with_tile(segments: Sequence[Segment], tile: Segment) -> tuple[Segment, ...]:
    index, last = _last_tile(segments)
    _forward(last, tile.start)
    return _put((*segments[:index], replace(last, end=tile.start), *segments[index + 1 :]), tile)


def _put(segments: Sequence[Segment], new: Segment) -> tuple[Segment, ...]:
    """In the order of time, after what began at the same instant."""
    index = len(segments)
    while index and segments[index - 1].start > new.start:
        index -= 1
    return (*segments[:index], new, *segments[index:])


def _last_tile(segments: Sequence[Segment]) -> tuple[int, Segment]:
    for index in range(len(segments) - 1, -1, -1):
        if segments[index].kind in TILES:
            return index, segments[index]
    raise ClockRefused("a clock without a running stretch")


def _forward(tile: Segment, at: dt.datetime) -> None:
    if at < tile.start:
        raise ClockRefused(
            f"{at.isoformat()} lies before {tile.start.isoformat()}, where the clock last turned"
        )


def _halted_at(clock: Clock) -> dt.datetime | None:
    """Since when a paused or stopped clock counts nothing."""
    halted = None
    for segment in clock.segments:
        if segment.kind == RUN:
            halted = None
        elif segment.kind in TILES and halted is None:
            halted = segment.start
    return halted


# -- as JSON


def to_json(clock: Clock) -> dict[str, Any]:
    """The truth of a clock: rule, anchor, segments."""
    return {
        "rule": rule_to_json(clock.rule),
        "anchor": clock.anchor.isoformat(),
        "segments": segments_to_json(clock.segments),
    }


def from_json(data: dict[str, Any], cal: Calendar) -> Clock:
    """The clock that `to_json` wrote, its readings computed anew."""
    anchor = dt.datetime.fromisoformat(data["anchor"])
    return rebuild(rule_from_json(data["rule"]), anchor, segments_from_json(data["segments"]), cal)
