"""Many new cases written at once: every table in one statement, whatever their number; the large ones by COPY,
which costs half of an INSERT."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Model

from cases import hearing, intake, numbering
from cases.intake import Planned
from cases.models import Call, Caller, Case, Clock, Holding, Part, Relief, Voice, Words
from cases.work import Work
from ledger import book
from ledger.actor import Actor
from ledger.copying import copy_rows, copy_values


@dataclass
class NewCase:
    """A planned call with the work on its case: moves and facts may follow in memory before it is written."""

    planned: Planned
    work: Work


def begin(planned: Planned, by: Actor, at: dt.datetime, attachments: Sequence = ()) -> NewCase:
    """The work on a case that is not written yet; its first entry is the call's."""
    work = Work(planned.case, planned.board, planned.lineage, by, at)
    work.tell("case.received", payload=planned.fact.payload, attachments=attachments)
    return NewCase(planned, work)


def write(news: Sequence[NewCase], *, quiet_before: dt.datetime) -> None:
    """Number and write the cases, in the transaction of the caller. What happened before `quiet_before` is
    history: it is recorded, and nobody is told of it."""
    works = [new.work for new in news]
    facts = [fact for work in works for fact in work.conclude()]
    for fact in facts:
        if fact.at < quiet_before:
            fact.pending = False
    book.record_many(facts)
    # the counters are the last locks that others may wait for
    wanted = [(intake.prefix_of(new.planned.lineage), new.planned.case.received_at) for new in news]
    for work, number in zip(works, numbering.next_numbers(wanted), strict=True):
        work.case.number = number
    _copy(Case, [work.case for work in works])
    for new in news:
        for name, value in new.work.pending.told.items():
            setattr(new.planned.call, name, value)
    _copy(Call, [new.planned.call for new in news])
    Caller.objects.bulk_create(new.planned.caller for new in news if new.planned.caller is not None)
    Voice.objects.bulk_create(
        hearing.new(new.planned.case, new.planned.call, new.planned.call.told_at)
        for new in news
        if new.planned.call.told_at is not None and new.planned.call.origin == "resident"
    )
    _copy(Clock, [row for work in works for row in work.board.rows], numbered=False)
    Holding.objects.bulk_create(row for work in works for row in work.pending.holdings)
    Part.objects.bulk_create(row for work in works for row in work.pending.parts)
    Words.objects.bulk_create(row for work in works for row in work.words)
    Relief.objects.bulk_create(row for work in works for row in work.pending.reliefs)


def _copy(model: type[Model], rows: Sequence[Model], *, numbered: bool = True) -> None:
    """`numbered`: the rows have their keys; otherwise the table's sequence gives them."""
    fields = [field for field in model._meta.concrete_fields if numbered or not field.primary_key]
    with connection.wrap_database_errors:
        values = (copy_values(row, fields) for row in rows)
        copy_rows(model._meta.db_table, [field.column for field in fields], values)
