"""The sweep: flip what is due. Safe with any number of workers, after any outage, at any delay.

Batches of due clocks joined to their cases are locked case before clock, as people do, and what somebody is
working on is left to the next pass (SKIP LOCKED). Each batch is one short transaction of set-based writes. Once-only by the state of the row, with a unique entry behind it. The
database's `now()` rules, handed in as one parameter. Terms (hold, ask, grace) end by a move of the system
as of their due time.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from cases import moves
from cases.models.case import Case
from cases.models.clock import TERMS, Clock
from cases.refusals import MoveRefused
from cases.reliefs import waiting
from cases.sla import due
from cases.work import Work, clock_payload, locked, once_key
from ledger import book
from ledger.actor import system

log = logging.getLogger("cases.sweep")

BATCH, LEAST = 500, 100  # clocks at a time
# seconds that a batch should hold its cases; who needs one of them waits no longer than about that
PATIENCE = 0.06
MANY = 10_001  # nobody counts further
NEWS = dt.timedelta(days=30)  # what came true longer ago (old calls replayed) is recorded, and nobody is told
SWEEP = system("sweep")
OVERDUE = "overdue"
# what happens at the end of a term, as of its due time
TERM_ENDS: dict[str, tuple[str, dict[str, Any]]] = {
    "hold": ("resume", {}),
    "ask": ("supply", {"answer": "—"}),
    "grace": ("close", {}),
}


@dataclass
class Swept:
    """What one pass did."""

    warned: int = 0
    breached: int = 0
    silent: int = 0
    overdue: int = 0  # timed rungs of a ladder
    terms: int = 0

    def __add__(self, other: Swept) -> Swept:
        return Swept(
            self.warned + other.warned,
            self.breached + other.breached,
            self.silent + other.silent,
            self.overdue + other.overdue,
            self.terms + other.terms,
        )

    @property
    def total(self) -> int:
        return self.warned + self.breached + self.silent + self.overdue + self.terms


def database_now() -> dt.datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        found: dt.datetime = cursor.fetchone()[0]
        return found


def sweep(
    at: dt.datetime | None = None, *, batch: int = BATCH, tell: Callable[[Swept], None] = lambda swept: None
) -> Swept:
    """Everything due by `at` (the database's now, unless told), in batches until nothing is left; `tell` hears
    after each what was done so far. A slow machine gets smaller batches."""
    began_at = database_now()
    at = at or began_at
    swept = _end_terms(at)  # first: what was on hold runs again, and may have fallen due since
    size, began = batch, time.perf_counter()
    while (done := _sweep_batch(at, size)) is not None:
        swept += done
        tell(swept)
        took, began = time.perf_counter() - began, time.perf_counter()
        size = min(batch, max(LEAST, int(size * PATIENCE / took)))
    _note_pass(began_at, swept)
    return swept


def _note_pass(began_at: dt.datetime, swept: Swept) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_sweeppass (id, began_at, ended_at, happened) VALUES (1, %s, clock_timestamp(), %s) "
            "ON CONFLICT (id) DO UPDATE SET began_at = EXCLUDED.began_at, ended_at = EXCLUDED.ended_at, "
            "happened = EXCLUDED.happened",
            [began_at, swept.total],
        )


@dataclass(frozen=True)
class Progress:
    """How far the sweep is, by the database's time, in seconds. `lag`: how long ago the oldest clock that waits
    fell due; `waiting` how many do (MANY for more); `pass_age` since the last whole pass (None: never),
    `happened` what it did."""

    lag: float
    waiting: int
    pass_age: float | None
    happened: int


def progress() -> Progress:
    """One statement, cheap however much waits."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH now AS (SELECT clock_timestamp() AS at), last AS (SELECT * FROM cases_sweeppass) "
            "SELECT greatest(0, extract(epoch FROM now.at - (SELECT min(next_at) FROM cases_clock))), "
            "(SELECT count(*) FROM (SELECT 1 FROM cases_clock, now WHERE next_at < now.at LIMIT %s) AS due), "
            "(SELECT extract(epoch FROM now.at - ended_at) FROM last), (SELECT happened FROM last) FROM now",
            [MANY],
        )
        lag, waiting, age, happened = cursor.fetchone()
    return Progress(float(lag or 0), waiting, None if age is None else float(age), happened or 0)


def _sweep_batch(at: dt.datetime, batch: int) -> Swept | None:
    """One short transaction over stage clocks; None when nothing was left to lock or to tell."""
    with transaction.atomic():
        rows = due.lock(at, batch)
        told: list[due.DueClock] = []
        facts: list[book.Fact] = []
        swept = Swept()
        for row in rows:
            if happened := row.mark(at):
                told.append(row)
                facts += _facts(row, happened, at)
                for kind, _true_at in happened:
                    setattr(swept, kind, getattr(swept, kind) + 1)
        if not facts:  # due this very instant, which is still in time: nothing changes however often we look
            return None
        book.record_batch(facts)
        due.write(told, {row.case_id: row.case for row in told}.values())
        return swept


def _facts(
    row: due.DueClock, happened: list[tuple[str, dt.datetime]], at: dt.datetime
) -> Iterator[book.Fact]:
    """An entry each. Who hears that it is late need not hear as well that it was going to be, so only the last
    is handed on, and nothing that is no news any more."""
    case = row.case
    case.last_at = max(at, case.last_at)
    rung = row.rungs - sum(kind == OVERDUE for kind, _true_at in happened)
    for n, (kind, true_at) in enumerate(happened, start=1):
        payload = {**clock_payload(row), "true_at": true_at.isoformat()}
        once = once_key(row, kind)
        if kind == OVERDUE:
            rung += 1
            payload["rung"] = rung
            once = f"{once}:{rung}"
        yield book.Fact(
            subject=case,
            event=f"clock.{kind}",
            by=SWEEP,
            at=case.last_at,
            path=case.path,
            payload=payload,
            once=once,
            pending=None if n == len(happened) and at - true_at < NEWS else False,
        )


def _end_terms(at: dt.datetime) -> Swept:
    """Each term that is over ends by its move, one transaction each, as of its due time."""
    swept = Swept()
    tried: set[int] = set()
    while True:
        rows = list(
            Clock.objects.filter(next_at__lte=at, stage__in=TERMS)
            .exclude(pk__in=tried)
            .select_related("case")
            .order_by("next_at", "pk")[:BATCH]
        )
        if not rows:
            return swept
        for row in rows:
            tried.add(row.pk)
            try:
                swept.terms += _end_term(row, at)
            except Exception:  # one bad case never stops the rest; the next pass tries it again
                log.exception("term %s of %s could not be ended", row.stage, row.case.number)


def _look_in(row: Clock, act: Callable[[Work, Clock], None]) -> bool:
    """Something happens to a term that goes on, or goes elsewhere, as of its time."""
    with transaction.atomic():
        case = locked(skip_locked=True).filter(pk=row.case_id).first()
        if case is None:
            return False  # somebody is at it; the next pass looks again
        work = Work.of(case, by=SWEEP, at=row.next_at or row.due_at)
        here = next(one for one in work.board.rows if one.pk == row.pk)
        if here.next_at != row.next_at:
            return False
        act(work, here)
        work.finish()
    return True


def _end_term(row: Clock, at: dt.datetime) -> bool:
    if row.stage == "relief":
        return _look_in(row, waiting.go_up)
    if row.due_at > at:
        return _look_in(row, waiting.look_again)
    move, details = TERM_ENDS[row.stage]
    case = row.case
    try:
        with transaction.atomic():
            free = Case.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=case.pk)
            if not free.values_list("pk"):
                return False  # somebody is at it; the next pass looks again
            moves.perform(
                number=case.number, move=move, by=SWEEP, at=row.due_at, version=case.version, **details
            )
        return True
    except MoveRefused as refused:
        if refused.kind == "stale":
            return False  # somebody is at it; the next pass looks again
        # the case cannot go that way yet (a check is still due): the term has run out and waits no more
        with transaction.atomic():
            Clock.objects.filter(pk=row.pk).update(next_at=None, breached_at=row.due_at)
        log.info("term %s of %s ended without %s: %s", row.stage, case.number, move, refused)
        return False
