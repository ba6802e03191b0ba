from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grid import subdivision


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    weights=st.lists(st.floats(0.5, 20), min_size=1, max_size=25),
)
def test_parts_fill_the_area_in_proportion(seed, weights):
    area = subdivision.oval((100, 30), 3, 2, 12, Random(seed))
    parts = subdivision.parts(area, weights, Random(seed))
    whole = subdivision.size(area)
    assert len(parts) == len(weights)
    assert sum(map(subdivision.size, parts)) == pytest.approx(whole, rel=1e-9)
    for part, weight in zip(parts, weights, strict=True):
        assert subdivision.size(part) == pytest.approx(whole * weight / sum(weights), rel=1e-3)


def test_the_same_chance_gives_the_same_parts():
    def make():
        return subdivision.parts(subdivision.oval((0, 0), 1, 1, 9, Random(5)), [1, 2, 3], Random(6))

    assert make() == make()
