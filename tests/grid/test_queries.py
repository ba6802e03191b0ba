from grid import queries
from grid.models import Place, Succession
from tests.grid.ground import AT


def test_a_place_as_interfaces_show_it(ground):
    shown = queries.place_json(ground["370811015001001"])
    assert shown["code"] == "370811015001001"
    assert (shown["kind"], shown["parent"], shown["version"]) == ("grid", "370811015001", 1)
    assert shown["path"][0] == {"code": "37", "name": "山东省", "kind": "province"}
    assert [step["kind"] for step in shown["path"]] == [
        "province",
        "city",
        "district",
        "street",
        "community",
        "grid",
    ]
    assert queries.place_json(ground["37"])["parent"] is None


def test_successors_and_estate_are_codes(ground):
    building = ground.open("building", "2号楼", "370811015001001", managed_by=ground["370811015001701"])
    assert queries.place_json(building)["managed_by"] == "370811015001701"
    ground.retire("370811015001002", "370811015001001")
    shown = queries.place_json(ground["370811015001002"])
    assert shown["successors"] == ["370811015001001"] and shown["retired_at"]


def test_the_lineage_is_ordered_and_kept_until_something_changes(ground, django_assert_num_queries):
    place = ground["370811015001001001"]
    line = queries.lineage(place)
    assert list(line) == ["province", "city", "district", "street", "community", "grid", "building"]
    with django_assert_num_queries(0):
        assert queries.lineage(place) == line
    ground.rename("370811015", "观音阁新街道")
    assert queries.lineage(place)["street"].name == "观音阁新街道"


def test_a_list_costs_the_same_for_one_and_for_many(ground, django_assert_num_queries):
    for n in range(20):
        ground.open("grid", f"第{n}", "370811015002")
    places = list(queries.light())
    queries.by_ids([])  # know the version
    with django_assert_num_queries(1):
        assert len(queries.places_json(places)) == len(places)


def test_children_above_and_inside_the_streets(ground):
    assert [p.code for p in queries.children(None)] == ["37"]
    assert [p.code for p in queries.children(ground["370811"])] == ["370811015", "370811111"]
    community = ground["370811015001"]
    assert [p.kind for p in queries.children(community)] == ["grid", "grid", "estate"]
    ground.retire("370811015001002")
    assert len(queries.children(community)) == 2
    assert len(queries.children(community, retired=True)) == 3
    assert queries.child_counts([community, ground["370811"], ground["370811015002"]]) == {
        community.pk: 2,
        ground["370811"].pk: 2,
        ground["370811015002"].pk: 0,
    }
    assert queries.kind_counts(ground["370811111"]) == {"street": 1, "community": 1, "grid": 1}


def test_the_path_in_words(ground):
    place = ground["370811015001001"]
    assert queries.path_text(place, below="district") == "观音阁街道 / 前铺社区居民委员会 / 前铺第一网格"
    assert queries.path_text(ground["37"], below="district") == "山东省"


def test_the_shelf_is_bounded():
    shelf = queries.Shelf(size=2)
    shelf.put(queries.PlaceLite(n, str(n), "", "grid") for n in (1, 2))
    shelf.take([1])
    shelf.put([queries.PlaceLite(3, "3", "", "grid")])
    assert set(shelf.take([1, 2, 3])) == {1, 3}


def test_heirs_over_several_steps_and_none_for_a_split(ground):
    one, two, three = (ground.open("grid", name, "370811015002") for name in ("甲", "乙", "丙"))
    ground.retire(one.code, two.code)
    ground.retire(two.code, three.code)
    assert queries.heirs_of([one.pk, two.pk, three.pk]) == {one.pk: three.pk, two.pk: three.pk}
    Succession.objects.create(old=two, new=Place.objects.get(code="370811015001001"), at=AT)
    assert queries.heirs_of([two.pk]) == {}
