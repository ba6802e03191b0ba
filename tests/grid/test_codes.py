import pytest

from grid import codes
from grid.errors import TreeRefused
from grid.models import Place, PlaceName


@pytest.mark.parametrize(
    ("above", "kind", "code"),
    [
        ("370811", "street", "370811112"),
        ("370811015", "community", "370811015003"),
        ("370811015001", "grid", "370811015001003"),
        ("370811015001", "estate", "370811015001702"),
        ("370811015001", "section", "370811015001601"),
        ("370811015002", "grid", "370811015002001"),
        ("370811015001001", "building", "370811015001001002"),
        ("370811015001001001", "unit", "37081101500100100101"),
        ("370811015001", "building", "370811015001000001"),  # a skipped rank: the length of the kind holds
    ],
)
def test_a_code_is_made_in_the_shipped_form(ground, above, kind, code):
    assert codes.next_code(ground[above], kind) == code


def test_codes_of_another_form_grow_by_a_number(ground):
    ground.open("grid", "特别网格", "370811015002", code="GYG-7")
    assert codes.next_code(ground["GYG-7"], "building") == "GYG-7-001"


def test_an_old_code_is_not_given_again(ground):
    PlaceName.objects.create(place=ground["370811015"], kind="code", value="370811015003")
    assert codes.next_code(ground["370811015"], "community") == "370811015004"
    with pytest.raises(TreeRefused) as refusal:
        ground.open("community", "甲", "370811015", code="370811015003")
    assert refusal.value.status == 422 and "code" in refusal.value.fields


@pytest.mark.parametrize("code", ["1", "a b", "ä1", "1" * 25, "370811015_1"])
def test_malformed_codes_are_refused(ground, code):
    with pytest.raises(TreeRefused):
        ground.open("community", "甲", "370811015", code=code)


def test_a_full_block_uses_the_holes(ground):
    above = ground["370811015002"]
    ground.open("grid", "末", "370811015002", code="370811015002999")
    assert codes.next_code(above, "grid") == "370811015002001"
    assert Place.objects.filter(code="370811015002001").count() == 0
