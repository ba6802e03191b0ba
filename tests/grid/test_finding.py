import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from grid import finding, queries, stickers
from grid.models import PlaceName

SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]]}
WEST = {"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 4], [0, 4], [0, 0]]]}
EAST = {"type": "Polygon", "coordinates": [[[2, 0], [4, 0], [4, 4], [2, 4], [2, 0]]]}
CORNER = {"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [0, 2], [0, 0]]]}


@pytest.fixture
def town(ground):
    ground.open("community", "观音阁社区居委会", "370811015", boundary=SQUARE)
    ground.open("grid", "西网格", "370811015003", boundary=WEST)
    ground.open("grid", "东网格", "370811015003", boundary=EAST)
    ground.open("estate", "跨界小区", "370811015003", boundary=SQUARE)
    ground.open("building", "角楼", "370811015003001", boundary=CORNER)
    return ground


def found(q, **narrowed):
    return [place.code for place in finding.search(q, **narrowed)]


@pytest.mark.parametrize(
    "q",
    [
        "观音阁",
        "gyg",
        "GYG",
        "gygsq",
        "guanyinge",
        "观音阁社区居委会",
        "观音阁居委会",
        "370811015003",
        "音阁社区",
        "yg",
    ],
)
def test_every_way_to_a_community(town, q):
    assert "370811015003" in found(q)


def test_the_exact_one_comes_first(town):
    assert found("观音阁")[:2] == ["370811015003", "370811015"]
    assert found("gyg")[0] == "370811015003"


def test_nothing_is_found_for_nothing(town):
    assert found("") == found("   ") == found("不存在的地方") == found("zzzzz") == []
    assert found("%") == found("_") == []  # no wildcard of the database


def test_narrowed_by_place_kind_and_number(town):
    assert found("第一网格") == ["370811015001001", "370811111260001"]
    assert found("第一网格", within=town["370811111"]) == ["370811111260001"]
    assert found("观音阁", kind="street") == ["370811015"]
    assert len(found("37", limit=3)) == 3


def test_results_bring_their_path_without_more_statements(town, django_assert_num_queries):
    places = finding.search("网格")
    with django_assert_num_queries(0):
        shown = queries.places_json(places)
    assert all(place["path"][-1]["code"] == place["code"] for place in shown)


def test_statements_do_not_grow_with_results(town):
    def statements(q: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            queries.places_json(finding.search(q, limit=50))
        return len(captured)

    town.retire("370811111260001", "370811015001001")
    few = statements("第一网格")
    for n in range(30):
        town.open("grid", f"增设第一网格{n}", "370811015002")
        town.open("grid", f"增设第一网格旧{n}", "370811015002")
        town.retire(f"370811015002{2 * n + 2:03d}", "370811015001001")
    assert statements("第一网格") <= few + 1


def test_aliases_and_former_names(town):
    town.open("grid", "第九网格", "370811015002", aliases=["老棉纺厂宿舍"])
    assert found("棉纺厂") == ["370811015002001"]
    town.rename("370811015002", "新山社区")
    assert found("琵琶山") == ["370811015002"]


def test_old_codes_and_codes_of_retired_places(town):
    PlaceName.objects.create(place=town["370811015002"], kind="code", value="OLD-1")
    assert finding.by_code("old-1") == town["370811015002"]
    town.retire("370811015002", "370811015001")
    assert finding.by_code("OLD-1") == finding.by_code("370811015002") == town["370811015001"]
    assert finding.by_code("999") is None
    several = finding.by_codes(["OLD-1", "370811015002", "370811015", "999"])
    assert {code: place.code for code, place in several.items()} == {
        "OLD-1": "370811015001",
        "370811015002": "370811015001",
        "370811015": "370811015",
    }


def test_a_retired_place_without_an_heir_is_found_by_its_code_only(town):
    town.retire("370811015002")
    assert not finding.by_code("370811015002").is_live
    assert found("琵琶山") == []


@pytest.mark.parametrize(
    ("point", "code"),
    [
        ((1.9, 3.9), "370811015003001"),
        ((3, 1), "370811015003002"),
        ((0.5, 0.5), "370811015003001001"),
        ((2, 3), "370811015003001"),  # on the line between two: the same one, always
        ((4, 4), "370811015003002"),
        ((4.1, 4), None),
    ],
)
def test_the_lowest_place_that_holds_the_point(town, point, code):
    place = finding.at_point(*point)
    assert (place.code if place else None) == code


def test_a_point_on_a_wanted_level(town):
    assert finding.at_point(3, 1, kind="community").code == "370811015003"
    assert finding.at_point(3, 1, kind="estate").kind == "estate"
    assert finding.at_point(3, 1, within=town["370811111"]) is None


def test_retired_areas_are_not_found(town):
    town.retire("370811015003002", "370811015003001")
    assert finding.at_point(3, 1).code == "370811015003"


def test_the_sticker_of_a_building(town):
    building = town["370811015001001001"]
    token = PlaceName.objects.get(place=building, kind="qr").value
    assert token == stickers.token_for(building.code) and len(token) == 16
    assert finding.by_qr(token.upper()) == building
    assert finding.by_qr("nothing") is None
    other = town.open("building", "新楼", "370811015001001")
    town.retire(building.code, other.code)
    assert finding.by_qr(token) == other
