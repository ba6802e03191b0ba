"""Who sits where, from memory: the same as the rows say, and read again after every write of a posting."""

from __future__ import annotations

import datetime as dt

import pytest

from cases.notices.postings import people_of as asked_of_the_database
from parties import directory, seats
from parties.models import Account, Posting
from tests import town as towns

NOW = towns.MONDAY
DAY = dt.timedelta(days=1)


@pytest.fixture
def town(db):
    """The whole town with its people, not this room's small one."""
    towns.plant()
    return towns


def who(code: str, capability: str, at: dt.datetime = NOW, path: str = "") -> set[str]:
    people = seats.people_of(directory.by_code(code), capability, at, path)
    return set(Account.objects.filter(person__in=people).values_list("username", flat=True))


def test_a_units_people_and_a_desks(town):
    assert who("GV24", "sign") == {"bumen", "bumen2", "fuzeren"}
    assert who("GV24", "release") == {"fuzeren"}
    assert who(f"ZX-{town.STREET}", "adjudicate") == {"zhiban"}
    assert who(f"JW-{town.COMMUNITY}", "accept") == {"shequ", "shequ2"}
    below = who(f"JW-{town.COMMUNITY}", "accept", path=town.place(town.GRID).path)
    assert below == {"shequ", "shequ2", "wanggezhang"}
    assert who("GV25", "sign") == set() and not seats.is_staffed(directory.by_code("GV25"), "sign", NOW)


def test_the_same_as_the_rows(town):
    """Beside the query by which notices find people, for every unit and place of the town."""
    for org in directory.search():
        for capability in ("sign", "accept", "adjudicate", "release"):
            for path in ("", town.place(town.BUILDING).path):
                accounts = asked_of_the_database(org.id, path, capability, NOW)
                if org.desk_of is None:
                    persons = set(Account.objects.filter(pk__in=accounts).values_list("person_id", flat=True))
                    assert seats.people_of(org, capability, NOW, path) == persons, (org.code, capability)


def test_every_way_to_write_one_is_seen(town, django_assert_num_queries):
    unit = directory.by_code("GV25")
    assert not seats.is_staffed(unit, "sign", NOW)
    with django_assert_num_queries(0):
        seats.is_staffed(unit, "sign", NOW)
    row = Posting(
        account=town.account("huanwei"), role="department_clerk", organisation_id=unit.id, since=town.FOUNDED,
        confirmed_at=town.FOUNDED,
    )  # fmt: skip
    row.save()
    assert seats.is_staffed(unit, "sign", NOW)
    Posting.objects.filter(pk=row.pk).update(until=NOW + DAY)
    assert seats.is_staffed(unit, "sign", NOW) and not seats.is_staffed(unit, "sign", NOW + DAY)
    Posting.objects.filter(pk=row.pk).delete()
    assert not seats.is_staffed(unit, "sign", NOW)
    Posting.objects.bulk_create([row])
    assert seats.is_staffed(unit, "sign", NOW)
    Posting.objects.filter(pk=row.pk).update(confirmed_at=None)
    assert not seats.is_staffed(unit, "sign", NOW)


def test_who_stands_in_counts_for_the_days_given(town):
    Posting.objects.filter(account=town.account("zhiban")).update(
        substitute=town.account("linju"), substitute_from=NOW, substitute_until=NOW + DAY
    )
    desk = f"ZX-{town.STREET}"
    assert who(desk, "adjudicate") == {"zhiban", "linju"}
    assert who(desk, "adjudicate", NOW + DAY) == {"zhiban"} == who(desk, "adjudicate", NOW - DAY)
