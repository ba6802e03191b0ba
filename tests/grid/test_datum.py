"""GCJ-02: there and back within a metre; nothing outside the country."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid import datum
from grid.geometry import degree_lengths

lons, lats = st.floats(74, 134), st.floats(4, 53)


def metres(a, b) -> float:
    east_west, north_south = degree_lengths(a[1])
    return math.hypot((a[0] - b[0]) * east_west, (a[1] - b[1]) * north_south)


@given(lons, lats)
def test_there_and_back(lon, lat):
    assert metres((lon, lat), datum.from_gcj(*datum.to_gcj(lon, lat))) < 0.01


@given(lons, lats)
def test_the_shift_is_some_hundred_metres(lon, lat):
    assert metres((lon, lat), datum.to_gcj(lon, lat)) < 1200


def test_a_known_point():
    """天安门: the pair that the public literature gives for the formula."""
    lon, lat = datum.to_gcj(116.3912757, 39.9073)
    assert (lon - 116.3912757, lat - 39.9073) == pytest.approx((0.006243, 0.001403), abs=2e-5)


def test_abroad_nothing_moves():
    assert datum.to_gcj(2.35, 48.85) == (2.35, 48.85)


def test_an_area_and_its_datum():
    ring = [[116.5, 35.4], [116.6, 35.4], [116.6, 35.5], [116.5, 35.4]]
    area = {"type": "MultiPolygon", "coordinates": [[ring]]}
    assert datum.converted(area, "WGS-84", "CGCS2000") is area
    moved = datum.converted(area, "CGCS2000", datum.GCJ)
    back = datum.converted(moved, datum.GCJ)
    for one, other in zip(back["coordinates"][0][0], ring, strict=True):
        assert metres(one, other) < 0.05
    assert metres(moved["coordinates"][0][0][0], ring[0]) > 100


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("gcj02", "GCJ-02"),
        ("GCJ-02", "GCJ-02"),
        ("wgs84", "WGS-84"),
        ("CGCS2000", "CGCS2000"),
        ("BD-09", None),
    ],
)
def test_names(word, meant):
    assert datum.read(word) == meant
