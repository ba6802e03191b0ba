"""A stay's time 经办时长: from dispatch on, without the time in which nobody's hand was needed.

While a case is on hold, waits for an answer, or is done (resolved, answered, ended, merged), its holder rests: these
intervals stand with the stay, and what they take is never charged to anybody. All minutes are readings of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cases import rulebook
from cases.models.case import Case
from cases.models.clock import Clock
from cases.sla.calendar import Calendar
from cases.sla.segments import PAUSE, utc

WORK = ("received", "accepted", "assigned", "in_hand")
PAUSES = {"on_hold": "hold", "awaiting_info": "ask"}
DONE = "done"

# {"kind": hold | ask | done | lead (a part's: the lead rested), "from": ISO, "to": ISO, "worked": minutes of the stay up to it}, the running one without "to"
Rest = Mapping[str, Any]


@dataclass(frozen=True)
class Minutes:
    """`paused` and `worked` are of the opening minutes; `busy` are the wall minutes without any rest."""

    wall: int
    opening: int
    paused: int
    worked: int
    busy: int


def rest_of(status: str) -> str:
    """The rest that a status is; "" where somebody has to do something."""
    return "" if status in WORK else PAUSES.get(status, DONE)


def turn(case: Case, before: str, *, left_at: dt.datetime, at: dt.datetime) -> None:
    """The status changed: a rest ends (as of `left_at`, the end of its term where somebody came later), another
    begins: as of `at`, but within the stay and after the rest before it."""
    was, now = rest_of(before), rest_of(case.status)
    if was == now:
        return
    rests = ended(case.rests, left_at) if was else list(case.rests)
    if now:
        over = [_instant(rest["to"]) for rest in rests if "to" in rest]
        at = max(at, case.held_since, *over)
        done = measure(case.held_since, at, rests, calendar_of(case.holder_id, case.path))
        rests.append({"kind": now, "from": utc(at).isoformat(), "worked": done.worked})
    case.rests = rests


def ended(rests: Sequence[Rest], at: dt.datetime) -> list[Rest]:
    """The rests with the running one ended; one that took no time is left out."""
    if not rests or "to" in rests[-1]:
        return list(rests)
    last = rests[-1]
    until = max(at, _instant(last["from"]))
    done = {**last, "to": utc(until).isoformat()}
    return [*rests[:-1], done] if _instant(last["from"]) < until else list(rests[:-1])


def of_part(clock: Clock | None) -> list[Rest]:
    """The rests of an assisting part: while the lead was on hold or waited, the part's own clock stood still."""
    segments = clock.segments if clock is not None else ()
    return [
        {"kind": "lead", **{name: one[name] for name in ("from", "to") if one.get(name)}}
        for one in segments
        if one["kind"] == PAUSE
    ]


def handed_on(rests: Sequence[Rest], at: dt.datetime) -> list[Rest]:
    """The rests of the stay that begins now: one that goes on goes on there."""
    return (
        [{**rests[-1], "from": utc(at).isoformat(), "worked": 0}] if rests and "to" not in rests[-1] else []
    )


def measure(
    since: dt.datetime,
    until: dt.datetime,
    rests: Iterable[Rest],
    cal: Calendar,
    *,
    at: dt.datetime | None = None,
) -> Minutes:
    """The minutes of a stay; a rest that still runs goes until `at`, by default the end of the stay."""
    until = max(since, until)
    opening = cal.opening_seconds(since, until)
    wall = (until - since).total_seconds()
    rested = rested_wall = paused = 0.0
    for rest in rests:
        start = _instant(rest["from"])
        end = min(_instant(rest["to"]) if "to" in rest else at or until, until)
        if end <= start:
            continue
        share = cal.opening_seconds(start, end)
        rested, rested_wall = rested + share, rested_wall + (end - start).total_seconds()
        paused += share if rest["kind"] != DONE else 0
    return Minutes(
        wall=int(wall // 60),
        opening=int(opening // 60),
        paused=int(paused // 60),
        worked=max(0, int((opening - rested) // 60)),
        busy=max(0, int((wall - rested_wall) // 60)),
    )


def calendar_of(unit_id: int | None, path: str) -> Calendar:
    """The holder's calendar: its own, else that of the nearest unit or place above it that has one."""
    return rulebook.calendar(rulebook.ref_for(unit_id, path))


def _instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
