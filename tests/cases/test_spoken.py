"""A code read aloud is the code, however it is written down."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.spoken import SAID, digits

WAYS = {
    n: [said for said, digit in SAID.items() if digit == str(n)] + [chr(0xFF10 + n), str(n)]
    for n in range(10)
}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("4827 1903", "48271903"),
        ("４８２７－１９０３", "48271903"),
        ("四八二七 幺九洞三", "48271903"),
        ("查询码：4827，1903。", "48271903"),
        ("", ""),
        ("没有", ""),
    ],
)
def test_said_and_meant(said, code):
    assert digits(said) == code


@given(
    st.lists(st.integers(0, 9), max_size=20).flatmap(
        lambda code: st.tuples(st.just(code), st.tuples(*(st.sampled_from(WAYS[n]) for n in code)))
    ),
    st.sampled_from([" ", "-", "，", "\u3000", ""]),
)
def test_every_way_of_saying_it_is_the_same_code(pair, between):
    code, said = pair
    assert digits(between.join(said)) == "".join(map(str, code))


@given(st.text())
def test_nothing_but_digits_comes_out_and_never_more_than_asked(text):
    found = digits(text, 9)
    assert len(found) <= 9 and (not found or (found.isascii() and found.isdigit()))
