"""Two hundred random moves by eight people at once on twenty cases: exactly one wins each time, nothing is lost."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter

import pytest
from django.db import connection

from cases import editing, moves
from cases.models import Case
from cases.queries import offers
from cases.refusals import MoveRefused
from cases.scope import covers
from cases.sla import sweep
from cases.sla.board import ClockBoard
from ledger import post
from ledger.models import Entry
from parties.gate import OutOfScope
from tests import town as small_town
from tests.builders import DETAILS, a_case, a_photo
from tests.cases.walking import DAY, HOUR, MINUTE
from tests.house.invariants import faults
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = ("jiedao", "zhiban", "quji", "shequ", "wangge", "bumen", "fuzeren", "jiedao2")
EACH = 25


def details(name, case, by, chance, now, numbers):
    sent = dict(DETAILS.get(name, {}))
    if name in ("settle", "resolve"):
        sent["attachments"] = [a_photo(by, now)]
    if name == "claim":
        sent["until"] = now + DAY
    if name == "merge":
        elder = [number for number in numbers if number < case.number]
        sent["target"] = chance.choice(elder or numbers)
    return sent


class Person:
    """Reads a case, thinks a little, sends a move with the version that was read."""

    def __init__(self, username, seed, numbers, told):
        self.username, self.chance, self.numbers, self.told = username, random.Random(seed), numbers, told

    def wish(self, by, now):
        """A case this person may see and something the page offers on it; where nothing is offered, what is refused."""
        seen = []
        for number in self.chance.sample(self.numbers, len(self.numbers)):
            case = Case.objects.get(number=number)
            if not covers(by, case):
                continue
            seen.append(case)
            offered = offers.moves_of(case, ClockBoard.load(case), by, now)
            able = [offer.name for offer in offered if offer.enabled]
            if able:
                return case, self.chance.choice(able)
        return (self.chance.choice(seen), "accept") if seen else (None, "")

    def __call__(self):
        by = small_town.actor(self.username)
        for n in range(EACH):
            now = small_town.MONDAY + HOUR + n * MINUTE
            case, name = self.wish(by, now)
            if case is None:
                continue
            sent = details(name, case, by, self.chance, now, self.numbers)
            time.sleep(self.chance.random() * 0.01)
            try:
                moves.perform(
                    number=case.number, move=name, by=by, at=now, version=case.version, **sent
                )  # fmt: skip
                self.told["done"] += 1
            except MoveRefused as refusal:
                self.told[refusal.kind] += 1
            except OutOfScope:
                self.told["404"] += 1


def test_two_hundred_moves_by_eight_people_on_twenty_cases():
    small_town.plant()
    items = ("0610", "0108", "0301", "0604")
    for n in range(20):
        a_case(item=items[n % 4], through=(), caller=None if n % 5 == 0 else {"phone": "13905371234"})
    numbers = list(Case.objects.values_list("number", flat=True))
    told: Counter[str] = Counter()
    stop = threading.Event()

    def sweep_and_deliver():
        while not stop.is_set():
            sweep.sweep(small_town.MONDAY + 30 * HOUR)
            post.deliver_pending()
            time.sleep(0.05)

    keeper = threading.Thread(target=lambda: (sweep_and_deliver(), connection.close()), daemon=True)
    keeper.start()
    wrong = at_once(*(Person(who, seed, numbers, told) for seed, who in enumerate(PEOPLE)))
    stop.set()
    keeper.join(30)
    assert wrong == []
    assert not keeper.is_alive()
    assert set(told) <= {"done", "stale", "not_from_here", "not_ready", "not_yours", "404"}, told
    assert told["done"] > 50 and told["stale"] > 0, told
    while post.deliver_pending():
        pass
    assert [fault for case in Case.objects.all() for fault in faults(case)] == []
    moved = Entry.objects.filter(subject_kind="case", payload__has_key="status").exclude(
        event="case.received"
    )
    by_people = moved.filter(actor_id__isnull=False)
    assert by_people.count() == told["done"]


def test_one_version_and_exactly_one_wins():
    small_town.plant()
    case = a_case(through=("accept",))
    told: Counter[str] = Counter()

    def send(name, who, **sent):
        by = small_town.actor(who)

        def act():
            try:
                moves.perform(
                    number=case.number, move=name, by=by, at=case.last_at, version=case.version, **sent
                )
                told["done"] += 1
            except MoveRefused as refusal:
                told[refusal.kind] += 1
                assert refusal.case is not None and refusal.case.version == case.version + 1

        return act

    rivals = [
        send("dispatch", "jiedao", organisation="GV24"),
        send("dispatch", "jiedao2", organisation="GV13"),
        send("start", "zhiban"),
        send("escalate", "jiedao", reason="无权"),
        send("hand_down", "zhiban", reason="社区即可"),
        send("reject", "zhiban", ground="no_facts", instead="请补充", told=True),
    ]
    assert at_once(*rivals) == []
    assert told == {"done": 1, "stale": 5}
    assert faults(Case.objects.get()) == []


def test_no_note_is_lost_beside_a_move():
    small_town.plant()
    case = a_case(through=())
    people = [small_town.actor(who) for who in ("jiedao", "wangge", "zhiban")]

    def note(by):
        for _ in range(5):
            editing.add_fact(number=case.number, fact="note", by=by, at=small_town.MONDAY, text="看过了")

    def accept():
        moves.perform(
            number=case.number, move="accept", by=people[0], at=small_town.MONDAY, version=case.version
        )

    assert at_once(accept, *(lambda by=by: note(by) for by in people)) == []
    fresh = Case.objects.get()
    assert (fresh.status, fresh.version, fresh.chain_length) == ("accepted", 2, 17)
    assert faults(fresh) == []


def test_merges_and_partings_across_never_wait_for_each_other():
    small_town.plant()
    for _ in range(4):
        a_case(through=())
    numbers = list(Case.objects.order_by("pk").values_list("number", flat=True))
    told: Counter[str] = Counter()

    def shuffle(seed, who):
        def act():
            chance, by = random.Random(seed), small_town.actor(who)
            for _ in range(12):
                case = Case.objects.get(number=chance.choice(numbers))
                name = "unmerge" if case.status == "merged" else "merge"
                sent = {"reason": "不同"} if name == "unmerge" else {"target": chance.choice(numbers)}
                try:
                    moves.perform(
                        number=case.number, move=name, by=by, at=case.last_at, version=case.version, **sent
                    )
                    told["done"] += 1
                except MoveRefused as refusal:
                    told[refusal.kind] += 1

        return act

    assert (
        at_once(*(shuffle(seed, who) for seed, who in enumerate(("zhiban", "quji", "quji2", "zhiban")))) == []
    )
    assert told["done"] > 2
    assert [fault for case in Case.objects.all() for fault in faults(case)] == []


def test_the_same_request_twice_at_once_acts_once():
    small_town.plant()
    case = a_case(through=())
    by = small_town.actor("jiedao")
    answers = []

    def send():
        answers.append(
            moves.perform(
                number=case.number, move="accept", by=by, at=small_town.MONDAY, version=case.version,
                request_key="k1", body_hash="b1",
            )
        )  # fmt: skip

    assert at_once(*[send] * 4) == []
    assert {(one.status, one.version) for one in answers} == {("accepted", 2)}
    assert Entry.objects.filter(request_key="k1").count() == 1
    with pytest.raises(MoveRefused) as refusal:
        moves.perform(
            number=case.number, move="escalate", by=by, at=small_town.MONDAY, version=2, reason="x",
            request_key="k1", body_hash="b2",
        )  # fmt: skip
    assert refusal.value.kind == "not_ready"
