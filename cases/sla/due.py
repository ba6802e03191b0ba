"""What a pass of the sweep takes in hand: due clocks with the heads of their cases, locked, marked, written.

Only the columns a pass needs are read: the due and warning times of a row are what its segments say, and all
later alarms are counted from the due time (`cases.sla.alarms`), so no clock is built anew.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from django.db import connection

from cases import rulebook
from cases.models.case import Case
from cases.models.clock import TERMS
from cases.sla import alarms, ladder

# The transaction need not wait for the disk: what a crash of the database takes back, the next pass does again,
# and no reaction to it can outlast it, for that commits later in the same log.
# The case is locked before the clock, as people lock; what somebody is at is passed over, so this never waits and
# several workers share what is due
LOCK = """
    SET LOCAL synchronous_commit = off;
    WITH held AS MATERIALIZED (
        SELECT k.id AS clock_id, c.id, c.path, c.last_at, c.chain_head, c.chain_length, c.about_organisation_id,
            c.about_account_id
        FROM cases_clock k JOIN cases_case c ON c.id = k.case_id
        WHERE k.next_at <= %(at)s AND k.stage <> ALL (%(terms)s)
        ORDER BY k.next_at LIMIT %(batch)s FOR NO KEY UPDATE OF c SKIP LOCKED
    )
    SELECT held.id, held.path, held.last_at, held.chain_head, held.chain_length, held.about_organisation_id,
        held.about_account_id, k.id, k.stage, k.part, k.round, k.due_at, k.warn_at, k.warned_at, k.breached_at, k.silent_at, k.rungs, k.rule->>'calendar', k.rule->'no_response_after', k.rule->'ladder'
    FROM held JOIN cases_clock k ON k.id = held.clock_id
    WHERE k.next_at <= %(at)s
    ORDER BY k.case_id, k.id FOR NO KEY UPDATE OF k SKIP LOCKED
"""
WRITE = """
    UPDATE cases_case c SET chain_head = v.head, chain_length = v.length, last_at = v.at
    FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::timestamptz[]) AS v(id, head, length, at)
    WHERE c.id = v.id;
    UPDATE cases_clock k SET warned_at = v.warned, breached_at = v.breached, silent_at = v.silent, rungs = v.rungs,
        next_at = v.next
    FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::smallint[],
        %s::timestamptz[]) AS v(id, warned, breached, silent, rungs, next)
    WHERE k.id = v.id
"""


@dataclass(slots=True)
class DueCase:
    """The head of a case, as the ledger, the sweep and who is told of it (cases.live) need it."""

    SUBJECT: ClassVar[str] = Case.SUBJECT
    pk: int
    path: str
    last_at: dt.datetime
    chain_head: str
    chain_length: int
    about_organisation_id: int | None
    about_account_id: int | None


@dataclass
class DueClock:
    """A running clock with something to tell; its alarms, and what it has told."""

    case: DueCase
    pk: int
    stage: str
    part: int
    round: int
    due_at: dt.datetime
    warn_at: dt.datetime | None
    warned_at: dt.datetime | None
    breached_at: dt.datetime | None
    silent_at: dt.datetime | None
    rungs: int
    calendar: str | None
    no_response_after: str | None  # JSON, as is the ladder
    ladder: str | None

    @property
    def case_id(self) -> int:
        return self.case.pk

    @cached_property
    def no_response_at(self) -> dt.datetime | None:
        if self.no_response_after is None:
            return None
        amount, unit = json.loads(self.no_response_after)
        return alarms.silence((amount, unit), self.due_at, rulebook.calendar(self.calendar or "default"))

    @cached_property
    def climbs_at(self) -> alarms.Moments:
        if self.ladder is None:
            return ()
        cal = rulebook.calendar(self.calendar or "default")
        return alarms.climbs(ladder.read(json.loads(self.ladder)), self.due_at, cal)

    @property
    def next_at(self) -> dt.datetime | None:
        return alarms.upcoming(
            self,
            warned=self.warned_at is not None,
            breached=self.breached_at is not None,
            silent=self.silent_at is not None,
            rungs=self.rungs,
        )

    def mark(self, at: dt.datetime) -> list[tuple[str, dt.datetime]]:
        """Mark what has come true by `at` and was not told yet: (what, its true time), in order of time. The
        due instant itself is still in time."""
        found = []
        if self.warned_at is None and self.warn_at is not None and self.warn_at <= at:
            self.warned_at = self.warn_at
            found.append(("warned", self.warn_at))
        if self.breached_at is None and self.due_at < at:
            self.breached_at = self.due_at
            found.append(("breached", self.due_at))
        if self.silent_at is None and (silent_at := self.no_response_at) is not None and silent_at < at:
            self.silent_at = silent_at
            found.append(("silent", silent_at))
        for true_at in self.climbs_at[self.rungs :]:
            if true_at < at:
                self.rungs += 1
                found.append(("overdue", true_at))
        return sorted(found, key=lambda one: one[1])


def lock(at: dt.datetime, batch: int) -> list[DueClock]:
    """A batch of clocks due by `at`, with their cases; those of one case share its head."""
    cases: dict[int, DueCase] = {}
    with connection.cursor() as cursor:
        cursor.execute(LOCK, {"at": at, "terms": list(TERMS), "batch": batch})
        rows = cursor.fetchall()
    return [DueClock(cases.setdefault(row[0], DueCase(*row[:7])), *row[7:]) for row in rows]


def write(clocks: Sequence[DueClock], cases: Iterable[DueCase]) -> None:
    """What was marked on them, in one go."""
    heads = [(case.pk, case.chain_head, case.chain_length, case.last_at) for case in cases]
    marks = [
        (row.pk, row.warned_at, row.breached_at, row.silent_at, row.rungs, row.next_at) for row in clocks
    ]
    columns = [list(column) for rows in (heads, marks) for column in zip(*rows, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(WRITE, columns)
