"""A change of the tree takes people and organisations along, or is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from grid import commands as ground
from grid import followers
from grid.errors import TreeRefused
from parties.followers import PartiesFollower
from parties.models import Organisation, Posting, Serving
from tests.parties.town import AT, SYSTEM, Town

LATER = AT + dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def following() -> Iterator[None]:
    before, followers._followers[:] = list(followers._followers), [PartiesFollower()]
    yield
    followers._followers[:] = before


def test_a_moved_community_takes_its_committee_under_the_new_street(town: Town) -> None:
    worker = town.somebody("wangge", "grid_worker", place="370811015001001")
    details = {"place": town.place("370811015001"), "parent": town.place("370811111"), "version": 1}
    told = ground.move_place(by=SYSTEM, at=LATER, dry_run=True, **details)
    mine = {impact.subject: impact for impact in told.impacts}
    assert mine["postings"].count == 1 and not told.is_blocked
    assert Organisation.objects.get(code="JW-370811015001").parent.code == "JD-370811015"

    ground.move_place(by=SYSTEM, at=LATER, **details)
    committee = Organisation.objects.get(code="JW-370811015001")
    assert committee.parent.code == "JD-370811111"
    assert committee.path == f"{committee.parent.path}{committee.pk}/"
    actor = town.actor(worker, LATER)
    assert actor.grants[0].place_path.startswith(town.place("370811111").path)
    assert actor.units == {committee.pk}


def test_an_end_without_a_successor_is_refused(town: Town) -> None:
    town.somebody("wangge", "grid_worker", place="370811015001002")
    with pytest.raises(TreeRefused, match="任职"):
        ground.retire_place(by=SYSTEM, at=LATER, place=town.place("370811015001002"), version=1)


def test_the_successor_takes_over_the_postings(town: Town) -> None:
    worker = town.somebody("wangge", "grid_worker", place="370811015001002")
    ground.retire_place(
        by=SYSTEM,
        at=LATER,
        place=town.place("370811015001002"),
        version=1,
        successor=town.place("370811015001001"),
    )
    assert [grant.place_id for grant in town.actor(worker, LATER).grants] == [
        town.place("370811015001001").pk
    ]
    assert Posting.objects.get(account=worker, until__isnull=False).until == LATER


def test_the_successor_takes_over_desk_and_services(town: Town) -> None:
    clerk = town.somebody("shequ", "community_clerk", place="370811015002")
    grid = town.place("370811015002001")
    ground.move_place(by=SYSTEM, at=AT, place=grid, parent=town.place("370811015001"), version=1)
    ground.retire_place(
        by=SYSTEM, at=LATER, place=town.place("370811015002"), version=1, successor=town.place("370811015001")
    )
    old = Organisation.objects.get(code="JW-370811015002")
    new = Organisation.objects.get(code="JW-370811015001")
    assert old.merged_into_id == new.pk
    assert town.actor(clerk, LATER).units == {new.pk}
    assert not Serving.objects.filter(place=town.place("370811015002"), until=None).exists()
    assert Serving.objects.filter(place=town.place("370811015001"), organisation=new, until=None).count() == 1
