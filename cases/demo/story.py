"""One call on its way: planned in memory by the same functions as every call and move, written later with others.

A story is told forward in time and stops by itself where the next thing would lie in the future."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

from cases import call_sheet, editing, intake, moves, rulebook
from cases.demo import pictures
from cases.demo.cast import Cast
from cases.demo.texts import Text, somebody
from cases.guards import check_is_due
from cases.importing import batch
from cases.importing.places import Spot
from cases.intake import Where
from cases.lifecycle import FACTS, MOVES
from cases.models import Relief
from cases.reliefs import answering, asking
from cases.reliefs.policy import TABLE
from ledger import clock
from ledger.actor import Actor, system
from parties import directory

CLOSING = system("closing")
DAY_BEGINS, DAY_ENDS = dt.time(7, 30), dt.time(19, 30)
MINUTE = dt.timedelta(minutes=1)


class NotYet(Exception):
    """The story has come to the present."""


class Story:
    """`at` is where the story has come to; `case` as it stands then."""

    def __init__(self, cast: Cast, chance: Random, now: dt.datetime, text: Text) -> None:
        self.cast, self.chance, self.now, self.text = cast, chance, now, text
        self.at = now
        self.reliefs: list[Relief] = []

    # -- the beginning

    def take(
        self,
        at: dt.datetime,
        where: Where,
        ref: str,
        *,
        by: str = "",
        without_item: bool = False,
        reachable: bool = False,
    ) -> None:
        """The call is taken; by the named person, else by whoever would at this place."""
        text, chance = self.text, self.chance
        patrol = text.origin == "patrol"
        actor, channel = self.cast.taker(where.path, patrol=patrol, chance=chance)
        if by:
            actor, channel = self.cast.named(by), "app"
        item = rulebook.item(text.item)
        assert item is not None, text.item
        wants_photo = "photo" in item.evidence and (patrol or chance.random() < 0.3)
        files = [pictures.photo(chance, by=actor, at=at)] if wants_photo else []
        sheet = call_sheet.read(
            at=self.now,
            text=text.said(chance),
            item="" if without_item else text.item,
            kind=item.kind,
            origin=text.origin,
            channel=channel,
            caller=None if patrol else somebody(chance, reachable=reachable),
            attachments=files,
            external_ref=ref,
        )
        self.new = batch.begin(intake.plan(actor, at, where, sheet), actor, at, files)
        self.work, self.case, self.at = self.new.work, self.new.planned.case, at
        self.item = item

    # -- time

    def pass_time(self, least: float, most: float, *, by_day: bool = True) -> None:
        """Some minutes go by; what would fall into the night waits for the morning."""
        self.at += MINUTE * self.chance.uniform(least, most)
        if by_day and not is_day(self.at):
            self.at = morning_after(self.at) + MINUTE * self.chance.uniform(0, 50)

    def go_to(self, stage: str, least: float, most: float) -> None:
        """To a share of what is left until a stage's due time, by day where that fits; a share above one is
        late by so much of it."""
        row = self.work.board.open(stage)
        if row is None:
            return self.pass_time(60, 600)
        aim = self.at + (row.due_at - self.at) * self.chance.uniform(least, most)
        if not is_day(aim):
            earlier = evening_before(aim) - MINUTE * self.chance.uniform(0, 90)
            aim = earlier if earlier > self.at and most <= 1 else aim
        self.at = max(self.at + MINUTE, aim)
        return None

    # -- what happens

    def do(self, name: str, *, by: Actor | None = None, **details: Any) -> None:
        """A move by whoever may; raises NotYet where it would be in the future."""
        row = MOVES[name]
        actor = by or self.cast.who(row, self.case, self.chance)
        self._turn(actor)
        if name in ("settle", "resolve") and "photo" in self.item.evidence:
            details["attachments"] = [pictures.photo(self.chance, by=actor, at=self.at, done=True)]
        moves.step(self.work, row, details)
        self.case.version += 1
        self.work.note_missed()

    def note(self, name: str, *, by: Actor | None = None, **details: Any) -> None:
        """A fact by whoever may."""
        row = FACTS[name]
        self._turn(by or self.cast.who(row, self.case, self.chance))
        editing.step(self.work, row, details, self.case.version)
        self.work.note_missed()

    def ask_relief(self, kind: str, **details: Any) -> None:
        """The holder asks to be let off its clock."""
        terms = TABLE[kind]
        self._turn(self.cast.who(MOVES["resume"], self.case, self.chance))
        if terms.proof:
            details["attachments"] = [pictures.photo(self.chance, by=self.work.by, at=self.at)]
        told = "已电话告知反映人进展和下一步安排。"
        self.reliefs.append(asking.plan(self.work, terms, {"told": told, **details}, self.reliefs))

    def answer_relief(self, reason: str, *, yes: bool = True) -> None:
        """The last one is answered by the desk that may."""
        self._turn(self.cast.who(MOVES["hold"], self.case, self.chance))
        act = answering.allow if yes else answering.deny
        act(self.work, self.reliefs[-1], {"reason": reason})
        self.work.note_missed()

    def _turn(self, actor: Actor) -> None:
        if self.at > self.now:
            raise NotYet
        self.work.by = actor
        self.work.at = max(self.at, self.work.at)

    # -- the usual ways

    def accept(self, least: float = 5, most: float = 240) -> None:
        self.pass_time(least, most)
        self.do("accept", item=self.text.item)

    def send(self, code: str = "") -> None:
        """Dispatched within the hour to whom routing named, or to the given unit."""
        self.pass_time(2, 45)
        self.do("dispatch", organisation=code or self.proposed())

    def proposed(self) -> str:
        unit = directory.by_id(self.case.proposed_id)
        if unit is None:
            unit = directory.serving("TS02", self.work.lineage)
        assert unit is not None
        return unit.code

    def to_street(self) -> None:
        """Called upward as far as the street, where the case starts lower."""
        while self.case.level not in ("street", "district"):
            self.pass_time(10, 180)
            self.do("escalate", reason=self.chance.choice(UPWARD))

    def to_department(self, code: str = "") -> None:
        """By the street's desk to a unit."""
        self.to_street()
        self.accept()
        self.send(code)

    def sign(self) -> None:
        self.pass_time(8, 150)
        self.do("sign")

    def resolve(self, *, late: bool = False) -> None:
        self.go_to("resolve", *((1.03, 1.6) if late else (0.3, 0.93)))
        self.do("resolve", result=self.text.result)

    def finish(self) -> None:
        """Checked where a check is due, the caller told, closed when the waiting is over."""
        if self.case.status != "resolved":
            return
        if check_is_due(self.case):
            self.pass_time(60, 1200)
            self.note("verify", done=True, text=self.chance.choice(CHECKED))
        if self.case.has_caller:
            self.pass_time(20, 420)
            words = {
                "told": f"{self.text.result}",
                "channel": self.chance.choice(("phone", "phone", "visit")),
            }
            self.do("answer", **words)
            grace = self.work.board.open("grace")
            self.at = grace.due_at if grace is not None else self.at
        self.do("close", by=CLOSING)


UPWARD = (
    "社区没有执法权，需街道协调。",
    "涉及管网，社区无力处理。",
    "多次劝导无效，请街道出面。",
    "需要职能部门到场认定。",
)
CHECKED = ("现场看过，确已办好。", "已与周边居民核实，情况属实。", "对照前后照片查看，已恢复。")


def where_of(spot: Spot, case_id: int, call_id: int) -> Where:
    return Where(spot.id, spot.path, spot.live, spot.kind, case_id, call_id)


def is_day(at: dt.datetime) -> bool:
    return DAY_BEGINS <= at.astimezone(clock.LOCAL).time() <= DAY_ENDS


def morning_after(at: dt.datetime) -> dt.datetime:
    """The next time a day begins."""
    local = at.astimezone(clock.LOCAL)
    day = local.date() if local.time() < DAY_BEGINS else local.date() + dt.timedelta(days=1)
    return dt.datetime.combine(day, DAY_BEGINS, clock.LOCAL).astimezone(dt.UTC)


def evening_before(at: dt.datetime) -> dt.datetime:
    """The last time a day ended."""
    local = at.astimezone(clock.LOCAL)
    day = local.date() if local.time() > DAY_ENDS else local.date() - dt.timedelta(days=1)
    return dt.datetime.combine(day, DAY_ENDS, clock.LOCAL).astimezone(dt.UTC)
