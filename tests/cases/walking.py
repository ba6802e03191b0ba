"""What the tests of moves ask of a case, in few words."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from cases.models import Case, Clock, Holding, Part
from cases.refusals import MoveRefused
from cases.sla import calendar
from ledger import reading
from ledger.models import Entry
from parties import directory
from tests import town
from tests.builders import a_fact, a_move

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


def local(text: str) -> dt.datetime:
    """`23 09:00`: that day of November 2026, local time. The 23rd is a Monday."""
    day, clock = text.split()
    hour, minute = clock.split(":")
    return dt.datetime(2026, 11, int(day), int(hour), int(minute), tzinfo=calendar.SHANGHAI)


def clock(case: Case, stage: str, *, n: int | None = None, part: int = 0) -> Clock:
    """The n-th round of a stage; the last one, unless told."""
    rows = Clock.objects.filter(case=case, stage=stage, part=part).order_by("round")
    return rows.get(round=n) if n else rows.latest("round")


def clocks(case: Case) -> dict[str, str]:
    """{"accept": "met", "resolve": "running", "sign#2": "paused"}: running, paused, or how it ended."""
    rows = Clock.objects.filter(case=case, part=0).order_by("pk")
    return {
        row.stage + (f"#{row.round}" if row.round > 1 else ""): (
            row.outcome if row.state == "stopped" else row.state
        )
        for row in rows
    }


def holder(case: Case) -> str:
    """The holder's code; every clock that runs against the holder runs against this one."""
    case = Case.objects.get(pk=case.pk)
    for row in Clock.objects.filter(case=case, part=0, state__in=("running", "paused")):
        if row.stage not in ("verify", "grace", "return_visit", "relief"):
            assert row.organisation_id == case.holder_id, (row.stage, row.organisation_id)
    found = directory.by_id(case.holder_id)
    assert found is not None
    return found.code


def stays(case: Case) -> list[tuple[str, str, int]]:
    """Finished stays of the lead: (unit, the move that ended it, wall minutes)."""
    rows = Holding.objects.filter(case=case, part=0).order_by("pk").select_related("organisation")
    return [(row.organisation.code, row.ended_by, row.wall_minutes) for row in rows]


def parts(case: Case) -> dict[str, str]:
    rows = Part.objects.filter(case=case).order_by("n").select_related("organisation")
    return {row.organisation.code: row.state for row in rows}


def events(case: Case) -> list[str]:
    return [entry.event for entry in reading.timeline("case", case.pk)]


def last(case: Case) -> Entry:
    return reading.timeline("case", case.pk)[-1]


def refused(
    kind: str, case: Case, move: str, *, by: Any = None, when: dt.datetime | None = None, **details: Any
) -> str:
    """The sentence with which a move is refused; nothing has changed by it."""
    before = Case.objects.filter(pk=case.pk).values().get()
    entries = Entry.objects.count()
    with pytest.raises(MoveRefused) as refusal:
        a_move(case, move, when=when or case.last_at + MINUTE, by=by, **details)
    assert refusal.value.kind == kind, refusal.value.sentence
    assert Case.objects.filter(pk=case.pk).values().get() == before
    assert Entry.objects.count() == entries
    return str(refusal.value.sentence)


def fact_refused(kind: str, case: Case, fact: str, *, by: Any, **details: Any) -> str:
    with pytest.raises(MoveRefused) as refusal:
        a_fact(case, fact, by=by, **details)
    assert refusal.value.kind == kind, refusal.value.sentence
    return str(refusal.value.sentence)


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def repost(username: str, role: str, seat: str) -> None:
    """Somebody of the town in another role at another place (by its code) or organisation (by its code)."""
    from grid.models import Place
    from parties.models import Organisation, Posting

    account = town.account(username)
    place = Place.objects.filter(code=seat).first()
    unit = None if place else Organisation.objects.get(code=seat)
    Posting.objects.filter(account=account).update(until=town.FOUNDED)
    Posting.objects.create(
        account=account,
        role=role,
        place=place,
        organisation=unit,
        since=town.FOUNDED,
        confirmed_at=town.FOUNDED,
    )
