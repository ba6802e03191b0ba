"""A whole file, exactly once: known references are skipped a batch at a time, the rest is planned and written
in batches of one transaction each. Stopped anywhere, it goes on from there when it is run again."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from django.db import DataError, IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from cases import intake
from cases.importing import batch, closing, ground
from cases.importing.batch import NewCase
from cases.importing.places import Places, Spot, held
from cases.importing.reading import CallFile, Record
from cases.importing.rows import Reader, Row, RowRefused
from cases.intake import Where
from cases.kinds import CHANNELS
from cases.models import Call, Case
from cases.refusals import MoveRefused
from cases.sla.calendar import OutOfCalendar
from cases.sla.segments import ClockRefused
from grid.queries import lineages
from ledger import versions
from ledger.actor import Actor
from parties.ids import fresh_ids

BATCH = 500
KEPT = 10_000  # sentences kept; beyond them faults are only counted
TOLD_WITHIN = dt.timedelta(days=1)  # what was received longer ago is history, and tells nobody

Numbered = tuple[Record, str]  # a record and its reference


@dataclass
class Report:
    """What became of the rows. `problems`: (row number, sentence), in the order of the file."""

    read: int = 0
    taken: int = 0
    known: int = 0
    refused: int = 0
    closed: int = 0
    places: int = 0
    units: int = 0
    problems: list[tuple[int, str]] = field(default_factory=list)

    @property
    def totals(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in ("read", "taken", "known", "refused")}

    def refuse(self, number: int, sentence: str) -> None:
        self.refused += 1
        if len(self.problems) < KEPT:
            self.problems.append((number, sentence))


@dataclass
class Import:
    """One run. `restart`: all references of the source are asked for at once, for a file of which much is known
    already. `progress` is called with the report after every batch."""

    file: CallFile
    reader: Reader
    by: Actor
    base: str = ""
    spread: bool = False
    seed: int = 1
    limit: int | None = None
    dry_run: bool = False
    restart: bool = False
    progress: Callable[[Report], None] = lambda report: None

    def run(self) -> Report:
        """Raises grid.errors.Unreadable for a file, a column or a base place that is none."""
        self.reader.format.check(self.file.header)
        report = Report()
        if not self.dry_run:
            self._lay_ground(report)
            self._run(report)
            return report
        try:
            with transaction.atomic():
                self._lay_ground(report)
                self._run(report)
                transaction.set_rollback(True)
        finally:
            versions.clear_all()  # what was read of places that were not to stay
        return report

    def _lay_ground(self, report: Report) -> None:
        lay = self.reader.format.ground
        if lay is not None:
            rows = lay(record.cells for record in self.file.records() if not record.problem)
            report.places, report.units = ground.lay(rows, by=self.by, at=self.reader.now)

    def _run(self, report: Report) -> None:
        places = Places(self.base, spread=self.spread, seed=self.seed)
        known = self._all_known() if self.restart else None
        for numbered in self._batches(report, known):
            self._take(numbered, places, report)
            report.problems.sort()
            self.progress(report)
        self.progress(report)

    # -- reading

    def _batches(self, report: Report, known: set[str] | None) -> Iterator[list[Numbered]]:
        found = self._numbered(report, known)
        while numbered := list(islice(found, BATCH)):
            yield numbered

    def _numbered(self, report: Report, known: set[str] | None) -> Iterator[Numbered]:
        seen: Counter[str] = Counter()
        for record in islice(self.file.records(), self.limit):
            report.read += 1
            try:
                ref = self.reader.ref_of(record, seen)
            except RowRefused as refused:
                report.refuse(record.number, str(refused))
                continue
            if known is not None and ref in known:
                report.known += 1
                continue
            yield record, ref

    def _all_known(self) -> set[str]:
        refs = Case.objects.filter(external_ref__startswith=f"{self.reader.source}:")
        return set(refs.values_list("external_ref", flat=True))

    # -- one batch

    def _take(self, numbered: Sequence[Numbered], places: Places, report: Report) -> None:
        """Halved where the database refuses one of its rows, until that row stands alone."""
        so_far = (report.taken, report.known, report.refused, report.closed, len(report.problems))
        try:
            with transaction.atomic():
                self._write(numbered, places, report)
        except (IntegrityError, DataError) as problem:
            report.taken, report.known, report.refused, report.closed = so_far[:4]
            del report.problems[so_far[4] :]
            if len(numbered) == 1:
                why = str(problem).splitlines()[0]
                report.refuse(numbered[0][0].number, _("数据库不收这一行：%(why)s") % {"why": why})
                return
            half = len(numbered) // 2
            self._take(numbered[:half], places, report)
            self._take(numbered[half:], places, report)

    def _write(self, numbered: Sequence[Numbered], places: Places, report: Report) -> None:
        known = self._known([ref for _record, ref in numbered])
        report.known += sum(ref in known for _record, ref in numbered)
        rows = self._readable([one for one in numbered if one[1] not in known], report)
        placed = self._placed(rows, places, report)
        news = self._planned(placed, report)
        if news and not self.dry_run:
            batch.write(news, quiet_before=self.reader.now - TOLD_WITHIN)
        report.taken += len(news)

    def _known(self, refs: list[str]) -> set[str]:
        """Which of these are in, whatever their channel. Two imports of one source wait for each other here."""
        key = int.from_bytes(hashlib.sha256(self.reader.source.encode()).digest()[:7])
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
        found = Case.objects.filter(channel__in=list(CHANNELS), external_ref__in=refs)
        return set(found.values_list("external_ref", flat=True))

    def _readable(self, numbered: Sequence[Numbered], report: Report) -> list[Row]:
        rows = []
        for record, ref in numbered:
            try:
                rows.append(self.reader.row(record, ref))
            except RowRefused as refused:
                report.refuse(record.number, str(refused))
        return rows

    def _placed(self, rows: Sequence[Row], places: Places, report: Report) -> list[tuple[Row, Spot]]:
        places.look_up(row.place for row in rows)
        found = []
        for row in rows:
            try:
                found.append((row, places.place_of(row)))
            except RowRefused as refused:
                report.refuse(row.number, str(refused))
        return found

    def _planned(self, placed: Sequence[tuple[Row, Spot]], report: Report) -> list[NewCase]:
        spots = held(spot.id for _row, spot in placed) if placed else {}
        lineages(spot.path for spot in spots.values())  # one statement for all names, instead of one a place
        ids = zip(fresh_ids(Case, len(placed)), fresh_ids(Call, len(placed)), strict=True)
        news = []
        for (row, spot), (case_id, call_id) in zip(placed, ids, strict=True):
            now = spots[spot.id]
            where = Where(now.id, now.path, now.live, now.kind, case_id, call_id)
            try:
                news.append(self._plan(row, where))
            except (RowRefused, MoveRefused) as refused:
                report.refuse(row.number, str(refused))
                continue
            except (OutOfCalendar, ClockRefused, OverflowError):
                report.refuse(row.number, _("时间超出日历能算的范围。"))
                continue
            report.closed += row.closed_at is not None
        return news

    def _plan(self, row: Row, where: Where) -> NewCase:
        with_limit = not self.reader.given_deadlines or row.target_at is not None
        planned = intake.plan(self.by, row.received_at, where, row.sheet, with_limit=with_limit)
        new = batch.begin(planned, self.by, row.received_at)
        if row.closed_at is not None:
            closing.replay(new.work, row.closed_at, self.reader.now)
        return new
