"""What past dispatches teach: rows with support, backed off to the wider place, abstaining apart from being wrong."""

from __future__ import annotations

import math
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from cases.routing import learning
from cases.routing.learning import Cell, Experience, Sent, cells_of, replay


def sent(
    unit: str, n: int = 1, *, matter="道路破损", community="六联社区", street="坪山街道", category="设施"
):
    return [Sent(matter, category, community, street, unit)] * n


def rows(past, **limits) -> dict[Cell, str]:
    return {one.cell: one.unit for one in Experience.of(past).suggestions(**limits)}


def test_one_row_where_all_agree():
    past = sent("交通局", 6) + sent("交通局", 6, community="沙湖社区", street="碧岭街道")
    assert rows(past) == {Cell(True, "道路破损", "", 2): "交通局"}


def test_a_category_speaks_once_several_of_its_matters_agree():
    past = sent("交通局", 6) + sent("交通局", 6, matter="路灯") + sent("交通局", 6, matter="护栏")
    assert rows(past) == {Cell(False, "设施", "", 2): "交通局"}


def test_a_place_that_differs_gets_its_own():
    past = sent("交通局", 30) + sent("城建办", 8, community="沙湖社区", street="碧岭街道")
    found = rows(past)
    assert found[Cell(True, "道路破损", "", 2)] == "交通局"
    experience = Experience.of(past)
    decided = learning.named_by(found, cells_of("道路破损", "设施", "沙湖社区", "碧岭街道"))
    assert decided == "城建办" and experience.best(Cell(True, "道路破损", "沙湖社区", 0)).support == 8


def test_what_goes_everywhere_is_not_guessed():
    past = [one for n in range(10) for one in sent(f"单位{n}", 2)]
    assert rows(past) == {}
    outcome = replay(Experience.of(past), past)
    assert (outcome.hit, outcome.abstained, outcome.wrong) == (0, 20, 0)


def test_alternatives_are_told():
    best = Experience.of(sent("甲", 9) + sent("乙", 2) + sent("丙")).best(
        Cell(True, "道路破损", "六联社区", 0)
    )
    assert (best.unit, best.support, best.total) == ("甲", 9, 12)
    assert best.alternatives == (("乙", 2), ("丙", 1))


def test_wrong_is_counted_apart_with_who_it_was():
    experience = Experience.of(sent("甲", 20))
    outcome = replay(experience, sent("乙") + sent("甲", 2) + sent("丙", matter="别的", category="别的"))
    assert (outcome.hit, outcome.abstained, outcome.wrong) == (2, 1, 1)
    assert outcome.confused == {("乙", "甲"): 1}


EVERY = [Sent(*one) for one in product("abc", repeat=5)]  # a community may be called as a street is
pasts = st.lists(st.sampled_from(EVERY), max_size=25)


@given(pasts, pasts, st.integers(1, 5), st.floats(0, 1))
def test_the_three_add_up_and_shares_stay_shares(earlier, later, support, confidence):
    experience = Experience.of(earlier)
    assert replay(experience, later, support=support, confidence=confidence).total == len(later)
    for cell in experience.counts:
        whole = math.fsum(experience.shares(cell).values())
        assert 0 < whole <= 1 + 1e-9
    for one in experience.suggestions(support=support, confidence=confidence):
        assert one.support >= support and one.confidence >= confidence and one.support <= one.total
