"""Areas as lines of text, there and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid import boundary_text
from grid.errors import TreeRefused

degrees = st.integers(-1_700_000_000, 1_700_000_000).map(lambda n: n / 10_000_000)
points = st.tuples(degrees, degrees).map(list)
rings = st.lists(points, min_size=3, max_size=6, unique_by=tuple).map(lambda ring: [*ring, ring[0]])
parts = st.lists(rings, min_size=1, max_size=3)


@given(st.lists(parts, min_size=1, max_size=3))
def test_there_and_back(coordinates):
    area = {"type": "MultiPolygon", "coordinates": coordinates}
    if len(coordinates) == 1:
        area = {"type": "Polygon", "coordinates": coordinates[0]}
    assert boundary_text.read(boundary_text.written(area)) == area


def test_what_people_type():
    assert boundary_text.read("") is None
    assert boundary_text.written(None) == ""
    area = boundary_text.read("116.6，35.4\n\n\n 116.7  35.4\n116.7;35.5\n\n")
    assert area["coordinates"] == [
        [[116.6, 35.4], [116.6, 35.4]],
        [[116.7, 35.4], [116.7, 35.5], [116.7, 35.4]],
    ]


@pytest.mark.parametrize("text", ["a,b", "1", "1,2,3", "1,2\n3"])
def test_a_bad_line_is_named(text):
    with pytest.raises(TreeRefused, match="行"):
        boundary_text.read(text)
