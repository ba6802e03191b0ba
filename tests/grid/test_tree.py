import pytest
from django.db import IntegrityError, connection, transaction

from grid import tree
from grid.models import Place
from tests.grid.ground import assert_sound


def test_the_path_runs_from_the_province_to_the_place(ground):
    building = ground["370811015001001001"]
    codes = [Place.objects.get(pk=pk).code for pk in tree.path_ids(building.path)]
    assert codes == [
        "37",
        "3708",
        "370811",
        "370811015",
        "370811015001",
        "370811015001001",
        "370811015001001001",
    ]


def test_every_place_of_a_street_carries_the_streets_number(ground):
    street = ground["370811015"]
    assert set(Place.objects.filter(tree.within(street)).values_list("tree_id", flat=True)) == {street.pk}
    assert ground["370811015001001"].street_id == street.pk
    assert ground["370811"].street_id is None


def test_the_library_reads_the_same_tree(ground):
    street = ground["370811015"]
    by_bounds = set(street.get_descendants(include_self=True))
    assert by_bounds == set(Place.objects.filter(tree.within(street)))
    assert [p.code for p in ground["370811015001001001"].get_ancestors()] == [
        "370811015",
        "370811015001",
        "370811015001001",
    ]


def test_within_and_contains_agree(ground):
    places = list(Place.objects.all())
    for upper in places:
        inside = set(Place.objects.filter(tree.within(upper)))
        assert inside == {place for place in places if tree.contains(upper.path, place.path)}


def test_a_path_is_no_prefix_of_another_number():
    assert not tree.contains("/1/5/", "/1/55/")
    assert not tree.contains("", "/1/")


def test_a_lock_needs_a_transaction(transactional_db):
    with pytest.raises(RuntimeError):
        tree.lock(1)


def test_locks_are_taken_in_ascending_order_with_the_forest_first(ground):
    one, two = ground["370811015"], ground["370811111"]
    with transaction.atomic():
        assert tree.lock_places(two.pk, one.pk, ground["370811"].pk) == {0, one.pk, two.pk}
        assert tree.lock_places(one.pk, forest=True) == {0, one.pk}
        tree.lock(two.pk, one.pk, shared=True)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
            )
            assert cursor.fetchone()[0] >= 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "street"},  # a parent, but no superior
        {"parent_id": None},
        {"code": "lower"},
        {"path": "1/2"},
        {"lft": 9, "rght": 9},
        {"kind": "planet"},
    ],
)
def test_the_database_holds_the_rules(ground, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Place.objects.filter(code="370811015001").update(**wrong)


def test_two_roots_cannot_share_a_number(ground):
    with pytest.raises(IntegrityError), transaction.atomic():
        Place.objects.filter(code="370811111").update(tree_id=ground["370811015"].tree_id)


def test_places_are_neither_saved_nor_deleted_by_hand(ground):
    with pytest.raises(RuntimeError):
        Place(code="99", name="x", kind="province").save()
    with pytest.raises(RuntimeError):
        ground["370811015001001001"].delete()
    assert_sound()
