"""One command's work on one case: lock it, gather what changes, write each table once.

The case row is locked first, always; so its hash chain, its clocks and its status have one writer at a
time. Everything is planned in memory and written by `finish`.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from cases import effects, hearing, pasts
from cases.models.case import Case
from cases.models.clock import Clock
from cases.models.evidence import Attachment, Words
from cases.models.holding import Holding, Part
from cases.models.instruction import Instruction
from cases.models.relief import Relief
from cases.pending import Pending
from cases.placing import Home
from cases.refusals import not_ready
from cases.scope import covers
from cases.sla.board import ClockBoard
from cases.sla.due import DueClock
from grid.queries import Lineage, lineage
from ledger import book
from ledger.actor import Actor, Grant
from ledger.models import Entry
from parties import gate

# all but identity and what was fixed at take; one UPDATE writes those that changed
FIXED = {"id", "number", "channel", "raised_level", "received_at", "external_ref", "title"}
MUTABLE = [f.attname for f in Case._meta.concrete_fields if f.attname not in FIXED and f.name not in FIXED]


@dataclass
class Work:
    """`at` is never earlier than the case's last entry."""

    case: Case
    board: ClockBoard
    lineage: Lineage
    by: Actor
    at: dt.datetime
    pending: Pending = field(default_factory=Pending)
    entries: list[Entry] = field(default_factory=list)
    _facts: list[book.Fact] = field(default_factory=list)
    words: list[Words] = field(default_factory=list)
    partner: Work | None = None  # the other case of a merge, written with this one
    wheres: list[Any] = field(default_factory=list)  # the places a matter is spread to, held
    home: Home | None = None  # where the place of an ended case stands now, held
    _before: dict[str, Any] = field(init=False)
    _counted: dict[str, Any] = field(init=False)  # what figures read of the case, as of the last move

    def __post_init__(self) -> None:
        self._before = _values(self.case)
        self._counted = pasts.counted(self.case)

    @classmethod
    def on(cls, number: str, *, by: Actor, at: dt.datetime) -> Work:
        """Find and lock the case: one SELECT, judged by the rule that filters lists. Raises gate.OutOfScope."""
        case = _lock_one(number)
        if case is None or not covers(by, case):
            raise gate.OutOfScope(gate.NOT_FOUND)
        return cls.of(case, by=by, at=at)

    @classmethod
    def of(cls, case: Case, *, by: Actor, at: dt.datetime) -> Work:
        """On a case that is already locked; reads its clocks."""
        board = ClockBoard.load(case)
        return cls(case, board, lineage(case.path), by, max(at, case.last_at))

    @classmethod
    def on_pair(
        cls, number: str, target: str = "", *, by: Actor, at: dt.datetime, kin: str = "merged_from"
    ) -> Work:
        """As `on`, with the case of the other number (none given: the one it was merged into, or
        with `kin` "children" stands under) as its partner,
        where there is one in scope. Both are locked in the order of their ids, so that two people across never
        wait for each other."""
        into = Q(number=target) if target else Q(**{f"{kin}__number": number})
        pks = Case.objects.filter(Q(number=number) | into).values("pk")
        cases = {case.number: case for case in locked().filter(pk__in=pks).order_by("pk")}
        case = cases.pop(number, None)
        if case is None or not covers(by, case):
            raise gate.OutOfScope(gate.NOT_FOUND)
        other = next((one for one in cases.values() if not target or covers(by, one)), None)
        boards = ClockBoard.load_all(case, *([other] if other else []))
        works = [
            cls(board.case, board, lineage(board.case.path), by, max(at, board.case.last_at))
            for board in boards
        ]
        works[0].partner = works[1] if other else None
        return works[0]

    @property
    def next_seq(self) -> int:
        """The number that the next entry told will have."""
        return self.case.chain_length + len(self._facts) + 1

    def tell(
        self,
        event: str,
        *,
        payload: dict[str, Any] | None = None,
        texts: dict[str, str] | None = None,
        attachments: Iterable[uuid.UUID] = (),
        grant: Grant | None = None,
        request_key: str = "",
        body_hash: str = "",
        once: str = "",
    ) -> None:
        """Plan an entry, its words, and the files it takes in. It is signed in the role of the grant, and says for
        whom one stood in."""
        seq = self.next_seq
        files = list(attachments)
        if files:
            self._take_in(files, seq)
        by = self.by.in_role(grant.role if grant is not None else "")
        stood_for = self._stood_for(grant)
        self._facts.append(
            book.Fact(
                subject=self.case,
                event=event,
                by=by,
                at=self.at,
                path=self.case.path,
                payload={
                    **(payload or {}),
                    **({"attachments": len(files)} if files else {}),
                    **({"for": stood_for} if stood_for is not None else {}),
                },
                request_key=request_key,
                body_hash=body_hash,
                once=once,
            )
        )
        texts = {name: words for name, words in (texts or {}).items() if words}
        if texts:
            self.words.append(Words(case=self.case, seq=seq, texts=texts))

    def _stood_for(self, grant: Grant | None) -> int | None:
        """The colleague whose posting one acts by, or who had the case in hand."""
        if grant is None:
            return None
        had = self._before["holder_account_id"]
        return had if had in self.by.stands_in else grant.lent_by

    def explain(self, texts: dict[str, str] | None = None, **payload: Any) -> None:
        """Add to the entry that was planned last."""
        self._facts[-1].payload.update(payload)
        if texts:
            self.words.append(Words(case=self.case, seq=self.next_seq - 1, texts=texts))

    def _take_in(self, files: list[uuid.UUID], seq: int) -> None:
        if Attachment.free(files, self.by.id).update(case_id=self.case.pk, seq=seq) != len(files):
            raise not_ready(_("有材料找不到或已用在别处，请重新上传。"), attachments=_("请重新上传。"))

    def note_missed(self) -> None:
        """Tell of every clock that passed its due time unseen by a sweep and was stopped or paused since."""
        for row in self.board.missed():
            self.tell("clock.breached", payload=clock_payload(row), once=once_key(row, "breached"))

    def conclude(self) -> list[book.Fact]:
        """The last touches on the case before it is written, and everything that there is to record."""
        case = self.case
        case.last_at = self.at
        self.note_missed()
        case.next_due_at, case.next_warn_at, case.paused = effects.worst(self.board.rows)
        self.tell_what_was()
        self._say_for_whom()
        return self._facts

    def _say_for_whom(self) -> None:
        """On the case in hand, for who keeps figures: the paths and units that it and its clocks count for, those of
        before too. No column."""
        units = {*self._before["unit_ids"], self._before["holder_id"], self._before["desk_id"]}
        paths = {self._before["path"], self.case.path}
        voices = {(row.path, row.organisation_id) for row in self.pending.voices}
        for path, unit in self.board.counted_for() | voices:
            paths.add(path)
            units.add(unit)
        self.case.counted_for = (paths, units)  # type: ignore[attr-defined]

    def finish(self) -> Case:
        """Write clocks, stays, entries, words and the case, and its partner's along."""
        works = [self, self.partner] if self.partner is not None else [self]
        if self.pending.told:
            since = self.case.resolved_at or self.at
            hearing.tell(self.case, self.pending.told, self.pending, since=since)
        self.entries = self.write_clocks(works)
        for model, rows in (
            (Holding, [row for work in works for row in work.pending.holdings]),
            (Part, [row for work in works for row in work.pending.parts]),
            (Words, [row for work in works for row in work.words]),
            (Relief, [row for work in works for row in work.pending.reliefs]),
            (Instruction, [row for work in works for row in work.pending.instructions]),
        ):
            if rows:
                model.objects.bulk_create(rows)
        write_cases(works)
        return self.case

    @staticmethod
    def write_clocks(works: Sequence[Work]) -> list[Entry]:
        """The entries and clocks of several cases in hand, each table once."""
        entries = book.record_many([fact for work in works for fact in work.conclude()])
        works[0].board.save(*(work.board for work in works[1:]))
        return entries

    def tell_what_was(self) -> None:
        """In the newest entry what figures had read of the case and its clocks, where that is no longer so: after each
        move, for a chain of them may lie days apart."""
        told = [fact for fact in self._facts if fact.event != "clock.breached"]
        if not told:
            return
        kept = {
            "clocks": self.board.pasts(self.at),
            "case": pasts.of_case(self.case, self._counted, self.at),
            "voices": [pasts.of_voice(row) for row in self.pending.voices],
        }
        if was := {name: rows for name, rows in kept.items() if rows}:
            told[-1].payload["was"] = was | told[-1].payload.get("was", {})
        self._counted = pasts.counted(self.case)

    def changed(self) -> dict[str, Any]:
        """The columns of the case that are not as they were read."""
        after = _values(self.case)
        return {name: after[name] for name in MUTABLE if after[name] != self._before[name]}


def write_cases(works: Sequence[Work]) -> None:
    """One UPDATE: of what changed on the one case, or of what changed on either of the two."""
    if len(works) == 1:
        Case.objects.filter(pk=works[0].case.pk).update(**works[0].changed())
    else:
        names = sorted({Case._meta.get_field(name).name for work in works for name in work.changed()})
        Case.objects.bulk_update([work.case for work in works], names)


def _values(case: Case) -> dict[str, Any]:
    """The columns as they are now; lists copied, for they grow in place."""
    row = case.__dict__
    return {name: list(row[name]) if isinstance(row[name], list) else row[name] for name in MUTABLE}


def locked(*, skip_locked: bool = False):
    """Cases to be locked without blocking rows that only refer to them."""
    return Case.objects.select_for_update(of=("self",), no_key=True, skip_locked=skip_locked)


def _lock_one(number: str) -> Case | None:
    """`locked()` by number, compiled once: seventy columns cost more to spell than to read."""
    try:
        return next(iter(Case.objects.raw(_lock_statement(), [number])), None)
    except ValueError:  # a character that no number and no database takes
        return None


@lru_cache(maxsize=1)
def _lock_statement() -> str:
    return locked().filter(number="?").query.sql_with_params()[0]


def clock_payload(row: Clock | DueClock) -> dict[str, Any]:
    """What an entry says of a clock."""
    return {"stage": row.stage, "round": row.round, "part": row.part, "due_at": row.due_at.isoformat()}


def once_key(row: Clock | DueClock, kind: str) -> str:
    """Warned, breached and silent happen at most once per clock."""
    return f"clock:{row.case_id}:{row.stage}:{row.part}:{row.round}:{kind}"
