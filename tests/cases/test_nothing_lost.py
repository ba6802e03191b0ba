"""Nothing is lost between desks: whatever random people do at random times, every open case has one lead holder,
somebody who can move it on, and a clock against that holder; duties stay apart; and it can be finished.

`HUYING_LONG_WALKS=50` makes the machine so many times longer, with other luck each time; it prints what it did.
"""

from __future__ import annotations

import datetime as dt
import os
import random
from typing import Any

from django.db import transaction
from django.db.models import F
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from cases import bulk, editing, guards, intake, moves
from cases.kinds import WORK_DONE
from cases.models import Call, Case
from cases.queries import choices, offers
from cases.refusals import MoveRefused
from cases.reliefs.policy import TABLE
from cases.scope import covers
from cases.sla import sweep
from cases.sla.board import ClockBoard
from ledger import post, versions
from ledger.actor import Actor
from parties import directory
from parties.absences import candidates
from parties.commands import merge_organisation
from parties.commands.absences import change_absence, end_absence, set_absence
from parties.commands.accounts import open_account
from parties.commands.postings import end_posting, set_substitute
from parties.commands.postings import post as give_post
from parties.demo import PEOPLE
from parties.errors import PartiesRefused
from parties.gate import OutOfScope
from parties.models import Absence, Posting
from tests import town as small_town
from tests.builders import CALLER, DETAILS, a_case, a_photo
from tests.cases.reliefs.filing import SAID
from tests.cases.walking import fresh
from tests.house import apart
from tests.house.invariants import OPEN, faults
from tests.house.test_random_walks import ITEMS, UNITS, Walk

LONG = max(1, int(os.environ.get("HUYING_LONG_WALKS", "1")))
EXAMPLES = 3
# the office of two: a shift lead and a dispatcher, below them one clerk and a grid worker
TWO = (
    ("zhen1", "shift_lead", small_town.OTHER_STREET),
    ("zhen2", "street_dispatcher", small_town.OTHER_STREET),
    ("cun", "community_clerk", "370811111260"),
    ("cun2", "community_clerk", small_town.COMMUNITY_2),
    ("shichang", "department_clerk", "GV13"),
    ("shuiwu", "department_clerk", "GV25"),
)
PLACES = (small_town.GRID, small_town.GRID_2, small_town.GRID_3, small_town.BUILDING, small_town.COMMUNITY,
          small_town.STREET, small_town.OTHER_GRID, small_town.OTHER_STREET)  # fmt: skip
RECEIVERS = (*UNITS, "GV25", f"TS02-{small_town.OTHER_STREET}", "JW-370811111260")
# the moves that end a case or hand it on, not those that let it rest or join it to another
FORWARD = {"accept", "reject", "start", "settle", "escalate", "hand_down", "dispatch", "recall", "sign", "claim",
           "decline", "rule", "transfer", "resume", "supply", "resolve", "rework", "answer"}  # fmt: skip
# who can spare somebody: a colleague in the same chair is left
SPARE = ("bumen2", "jiedao2", "quji2", "shequ2", "ducha2", "wangge2", "zhen2", "huanwei", "wanggezhang")
LENT = ("grid_worker", "community_clerk", "street_dispatcher", "shift_lead", "department_clerk")
SLACK = dt.timedelta(minutes=1)
MOST_CASES = 4
# what befalls the offices between two spells of work, and what people do
SHOCKS = (
    "",
    "",
    "go_away",
    "shift_the_ground",
    "days_pass",
    "units_merge",
    "a_substitute_comes",
    "somebody_is_away",
)
ACTS = {"move": 58, "fact": 22, "relief": 12, "many": 4, "join": 4, "take": 4}
MERGES = (("GV13", "GV25"), ("IN02", "GV24"), (f"TS02-{small_town.STREET}", f"TS12-{small_town.STREET}"))
CHANCE = st.integers(0, 2**32).map(random.Random)


def staff() -> list[str]:
    """The town's people, and those of the small office next door."""
    for name, role, seat in TWO:
        account = open_account(
            by=small_town.SYSTEM, at=small_town.FOUNDED, username=name, name=f"人{name}", phone="13800099999"
        )
        place = small_town.place(seat) if seat.startswith("37") else None
        give_post(
            by=small_town.SYSTEM,
            at=small_town.FOUNDED,
            account=account,
            role=role,
            place=place,
            organisation=None if place else small_town.org(seat),
        )
    return [somebody.username for somebody in PEOPLE] + [name for name, _role, _seat in TWO]


class Story(Walk):
    """Random people over a handful of cases, in two streets."""

    def __init__(self, chance: Any, names: list[str]) -> None:
        super().__init__(0)
        self.chance, self.names = chance, names
        self.now = small_town.MONDAY + dt.timedelta(hours=chance.randint(0, 200))
        self.look()

    def look(self) -> None:
        """Who is posted where now."""
        self.people = [small_town.actor(name, self.now) for name in self.names]

    def later(self) -> None:
        self.now += dt.timedelta(minutes=self.chance.choice([1, 5, 30, 90, 600, 2000]))

    def take(self) -> None:
        chance = self.chance
        call: dict[str, Any] = {"about": chance.choice(UNITS)} if chance.random() < 0.1 else {}
        case = a_case(
            through=(), when=self.now, by=small_town.SYSTEM, place=chance.choice(PLACES), item=chance.choice(ITEMS),
            caller=chance.choice([CALLER, CALLER, None]), urgency=chance.choice(["", "urgent", "critical"]),
            kind=chance.choice(["", "", "wish"]), confidential=chance.random() < 0.1, **call,
        )  # fmt: skip
        self.numbers.append(case.number)
        self.done.append(f"take {case.number} at {case.place_text}")

    def pick(self) -> tuple[Case, Actor]:
        """People only: the system signs for nobody, least of all for a unit where nobody is."""
        case, by = super().pick()
        return case, self.chance.choice(self.people) if by.system else by

    def details(self, name: str, case: Case, by: Actor) -> dict[str, Any]:
        sent = super().details(name, case, by)
        if "organisation" in sent:
            reach = [
                one["value"]
                for group in choices.units_in_reach(by, case, None, self.now)
                for one in group["choices"]
            ]
            some = reach if reach and self.chance.random() < 0.8 else RECEIVERS
            sent["organisation"] = self.chance.choice(list(some))
        return sent

    def go_away(self) -> None:
        """Somebody's posting ends; now and then somebody new comes."""
        name = self.chance.choice(SPARE)
        posting = Posting.objects.filter(account__username=name, until=None).first()
        account = small_town.account(name)
        if posting is not None:
            end_posting(by=small_town.SYSTEM, at=self.now, posting=posting)
            self.done.append(f"{name} goes")
        else:
            last = Posting.objects.filter(account=account).latest("since")
            give_post(by=small_town.SYSTEM, at=self.now, account=account, role=last.role, place=last.place,
                      organisation=last.organisation)  # fmt: skip
            self.done.append(f"{name} comes back")
        post.deliver_pending()
        self.now += SLACK
        self.look()

    def shift_the_ground(self) -> None:
        super().shift_the_ground()
        self.look()

    def units_merge(self) -> None:
        """One office becomes part of another, with its people and its work; seldom."""
        one, other = (small_town.org(code) for code in self.chance.choice(MERGES))
        if one.retired_at is None and other.retired_at is None and self.chance.random() < 0.5:
            merge_organisation(
                organisation=one, into=other, version=one.version, by=small_town.SYSTEM, at=self.now
            )
            self.done.append(f"{one.code} becomes part of {other.code}")
            post.deliver_pending()
            self.look()

    def a_substitute_comes(self) -> None:
        """Somebody stands in for a colleague for some days."""
        posting = self.chance.choice(list(Posting.objects.filter(until=None, role__in=LENT).order_by("pk")))
        other = small_town.account(self.chance.choice(self.names))
        if other.person_id != posting.account.person_id:
            until = self.now + dt.timedelta(days=self.chance.randint(1, 9))
            set_substitute(
                posting=posting, substitute=other, since=self.now, until=until, by=small_town.SYSTEM, at=self.now
            )  # fmt: skip
            self.done.append(f"{other.username} stands in for {posting.account.username}")
            self.look()

    def somebody_is_away(self) -> None:
        """An absence is entered, with who stands in where somebody can; or one that stands is changed or ended."""
        chance, by = self.chance, {"by": small_town.SYSTEM, "at": self.now}
        standing = Absence.objects.filter(ended_at=None, until__gt=self.now).order_by("pk").first()
        days = {
            "since": self.now,
            "until": self.now + dt.timedelta(days=chance.randint(1, 9)),
            "reason": "leave",
        }
        try:
            if standing is None or chance.random() < 0.5:
                account = small_town.account(chance.choice(self.names))
                able = [*candidates(account, days["since"], days["until"], self.now), None]
                made = set_absence(account=account, substitute=able[0], **days, **by)
            elif chance.random() < 0.5:
                made = change_absence(absence=standing, substitute=standing.substitute, **days, **by)
            else:
                made = end_absence(absence=standing, **by)
        except PartiesRefused as refused:
            self.done.append(f"absence: {refused}")
            return
        stands_in = made.substitute.username if made.substitute else "nobody"
        self.done.append(
            f"{made.account.username} away until {made.ended_at or made.until}, {stands_in} stands in"
        )
        post.deliver_pending()
        self.look()

    def many(self) -> None:
        """A bulk: one errand over several cases."""
        by = self.chance.choice([person for person in self.people if bulk.offered(person)])
        way = self.chance.choice(bulk.offered(by))
        cases = list(Case.objects.filter(status__in=OPEN).values("number", "version").order_by("pk"))
        details = {
            "organisation": self.chance.choice(RECEIVERS), "person": self.chance.choice(self.names), "reason": "统一办理",
            "until": (self.now + dt.timedelta(days=2)).isoformat(), "ground": next(iter(TABLE["extension"].grounds)), **SAID,
        }  # fmt: skip
        sent = {need.field: details[need.field] for need in way.needs if need.field in details}

        def act() -> None:
            row = bulk.ask(
                by=by, at=self.now, move=way.name, cases=cases, details=sent, request_key="", body_hash=""
            )
            bulk.run(pk=row.pk)

        self.attempt(act, f"{by.username} {way.name} on {len(cases)}")

    def join(self) -> None:
        """One more caller of a matter that is open."""
        case, by = self.pick()
        caller = {"name": "邻居", "phone": f"139{self.chance.randint(10**7, 10**8 - 1)}"}
        self.attempt(
            lambda: intake.take_call(
                by=by, at=self.now, place_code=self.chance.choice(PLACES), text="我家这边也是。", caller=caller,
                join=case.number,
            ),
            f"{by.username} adds a caller to {case.number}",
        )  # fmt: skip

    def fact_details(self, name: str, by: Actor) -> dict[str, Any]:
        chance = self.chance
        calls = list(Call.objects.order_by("pk").values_list("pk", flat=True))
        return super().fact_details(name, by) | {
            "parent": chance.choice(self.numbers), "call": chance.choice(calls), "assisting": [chance.choice(RECEIVERS)],
            "places": chance.sample(list(PLACES), chance.randint(1, 2)), "told": "已告知。",
        }  # fmt: skip

    def days_pass(self) -> None:
        self.now += dt.timedelta(hours=self.chance.randint(1, 400))
        sweep.sweep(self.now)
        self.done.append("days pass")

    # -- what must be true

    def wrong(self) -> list[str]:
        return [what for case in Case.objects.order_by("pk") for what in self.wrong_with(case)]

    def wrong_with(self, case: Case) -> list[str]:
        found = [*faults(case), *apart.faults(case)]
        if case.status in OPEN or (case.status == "answered" and guards.check_is_due(case)):
            if not self.can_go_on(case):
                found.append(f"{case.number} ({case.status}): nobody can move it on")
        return found

    def can_go_on(self, case: Case) -> bool:
        """Is there somebody of now with an open way, as the buttons are drawn?"""
        if case.status == "answered" and case.verified_at is not None:
            return True  # the sweep closes it
        if case.status == "resolved" and case.verified_at is not None and not case.has_caller:
            return True  # closed by its reaction
        if Case.objects.filter(parent=case).exclude(status__in=WORK_DONE).exists():
            return True  # the whole waits for its places, and each of these is asked the same
        board = ClockBoard.load(case)
        return any(self.ways(case, by, board) for by in self.people if covers(by, case))

    def ways(self, case: Case, by: Actor, board: ClockBoard) -> list[tuple[str, str]]:
        at = max(self.now, case.last_at)
        found = [
            ("move", one.name)
            for one in offers.moves_of(case, board, by, at)
            if one.enabled and one.name in FORWARD
        ]
        if case.status in ("resolved", "answered") and guards.check_is_due(case) and case.verified_at is None:
            found += [
                ("fact", one.name)
                for one in offers.facts_of(case, board, by, at)
                if one.enabled and one.name == "verify"
            ]
        if case.status == "answered":
            found = [way for way in found if way[1] in ("verify", "rework")]
        return found

    # -- to the end

    def finish(self, number: str) -> None:
        """With what there is now, people who want to can bring it to an end."""
        told: list[str] = []
        for _step in range(60):
            case = Case.objects.get(number=number)
            if case.status not in (*OPEN, "answered"):
                return
            self.now = max(self.now, case.last_at) + SLACK
            if not self.push(case, told):
                if case.status == "answered" and (case.verified_at or not guards.check_is_due(case)):
                    self.now += dt.timedelta(days=4)
                    sweep.sweep(self.now)
                    post.deliver_pending()
                    if fresh(case).status == "closed":
                        return
                raise AssertionError(
                    "\n".join([*self.done[-15:], f"{number} ({case.status}) cannot be ended", *told[-8:]])
                )
            post.deliver_pending()
            wrong = self.wrong_with(fresh(case))
            assert wrong == [], "\n".join([*self.done[-12:], *told[-6:], *wrong])
        raise AssertionError("\n".join([*self.done[-15:], f"{number} goes round and round", *told]))

    ORDER = ("verify", "sign", "resolve", "release_part", "release", "answer", "supply", "resume", "accept", "dispatch", "rule",
             "start", "settle", "transfer", "escalate", "recall")  # fmt: skip

    def push(self, case: Case, told: list[str]) -> bool:
        """One step towards the end by whoever may."""
        board = ClockBoard.load(case)
        able: list[tuple[int, str, str, Actor]] = []
        for by in self.people:
            if not covers(by, case):
                continue
            offered = [("move", one) for one in offers.moves_of(case, board, by, self.now)]
            offered += [("fact", one) for one in offers.facts_of(case, board, by, self.now)]
            for what, one in offered:
                if not one.enabled or one.name not in self.ORDER or (what == "fact" and one.name == "verify" and not (
                    guards.check_is_due(case) and case.verified_at is None)):  # fmt: skip
                    continue
                if one.name == "release_part" and not case.open_parts:
                    continue
                able.append((self.ORDER.index(one.name), what, one.name, by))
        for _rank, what, name, by in sorted(able, key=lambda way: way[0]):
            for sent in self.fitting(name, case, by):
                try:
                    if what == "move":
                        moves.perform(
                            number=case.number, move=name, by=by, at=self.now, version=case.version, **sent
                        )
                    else:
                        editing.add_fact(
                            number=case.number, fact=name, by=by, at=self.now, version=case.version, **sent
                        )
                except (MoveRefused, OutOfScope) as refusal:
                    told.append(f"{by.username} {name} {case.status}: {getattr(refusal, 'sentence', '404')}")
                    continue
                told.append(f"{by.username} {name} {case.status}: done")
                return True
        return False

    def fitting(self, name: str, case: Case, by: Actor) -> list[dict[str, Any]]:
        sent: dict[str, Any] = {**DETAILS.get(name, {})}
        if name in ("settle", "resolve", "verify"):
            sent["attachments"] = [a_photo(by, self.now)]
        if name == "verify":
            sent["done"] = True
        if name == "accept" and case.item_id is None:
            sent["item"] = "0108"
        if name == "settle" and case.item_id is None:
            sent["item"] = "0108"
        if name == "release_part":
            return [
                {"organisation": directory.by_id(part).code}
                for part in case.parts.filter(state__in=("assigned", "in_hand")).values_list(
                    "organisation_id", flat=True
                )
            ]
        if name in ("dispatch", "rule", "transfer"):
            codes = [
                one["value"]
                for group in choices.units_in_reach(by, case, None, self.now)
                for one in group["choices"]
            ]
            return [
                {**sent, "organisation": code}
                for code in [*[c for c in codes if self.staffed(c)], *RECEIVERS][:12]
            ]
        return [sent]

    def staffed(self, code: str) -> bool:
        unit = directory.by_code(code)
        return unit is not None and any(unit.id in by.units and by.may("sign") for by in self.people)


class Desks(RuleBasedStateMachine):
    """Hypothesis chooses; the town is laid down once and every example is rolled back."""

    @initialize(chance=CHANCE)
    def begin(self, chance: Any) -> None:
        self.block = transaction.atomic()
        self.block.__enter__()
        versions.clear_all()
        apart.forget()
        self.story = Story(chance, self.names)
        self.story.take()
        self.story.take()

    names: list[str] = []
    stories = tried = made = 0  # of all examples; made: acts that were not refused
    story: Story | None = None
    block: Any = None

    @rule(chance=CHANCE, acts=st.integers(8, 14), shock=st.sampled_from(SHOCKS))
    def some_hours(self, chance: Any, acts: int, shock: str) -> None:
        """Something befalls the offices, or nothing; then people work, mostly at what they may."""
        assert self.story is not None
        self.story.chance = chance
        if shock:
            self._act(shock)
            apart.forget()
        for _ in range(acts):
            weights = ACTS if Case.objects.count() < MOST_CASES else {**ACTS, "take": 0}
            self._act(chance.choices([*weights], [*weights.values()])[0])

    def _act(self, what: str) -> None:
        assert self.story is not None
        self.story.later()
        getattr(self.story, what)()
        post.deliver_pending()
        self.nothing_is_lost()

    def nothing_is_lost(self) -> None:
        if self.story is not None:
            wrong = self.story.wrong()
            assert wrong == [], "\n".join([*self.story.done[-15:], *wrong])

    def teardown(self) -> None:
        if self.block is None:
            return
        try:
            if self.story is not None and self.story.wrong() == []:
                # places first: the whole waits for them
                for number in Case.objects.order_by(F("parent").asc(nulls_last=True), "pk").values_list(
                    "number", flat=True
                ):
                    self.story.finish(number)
        finally:
            if self.story is not None:
                Desks.made += self.story.made
                Desks.tried += len(self.story.done)
                Desks.stories += 1
            if LONG > 1 and Desks.stories % 20 == 0:
                print(f"{Desks.stories} stories, {Desks.tried} acts tried, {Desks.made} done", flush=True)
            transaction.set_rollback(True)
            self.block.__exit__(None, None, None)
            versions.clear_all()


def test_nothing_is_lost_between_desks(town):
    """Machine examples are few here; a long run is for the night."""
    Desks.names, Desks.stories, Desks.tried, Desks.made = staff(), 0, 0, 0
    run_state_machine_as_test(
        Desks,
        settings=settings(
            max_examples=EXAMPLES * LONG,
            stateful_step_count=5 if LONG == 1 else 12,
            deadline=None,
            derandomize=LONG == 1,
            database=None,
            print_blob=False,
            phases=list(Phase) if LONG == 1 else [Phase.generate],  # the story is told as it was
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Desks.made >= 12 * EXAMPLES * LONG  # they worked; a machine that idles proves nothing
