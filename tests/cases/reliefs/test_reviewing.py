"""A hold that is looked at again goes on, or ends."""

from __future__ import annotations

from cases.reliefs import reviewing
from tests import town as small_town
from tests.builders import walk
from tests.cases.reliefs.filing import answered, asked, cannot, granted, in_hand
from tests.cases.walking import MINUTE, clock, clocks, events, fresh, local
from tests.house.invariants import faults


def looked(relief, *, ends: bool = False, by: str = "jiedao", when=None, **more):
    when = when or fresh(relief.case).last_at + MINUTE
    act = reviewing.end if ends else reviewing.keep
    return act(number=relief.case.number, n=relief.n, by=small_town.actor(by, when), at=when, **more)


def test_it_goes_on(town):
    relief = granted(in_hand(), "hold")
    relief = looked(relief, reason="报告未出。", when=local("30 09:00"))
    assert relief.reviewed_at == local("30 09:00") and fresh(relief.case).status == "on_hold"
    assert events(relief.case)[-1] == "relief.reviewed" and fresh(relief.case).version == 5


def test_it_ends(town):
    case = in_hand()
    relief = granted(case, "hold", when=local("24 09:00"))
    looked(relief, ends=True, when=local("24 12:00"))
    case = fresh(case)
    assert (case.status, case.version) == ("in_hand", 6)
    assert events(case)[-2:] == ["relief.reviewed", "case.resumed"]
    assert clocks(case)["hold"] == "ended" and clock(case, "resolve").due_at == local("25 12:00")
    assert faults(case) == []


def test_by_who_may_answer(town):
    relief = granted(in_hand(), "hold")
    for stranger in ("bumen", "fuzeren", "ducha", "wangge"):
        assert cannot(looked, relief, kind="not_yours", by=stranger)
    assert looked(relief, by="quji")


def test_only_the_hold_it_is_on(town):
    case = in_hand()
    first = granted(case, "hold")
    assert cannot(looked, asked_and_refused(), kind="not_from_here")
    case = walk(fresh(case), "resume", by="bumen")
    assert cannot(looked, first, kind="not_from_here")
    second = granted(case, "hold", by="ducha")
    assert cannot(looked, first, kind="not_from_here")
    assert looked(second, by="ducha")


def asked_and_refused():
    return answered(asked(in_hand(), "hold"), "refuse")
