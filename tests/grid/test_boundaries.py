"""Boundaries among each other, their command, and the Beijing streets with their points."""

import csv
import json

import pytest
from django.core.management import call_command
from shapely.geometry import Point, shape

from config.home import PROJECT
from grid import boundaries, commands, datum, finding, geometry, importing
from grid.errors import TreeRefused
from grid.sheets import Row
from ledger.models import Entry
from tests.grid.ground import AT, SYSTEM, assert_sound, clerk

SHARED = PROJECT.parent / "shared" / "data"
NOT_HERE = "the internal Beijing files are not here"


def square(west: float, south: float, size: float = 0.01) -> dict:
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def bound(ground, code: str, boundary, **more):
    place = ground[code]
    return commands.set_boundary(
        **{"place": place, "boundary": boundary, "version": place.version, "by": SYSTEM, "at": AT} | more
    )


class TestCommand:
    def test_it_is_kept_recorded_and_found(self, ground):
        outcome = bound(ground, "370811015001001", square(116.6, 35.4))
        place = ground["370811015001001"]
        assert outcome.impacts == []
        assert (place.west, place.north, place.lon, place.version) == (116.6, 35.41, 116.605, 2)
        entry = Entry.objects.get(event="place.boundary_set")
        assert entry.payload == {"points": 4, "given_in": "CGCS2000", "overlaps": 0, "version": 2}
        assert finding.at_point(116.605, 35.405) == place

    def test_gcj_is_turned_and_the_datum_kept(self, ground):
        bound(ground, "370811015001001", square(116.6, 35.4), datum="GCJ-02")
        place = ground["370811015001001"]
        assert place.datum == "WGS-84"
        x, y = place.boundary["coordinates"][0][0]
        assert datum.to_gcj(x, y) == pytest.approx((116.6, 35.4), abs=2e-7)

    def test_overlaps_are_shown_before_and_after(self, ground):
        bound(ground, "370811015001001", square(116.6, 35.4))
        tried = bound(ground, "370811015001002", square(116.605, 35.4), dry_run=True)
        assert len(tried.impacts) == 1
        assert "重叠" in tried.impacts[0].sentence
        assert ground["370811015001002"].boundary is None
        assert len(bound(ground, "370811015001002", square(116.605, 35.4)).impacts) == 1
        assert bound(ground, "370811015001701", square(116.6, 35.4)).impacts == []  # an estate lies across

    def test_who_may_and_who_saw_an_old_one(self, ground):
        with pytest.raises(TreeRefused) as refused:
            bound(ground, "370811015001001", square(116.6, 35.4), by=clerk("/999/", "tree"))
        assert refused.value.status == 403
        with pytest.raises(TreeRefused) as refused:
            bound(ground, "370811015001001", square(116.6, 35.4), version=9)
        assert refused.value.status == 409

    def test_it_can_be_taken_away(self, ground):
        bound(ground, "370811015001001", square(116.6, 35.4))
        bound(ground, "370811015001001", None)
        assert ground["370811015001001"].west is None
        with pytest.raises(TreeRefused):
            bound(ground, "370811015001001", None)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"type": "Point", "coordinates": [116.6, 35.4]},
            {"type": "Polygon", "coordinates": []},
            {"type": "Polygon", "coordinates": [[[1, 2], [3, 4]]]},
            {"type": "Polygon", "coordinates": "xyz"},
            {"type": "Polygon", "coordinates": [[["a", 1], [2, 2], [3, 3], ["a", 1]]]},
            {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]]]},
            {"type": "Polygon", "coordinates": [[[0, 0], [float("nan"), 1], [0, 1], [0, 0]]]},
            {"type": "Polygon", "coordinates": [[[500, 0], [501, 1], [500, 1], [500, 0]]]},
            {"type": "Polygon", "coordinates": [[[0, n] for n in range(geometry.MOST_POINTS + 1)]]},
        ],
    )
    def test_a_wrong_area_is_refused_with_a_sentence(self, ground, wrong):
        for given in ("CGCS2000", "GCJ-02"):
            with pytest.raises(TreeRefused) as refused:
                bound(ground, "370811015001001", wrong, datum=given)
            assert refused.value.sentence.endswith("。")
            assert refused.value.status == 422


class TestCheck:
    def test_overlap_gap_and_outside(self, ground, capsys):
        bound(ground, "370811015001", square(116.6, 35.4, 0.02))
        bound(ground, "370811015001001", square(116.6, 35.4))
        bound(ground, "370811015001002", square(116.605, 35.395))
        found = boundaries.check()
        assert (len(found.overlaps), len(found.gaps), len(found.outside)) == (1, 1, 1)
        quarter = geometry.square_metres(geometry.read(square(116.605, 35.4, 0.005)))
        assert found.overlaps[0].area == pytest.approx(quarter, rel=1e-3)
        assert found.outside[0].place.code == "370811015001002"
        assert found.gaps[0].area == pytest.approx(quarter * (16 - 4 - 1), rel=1e-2)
        with pytest.raises(SystemExit):
            call_command("check_boundaries")
        out = capsys.readouterr().out
        assert "重叠" in out and "空白" in out and "越界" in out
        assert boundaries.check(trifle=boundaries.Trifle(1e9)).is_clean

    def test_the_demo_town_is_clean(self, db, django_assert_num_queries):
        importing.load_town(SYSTEM, AT)
        with django_assert_num_queries(2):
            found = boundaries.check()
        assert found.is_clean
        assert found.drawn > 400

    def test_square_metres(self):
        one_km = 1000 / geometry.degree_lengths(35.4)[1]
        area = square(116.6, 35.4 - one_km / 2, one_km)
        wide, _high = geometry.degree_lengths(35.4)
        assert geometry.square_metres(geometry.read(area)) == pytest.approx(1000 * one_km * wide, rel=1e-6)


@pytest.fixture
def beijing(db):
    """The streets of the internal file under their districts, and its points."""
    if not (SHARED / "beijing_streets_dev.geojson").exists():
        pytest.skip(NOT_HERE)
    features = json.loads((SHARED / "beijing_streets_dev.geojson").read_text("utf-8"))["features"]
    rows = [Row(2, "11", "北京市", "province"), Row(3, "1101", "北京市", "city", "11")]
    districts = {f["properties"]["parent_code"]: f["properties"]["district"] for f in features}
    rows += [Row(0, code, name, "district", "1101") for code, name in districts.items()]
    rows += [
        Row(0, f["properties"]["code"], f["properties"]["name"], "street", f["properties"]["parent_code"],
            {"boundary": f["geometry"], "datum": "WGS-84"})
        for f in features
    ]  # fmt: skip
    importing.load(rows, by=SYSTEM, at=AT)
    with (SHARED / "beijing_points_dev.csv").open(encoding="utf-8") as file:
        points = list(csv.DictReader(file))
    return {f["properties"]["code"]: shape(f["geometry"]) for f in features}, points


def test_every_beijing_point_finds_its_street(beijing, django_assert_num_queries):
    """All 442. Where polygons overlap, the smaller street wins, so a point in an overlap may be expected in the
    other one: such a point lies in both, which this test shows for each."""
    shapes, points = beijing
    assert len(points) == 442
    by_overlap = []
    for row in points:
        lon, lat = float(row["lon"]), float(row["lat"])
        found = finding.at_point(lon, lat)
        code = found.code if found else ""
        if code != row["street_code"]:
            by_overlap.append((row, code))
    for row, code in by_overlap:
        here = {
            name for name, area in shapes.items() if area.covers(Point(float(row["lon"]), float(row["lat"])))
        }
        assert {code, row["street_code"]} <= here, (row, code, here)
    assert len(by_overlap) == 0, by_overlap
    with django_assert_num_queries(1):
        finding.at_point(116.4, 39.9)


def test_the_beijing_overlaps_are_told(beijing):
    shapes, _points = beijing
    found = boundaries.check(trifle=boundaries.Trifle(0.01, 0))
    assert found.drawn == 67
    assert found.overlaps
    assert_sound()
    for overlap in found.overlaps:
        assert shapes[overlap.one.code].intersects(shapes[overlap.other.code])


def test_a_point_in_gcj_is_turned_first(ground):
    bound(ground, "370811015001001", square(116.6, 35.4))
    there = datum.to_gcj(116.6002, 35.4002)
    assert finding.at_point(*there, datum="GCJ-02") == ground["370811015001001"]
    edge = datum.to_gcj(116.5999, 35.4002)
    assert finding.at_point(*edge, datum="GCJ-02") is None
