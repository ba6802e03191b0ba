import pytest
import shapely
from shapely.geometry import shape

from grid import finding, generator, importing, queries, sheets
from grid.models import Place, PlaceName
from tests.grid.ground import AT, SYSTEM, assert_sound


@pytest.fixture(scope="module")
def town():
    return generator.town(sheets.shipped("rencheng"))


def by_level(rows, level):
    return [row for row in rows if row.level == level]


def test_pure_and_the_same_every_time(town):
    assert generator.town(sheets.shipped("rencheng")) == town


def test_the_real_rows_keep_their_names_and_codes(town):
    base = sheets.shipped("rencheng")
    assert [(r.code, r.name, r.parent_code, r.level) for r in base] == [
        (r.code, r.name, r.parent_code, r.level) for r in town[: len(base)]
    ]


def test_what_is_invented(town):
    grids, buildings = by_level(town, "grid"), by_level(town, "building")
    per_community: dict[str, int] = {}
    for grid in grids:
        per_community[grid.parent_code] = per_community.get(grid.parent_code, 0) + 1
    assert len(per_community) == 439 and set(per_community.values()) <= {3, 4, 5, 6}
    assert {len(row.code) for row in grids + by_level(town, "estate")} == {15}
    assert {len(row.code) for row in buildings} == {18}
    assert {row.code[:9] for row in buildings} == set(generator.WITH_BUILDINGS)
    assert len({row.code for row in town}) == len(town)
    assert all(row.facts["households"] > 0 for row in grids + buildings)


def test_areas_nest_and_do_not_overlap(town):
    areas = {row.code: shape(row.facts["boundary"]) for row in town if "boundary" in row.facts}
    assert all(area.is_valid for area in areas.values())
    below: dict[str, list] = {}
    for row in town:
        if row.code in areas and row.parent_code in areas:
            below.setdefault(row.parent_code, []).append(areas[row.code])
    for code, parts in below.items():
        whole = areas[code]
        assert sum(part.area for part in parts) == pytest.approx(whole.area, rel=1e-4)
        assert shapely.union_all(parts).symmetric_difference(whole).area < whole.area * 1e-4


def test_the_town_is_loaded_once(db):
    report = importing.load_town(SYSTEM, AT)
    assert report.count("open") == Place.objects.count() > 3000
    assert_sound()
    assert PlaceName.objects.filter(kind="qr").count() == Place.objects.filter(kind="building").count()
    assert not importing.load_town(SYSTEM, AT).is_change

    for grid in Place.objects.filter(kind="grid").order_by("?")[:60]:
        there = finding.at_point(grid.lon, grid.lat)
        assert there == grid, queries.path_text(grid)
        for kind, above in queries.lineage(grid).items():
            if kind in ("district", "street", "community"):
                assert finding.at_point(grid.lon, grid.lat, kind=kind).pk == above.id
    for building in Place.objects.filter(kind="building").order_by("?")[:30]:
        assert finding.at_point(building.lon, building.lat).pk == building.parent_id
        assert building.managed_by is None or building.managed_by.parent_id == building.parent.parent_id
