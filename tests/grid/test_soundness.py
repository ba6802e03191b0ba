import pytest
from django.db.models import F

from grid import soundness
from grid.models import Place, PlaceName, Succession
from tests.grid.ground import AT, assert_sound


def names() -> set[str]:
    return {fault.name for fault in soundness.faults()}


def test_a_planted_tree_is_sound(ground):
    assert_sound()
    assert soundness.repair() == 0


@pytest.mark.parametrize(
    ("code", "damage", "fault"),
    [
        ("370811015001", {"path": "/1/2/"}, "wrong_path"),
        ("370811015001", {"lft": 90, "rght": 91}, "outside_parent"),
        ("370811015001", {"level": 5}, "bad_level"),
        ("370811015002", {"rght": F("rght") + 4}, "gaps"),
        ("370811015001", {"lft": 1}, "duplicate_bound"),
        ("370811111", {"tree_id": 999999}, "foreign_number"),
    ],
)
def test_each_damage_is_found_and_mended(ground, code, damage, fault):
    before = list(Place.objects.order_by("pk").values_list("pk", "lft", "rght", "level", "tree_id", "path"))
    Place.objects.filter(code=code).update(**damage)
    assert fault in names()
    assert soundness.repair() >= 1
    assert_sound()
    after = list(Place.objects.order_by("pk").values_list("pk", "level", "tree_id", "path"))
    assert after == [(row[0], *row[3:]) for row in before]


def test_a_loop_is_told_and_left_to_humans(ground):
    one, two = ground["370811015001"], ground["370811015001001"]
    Place.objects.filter(pk=one.pk).update(parent=two)
    assert "unreachable" in names()
    soundness.repair()
    assert "unreachable" in names()


def test_a_place_under_a_kind_that_cannot_hold_it(ground):
    Place.objects.filter(code="370811015001002").update(parent=ground["370811015001001001"])
    assert "misplaced" in names()


def test_damage_to_lives_and_successions_is_told(ground):
    one, two, three = (ground[code] for code in ("370811015001", "370811015002", "370811015001001"))
    for place in (one, two):
        Place.objects.filter(pk=place.pk).update(retired_at=AT)
    Succession.objects.create(old=one, new=two, at=AT)
    Succession.objects.create(old=two, new=one, at=AT)
    Succession.objects.create(old=two, new=three, at=AT)
    Succession.objects.create(old=three, new=one, at=AT)
    PlaceName.objects.create(place=two, kind="code", value=three.code)
    Place.objects.filter(code="370811015001001001").update(managed_by=two)
    assert names() >= {
        "live_under_retired", "living_predecessor", "unfit_successor", "successors_in_a_ring", "code_of_another",
        "foreign_estate",
    }  # fmt: skip


def test_siblings_that_overlap_are_told(ground):
    one, two = ground["370811015001"], ground["370811015002"]
    Place.objects.filter(pk=two.pk).update(lft=one.lft + 1)
    assert "unordered" in names()
