"""The sweep: flip what is due. Safe with any number of workers, after any outage, at any delay.

Batches of due clocks joined to their cases are locked case before clock, in the order of the cases, as
people do, and what somebody is working on is left to the next pass (SKIP LOCKED). Each batch is one short
transaction of set-based writes. Once-only by the state of the row, with a unique entry behind it. The
database's `now()` rules, handed in as one parameter. Terms (hold, ask, grace) end by a move of the system
as of their due time.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from cases import moves
from cases.models.case import Case
from cases.models.clock import TERMS, Clock
from cases.refusals import MoveRefused
from cases.sla.board import next_at, pure
from cases.work import clock_payload, once_key
from ledger import book
from ledger.actor import system

log = logging.getLogger("cases.sweep")

BATCH = 500
NEWS = dt.timedelta(days=30)  # what came true longer ago (old calls replayed) is recorded, and nobody is told
SWEEP = system("sweep")
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
    terms: int = 0

    def __add__(self, other: Swept) -> Swept:
        return Swept(
            self.warned + other.warned,
            self.breached + other.breached,
            self.silent + other.silent,
            self.terms + other.terms,
        )

    @property
    def total(self) -> int:
        return self.warned + self.breached + self.silent + self.terms


def database_now() -> dt.datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        found: dt.datetime = cursor.fetchone()[0]
        return found


def sweep(at: dt.datetime | None = None, *, batch: int = BATCH) -> Swept:
    """Everything due by `at` (the database's now, unless told), in batches until nothing is left."""
    at = at or database_now()
    swept = _end_terms(at)  # first: what was on hold runs again, and may have fallen due since
    while (done := _sweep_batch(at, batch)) is not None:
        swept += done
    return swept


def _sweep_batch(at: dt.datetime, batch: int) -> Swept | None:
    """One short transaction over stage clocks; None when nothing was left to lock."""
    with transaction.atomic():
        rows = _lock(at, batch)
        if not rows:
            return None
        swept, facts = Swept(), []
        for row in rows:
            happened = _happened(row, at)
            # who hears that it is late need not hear as well that it was going to be
            news = [kind for kind, true_at in happened[-1:] if at - true_at < NEWS]
            for kind, true_at in happened:
                facts.append(
                    book.Fact(
                        subject=row.case,
                        event=f"clock.{kind}",
                        by=SWEEP,
                        at=max(at, row.case.last_at),
                        path=row.case.path,
                        payload={**clock_payload(row), "true_at": true_at.isoformat()},
                        once=once_key(row, kind),
                        pending=None if kind in news else False,
                    )
                )
                setattr(swept, kind, getattr(swept, kind) + 1)
        if (
            not facts
        ):  # due this very instant, which is still in time: nothing will change however often we look
            return None
        book.record_many(facts)
        told = {fact.subject.pk for fact in facts}
        _write_cases({row.case_id: row.case for row in rows if row.case_id in told}.values(), at)
        _write_clocks(rows)
        return swept


def _lock(at: dt.datetime, batch: int) -> list[Clock]:
    """The batch, case locked before clock and in the order of cases; rows of a case share one instance."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH due AS MATERIALIZED (
                SELECT id, case_id FROM cases_clock
                WHERE next_at <= %(at)s AND stage <> ALL (%(terms)s)
                ORDER BY next_at LIMIT %(batch)s
            ), held AS MATERIALIZED (
                SELECT c.id FROM cases_case c
                WHERE c.id IN (SELECT case_id FROM due)
                ORDER BY c.id FOR NO KEY UPDATE SKIP LOCKED
            )
            SELECT k.id FROM cases_clock k JOIN due USING (id) JOIN held ON held.id = k.case_id
            WHERE k.next_at <= %(at)s
            ORDER BY k.case_id, k.id FOR NO KEY UPDATE OF k SKIP LOCKED
            """,
            {"at": at, "terms": list(TERMS), "batch": batch},
        )
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return []
    rows = list(Clock.objects.filter(pk__in=ids).order_by("case_id", "id"))
    fields = ("id", "path", "last_at", "holder_id", *book.CHAIN)
    cases = Case.objects.only(*fields).in_bulk({row.case_id for row in rows})
    for row in rows:
        row.case = cases[row.case_id]
    return rows


def _happened(row: Clock, at: dt.datetime) -> list[tuple[str, dt.datetime]]:
    """Mark on the row what has come true by `at`, with the true time, and when to look again."""
    clock = pure(row)
    found = []
    if row.warned_at is None and clock.warn_at is not None and clock.warn_at <= at:
        row.warned_at = clock.warn_at
        found.append(("warned", clock.warn_at))
    if row.breached_at is None and clock.due_at < at:
        row.breached_at = clock.due_at
        found.append(("breached", clock.due_at))
    if row.silent_at is None and clock.no_response_at is not None and clock.no_response_at < at:
        row.silent_at = clock.no_response_at
        found.append(("silent", clock.no_response_at))
    row.next_at = next_at(row, clock)
    return found


def _write_cases(cases: Iterable[Case], at: dt.datetime) -> None:
    rows = [(case.pk, case.chain_head, case.chain_length, max(at, case.last_at)) for case in cases]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_case c SET chain_head = v.head, chain_length = v.length, last_at = v.at "
            "FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::timestamptz[]) AS v(id, head, length, at) "
            "WHERE c.id = v.id",
            [list(column) for column in zip(*rows, strict=True)],
        )


def _write_clocks(rows: list[Clock]) -> None:
    values = [(row.pk, row.warned_at, row.breached_at, row.silent_at, row.next_at) for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_clock k SET warned_at = v.warned, breached_at = v.breached, silent_at = v.silent, "
            "next_at = v.next FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], "
            "%s::timestamptz[], %s::timestamptz[]) AS v(id, warned, breached, silent, next) WHERE k.id = v.id",
            [list(column) for column in zip(*values, strict=True)],
        )


def _end_terms(at: dt.datetime) -> Swept:
    """Each term that is over ends by its move, one transaction each, as of its due time."""
    swept = Swept()
    tried: set[int] = set()
    while True:
        due = list(
            Clock.objects.filter(next_at__lte=at, stage__in=TERMS)
            .exclude(pk__in=tried)
            .select_related("case")
            .order_by("next_at", "pk")[:BATCH]
        )
        if not due:
            return swept
        for row in due:
            tried.add(row.pk)
            if _end_term(row):
                swept.terms += 1


def _end_term(row: Clock) -> bool:
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
