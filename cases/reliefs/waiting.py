"""What time does to a relief: silence takes it up a rung and never grants; a hold is looked at again before it ends.
And where its case goes, it goes too.

The sweep calls these for the terms `relief` and `hold`."""

from __future__ import annotations

from typing import Any

from cases.models.clock import Clock
from cases.models.relief import RUNGS, Relief
from cases.reliefs import ladder
from cases.reliefs.running import payload_of, wait
from cases.work import Work, clock_payload, once_key


def go_up(work: Work, row: Clock) -> None:
    """The granter's time is over: the next one above has it now. At the top it waits on, marked on its clock."""
    relief = Relief.objects.filter(case=work.case, state="asked").first()
    rung = ladder.above(relief, work.case, work.lineage) if relief is not None else None
    row.breached_at = row.due_at
    if relief is None or rung is None:
        row.next_at = None
        work.board.touch(row)
        if relief is not None:
            work.tell("relief.unanswered", payload=payload_of(relief), once=once_key(row, "unanswered"))
        return
    before = ladder.Rung(relief.rung, relief.desk_id)
    relief.rung, relief.desk_id = rung.name, rung.desk
    relief.save(update_fields=["rung", "desk"])
    wait(work, rung)
    change = [ladder.code(before), ladder.code(rung)]
    work.tell("relief.raised", payload=payload_of(relief, to=ladder.code(rung), went=change))


def look_again(work: Work, row: Clock) -> None:
    """Four fifths of a hold are over: who granted it looks again."""
    row.warned_at = row.warn_at
    row.next_at = row.due_at
    work.board.touch(row)
    relief = Relief.objects.filter(case=work.case, kind="hold", state="granted").order_by("-n").first()
    payload = payload_of(relief) if relief is not None else clock_payload(row)
    work.tell("relief.review_due", payload=payload, once=once_key(row, "review"))


def follow(work: Work) -> dict[str, Any]:
    """The case stands elsewhere, or a desk became another: what waits at a desk waits at the one that is there now,
    no lower than it was and in the same time. What changed, for the entry of the change."""
    row = work.board.open("relief")
    relief = Relief.objects.filter(case=work.case, state="asked").first() if row is not None else None
    if row is None or relief is None or relief.rung == ladder.SUPERVISOR:
        return {}
    rungs = ladder.rungs(work.case, work.lineage, relief.organisation_id)
    rung = next(one for one in rungs if RUNGS.index(one.name) >= RUNGS.index(relief.rung))
    before = ladder.Rung(relief.rung, relief.desk_id)
    if rung == before:
        return {}
    relief.rung, relief.desk_id = rung.name, rung.desk
    relief.save(update_fields=["rung", "desk"])
    row.organisation_id = rung.desk
    work.board.touch(row)
    return {"relief": [ladder.code(before), ladder.code(rung)]}
