"""Who somebody is, in one statement, and how far that reaches."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grid.models import Place
from ledger import versions
from ledger.actor import ANONYMOUS, Actor, Grant, system
from parties import commands, directory
from parties.access import NotYours, actor_of, can, reaches, require, scope_of
from parties.ids import fresh_ids
from parties.models import Organisation
from parties.roles import ROLES
from tests.parties.town import AT, SYSTEM, Town
from tests.town import GROUND

HOUR = dt.timedelta(hours=1)


def test_one_statement_whatever_the_postings(town: Town) -> None:
    account = town.somebody("wangge", "grid_worker", place="370811015001001")
    for role, place in (("grid_lead", "370811015001002"), ("community_clerk", "370811015002")):
        commands.post(by=SYSTEM, at=AT, account=account, role=role, place=town.place(place))
    directory.by_code("GV24")  # the organisations are kept in process
    with CaptureQueriesContext(
        connection,
    ) as queries:
        actor = actor_of(account.pk, AT)
    assert len(queries) == 1
    assert actor.roles == ("grid_worker", "grid_lead", "community_clerk")
    assert actor.role == "community_clerk"
    assert (actor.id, actor.person_id, actor.name) == (account.pk, account.person_id, "周小明")


def test_the_versions_come_along(town: Town) -> None:
    account = town.somebody("wangge", "grid_worker", place="370811015001001")
    directory.by_code("GV24")
    with CaptureQueriesContext(connection) as queries:
        actor_of(account.pk, AT)
        directory.by_code("GV24")
    assert len(queries) == 1


@pytest.mark.parametrize(
    ("role", "place", "desk"),
    [
        ("building_lead", "370811015001001001", "JW-370811015001"),
        ("grid_worker", "370811015001001", "JW-370811015001"),
        ("community_clerk", "370811015001", "JW-370811015001"),
        ("street_dispatcher", "370811015", "ZX-370811015"),
        ("shift_lead", "370811015", "ZX-370811015"),
        ("district_dispatcher", "370811", "ZX-370811"),
        ("street_official", "370811015", None),
        ("supervisor", "370811", None),
        ("return_visitor", "370811", None),
        ("admin", "370811", None),
    ],
)
def test_whom_one_works_for(town: Town, role: str, place: str, desk: str | None) -> None:
    actor = town.actor(town.somebody("somebody", role, place=place))
    assert actor.units == (frozenset() if desk is None else {town.org(desk).pk})


def test_posted_to_a_unit_one_works_for_it(town: Town) -> None:
    actor = town.actor(town.somebody("bumen", "department_clerk", organisation="GV24"))
    unit = town.org("GV24")
    assert actor.units == {unit.pk}
    assert actor.grants[0].organisation_path == unit.path
    assert can(actor, "sign", organisation=unit.path)
    assert not can(actor, "sign", organisation=town.org("IN02").path)
    assert not can(actor, "sign", path=town.place("370811").path)


def test_only_from_until(town: Town) -> None:
    account = town.somebody("wangge", "grid_worker", place="370811015001001", since=AT, until=AT + HOUR)
    assert town.actor(account, AT - HOUR).roles == ()
    assert town.actor(account, AT).roles == ("grid_worker",)
    assert town.actor(account, AT + HOUR).roles == ()


def test_a_substitute_has_the_posting_for_the_period(town: Town) -> None:
    first = town.somebody("jiedao", "street_dispatcher", place="370811015")
    second = town.somebody("jiedao2")
    commands.set_substitute(
        by=SYSTEM,
        at=AT,
        posting=first.postings.get(),
        substitute=second,
        since=AT + HOUR,
        until=AT + 2 * HOUR,
    )
    assert town.actor(second).roles == ()
    during = town.actor(second, AT + HOUR)
    assert during.roles == ("street_dispatcher",)
    assert during.units == {town.org("ZX-370811015").pk}
    assert during.person_id == second.person_id
    assert town.actor(second, AT + 2 * HOUR).roles == ()
    assert town.actor(first, AT + HOUR).roles == ("street_dispatcher",)


def test_unconfirmed_gives_nothing(town: Town) -> None:
    admin = town.actor(town.somebody("admin", "admin", place="370811"))
    account = town.somebody("ducha")
    posting = commands.post(by=admin, at=AT, account=account, role="supervisor", place=town.place("370811"))
    assert town.actor(account).roles == ()
    second = town.actor(town.somebody("admin2", "admin", place="370811"))
    commands.confirm_posting(by=second, at=AT, posting=posting)
    assert town.actor(account).roles == ("supervisor",)


def test_a_closed_account_is_nobody(town: Town) -> None:
    account = town.somebody("wangge", "grid_worker", place="370811015001001")
    commands.close_account(by=SYSTEM, at=AT, account=account)
    assert actor_of(account.pk, AT) == ANONYMOUS
    assert actor_of(None, AT) == ANONYMOUS
    assert actor_of(10**12, AT) == ANONYMOUS


def test_a_no_has_a_sentence(town: Town) -> None:
    actor = town.actor(town.somebody("wangge", "grid_worker", place="370811015001001"))
    require(actor, "settle", path=town.place("370811015001001001").path)
    with pytest.raises(NotYours, match="派遣"):
        require(actor, "dispatch")
    with pytest.raises(NotYours, match="就地办结"):
        require(actor, "settle", path=town.place("370811015001002").path)
    with pytest.raises(NotYours):
        require(ANONYMOUS, "take")
    require(system("sweep"), "whatever")


def test_to_whom_a_desk_may_hand_work(town: Town) -> None:
    street = town.actor(town.somebody("jiedao", "street_dispatcher", place="370811015"))
    for code in ("TS02-370811015", "JW-370811015002", "ZX-370811015", "JD-370811015"):
        assert reaches(street, town.org(code).path), code
    for code in ("GV24", "TS02-370811111", "ZX-370811"):
        assert not reaches(street, town.org(code).path), code
    district = town.actor(town.somebody("quji", "district_dispatcher", place="370811"))
    assert all(reaches(district, unit.path) for unit in Organisation.objects.all())
    community = town.actor(town.somebody("shequ", "community_clerk", place="370811015001"))
    assert reaches(community, town.org("JW-370811015001").path)
    assert not reaches(community, town.org("JW-370811015002").path)
    worker = town.actor(town.somebody("wangge", "grid_worker", place="370811015001001"))
    assert not reaches(worker, town.org("JW-370811015001").path)


def test_an_auditor_reads_all_and_changes_nothing(town: Town) -> None:
    auditor = town.actor(town.somebody("shenji", "auditor", place="370811"))
    assert scope_of(auditor).reads_all
    assert auditor.capabilities == {"read", "read_all"}
    assert not scope_of(ANONYMOUS).reads_all
    assert not Place.objects.filter(scope_of(ANONYMOUS).place_q()).exists()


# -- the filter and the judge are one rule

SEATS = st.lists(st.tuples(st.sampled_from(sorted(ROLES)), st.booleans(), st.integers(0, 10_000)), max_size=5)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seats=SEATS)
def test_what_the_filter_finds_is_what_the_judge_lets_pass(
    town: Town, seats: list[tuple[str, bool, int]]
) -> None:
    places = list(Place.objects.filter(code__in=[row[0] for row in GROUND]).order_by("pk"))
    units = list(Organisation.objects.order_by("pk"))
    grants = []
    for role, at_place, n in seats:
        place, unit = places[n % len(places)], units[n % len(units)]
        grants.append(
            Grant(
                role=role,
                capabilities=ROLES[role].capabilities,
                place_id=place.pk if at_place else None,
                place_path=place.path if at_place else "",
                place_kind=place.kind if at_place else "",
                organisation_id=None if at_place else unit.pk,
                organisation_path="" if at_place else unit.path,
                unit_id=None if at_place else unit.pk,
            )
        )
    actor = Actor(id=1, person_id=1, grants=tuple(grants))
    for capability in (None, "take", "sign", "read"):
        scope = scope_of(actor, capability)
        assert set(Place.objects.filter(scope.place_q()).values_list("pk", flat=True)) == {
            place.pk for place in places if scope.covers_path(place.path)
        }
        assert set(Organisation.objects.filter(scope.organisation_q()).values_list("pk", flat=True)) == {
            unit.pk for unit in units if scope.covers_organisation(unit.path)
        }
        if capability is not None and not scope.reads_all:
            assert all(
                scope.covers_path(place.path) == actor.may(capability, path=place.path) for place in places
            )
        # one root is never inside another, and the ids are those of the roots
        assert not any(a != b and b.startswith(a) for a in scope.places for b in scope.places)
        assert len(scope.place_ids) == len(scope.places)


@pytest.mark.django_db
@settings(max_examples=60, deadline=None)
@given(
    parents=st.lists(st.integers(0, 10_000), max_size=25),
    roots=st.lists(st.integers(0, 10_000), max_size=4),
)
def test_the_same_on_random_trees(parents: list[int], roots: list[int]) -> None:
    with transaction.atomic():
        units: list[Organisation] = []
        for pk, n in zip(fresh_ids(Organisation, len(parents) + 1), [0, *parents], strict=True):
            above = units[n % (len(units) + 1) - 1] if n % (len(units) + 1) else None
            units.append(
                Organisation(
                    pk=pk,
                    code=f"U-{pk}",
                    name="单位",
                    short_name="单位",
                    kind="social",
                    parent=above,
                    path=f"{above.path if above else '/'}{pk}/",
                    opened_at=AT,
                )
            )
        Organisation.objects.bulk_create(units)
        versions.bump("organisations")
        posted = {units[n % len(units)] for n in roots}
        actor = Actor(
            id=1,
            person_id=1,
            grants=tuple(
                Grant("department_clerk", ROLES["department_clerk"].capabilities, organisation_id=unit.pk,
                      organisation_path=unit.path, unit_id=unit.pk)
                for unit in posted
            ),
        )  # fmt: skip
        scope = scope_of(actor)

        def ancestors(unit: Organisation | None) -> Iterator[Organisation]:
            while unit is not None:
                yield unit
                unit = unit.parent

        expected = {unit.pk for unit in units if posted.intersection(ancestors(unit))}
        assert {unit.pk for unit in units if scope.covers_organisation(unit.path)} == expected
        assert (
            set(Organisation.objects.filter(scope.organisation_q()).values_list("pk", flat=True)) == expected
        )
        assert scope.organisation_ids == expected
        transaction.set_rollback(True)
    versions.clear_all()
