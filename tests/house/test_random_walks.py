"""Random people do random things at random times: whatever they get, every case stays sound.

And what a button promises, the command keeps: a grey move is refused, with the sentence the button shows.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest

from cases import editing, moves, parts
from cases.lifecycle import FACTS, MOVES
from cases.models import Case, Relief
from cases.queries import offers
from cases.refusals import MoveRefused
from cases.reliefs import answering, asking, ladder, reviewing
from cases.reliefs.policy import TABLE
from cases.scope import covers, visible_to
from cases.sla import sweep
from cases.sla.board import ClockBoard
from grid.commands import move_place
from ledger import post
from ledger.actor import Actor, Grant
from parties.demo import PEOPLE
from parties.gate import OutOfScope
from tests import town as small_town
from tests.builders import CALLER, DETAILS, a_case, a_photo
from tests.cases.reliefs.filing import SAID
from tests.house.invariants import OPEN, faults

ITEMS = ("0301", "0108", "0501", "0604", "0610", "0615", "0606", "0105", "0314", "")
UNITS = ("GV24", "IN02", "GV13", "TS02-370811015", "JW-370811015001", "ZX-370811015", "MO02")
PLACES = (
    small_town.BUILDING, small_town.GRID, small_town.GRID_2, small_town.GRID_3, small_town.COMMUNITY,
    small_town.STREET,
)  # fmt: skip
NAMES = [somebody.username for somebody in PEOPLE]


class Walk:
    """One random story over a handful of cases."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.now = small_town.MONDAY + dt.timedelta(hours=self.chance.randint(0, 200))
        self.numbers: list[str] = []
        self.done: list[str] = []
        self.made = 0
        self.people = [small_town.actor(name) for name in NAMES]

    def take(self) -> None:
        chance = self.chance
        call: dict[str, Any] = {"about": chance.choice(UNITS)} if chance.random() < 0.1 else {}
        case = a_case(
            through=(),
            when=self.now,
            by="jiedao",
            place=chance.choice(PLACES),
            item=chance.choice(ITEMS),
            caller=chance.choice([CALLER, CALLER, None]),
            urgency=chance.choice(["", "urgent", "critical"]),
            kind=chance.choice(["", "", "wish"]),
            **call,
        )
        self.numbers.append(case.number)

    def step(self) -> None:
        self.now += dt.timedelta(minutes=self.chance.choice([1, 5, 30, 90, 600, 2000]))
        dice = self.chance.random()
        if dice < 0.06:
            sweep.sweep(self.now)
            self.done.append("sweep")
        elif dice < 0.1:
            self.take()
        elif dice < 0.13:
            self.shift_the_ground()
        elif dice < 0.24:
            self.relief()
        elif dice < 0.75:
            self.move()
        else:
            self.fact()
        post.deliver_pending()

    def shift_the_ground(self) -> None:
        """A grid goes to the other community or back, with all its open cases."""
        place = small_town.place(self.chance.choice([small_town.GRID, small_town.GRID_2]))
        now = {small_town.COMMUNITY, small_town.COMMUNITY_2} - {place.parent.code}
        move_place(
            place=place, parent=small_town.place(now.pop()), version=place.version, by=small_town.SYSTEM,
            at=self.now,
        )  # fmt: skip
        self.people = [small_town.actor(name) for name in NAMES]
        self.done.append(f"{place.code} moves")

    def pick(self) -> tuple[Case, Actor]:
        """Now and then anybody; else somebody who could do something about it."""
        alive = Case.objects.exclude(status__in=("rejected", "withdrawn", "merged"))
        some = alive if self.chance.random() < 0.9 and alive.exists() else Case.objects
        case = self.chance.choice(list(some.order_by("pk")))
        board = ClockBoard.load(case)
        if self.chance.random() < 0.1:
            return case, small_town.SYSTEM
        people = self.chance.sample(self.people, len(self.people))
        if self.chance.random() < 0.3:
            return case, people[0]
        able = (by for by in people if any(offer.enabled for offer in self.offers(case, by, board)))
        return case, next(able, people[0])

    def move(self) -> None:
        case, by = self.pick()
        options = {offer.name: offer for offer in self.offers(case, by)}
        able = [name for name, offer in options.items() if offer.enabled]
        name = self.chance.choice(able if able and self.chance.random() < 0.8 else list(MOVES))
        name = "accept" if name == "take" else name
        if self.chance.random() < 0.08 and case.status in MOVES["hold"].sources:
            name, by = "hold", small_town.SYSTEM
        sees = covers(by, case)
        assert sees == Case.objects.filter(visible_to(by), pk=case.pk).exists()
        refusal = self.attempt(
            lambda: moves.perform(
                number=case.number, move=name, by=by, at=self.now, version=case.version,
                **self.details(name, case, by),
            ),
            f"{by.username or by.role} {name} on {case.number} ({case.status})",
        )  # fmt: skip
        if not sees:
            assert isinstance(refusal, OutOfScope)
        elif name in options and not options[name].enabled and not by.system:
            assert isinstance(refusal, MoveRefused), self.done[-1]
            of_part = refusal.kind == "not_from_here" and parts.own_part(
                case, by, name
            )  # not signed yet, say
            assert of_part or refusal.kind in ("not_yours", "not_ready"), self.done[-1]
        elif name in options and options[name].enabled and isinstance(refusal, MoveRefused):
            assert refusal.kind == "not_ready", (self.done[-1], refusal.sentence)
        elif name not in options and MOVES[name].by_people and not by.system:
            assert refusal is not None, self.done[-1]

    def relief(self) -> None:
        """Somebody asks to be let off a clock, or answers who did; most often those who may."""
        chance = self.chance
        open_ones = list(Relief.objects.filter(state="asked").select_related("case").order_by("pk"))
        if open_ones and chance.random() < 0.6:
            relief = chance.choice(open_ones)
            able = [by for by in self.people if isinstance(ladder.decider(relief, relief.case, by), Grant)]
            by = chance.choice(able if able and chance.random() < 0.7 else self.people)
            name = chance.choice(["grant", "grant", "refuse", "withdraw"])
            act = getattr(answering, name)
            self.attempt(
                lambda: act(number=relief.case.number, n=relief.n, by=by, at=self.now, reason="经核。"),
                f"{by.username} {name}s relief {relief.n} of {relief.case.number}",
            )
            return
        held = list(Relief.objects.filter(kind="hold", state="granted", case__status="on_hold"))
        if held and chance.random() < 0.3:
            relief = chance.choice(held)
            act = chance.choice([reviewing.keep, reviewing.end])
            by = chance.choice(self.people)
            self.attempt(
                lambda: act(number=relief.case.number, n=relief.n, by=by, at=self.now),
                f"{by.username} looks again at the hold of {relief.case.number}",
            )
            return
        kind = chance.choice(list(TABLE))
        fits = Case.objects.filter(status__in=TABLE[kind].sources)
        some = fits if fits.exists() and chance.random() < 0.9 else Case.objects
        case = chance.choice(list(some.order_by("pk")))
        able = [by for by in self.people if isinstance(asking.may_ask(case, by, TABLE[kind]), Grant)]
        by = chance.choice(able if able and chance.random() < 0.9 else self.people)
        sent = {
            **SAID, "ground": chance.choice(list(TABLE[kind].grounds)), "attachments": [a_photo(by, self.now)],
            "until": self.now + dt.timedelta(hours=chance.randint(1, 700)),
        }  # fmt: skip
        board = ClockBoard.load(case)
        now = max(self.now, case.last_at)
        sentence = asking.why_not(case, board, TABLE[kind], list(case.reliefs.all()), now)
        refusal = self.attempt(
            lambda: asking.ask(number=case.number, kind=kind, by=by, at=self.now, **sent),
            f"{by.username} asks for an {kind} of {case.number} ({case.status})",
        )
        if sentence is None and able and by in able and covers(by, case):
            assert refusal is None, (self.done[-1], str(refusal))
        if sentence is not None:
            assert refusal is not None, (self.done[-1], sentence)

    def offers(self, case: Case, by: Actor, board: ClockBoard | None = None) -> list[offers.Offer]:
        board = board or ClockBoard.load(case)
        return offers.moves_of(case, board, by, self.now) if covers(by, case) else []

    def fact(self) -> None:
        case, by = self.pick()
        able = [
            offer.name
            for offer in offers.facts_of(case, ClockBoard.load(case), by, self.now)
            if offer.enabled
        ]
        name = self.chance.choice(able if able and self.chance.random() < 0.8 else list(FACTS))
        self.attempt(
            lambda: editing.add_fact(
                number=case.number, fact=name, by=by, at=self.now, version=case.version,
                **self.fact_details(name, by),
            ),
            f"{by.username or by.role} notes {name} on {case.number} ({case.status})",
        )  # fmt: skip

    def attempt(self, act, words: str) -> Exception | None:
        try:
            act()
        except (MoveRefused, OutOfScope) as refusal:
            self.done.append(f"{words}: {getattr(refusal, 'kind', '404')}")
            return refusal
        self.made += 1
        self.done.append(f"{words}: done")
        return None

    def details(self, name: str, case: Case, by: Actor) -> dict[str, Any]:
        chance = self.chance
        sent = {**DETAILS.get(name, {})}
        if "organisation" in sent:
            sent["organisation"] = "GV24" if chance.random() < 0.5 else chance.choice(UNITS)
        if name == "dispatch" and chance.random() < 0.4:
            sent["assisting"] = [chance.choice(UNITS)]
        if name in ("hold", "claim"):
            sent["until"] = self.now + dt.timedelta(hours=chance.randint(1, 200))
        if name in ("settle", "resolve"):
            sent["attachments"] = [a_photo(by, self.now)]
        if name in ("accept", "settle") and case.item_id is None:
            sent["item"] = chance.choice([item for item in ITEMS if item])
        if name == "merge":
            elder = [number for number in self.numbers if number < case.number]
            sent["target"] = chance.choice(elder or self.numbers)
        return sent

    def fact_details(self, name: str, by: Actor) -> dict[str, Any]:
        chance = self.chance
        return {
            "text": "说明", "reason": "需要", "channel": "phone", "reached": chance.random() < 0.8,
            "done": "已到现场", "next": "继续", "until": self.now + dt.timedelta(hours=chance.randint(1, 60)),
            "person": chance.choice(NAMES), "organisation": chance.choice(UNITS),
            "item": chance.choice(ITEMS), "place": chance.choice(PLACES),
            "urgency": chance.choice(["normal", "urgent", "critical"]),
            "attachments": [a_photo(by, self.now)] if name in ("attach", "verify") else [],
        } | ({"done": True} if name == "verify" else {})  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_whatever_people_do(town, seed):
    walk = Walk(seed)
    for _ in range(4):
        walk.take()
    for _ in range(50):
        walk.step()
        wrong = [fault for case in Case.objects.all() for fault in faults(case)]
        assert wrong == [], "\n".join([*walk.done[-12:], *wrong])
    assert walk.made > 15
    sweep.sweep(walk.now + dt.timedelta(days=400))  # the end of all terms and clocks
    post.deliver_pending()
    for case in Case.objects.all():
        assert faults(case) == []
        assert case.status not in ("on_hold", "awaiting_info")
        for row in case.clocks.filter(state="running"):
            assert row.next_at is None, row
    assert {case.status for case in Case.objects.all()} and set(OPEN)


@pytest.mark.parametrize("seed", range(3))
def test_whoever_asks_to_be_let_off(town, seed):
    """Much asking and answering, between everything else that people do."""
    walk = Walk(1000 + seed)
    for place in (small_town.GRID, small_town.GRID_2, small_town.GRID_3, small_town.BUILDING):
        case = a_case(through=("accept", "dispatch", "sign"), when=walk.now, by="jiedao", place=place)
        walk.numbers.append(case.number)
    for _ in range(40):
        if walk.chance.random() < 0.7:
            walk.now += dt.timedelta(minutes=walk.chance.choice([1, 20, 90, 400]))
            walk.relief()
        else:
            walk.step()
        wrong = [fault for case in Case.objects.all() for fault in faults(case)]
        assert wrong == [], "\n".join([*walk.done[-12:], *wrong])
    states = set(Relief.objects.values_list("state", flat=True))
    assert "granted" in states
