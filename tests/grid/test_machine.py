"""Every command in any order against a plain dictionary: what the model allows happens, what it forbids is refused,
and after each step the tree is sound, equal to the model, and every past day is as it was."""

from __future__ import annotations

import copy
import datetime as dt
import itertools
import os
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from grid import commands, drafts, finding, history, kinds, soundness
from grid.errors import TreeRefused
from grid.models import Place
from ledger import versions
from tests.grid.ground import AT, GROUND, SYSTEM, Ground

DAY = dt.timedelta(days=1)
LONG = os.environ.get("HUYING_LONG") == "1"  # many more walks, for a night
CODES = [f"C-{n}" for n in range(6)]
NAMES = ["甲", "乙", "丙", "丁"]
number = st.integers(0, 10_000)


@dataclass
class One:
    """A place of the model; `key` never changes."""

    key: int
    code: str
    kind: str
    name: str
    above: int | None
    live: bool = True
    heirs: list[int] = field(default_factory=list)
    former: set[str] = field(default_factory=set)


class Refused(Exception):
    """The model says no."""


class Model:
    """The rules of the tree in their plainest form."""

    def __init__(self) -> None:
        self.ones: dict[int, One] = {}

    def at(self, n: int, *, live: bool = True) -> One:
        chosen = [one for one in self.ones.values() if one.live == live] or list(self.ones.values())
        return chosen[n % len(chosen)]

    def children(self, one: One) -> list[One]:
        return [other for other in self.ones.values() if other.above == one.key and other.live]

    def is_within(self, one: One, other: One) -> bool:
        """Is `one` `other` or below it?"""
        while one.key != other.key:
            if one.above is None:
                return False
            one = self.ones[one.above]
        return True

    def need(self, *conditions: bool) -> None:
        if not all(conditions):
            raise Refused

    def may_hold(self, above: One, kind: str) -> bool:
        return above.live and kinds.may_hold(above.kind, kind)

    def is_free(self, code: str, but_for: One | None = None) -> bool:
        return all(
            code != one.code and code not in one.former for one in self.ones.values() if one is not but_for
        )

    def open(self, key: int, code: str, kind: str, name: str, above: One) -> None:
        self.need(self.may_hold(above, kind), self.is_free(code))
        self.ones[key] = One(key, code, kind, name, above.key)

    def rename(self, one: One, name: str) -> None:
        self.need(one.live, one.name != name)
        one.name = name

    def recode(self, one: One, code: str) -> None:
        self.need(one.live, one.code != code, self.is_free(code, one))
        one.former.add(one.code)
        one.code = code

    def move(self, one: One, above: One) -> None:
        self.need(
            one.live, not self.is_within(above, one), self.may_hold(above, one.kind), one.above != above.key
        )
        one.above = above.key

    def retire(self, one: One, heir: One | None) -> None:
        self.need(one.live, not self.children(one))
        if heir is not None:
            self.need(heir.live, heir is not one, kinds.may_succeed(one.kind, heir.kind))
        one.live, one.heirs = False, [heir.key] if heir else []

    def restore(self, one: One) -> None:
        self.need(not one.live, one.above is None or self.ones[one.above].live)
        one.live, one.heirs = True, []

    def merge(self, ones: list[One], heir: One) -> None:
        self.need(len({one.key for one in ones}) == len(ones))
        for one in ones:
            self.need(one.live, heir.live, heir is not one, kinds.may_succeed(one.kind, heir.kind))
            self.need(not self.is_within(heir, one))
        going = [(one, self.children(one)) for one in ones]
        for _one, children in going:
            self.need(*(self.may_hold(heir, child.kind) for child in children))
        for one, children in going:
            for child in children:
                if child.live:
                    child.above = heir.key
            one.live, one.heirs = False, [heir.key]

    def split(self, one: One, parts: list[tuple[int, str, str, list[One]]]) -> None:
        self.need(one.live, len(parts) > 1, one.above is not None)
        assigned = [child.key for _key, _code, _name, children in parts for child in children]
        self.need(sorted(assigned) == sorted(child.key for child in self.children(one)))
        self.need(all(self.is_free(code) for _key, code, _name, _children in parts))
        for key, code, name, children in parts:
            self.ones[key] = One(key, code, one.kind, name, one.above)
            for child in children:
                child.above = key
        one.live, one.heirs = False, [key for key, *_rest in parts]

    def led_on(self, one: One) -> list[int]:
        """The live places that asking for this one leads to."""
        if one.live:
            return [one.key]
        return list(dict.fromkeys(key for heir in one.heirs for key in self.led_on(self.ones[heir])))

    def picture(self) -> dict[int, tuple]:
        return {one.key: (one.code, one.name, one.kind, one.above, one.live) for one in self.ones.values()}


class Machine(RuleBasedStateMachine):
    start: Model

    def __init__(self) -> None:
        super().__init__()
        self.model = copy.deepcopy(self.start)
        self.now = AT
        self.fresh = 0
        self.days: dict[dt.date, dict[int, tuple]] = {}
        self.undoable: tuple[Any, Model, bool] | None = None
        self._savepoint = transaction.atomic()
        self._savepoint.__enter__()

    def teardown(self) -> None:
        try:
            for day, picture in self.days.items():
                then = {
                    one.id: (one.code, one.name, one.kind, one.above_id, not one.retired)
                    for one in history.states(day).values()
                }
                assert then == picture, day
            days = sorted(self.days)
            for first, last in itertools.pairwise(days):
                changed = {one.id for one in history.difference(first, last)}
                old, new = self.days[first], self.days[last]
                assert changed == {pk for pk in new if old.get(pk) != new[pk]}, (first, last)
        finally:
            transaction.set_rollback(True)
            self._savepoint.__exit__(None, None, None)
            versions.clear_all()

    # -- each rule: do it in the model and in the tree, and compare the answers

    def both(self, in_model, in_tree) -> None:
        self.now += DAY
        self.undoable = None
        before = copy.deepcopy(self.model)
        try:
            in_model()
            allowed = True
        except Refused:
            self.model, allowed = before, False
        try:
            with transaction.atomic():
                in_tree({"by": SYSTEM, "at": self.now})
            happened = True
        except TreeRefused as refusal:
            assert refusal.sentence and refusal.status in (409, 422)
            versions.forget()  # as at the end of a request
            happened = False
        assert happened == allowed

    def place(self, one: One) -> Place:
        return Place.objects.get(pk=one.key)

    def change(self, one: One, why: dict[str, Any]) -> dict[str, Any]:
        place = self.place(one)
        return {"place": place, "version": place.version, **why}

    def new_code(self) -> str:
        self.fresh += 1
        return f"N-{self.fresh}"

    def next_key(self) -> int:
        return Place.objects.order_by("-pk").values_list("pk", flat=True)[0] + 1

    @rule(
        n=number,
        kind=st.sampled_from(kinds.KINDS[3:]),
        name=st.sampled_from(NAMES),
        c=st.sampled_from([None, *CODES]),
    )
    def open(self, n, kind, name, c) -> None:
        above, code = self.model.at(n), c or self.new_code()
        made: list[Place] = []

        def really(why):
            made.append(commands.open_place(kind=kind, name=name, parent=self.place(above), code=code, **why))

        key = -self.fresh - 1_000
        self.both(lambda: self.model.open(key, code, kind, name, above), really)
        if made:
            one = self.model.ones.pop(key)
            one.key = made[0].pk
            self.model.ones[one.key] = one

    @rule(n=number, name=st.sampled_from(NAMES))
    def rename(self, n, name) -> None:
        one = self.model.at(n)
        self.both(
            lambda: self.model.rename(one, name),
            lambda why: commands.rename_place(name=name, **self.change(one, why)),
        )

    @rule(n=number, code=st.sampled_from(CODES))
    def recode(self, n, code) -> None:
        one = self.model.at(n)
        self.both(
            lambda: self.model.recode(one, code),
            lambda why: commands.recode_place(code=code, **self.change(one, why)),
        )

    @rule(n=number, m=number)
    def move(self, n, m) -> None:
        one, above = self.model.at(n), self.model.at(m)
        self.both(
            lambda: self.model.move(one, above),
            lambda why: commands.move_place(parent=self.place(above), **self.change(one, why)),
        )

    @rule(n=number, m=st.none() | number)
    def retire(self, n, m) -> None:
        one = self.model.at(n)
        heir = None if m is None else self.model.at(m)
        self.both(
            lambda: self.model.retire(one, heir),
            lambda why: commands.retire_place(
                successor=self.place(heir) if heir else None, **self.change(one, why)
            ),
        )

    @rule(n=number)
    def restore(self, n) -> None:
        one = self.model.at(n, live=False)
        self.both(
            lambda: self.model.restore(one), lambda why: commands.restore_place(**self.change(one, why))
        )

    @rule(n=st.lists(number, min_size=1, max_size=3), m=number)
    def merge(self, n, m) -> None:
        ones, heir = [self.model.at(one) for one in n], self.model.at(m)
        self.both(lambda: self.model.merge(ones, heir), lambda why: self.merge_in_tree(ones, heir, why))

    @rule(n=number, kind=st.sampled_from(["community", "grid", "street"]))
    def merge_alike(self, n, kind) -> None:
        alike = [one for one in self.model.ones.values() if one.live and one.kind == kind]
        if len(alike) > 1:
            one, heir = alike[n % len(alike)], alike[(n + 1) % len(alike)]
            self.both(lambda: self.model.merge([one], heir), lambda why: self.merge_in_tree([one], heir, why))

    def merge_in_tree(self, ones, heir, why) -> None:
        places = [self.place(one) for one in ones]
        commands.merge_places(
            places=places, versions=[place.version for place in places], target=self.place(heir), **why
        )

    @rule(n=number, cut=number, lose=st.booleans())
    def split(self, n, cut, lose) -> None:
        splittable = [
            one for one in self.model.ones.values() if one.live and one.kind not in ("province", "city")
        ]
        one = splittable[n % len(splittable)]
        children = self.model.children(one)
        at = cut % (len(children) + 1)
        halves = [children[:at], children[at:]]
        if lose and halves[1]:
            halves[1] = halves[1][:-1]
        codes, made = [self.new_code(), self.new_code()], []
        keys = [-self.fresh - 1_000, -self.fresh - 2_000]

        def really(why):
            parts = [
                commands.Part(name, tuple(self.place(child) for child in half), code)
                for name, half, code in zip("东西", halves, codes, strict=True)
            ]
            made.extend(commands.split_place(parts=parts, **self.change(one, why)).opened)

        shape = [
            (key, code, name, half) for key, code, name, half in zip(keys, codes, "东西", halves, strict=True)
        ]
        self.both(lambda: self.model.split(one, shape), really)
        for key, place in zip(keys, made, strict=False):
            new = self.model.ones.pop(key)
            new.key = place.pk
            self.model.ones[new.key] = new
            for child in self.model.ones.values():
                child.above = new.key if child.above == key else child.above
                child.heirs = [new.key if heir == key else heir for heir in child.heirs]

    @rule(
        steps=st.lists(
            st.tuples(
                st.sampled_from(["rename", "recode", "move", "retire", "restore", "merge"]), number, number
            ),
            min_size=1,
            max_size=4,
        ),
        back=st.booleans(),
    )
    def publish(self, steps, back) -> None:
        """Many at once: the model makes them one after the other, the draft all or nothing."""
        start = copy.deepcopy(self.model)
        made, orphaned = [], False  # what took over cannot do so again once it has gone itself

        def in_model():
            nonlocal orphaned
            for command, n, m in steps:
                one = self.model.at(n, live=command != "restore")
                other = self.model.at(m)
                ref, to = {"place": f"#{one.key}"}, f"#{other.key}"
                match command:
                    case "rename":
                        made.append((command, ref | {"name": NAMES[m % 4]}))
                        self.model.rename(one, NAMES[m % 4])
                    case "recode":
                        made.append((command, ref | {"code": CODES[m % 6]}))
                        self.model.recode(one, CODES[m % 6])
                    case "move":
                        made.append((command, ref | {"parent": to}))
                        self.model.move(one, other)
                    case "retire":
                        made.append((command, ref | {"target": to}))
                        self.model.retire(one, other)
                    case "restore":
                        made.append((command, ref))
                        orphaned = orphaned or not all(self.model.ones[key].live for key in one.heirs)
                        self.model.restore(one)
                    case "merge":
                        made.append((command, {"places": [ref["place"]], "target": to}))
                        self.model.merge([one], other)

        publication: list[Any] = []

        def really(why):
            draft = drafts.open_draft(**why)
            for command, args in made:
                draft = drafts.add(draft, command=command, args=args, **why)
            checked = drafts.check(draft, **why)
            try:
                publication.append(drafts.publish(draft, **why))
            finally:
                assert checked.is_publishable == bool(publication)

        self.both(in_model, really)
        if publication:
            self.undoable = (publication[0], start, not orphaned)
            if back:
                self.undo()

    @rule()
    def undo(self) -> None:
        """What was just published is taken back: the tree is as it was, but for codes, which are never forgotten."""
        if self.undoable is None:
            return
        publication, start, possible = self.undoable

        def in_model():
            self.model.need(possible)
            former = {one.key: one.former | {one.code} for one in self.model.ones.values()}
            self.model = copy.deepcopy(start)
            for one in self.model.ones.values():
                one.former |= former[one.key] - {one.code}

        self.both(in_model, lambda why: drafts.undo(publication, **why))

    # -- what always holds

    @invariant()
    def is_sound_and_as_the_model_says(self) -> None:
        assert soundness.faults() == []
        rows = Place.objects.order_by("pk")
        shown = {p.pk: (p.code, p.name, p.kind, p.above_id, p.is_live) for p in rows}
        assert shown == self.model.picture()
        self.days[(self.now + dt.timedelta(hours=8)).date()] = shown

    @invariant()
    def everything_leads_on(self) -> None:
        for one in self.model.ones.values():
            led = self.model.led_on(one)
            found = finding.by_code(one.code)
            assert found is not None and found.pk == (led[0] if len(led) == 1 else one.key)
            if not one.live:
                assert [place.pk for place in finding.heirs(one.key)] == led


@pytest.mark.django_db
def test_every_walk_agrees_with_the_model():
    ground = Ground().plant()
    Machine.start = Model()
    for code, kind, name, above in GROUND:
        key = ground[code].pk
        Machine.start.ones[key] = One(key, code, kind, name, ground[above].pk if above else None)
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=400 if LONG else 10,
            stateful_step_count=40 if LONG else 15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
