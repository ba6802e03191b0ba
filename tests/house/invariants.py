"""What must be true of a case at any time, written from the contract and not from the code."""

from __future__ import annotations

from collections.abc import Iterable

from cases import effects
from cases.models import Case, Clock, Holding, Part, Relief
from cases.sla import board
from ledger import reading
from ledger.models import Entry
from parties import directory
from tests.house.holders import recount

OPEN = ("received", "accepted", "assigned", "in_hand", "on_hold", "awaiting_info", "resolved")
ENDED = ("closed", "rejected", "withdrawn", "merged")
# what an open case is waited for by, the first that is there
WAITED_FOR = {
    "received": ("accept",),
    "accepted": ("dispatch",),
    "assigned": ("sign",),
    "in_hand": ("resolve",),
    "on_hold": ("hold",),
    "awaiting_info": ("ask",),
    "resolved": ("verify", "feedback"),
}
# what a hold or a question pauses
PAUSED_IN = {"on_hold": {"dispatch", "resolve", "feedback"}, "awaiting_info": {"resolve"}}
LIVE = ("running", "paused")
BUMPING = ("case.taken_up", "case.person_assigned", "case.reclassified", "case.relocated", "case.rehomed", "case.handed_over", "case.put_back", "case.passed_on",
           "case.urgency_changed", "part.released", "part.opened", "case.lifted", "case.linked", "case.unlinked", "case.spread",
           "case.child_linked", "case.child_unlinked", "case.joined", "case.parted", "case.caller_split")  # fmt: skip


def faults(case: Case) -> list[str]:
    """A sentence for everything that cannot be; `case` as it is in the database."""
    rows = list(Clock.objects.filter(case=case).order_by("pk"))
    return [
        f"{case.number} ({case.status}): {what}"
        for told in (
            _holder(case),
            _stage(case, rows),
            _clocks(case, rows),
            _parts(case, rows),
            _stays(case),
            recount(case),
            _story(case),
            _reliefs(case, rows),
        )
        for what in told
    ]


def _holder(case: Case) -> Iterable[str]:
    if case.holder_id not in case.unit_ids:
        yield "the holder is not among its units"
    waits = case.came_from if case.status in ("on_hold", "awaiting_info") else case.status
    if waits in ("received", "accepted") and case.holder_id != case.desk_id:
        yield f"waits at the desk {case.desk_id}, but {case.holder_id} holds it"
    desk = directory.by_id(case.desk_id)
    if desk is None or desk.desk_of is None:
        yield "its desk is none"
    if case.declines > 2:
        yield f"was declined {case.declines} times"


def _stage(case: Case, rows: list[Clock]) -> Iterable[str]:
    live = {row.stage: row for row in rows if row.part == 0 and row.state in LIVE}
    going = [row.stage for row in rows if row.state in LIVE]
    if case.doubted_at is not None:  # a caller says it is not solved: somebody has to look, even afterwards
        if case.status not in ("answered", "closed") or "verify" not in going:
            yield f"is doubted, {case.status}, and only {going} go on"
        going.remove("verify")
    if case.status in ENDED and going:
        yield f"has ended, but {going} go on"
    if case.status not in OPEN:
        return
    found = next((live[stage] for stage in WAITED_FOR[case.status] if stage in live), None)
    if found is None:
        if not (case.status == "resolved" and case.verified_at and not case.has_caller):
            yield f"no clock runs: {sorted(live)}"  # a checked one without a caller closes by its reaction
        return
    if found.state != "running":
        yield f"its stage clock {found.stage} is {found.state}"
    if found.stage == "verify":
        desk = directory.by_id(found.organisation_id)
        if desk is None or desk.desk_of is None:
            yield "the check runs against no desk"
        elif desk.id in case.handler_units and _district_desk() not in case.handler_units:
            yield "the check runs against a desk that handled it"  # unless every desk above did
    elif found.organisation_id != case.holder_id:
        yield f"{found.stage} runs against {found.organisation_id}, not against the holder"
    for stage, row in live.items():
        paused = stage in PAUSED_IN.get(case.status, ())
        if paused != (row.state == "paused") and not (stage == "feedback" and case.status == "on_hold"):
            yield f"{stage} is {row.state}"  # an interim answer opens a feedback clock even on hold


def _district_desk() -> int:
    desk = directory.by_code("ZX-370811")
    assert desk is not None
    return desk.id


def _clocks(case: Case, rows: list[Clock]) -> Iterable[str]:
    seen: set[tuple[str, int]] = set()
    for row in rows:
        clock = board.pure(row)
        if (clock.due_at, clock.warn_at, clock.state) != (row.due_at, row.warn_at, row.state):
            yield f"{row.stage}#{row.round} is not what its segments say"
        if (row.next_at is None) != (row.state != "running") and row.breached_at is None:
            yield f"{row.stage}#{row.round} is {row.state} and looked at {row.next_at}"
        if row.state == "stopped" and not row.outcome:
            yield f"{row.stage}#{row.round} stopped without an outcome"
        if row.state in LIVE and row.outcome:
            yield f"{row.stage}#{row.round} goes on with the outcome {row.outcome}"
        if row.state in LIVE:
            if (row.stage, row.part) in seen:
                yield f"{row.stage} runs twice"
            seen.add((row.stage, row.part))
            fell_due = row.breached_at is not None or (row.state == "running" and row.due_at < case.last_at)
            if not fell_due and row.path != case.path:
                yield f"{row.stage} stands elsewhere"
    for (stage, part), group in _by_stage(rows).items():
        if [row.round for row in group] != list(range(1, len(group) + 1)):
            yield f"rounds of {stage}/{part}: {[row.round for row in group]}"
    if (case.next_due_at, case.next_warn_at, case.paused) != effects.worst(rows):
        yield "its worst clock is not written on it"


def _by_stage(rows: list[Clock]) -> dict[tuple[str, int], list[Clock]]:
    found: dict[tuple[str, int], list[Clock]] = {}
    for row in sorted(rows, key=lambda row: row.round):
        found.setdefault((row.stage, row.part), []).append(row)
    return found


def _parts(case: Case, rows: list[Clock]) -> Iterable[str]:
    still = set(Part.objects.filter(case=case, state__in=("assigned", "in_hand")).values_list("n", flat=True))
    if case.open_parts != len(still):
        yield f"{case.open_parts} open parts, but {len(still)} are"
    if {row.part for row in rows if row.part and row.state in LIVE} - still:
        yield "clocks run for parts that are over"
    if still and case.status not in (*OPEN,):
        yield "parts are open on a case that is not"


def _stays(case: Case) -> Iterable[str]:
    until = None
    for stay in Holding.objects.filter(case=case, part=0).order_by("pk"):
        if until is not None and stay.since != until:
            yield f"nobody held it between {until} and {stay.since}"
        until = stay.until
    if until is not None and case.held_since != until:
        yield f"nobody held it since {until}"


def _reliefs(case: Case, rows: list[Clock]) -> Iterable[str]:
    """What waits has a clock against who has to answer; what was granted shows."""
    reliefs = list(Relief.objects.filter(case=case).order_by("n"))
    if [one.n for one in reliefs] != list(range(1, len(reliefs) + 1)):
        yield f"reliefs {[one.n for one in reliefs]}"
    clock = next((row for row in rows if row.stage == "relief" and row.state in LIVE), None)
    waiting = next((one for one in reliefs if one.state == "asked"), None)
    if clock is not None and waiting is None:
        yield "the clock of a relief runs that nobody asked for"
    if clock is not None and waiting is not None and clock.organisation_id != waiting.desk_id:
        yield f"a relief waits for {waiting.desk_id}, its clock runs against {clock.organisation_id}"
    for kind, most in (("extension", 1), ("hold", 2), ("exclusion", 1)):
        if sum(one.kind == kind and one.state == "granted" for one in reliefs) > most:
            yield f"more than {most} of {kind} were granted"
    if case.excluded != any(one.kind == "exclusion" and one.state == "granted" for one in reliefs):
        yield "excluded without a grant, or granted and not excluded"
    for one in reliefs:
        if (
            one.due_before <= one.asked_at and one.kind != "exclusion"
        ):  # which may be asked while all stands still
            yield f"relief {one.n} was filed after its deadline"


def _story(case: Case) -> Iterable[str]:
    """The ledger replayed says what the row says."""
    entries = reading.timeline("case", case.pk)
    if list(reading.verify(iter(entries), {("case", case.pk): (case.chain_head, case.chain_length)})):
        yield "its chain is broken"
    status, at, holder = None, None, None
    for entry in entries:
        if at is not None and entry.at < at:
            yield f"{entry.event} lies before the entry before it"
        at = entry.at
        if "status" in entry.payload:
            before, after = entry.payload["status"]
            if before != status:
                yield f"{entry.event} leaves {before}, but it was {status}"
            status = after
        holder = entry.payload.get("holder", holder)
    if status != case.status:
        yield f"the ledger says {status}"
    if at != case.last_at:
        yield f"last told at {at}, but written {case.last_at}"
    unit = directory.by_code(holder) if holder else None
    if unit is not None and unit.id != case.holder_id:
        yield f"the ledger says that {holder} holds it"
    if case.version != 1 + sum(map(_bumps, entries)):
        yield f"version {case.version} after {[entry.event for entry in entries]}"


def _bumps(entry: Entry) -> bool:
    if "duty_row" in entry.payload:
        return False  # 直派: one write with the acceptance before it
    if entry.event == "case.caller_joined":
        return "urgency" in entry.payload
    is_move = "status" in entry.payload and entry.payload["status"][0] is not None
    return is_move or entry.event in BUMPING or entry.event in ("part.signed", "part.declined", "part.done")
