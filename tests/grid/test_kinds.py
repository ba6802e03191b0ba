import itertools

import pytest

from grid import kinds


@pytest.mark.parametrize(
    "shape",
    [
        "street community grid building",
        "community section building unit",
        "street community grid building household",
        "province city district street community",
        "city street community",  # a rank may be skipped
        "community estate",
    ],
)
def test_the_shapes_of_the_sources_fit(shape):
    line = shape.split()
    assert all(kinds.may_hold(*pair) for pair in itertools.pairwise(line))


@pytest.mark.parametrize(
    ("parent", "child"),
    [
        ("grid", "community"),
        ("grid", "grid"),
        ("estate", "building"),  # a building hangs on its grid and names its estate
        ("grid", "estate"),
        ("street", "estate"),
        ("district", "community"),  # below the district everything lives in a street's tree
        ("household", "unit"),
    ],
)
def test_what_may_not_sit_there(parent, child):
    assert not kinds.may_hold(parent, child)


def test_a_wider_place_or_the_same_kind_may_take_over():
    assert kinds.may_succeed("grid", "grid")
    assert kinds.may_succeed("grid", "community")
    assert not kinds.may_succeed("community", "grid")
    assert not kinds.may_succeed("building", "estate")
    assert kinds.may_succeed("estate", "estate")


@pytest.mark.parametrize(
    ("word", "kind"), [("Street", "street"), ("镇", "street"), ("村", "community"), ("方", None)]
)
def test_words_of_sheets(word, kind):
    assert kinds.read(word) == kind
