"""A district's organisations from its tree."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ledger.models import Entry
from parties.demo import PASSWORD, PEOPLE
from parties.errors import PartiesRefused
from parties.models import Account, Organisation, Posting, Serving
from parties.seeding import committee_name, load_demo_accounts, load_organisations
from tests.parties.town import AT, SYSTEM, Town, build


def test_what_the_tree_calls_for(town: Town) -> None:
    # government, desk and 67 departments; per street an office, a desk and 13 templates; 3 committees
    assert Organisation.objects.count() == 2 + 67 + 2 * 15 + 3
    assert Serving.objects.count() == Organisation.objects.count()
    assert Organisation.objects.get(code="GV24").parent.code == "QF-370811"
    office = Organisation.objects.get(code="TS02-370811015")
    assert (office.name, office.template, office.parent.code) == (
        "观音阁街道综合执法中队",
        "TS02",
        "JD-370811015",
    )
    assert Organisation.objects.get(code="TS03-370811111").name == "喻屯镇派出所"
    assert Organisation.objects.get(code="JD-370811111").name == "喻屯镇人民政府"
    committee = Organisation.objects.get(code="JW-370811015001")
    assert (committee.name, committee.short_name) == ("前铺社区居民委员会", "前铺社区")
    assert committee.desk_of == town.place("370811015001")
    assert committee.path == f"{committee.parent.path}{committee.pk}/"


def test_a_second_run_changes_nothing(town: Town) -> None:
    entries = Entry.objects.count()
    assert load_organisations(by=SYSTEM, at=AT) == 0
    assert Entry.objects.count() == entries


@pytest.mark.django_db
def test_few_statements_whatever_the_size() -> None:
    build(organisations=False)
    with CaptureQueriesContext(connection) as queries:
        assert load_organisations(by=SYSTEM, at=AT) > 100
    assert len(queries) <= 10


def test_every_unit_has_its_entry(town: Town) -> None:
    heads = dict(Organisation.objects.values_list("id", "chain_head"))
    entries = Entry.objects.filter(subject_kind="organisation", event="organisation.opened")
    assert {entry.subject_id: entry.hash for entry in entries} == heads


@pytest.mark.parametrize(
    ("place", "names"),
    [
        ("前铺社区居民委员会", ("前铺社区居民委员会", "前铺社区")),
        ("前铺社区居委会", ("前铺社区居民委员会", "前铺社区")),
        ("前铺社区", ("前铺社区居民委员会", "前铺社区")),
        ("谭口集村村委会", ("谭口集村村民委员会", "谭口集村")),
        ("谭口集村委会", ("谭口集村村民委员会", "谭口集村")),
        ("谭口集村民委员会", ("谭口集村村民委员会", "谭口集村")),
        ("谭口集村", ("谭口集村村民委员会", "谭口集村")),
        ("小屯村居委会", ("小屯村居民委员会", "小屯村")),
        ("王楼煤矿社区", ("王楼煤矿社区居民委员会", "王楼煤矿社区")),
    ],
)
def test_committees_by_the_name_of_their_place(place: str, names: tuple[str, str]) -> None:
    assert committee_name(place) == names


def test_demo_accounts(town: Town, settings) -> None:
    settings.DEMO = True
    assert load_demo_accounts(by=SYSTEM, at=AT) == len(PEOPLE)
    assert load_demo_accounts(by=SYSTEM, at=AT) == 0
    where = {
        posting.account.username: (posting.role, (posting.place or posting.organisation).code)
        for posting in Posting.objects.select_related("account", "place", "organisation")
    }
    assert where["louzhang"] == ("building_lead", "370811015001001001")
    assert where["wangge"] == ("grid_worker", "370811015001001")
    assert where["wanggezhang"] == ("grid_lead", "370811015001001")
    assert where["wangge2"] == ("grid_worker", "370811015001002")
    assert where["shequ"] == ("community_clerk", "370811015001")
    assert where["linju"] == ("grid_worker", "370811111260001")
    assert where["bumen"] == ("department_clerk", "GV24")
    assert where["fuzeren"] == ("department_head", "GV24")
    assert where["quji"] == ("district_dispatcher", "370811")
    assert all(town.actor(account).roles for account in Account.objects.all())
    assert all(account.check_password(PASSWORD) for account in Account.objects.all())


def test_none_outside_demo_mode(town: Town, settings) -> None:
    settings.DEMO = False
    with pytest.raises(PartiesRefused):
        load_demo_accounts(by=SYSTEM, at=AT)
    assert not Account.objects.exists()
