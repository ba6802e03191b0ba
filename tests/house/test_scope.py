"""The filter of lists and the judge of single objects are one rule: on random trees, people and cases."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import kinds, rulebook, scope
from cases.models import Case
from cases.models.case import ANCESTORS
from grid.commands import open_place
from grid.models import Place
from grid.queries import lineage
from ledger.actor import Actor, Grant
from parties import directory
from parties.models import Account, Organisation
from parties.roles import DESK_ROLES, ROLES
from tests import town as small_town

BELOW = {
    "street": ("community",),
    "community": ("section", "grid"),
    "section": ("grid", "building"),
    "grid": ("building",),
    "building": ("unit", "household"),
}


@pytest.fixture
def world(town):
    """A random tree on top of the town's, and a hundred cases of every shape, few of which could be walked."""
    chance = random.Random(7)
    places = list(Place.objects.filter(kind__in=BELOW))
    for n in range(14):
        above = chance.choice(places)
        kind = chance.choice(BELOW[above.kind])
        opened = open_place(
            by=town.SYSTEM, at=town.FOUNDED, kind=kind, name=f"新{n}", parent=Place.objects.get(pk=above.pk)
        )
        if opened.kind in BELOW:
            places.append(opened)
    places = list(Place.objects.filter(path__contains="/").exclude(kind__in=["province", "city", "district"]))
    units = list(Organisation.objects.values_list("pk", flat=True))
    accounts = list(Account.objects.values_list("pk", flat=True))
    items = [item.id for item in rulebook.items()]
    claimable = sorted(rulebook.claimable_ids())
    made = []
    for n in range(120):
        place = chance.choice(places)
        line = lineage(place.path)
        now = town.MONDAY
        made.append(
            Case(
                number=f"T{n}", status=chance.choice(["accepted", "accepted", *kinds.STATUSES]), level="street",
                raised_level="street", origin="patrol", channel="app",
                kind=chance.choice(["problem", "wish", "project"]),
                item_id=chance.choice([None, *claimable, *chance.sample(items, 3)]),
                place=place, path=place.path, holder_id=chance.choice(units), desk_id=chance.choice(units),
                unit_ids=chance.sample(units, chance.randint(0, 3)),
                reporter_ids=chance.sample(accounts, chance.randint(0, 2)),
                about_organisation_id=chance.choice([None, None, *chance.sample(units, 2)]),
                about_account_id=chance.choice([None, None, *chance.sample(accounts, 2)]),
                sensitive=chance.random() < 0.2, confidential=chance.random() < 0.2,
                held_since=now, called_at=now, received_at=now, last_at=now,
                **{f"{kind}_id": line[kind].id for kind in ANCESTORS if kind in line},
            )
        )  # fmt: skip
    Case.objects.bulk_create(made)
    # a third of the ended ones stand where their place stood once
    for case in Case.objects.filter(status__in=kinds.ENDED).order_by("pk")[::3]:
        Case.objects.filter(pk=case.pk).update(path=chance.choice(places).path)
    return list(Case.objects.all())


def actors() -> st.SearchStrategy[Actor]:
    """Anybody in any roles at any places and organisations, as `actor_of` would make them."""
    places = list(Place.objects.all())
    units = [unit for unit in map(directory.by_id, Organisation.objects.values_list("pk", flat=True)) if unit]
    accounts = list(Account.objects.values_list("pk", flat=True))

    def at_place(role: str, place: Place) -> Grant:
        desk = directory.desk_of_path(place.path) if role in DESK_ROLES else None
        return Grant(
            role=role, capabilities=ROLES[role].capabilities, place_id=place.pk, place_path=place.path,
            place_kind=place.kind, unit_id=desk.id if desk else None,
        )  # fmt: skip

    def at_unit(role: str, unit: directory.Org) -> Grant:
        return Grant(
            role=role, capabilities=ROLES[role].capabilities, organisation_id=unit.id,
            organisation_path=unit.path, unit_id=unit.id,
        )  # fmt: skip

    roles = st.sampled_from(sorted(ROLES))
    grant = st.one_of(
        st.builds(at_place, roles, st.sampled_from(places)), st.builds(at_unit, roles, st.sampled_from(units))
    )
    return st.builds(
        lambda pk, grants: Actor(id=pk, person_id=pk, grants=tuple(grants)),
        st.sampled_from([None, *accounts]),
        st.lists(grant, max_size=3),
    )


def test_filters_what_it_judges(world):
    seen_some, seen_all = set(), set()

    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(actors())
    def same(actor):
        filtered = set(Case.objects.filter(scope.visible_to(actor)).values_list("pk", flat=True))
        judged = {case.pk for case in world if scope.covers(actor, case)}
        assert filtered == judged
        near = set(Case.objects.filter(scope.near_q(actor)).values_list("pk", flat=True))
        assert near == {case.pk for case in world if scope.is_near(actor, case)}
        (seen_some if filtered else seen_all).add(actor.id)
        for case in world:
            if case.pk in judged and case.about_account_id is not None:
                assert case.about_account_id != actor.id
            if case.pk in judged and (case.sensitive or case.confidential) and case.pk not in near:
                assert not scope.reads_words(actor, case)

    same()
    assert seen_some and seen_all  # some saw something, some nothing


def test_the_system_sees_everything_and_nobody_nothing(world):
    assert Case.objects.filter(scope.visible_to(small_town.SYSTEM)).count() == len(world)
    assert not Case.objects.filter(scope.visible_to(Actor(id=None))).exists()
