"""The four shapes of places, loaded as they are shipped."""

import pytest
from django.core.management import CommandError, call_command

from grid import finding, importing, kinds, queries, soundness
from grid.management.commands.example_towns import TOWNS
from grid.models import Place
from tests.grid.ground import AT, SYSTEM

SHAPES = {
    "weibin": ("610302", ["street", "community", "grid", "building"]),
    "dunhuang": ("620982", ["street", "community", "section", "building", "unit"]),
    "maanshan": ("340503", ["street", "community", "grid", "building", "household"]),
    "zhangzhou": ("3506", ["district", "street", "community"]),
}


@pytest.mark.parametrize("name", TOWNS)
def test_the_shape_stands_and_again_changes_nothing(db, name):
    call_command("example_towns", name)
    code, shape = SHAPES[name]
    root = Place.objects.get(code=code)
    deepest = max(
        Place.objects.filter(path__startswith=root.path),
        key=lambda place: (kinds.rank(place.kind), place.path),
    )
    assert list(queries.lineage(deepest))[-len(shape) :] == shape
    assert soundness.faults() == []
    count = Place.objects.count()
    call_command("example_towns", name)
    assert Place.objects.count() == count


def test_an_estate_manages_its_buildings_and_is_looked_after(db):
    call_command("example_towns", "maanshan")
    estates = {place.name: place for place in Place.objects.filter(kind="estate")}
    assert {place.management for place in estates.values()} == {"company", "owners", "community", "employer"}
    estate = estates["锦湖花园"]
    assert estate.manages.filter(kind="building").count() == 2
    assert finding.search("老锦湖")[0] == estate
    assert Place.objects.filter(kind="household").count() == 32


def test_a_place_is_found_by_either_spelling(db):
    importing.load_town(SYSTEM, AT)
    place = Place.objects.get(code="370811009")
    for typed in ("廿里铺", "二十里铺", "二十里铺街道"):
        assert finding.search(typed)[0] == place


def test_an_unknown_one_is_refused(db):
    with pytest.raises(CommandError):
        call_command("example_towns", "nowhere")
