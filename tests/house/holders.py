"""Who had a case how long, counted anew from the ledger's entries alone, and compared with what was booked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from cases import stays
from cases.models import Case, Holding
from cases.sla.calendar import Calendar
from ledger import reading
from parties import directory

WORK = ("received", "accepted", "assigned", "in_hand")
ANEW = ("case.assigned", "case.ruled", "case.transferred")  # a new stay even where it is the same unit's
TERM = {"on_hold": "case.held", "awaiting_info": "case.asked"}


@dataclass
class Told:
    """One stay as the entries tell it: `rests` are (kind, from, to)."""

    unit: str
    since: dt.datetime
    until: dt.datetime | None = None
    rests: list[tuple[str, dt.datetime, dt.datetime | None]] = field(default_factory=list)


def told(case: Case) -> list[Told]:
    """The stays, oldest first; those that took no time are left out."""
    found: list[Told] = []
    status, resting, term_end = "", "", None
    for entry in reading.timeline("case", case.pk):
        payload, at = entry.payload, entry.at
        holder = payload.get("holder")
        if not found:
            found.append(Told(holder or _code(_first_holder(case)), at))
        elif entry.event in ANEW or (holder is not None and holder != found[-1].unit):
            last = found[-1]
            last.until = at
            found.append(Told(holder or last.unit, at))
            if resting:
                kind, since, _open = last.rests.pop()
                last.rests.append((kind, since, at))
                found[-1].rests.append((kind, at, None))
        if "status" in payload:
            status = payload["status"][1]
            now = "" if status in WORK else {"on_hold": "hold", "awaiting_info": "ask"}.get(status, "done")
            if now != resting:
                if resting:
                    kind, since, _open = found[-1].rests.pop()
                    over = min(at, term_end) if resting in ("hold", "ask") and term_end else at
                    found[-1].rests.append((kind, since, max(over, since)))
                if now in ("hold", "ask"):  # a hold counts from when it was asked for, as its term does
                    row = case.clocks.filter(stage=now, started_at__lte=at).order_by("-round").first()
                    term_end = row.due_at if row is not None else None
                    if now == "hold" and row is not None and resting == "":
                        at = max(row.anchor, found[-1].since, *(b for _k, _a, b in found[-1].rests if b))
                if (
                    now == "done" and "counted_at" in payload
                ):  # what a phone kept counts from when it was done
                    ends = [b for _k, _a, b in found[-1].rests if b]
                    at = max(dt.datetime.fromisoformat(payload["counted_at"]), found[-1].since, *ends)
                if now:
                    found[-1].rests.append((now, at, None))
                resting = now
    return [one for one in found if one.until is None or one.until > one.since]


def _first_holder(case: Case) -> int:
    first = Holding.objects.filter(case=case, part=0).order_by("pk").first()
    return first.organisation_id if first is not None else case.holder_id


def _code(unit_id: int) -> str:
    unit = directory.by_id(unit_id)
    assert unit is not None
    return unit.code


def recount(case: Case) -> list[str]:
    """A sentence for every stay that was booked otherwise than the entries tell; none where all is well."""
    return list(_faults(case))


def _faults(case: Case) -> Iterable[str]:
    booked = [
        (_code(row.organisation_id), row.since, row.until, row)
        for row in Holding.objects.filter(case=case, part=0).order_by("pk")
        if row.until > row.since
    ]
    recounted = told(case)
    *past, now = recounted
    mine = [(one.unit, one.since, one.until) for one in past]
    if mine != [one[:3] for one in booked]:
        yield f"the entries tell {mine}, booked were {[one[:3] for one in booked]}"
        return
    if (now.unit, now.since) != (_code(case.holder_id), case.held_since):
        yield f"the entries tell that {now.unit} has it since {now.since}"
    life = (case.last_at - case.received_at).total_seconds() // 60
    whole = (
        sum(row.wall_minutes for *_rest, row in booked)
        + (case.last_at - case.held_since).total_seconds() // 60
    )
    if not life - len(booked) - 1 <= whole <= life:
        yield f"{whole} minutes of {life} are booked"
    for one, (_unit, _since, _until, row) in zip(past, booked, strict=True):
        cal = stays.calendar_of(row.organisation_id, case.path)
        told_minutes = _minutes(one, cal)
        kept = (row.wall_minutes, row.opening_minutes, row.paused_minutes, row.worked_minutes)
        if any(abs(a - b) > 1 for a, b in zip(told_minutes, kept, strict=True)):
            yield f"{one.unit} from {one.since}: {kept} booked, {told_minutes} told"
    rests = [(kind, since.isoformat()) for kind, since, until in now.rests if until is None or until > since]
    if rests != [(rest["kind"], rest["from"]) for rest in case.rests]:
        yield f"the entries tell the rests {rests}, kept are {case.rests}"


def _minutes(one: Told, cal: Calendar) -> tuple[int, int, int, int]:
    assert one.until is not None
    rests = [(kind, a, b if b is not None else one.until) for kind, a, b in one.rests]
    opening = cal.opening_seconds(one.since, one.until)
    paused = sum(cal.opening_seconds(a, b) for kind, a, b in rests if kind != "done")
    rested = sum(cal.opening_seconds(a, b) for _kind, a, b in rests)
    wall = (one.until - one.since).total_seconds()
    return int(wall // 60), int(opening // 60), int(paused // 60), int((opening - rested) // 60)
