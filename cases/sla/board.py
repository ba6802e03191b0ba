"""All clocks of one case in hand: between the rows and the pure clocks of `cases.sla.clock`.

Everything is planned in memory; `save` writes what changed in one upsert.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any, TypeVar

from cases import pasts, rulebook
from cases.lifecycle import MILESTONES, STAGE_OF
from cases.models.case import ANCESTORS, Case
from cases.models.clock import TERMS, Clock
from cases.sla import clock as sla
from cases.sla.calendar import Calendar

LIVE = ("running", "paused")
FOLLOWS_HOLDER = ("accept", "dispatch", "sign", "resolve", "feedback", "hold", "ask", *MILESTONES)
LEAD = "lead"  # instead of a policy: an assisting unit's limit is the lead's
UNIQUE = ("case", "stage", "part", "round")
WRITTEN = [
    f.name
    for f in Clock._meta.concrete_fields
    if f.name not in ("id", "case", "stage", "part", "round", "started_at")
]


@lru_cache(maxsize=4)
def _clocks_statement(cases: int) -> str:
    """The clocks of so many cases, compiled once."""
    rows = Clock.objects.filter(case_id__in=range(cases)).order_by("started_at", "id")
    return rows.query.sql_with_params()[0]


class ClockBoard:
    """`rows` are the case's clocks, oldest first. Stopping what is not open does nothing; starting opens the
    next round."""

    def __init__(self, case: Case, rows: list[Clock]) -> None:
        self.case, self.rows = case, rows
        self._stood = {id(row): pasts.stood(row) for row in rows}
        self._read_for = {(row.path, row.organisation_id) for row in rows}
        self._changed: dict[int, Clock] = {}

    @classmethod
    def load(cls, case: Case) -> ClockBoard:
        return cls.load_all(case)[0]

    @classmethod
    def load_all(cls, *cases: Case) -> list[ClockBoard]:
        """One board per case, in one statement."""
        rows: dict[int, list[Clock]] = {case.pk: [] for case in cases}
        for row in Clock.objects.raw(_clocks_statement(len(rows)), list(rows)):
            rows[row.case_id].append(row)
        return [cls(case, rows[case.pk]) for case in cases]

    # -- looking

    def latest(self, stage: str, part: int = 0) -> Clock | None:
        """The round of a stage that counts."""
        return standing_round(row for row in self.rows if row.stage == stage and row.part == part)

    def open(self, stage: str, part: int = 0) -> Clock | None:
        row = self.latest(stage, part)
        return row if row is not None and row.state in LIVE else None

    def stage_clock(self, status: str) -> Clock | None:
        """The clock that an open status is being waited for."""
        for stage in STAGE_OF.get(status, ()):
            if row := self.open(stage):
                return row
        return None

    def is_due(self, stage: str, at: dt.datetime) -> bool:
        row = self.open(stage)
        return row is not None and row.due_at <= at

    def used_share(self, row: Clock, at: dt.datetime) -> float:
        cal = calendar_of(row)
        return sla.used_share(pure(row, cal), at, cal)

    # -- changing

    def start(
        self,
        stage: str,
        rule: sla.Rule,
        *,
        anchor: dt.datetime,
        at: dt.datetime,
        organisation: int | None,
        account: int | None = None,
        part: int = 0,
        since: dt.datetime | None = None,
    ) -> Clock:
        """`since`: from when it ran, where it comes to be later (`at`)."""
        before = self.latest(stage, part)
        if before is not None and before.state in LIVE:
            self._apply(before, sla.stop(pure(before), at), "ended")
        rounds = [row.round for row in self.rows if row.stage == stage and row.part == part]
        cal = rulebook.calendar(rule.calendar)
        row = Clock(
            case=self.case,
            stage=stage,
            part=part,
            round=max(rounds, default=0) + 1,
            organisation_id=organisation,
            account_id=account,
            started_at=at,
        )
        self.place(row)
        self.rows.append(row)
        self._apply(row, sla.start(rule, anchor, since or at, cal))
        return row

    def stop(self, stage: str, at: dt.datetime, outcome: str, part: int = 0) -> None:
        """`outcome` met: by the stage's own move. Ended: by another; once past due it was missed all the same."""
        row = self.open(stage, part)
        if row is not None:
            self._apply(row, sla.stop(pure(row), at), outcome)

    def end_all(self, at: dt.datetime, outcome: str = "ended") -> None:
        for row in self.rows:
            if row.state in LIVE:
                self._apply(row, sla.stop(pure(row), at), outcome)

    def pause(self, stage: str, at: dt.datetime) -> None:
        """`at` may lie back (a relief counts from its filing), but not before the clock."""
        for row in filter(None, (self.open(stage), *self._shares(stage))):
            if row.state == "running":
                cal = calendar_of(row)
                self._apply(row, sla.pause(pure(row, cal), max(at, row.started_at), cal))

    def extend(self, stage: str, amount: int, unit: str, at: dt.datetime) -> None:
        """So much more, counted from `at`, which may lie back; a stopped clock is judged by it too."""
        row = self.latest(stage)
        if row is None:
            return
        cal = calendar_of(row)
        self._apply(row, sla.extend(pure(row, cal), amount, max(at, row.started_at), cal, unit))
        self._follow_lead(row)

    def resume(self, stage: str, at: dt.datetime) -> None:
        lead = self.open(stage)
        for row in filter(None, (lead, *self._shares(stage))):
            if row.state == "paused":
                cal = calendar_of(row)
                self._apply(row, sla.resume(pure(row, cal), at, cal))
        self._follow_lead(lead)

    def _shares(self, stage: str) -> list[Clock]:
        """Whose limit is the lead's: the assisting parts that are not done."""
        return [
            row
            for row in self.rows
            if row.part and row.stage == stage and row.state in LIVE and row.rule.get("policy") == LEAD
        ]

    def _follow_lead(self, lead: Clock | None) -> None:
        """Who assists has as long as the lead, whatever moved its deadline."""
        if lead is None or lead.part:
            return
        for row in self._shares(lead.stage):
            if row.due_at != lead.due_at:
                rule = sla.rule_from_json(row.rule)
                until = (rule.until or row.due_at) + (lead.due_at - row.due_at)
                self._apply(row, sla.rerule(pure(row), replace(rule, until=until), calendar_of(row)))

    def void(self, stage: str, at: dt.datetime, floor: int, *, organisation: int | None) -> None:
        """The standing stop did not stand: the same clock runs on against the organisation."""
        row = self.latest(stage)
        if row is None or row.state != "stopped":
            return
        cal = calendar_of(row)
        row.organisation_id = organisation
        self.place(row)
        clock = pure(row, cal)
        # the floor is there to do the work again, not to make what was late already look in time
        self._apply(row, sla.void(clock, at, cal, 0 if clock.missed_at else floor), "")
        self._follow_lead(row)

    def take_back(self, stage: str, at: dt.datetime, floor: int, *, organisation: int | None) -> None:
        """The round that runs began because an earlier one was thought met: it is called off, and that one runs on.
        Without an earlier one it stays."""
        row = self.open(stage)
        met = [one for one in self.rows if one.stage == stage and one.part == 0 and one.outcome == "met"]
        if row is None or not any(one.round < row.round for one in met):
            return
        self._apply(row, sla.stop(pure(row), at), "cancelled")
        self.void(stage, at, floor, organisation=organisation)

    def replace_rule(self, stage: str, rule: sla.Rule, at: dt.datetime, *, never_later: bool = False) -> None:
        """Another limit for the same clock; it goes on counting by the calendar it was started with."""
        row = self.open(stage)
        if row is None:
            return
        rule = replace(rule, calendar=row.rule.get("calendar", "default"))
        if row.rule == sla.rule_to_json(rule):
            return
        cal = rulebook.calendar(rule.calendar)
        self._apply(row, sla.rerule(pure(row), rule, cal, never_later=never_later))
        self._follow_lead(row)

    def replan(self, row: Clock, rule: sla.Rule, at: dt.datetime) -> None:
        """The same clock through the same segments under another rule or calendar; they remember when."""
        self._apply(row, sla.replan(replace(pure(row), rule=rule), rulebook.calendar(rule.calendar), at))

    def take_earlier(self, other: ClockBoard, at: dt.datetime) -> dict[str, Any]:
        """Never later than the other case's resolve and feedback, what is done judged by it too; what stood before,
        for the way back."""
        before: dict[str, Any] = {}
        for stage in ("resolve", "feedback"):
            own, theirs = self._standing(stage), other.latest(stage)
            if own is None and theirs is not None and stage == "feedback":
                rule = sla.rule_from_json(theirs.rule)
                self.start(stage, rule, anchor=theirs.anchor, at=at, organisation=self.case.holder_id)
                before[stage] = None
            elif own is not None and theirs is not None:
                cal = calendar_of(own)
                capped = sla.cap(pure(own, cal), theirs.due_at, at, cal)
                if capped.segments == pure(own, cal).segments:
                    continue
                self._apply(own, capped)
                self._follow_lead(own)
                before[stage] = {
                    "round": own.round,
                    "since": at.isoformat(),
                    "due_at": theirs.due_at.isoformat(),
                }
        return before

    def give_back(self, before: dict[str, Any], at: dt.datetime) -> None:
        """Undo `take_earlier`: that one cap falls away, whatever became of the clock since."""
        for stage, taken in before.items():
            if taken is None:
                if (row := self._standing(stage)) is not None:
                    self._apply(row, sla.stop(pure(row), at), "cancelled")
                continue
            for row in self.rows:
                if (row.stage, row.part, row.round) == (stage, 0, taken["round"]):
                    cal = calendar_of(row)
                    since, due_at = (dt.datetime.fromisoformat(taken[name]) for name in ("since", "due_at"))
                    self._apply(row, sla.uncap(pure(row, cal), due_at, since, cal))
                    self._follow_lead(row)

    def _standing(self, stage: str) -> Clock | None:
        """The last round where it still counts: it lives, or its work is done."""
        row = self.latest(stage)
        return row if row is not None and (row.state in LIVE or row.outcome == "met") else None

    def undo_end(self, ended_at: dt.datetime | None, at: dt.datetime) -> None:
        """Clocks that the merge called off run on as if they had never stopped; one a stage, for a round that was taken
        back that very instant had given way to an earlier one."""
        called_off: dict[tuple[str, int], Clock] = {}
        for row in sorted(self.rows, key=lambda row: row.round):
            if row.state == "stopped" and row.outcome == "cancelled" and row.stopped_at == ended_at:
                called_off.setdefault((row.stage, row.part), row)
        for row in called_off.values():
            cal = calendar_of(row)
            self._apply(row, sla.unstop(pure(row, cal), cal), "")

    def rehold(self, organisation: int, account: int | None) -> None:
        """What runs against the holder runs against the new one."""
        for row in self.rows:
            if row.part == 0 and row.state in LIVE and row.stage in FOLLOWS_HOLDER:
                if (row.organisation_id, row.account_id) != (organisation, account):
                    row.organisation_id, row.account_id = organisation, account
                    self._changed[id(row)] = row

    def recheck(self, desk: int) -> None:
        """A check that is due is due from this desk."""
        row = self.open("verify")
        if row is not None and row.organisation_id != desk:
            row.organisation_id = desk
            self._changed[id(row)] = row

    def replace_unit(self, unit: int, target: int) -> None:
        """What runs against a unit that was merged runs against the one it became."""
        for row in self.rows:
            if row.state in LIVE and row.organisation_id == unit:
                row.organisation_id = target
                self._changed[id(row)] = row

    def touch(self, row: Clock) -> None:
        """This row was changed beside its segments and is to be written."""
        self._changed[id(row)] = row

    def relocate(self, at: dt.datetime) -> None:
        """Clocks that still run stand where the case stands now; one that was stopped or fell due keeps its path, whether
        a sweep has seen it or not."""
        for row in self.rows:
            fell_due = row.breached_at is not None or (row.state == "running" and row.due_at < at)
            if row.state in LIVE and not fell_due:
                self.place(row)
                self._changed[id(row)] = row

    def place(self, row: Clock) -> None:
        row.path = self.case.path
        for kind in ANCESTORS:
            setattr(row, f"{kind}_id", getattr(self.case, f"{kind}_id"))

    def missed(self) -> list[Clock]:
        """Rows that passed their due time and were stopped or paused before a sweep saw it: marked here, with
        the true time, and to be told by the caller. A term that is over late has failed nobody."""
        found = []
        for row in self._changed.values():
            missed_at = row.missed_at
            if missed_at is not None and row.breached_at is None and row.stage not in TERMS:
                row.breached_at = missed_at
                found.append(row)
        return found

    def pasts(self, at: dt.datetime) -> list[dict[str, Any]]:
        """What is to be told of clocks that had counted and were changed since this was asked last."""
        found = []
        for row in self._changed.values():
            before = self._stood.get(id(row))
            if before is not None and (past := pasts.of_clock(row, before, at)) is not None:
                found.append(past)
            self._stood[id(row)] = pasts.stood(row)
        return found

    def counted_for(self) -> set[tuple[str, int | None]]:
        """Where and for whom its clocks count, those of before too."""
        return self._read_for | {(row.path, row.organisation_id) for row in self.rows}

    def save(self, *others: ClockBoard) -> None:
        """Write what changed here and on the other boards, in one upsert."""
        boards = (self, *others)
        changed = [_without_pk(row) for board in boards for row in board._changed.values()]
        if changed:
            Clock.objects.bulk_create(
                changed, update_conflicts=True, unique_fields=list(UNIQUE), update_fields=WRITTEN
            )
        for board in boards:
            board._changed = {}

    def _apply(self, row: Clock, new: sla.Clock, outcome: str | None = None) -> None:
        row.rule = sla.rule_to_json(new.rule)
        row.anchor = new.anchor
        row.segments = sla.segments_to_json(new.segments)
        row.state, row.due_at, row.warn_at = new.state, new.due_at, new.warn_at
        row.stopped_at, row.provisional = new.stopped_at, new.provisional
        row.missed_at = new.missed_at
        row.next_at = next_at(row, new)
        if outcome is not None:
            row.outcome = outcome
        self._changed[id(row)] = row


AnyRound = TypeVar("AnyRound", bound=Any)  # a clock as a model, or as a list reads it


def standing_round(rows: Iterable[AnyRound]) -> AnyRound | None:
    """Of the rounds of one stage the one that lives; else the last, before any that was called off."""
    return max(rows, key=lambda row: (row.state in LIVE, row.outcome != "cancelled", row.round), default=None)


def _without_pk(row: Clock) -> Clock:
    """The upsert goes by its unique columns; rows with and without a key would be two statements."""
    row.pk = None
    return row


def calendar_of(row: Clock) -> Calendar:
    return rulebook.calendar(row.rule.get("calendar", "default"))


def pure(row: Clock, cal: Calendar | None = None) -> sla.Clock:
    """The pure clock of a row."""
    return sla.rebuild(
        sla.rule_from_json(row.rule),
        row.anchor,
        sla.segments_from_json(row.segments),
        cal or calendar_of(row),
    )


def next_at(row: Clock, clock: sla.Clock) -> dt.datetime | None:
    """When the sweep must look; at a term only when it is over, for it warns nobody, but for a hold, which is
    looked at again when four fifths are over."""
    if row.stage == "hold" and clock.state == sla.RUNNING and row.warned_at is None:
        return min(clock.warn_at, clock.due_at)
    if row.stage in TERMS:
        return clock.due_at if clock.state == sla.RUNNING and row.breached_at is None else None
    return sla.next_at(
        clock, row.warned_at is not None, row.breached_at is not None, row.silent_at is not None, row.rungs
    )
