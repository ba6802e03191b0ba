"""A change of the tree takes people and organisations along, or is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from grid import commands as ground
from grid import followers
from grid.errors import TreeRefused
from grid.models import Place
from ledger import clock
from parties import commands
from parties.followers import PartiesFollower
from parties.models import Organisation, Posting, Serving
from parties.models.postings import standing_q
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


def here(code: str) -> Place:
    """A place as it is now."""
    return Place.objects.get(code=code)


def retired_into(old: str, new: str) -> None:
    ground.retire_place(by=SYSTEM, at=LATER, place=here(old), version=here(old).version, successor=here(new))


def restored(code: str, at: dt.datetime) -> ground.Outcome:
    place = here(code)
    details = {"by": SYSTEM, "at": at, "place": place, "version": place.version}
    ground.restore_place(dry_run=True, **details)
    return ground.restore_place(**details)


def standing_at(code: str) -> set[tuple]:
    rows = Posting.objects.filter(place=here(code), until=None)
    return set(rows.values_list("account__username", "role"))


def test_a_return_brings_back_who_went_over_and_leaves_who_was_there(town: Town) -> None:
    town.somebody("wangge", "grid_worker", place="370811015001002")
    town.somebody("other", "grid_worker", place="370811015001001")
    both = town.somebody("both", "grid_worker", place="370811015001001")
    Posting.objects.create(
        account=both, role="grid_worker", place=here("370811015001002"), since=AT, confirmed_at=AT
    )
    before = {code: standing_at(code) for code in ("370811015001001", "370811015001002")}
    retired_into("370811015001002", "370811015001001")
    assert len(standing_at("370811015001001")) == 3
    outcome = restored("370811015001002", LATER + dt.timedelta(days=2))
    assert {code: standing_at(code) for code in before} == before
    assert {one.subject: one.count for one in outcome.impacts}["postings"] == 2


TERM = LATER + dt.timedelta(days=30)


def terms_at(code: str, at: dt.datetime) -> list[tuple]:
    rows = Posting.objects.filter(standing_q(at), place=here(code))
    return sorted(rows.values_list("account__username", "since", "until"))


def test_a_term_goes_along_and_comes_back(town: Town) -> None:
    """With an end ahead, with a beginning ahead, and of one who holds the role at the successor anyway."""
    old, new = "370811015001002", "370811015001001"
    soon = LATER + dt.timedelta(days=10)
    town.somebody("termed", "grid_worker", place=old, until=TERM)
    town.somebody("coming", "grid_worker", place=old, since=soon, until=TERM)
    both = town.somebody("both", "grid_worker", place=new)
    commands.post(by=SYSTEM, at=AT, account=both, role="grid_worker", place=here(old), until=TERM)
    town.somebody("over", "grid_worker", place=old, until=LATER)
    with clock.frozen(LATER):
        with pytest.raises(TreeRefused, match="3 项任职"):
            ground.retire_place(by=SYSTEM, at=LATER, place=here(old), version=1)
        retired_into(old, new)
    assert terms_at(old, LATER) == []
    assert terms_at(new, LATER) == [("both", AT, None), ("coming", soon, TERM), ("termed", LATER, TERM)]
    back = LATER + dt.timedelta(days=2)
    with clock.frozen(back):
        outcome = restored(old, back)
    assert {one.subject: one.count for one in outcome.impacts}["postings"] == 3
    assert terms_at(old, back) == [("both", back, TERM), ("coming", soon, TERM), ("termed", back, TERM)]
    assert terms_at(new, back) == [("both", AT, None)]


def test_a_term_that_ran_out_brings_nobody_back(town: Town) -> None:
    old, new = "370811015001002", "370811015001001"
    both = town.somebody("both", "grid_worker", place=new)
    commands.post(by=SYSTEM, at=AT, account=both, role="grid_worker", place=here(old), until=TERM)
    with clock.frozen(LATER):
        retired_into(old, new)
    with clock.frozen(TERM):
        restored(old, TERM)
    assert terms_at(old, TERM) == []


def test_who_left_meanwhile_stays_gone(town: Town) -> None:
    worker = town.somebody("wangge", "grid_worker", place="370811015001002")
    retired_into("370811015001002", "370811015001001")
    Posting.objects.filter(account=worker, until=None).update(until=LATER + dt.timedelta(days=1))
    restored("370811015001002", LATER + dt.timedelta(days=2))
    assert standing_at("370811015001002") == set()


def test_an_absorbed_desk_stands_again_with_its_people(town: Town) -> None:
    clerk = town.somebody("shequ", "community_clerk", place="370811015002")
    grid = here("370811015002001")
    ground.move_place(by=SYSTEM, at=AT, place=grid, parent=here("370811015001"), version=1)
    retired_into("370811015002", "370811015001")
    restored("370811015002", LATER + dt.timedelta(days=2))
    desk = Organisation.objects.get(code="JW-370811015002")
    assert desk.retired_at is None and desk.merged_into is None and desk.desk_of == here("370811015002")
    assert desk.name not in Organisation.objects.get(code="JW-370811015001").aliases
    assert town.actor(clerk, LATER + dt.timedelta(days=3)).units == {desk.pk}
    for code in ("370811015001", "370811015002"):
        served = Serving.objects.filter(place=here(code), until=None, organisation__kind="committee")
        assert [row.organisation.code for row in served] == [f"JW-{code}"]


def test_a_desk_that_went_along_comes_back(town: Town) -> None:
    new = ground.open_place(
        by=SYSTEM, at=AT, kind="community", name="新社区", parent=here("370811015"), code="NEW"
    )
    grid = here("370811015002001")
    ground.move_place(by=SYSTEM, at=AT, place=grid, parent=new, version=1)
    retired_into("370811015002", "NEW")
    assert Organisation.objects.get(code="JW-370811015002").desk_of == new
    restored("370811015002", LATER + dt.timedelta(days=2))
    assert Organisation.objects.get(code="JW-370811015002").desk_of == here("370811015002")


def test_a_split_posts_everybody_to_every_part(town: Town) -> None:
    town.somebody("shequ", "community_clerk", place="370811015002")
    details = {"by": SYSTEM, "at": LATER, "place": here("370811015002"), "version": 1}
    parts = [ground.Part("东社区", (here("370811015002001"),)), ground.Part("西社区")]
    outcome = ground.split_place(parts=parts, **details)
    for new in outcome.opened:
        assert ("shequ", "community_clerk") in standing_at(new.code)
    assert Organisation.objects.get(code="JW-370811015002").desk_of == outcome.opened[0]
    told = [one.sentence for one in outcome.impacts if one.subject == "desks"]
    assert len(told) == 2 and "西社区" in told[1]


def test_nobody_comes_to_sit_where_their_role_may_not(town: Town) -> None:
    town.somebody("shequ", "community_clerk", place="370811015001002")
    town.somebody("wangge", "grid_worker", place="370811015001002")
    place = here("370811015001002")
    details = {"by": SYSTEM, "at": LATER, "place": place, "version": place.version}
    with pytest.raises(TreeRefused, match="1 项任职的角色不能在“观音阁街道”任职"):
        ground.retire_place(successor=here("370811015"), **details)
    assert standing_at("370811015001002") == {("shequ", "community_clerk"), ("wangge", "grid_worker")}
    Posting.objects.filter(account__username="shequ").update(until=LATER)
    ground.retire_place(successor=here("370811015"), **details)
    assert standing_at("370811015") == {("wangge", "grid_worker")}


def test_an_admin_does_not_come_to_rule_the_street(town: Town) -> None:
    """A role that waits for a second person waits again where it would reach further."""
    admin = town.somebody("quanxian", "admin", place="370811015002")
    boss = town.somebody("jiedao", "admin", place="370811015")
    by = town.actor(boss, LATER)
    grid = here("370811015002001")
    ground.move_place(by=SYSTEM, at=AT, place=grid, parent=here("370811015001"), version=1)
    place = here("370811015002")
    outcome = ground.retire_place(
        by=by, at=LATER, place=place, version=place.version, successor=here("370811015")
    )
    assert any("重新确认" in one.sentence for one in outcome.impacts if one.subject == "postings")
    assert not town.actor(admin, LATER).grants
    new = Posting.objects.get(account=admin, until=None)
    assert (new.place, new.confirmed_at, new.posted_by) == (here("370811015"), None, boss)

    restored("370811015002", LATER + dt.timedelta(days=2))
    (grant,) = town.actor(admin, LATER + dt.timedelta(days=3)).grants
    assert grant.place_id == here("370811015002").pk


def test_an_admin_waits_again_where_the_heir_has_ground_of_its_own(town: Town) -> None:
    admin = town.somebody("quanxian", "admin", place="370811015002")
    grid = here("370811015002001")
    ground.move_place(by=SYSTEM, at=AT, place=grid, parent=here("370811015001"), version=1)
    retired_into("370811015002", "370811015001")
    assert not town.actor(admin, LATER).grants
    new = Posting.objects.get(account=admin, until=None)
    assert (new.place, new.confirmed_at) == (here("370811015001"), None)


def test_an_admin_of_a_split_place_keeps_every_part_as_confirmed(town: Town) -> None:
    admin = town.somebody("quanxian", "admin", place="370811015002")
    place, grids = here("370811015002"), [here("370811015002001")]
    parts = [ground.Part("东社区", tuple(grids)), ground.Part("西社区")]
    told = ground.split_place(by=SYSTEM, at=LATER, place=place, version=1, parts=parts, dry_run=True)
    assert not any("重新确认" in one.sentence for one in told.impacts)
    ground.split_place(by=SYSTEM, at=LATER, place=place, version=1, parts=parts)
    assert len(town.actor(admin, LATER + dt.timedelta(hours=1)).grants) == 2
