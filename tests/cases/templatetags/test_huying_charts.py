"""Charts that the server draws: whatever the numbers are, one comes, and no name covers another."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cases.templatetags.huying_charts import _apart, trend

HEIGHTS = st.lists(st.floats(12, 246), min_size=1, max_size=12)


@given(HEIGHTS)
def test_names_stand_apart_and_not_below_the_chart(heights):
    stand = sorted(zip(_apart(heights, 246), heights, strict=True))
    assert all(below[0] - above[0] >= 16 - 1e-6 for above, below in pairwise(stand))
    assert stand[-1][0] <= 246
    assert [height for _at, height in stand] == sorted(heights), "in the order of their lines"


def test_a_name_alone_stands_at_its_line():
    assert _apart([100.0], 246) == [100.0]


def test_three_lines_that_end_near_the_floor():
    lines = [
        {"label": name, "points": [50, value], "off_target": False}
        for name, value in (("受理", 0.0), ("派遣", 3.0), ("办结", 5.0))
    ]
    drawn = str(trend({"title": "t", "unit": "%", "labels": ["1", "2"], "lines": lines}))
    assert all(name in drawn for name in ("受理", "派遣", "办结"))
    assert len(re.findall(r"<path|<polyline", drawn)) >= 3
