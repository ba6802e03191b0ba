"""Drafts that wait for their midnight: published in the author's name, late if need be, or given back with a reason."""

from __future__ import annotations

import datetime as dt

import pytest

from cases.models import Notice
from grid import commands, drafts
from grid.models import Draft
from ledger import clock, post, reading
from parties import commands as people
from parties.models import Posting, UnitDraft
from parties.publishing import publish_due
from parties.tasks import publish_drafts
from tests import town as small_town
from tests.pages import Reader
from tests.town import COMMUNITY, COMMUNITY_2, GRID, MONDAY

DAY = dt.date(2026, 11, 25)
MIDNIGHT = clock.local_midnight(DAY)


@pytest.fixture
def town(db):
    """The whole small town, with its rules: the floors above follow too."""
    small_town.plant()
    return small_town


@pytest.fixture
def draft(town) -> Draft:
    admin = town.actor("admin", MONDAY)
    draft = drafts.open_draft(by=admin, at=MONDAY, basis="甲", effective_on=DAY)
    args = {"places": [COMMUNITY_2], "target": COMMUNITY}
    draft = drafts.add(draft, command="merge", args=args, by=admin, at=MONDAY)
    return drafts.publish(draft, by=admin, at=MONDAY)


def test_at_its_midnight_in_its_authors_name_and_once(town, draft):
    assert publish_due(MIDNIGHT - dt.timedelta(seconds=1)) == (0, 0)
    assert publish_due(MIDNIGHT) == (1, 0) and publish_due(MIDNIGHT) == (0, 0)
    entry = reading.timeline("place", town.place(COMMUNITY_2).pk)[-1]
    assert (entry.event, entry.actor_id, entry.at) == ("place.retired", town.account("admin").pk, MIDNIGHT)


def test_late_rather_than_never(town, draft):
    late = MIDNIGHT + dt.timedelta(days=1, hours=9)
    assert publish_due(late) == (1, 0)
    draft.refresh_from_db()
    assert draft.published_at == late


def test_the_staff_of_the_places_are_told(town, draft):
    publish_due(MIDNIGHT)
    post.deliver_pending()
    told = dict(Notice.objects.filter(event="draft.published").values_list("account__username", "facts"))
    assert {"shequ", "wangge", "louzhang"} <= told.keys()
    assert {"jiedao", "zhiban", "lingdao"} <= told.keys()  # above the places: the street's desk and its staff
    assert not told.keys() & {"linju", "admin", "bumen", "quji", "ducha"}
    assert told["wangge"]["names"][0] == "前铺社区" and "琵琶山社区" in told["shequ"]["names"]
    assert {facts["draft"] for facts in told.values()} == {draft.pk}


def test_what_can_no_longer_be_goes_back_to_its_author(town, draft):
    place = town.place(COMMUNITY_2)
    commands.rename_place(
        place=place,
        name="新琵琶山社区",
        version=place.version,
        by=town.SYSTEM,
        at=MONDAY + dt.timedelta(hours=1),
    )
    assert publish_due(MIDNIGHT) == (0, 1)
    draft.refresh_from_db()
    assert draft.status == "open" and "更名" in draft.problem and town.place(COMMUNITY_2).retired_at is None
    post.deliver_pending()
    (notice,) = Notice.objects.filter(event="draft.failed")
    assert notice.account == town.account("admin") and notice.facts["problem"] == draft.problem


def test_an_author_who_has_left(town, draft):
    Posting.objects.filter(account=town.account("admin")).update(until=MIDNIGHT - dt.timedelta(hours=1))
    assert publish_due(MIDNIGHT) == (0, 1)


def test_of_a_closed_account_it_goes_to_who_may_take_it_over(town, draft):
    people.close_account(by=town.SYSTEM, at=MIDNIGHT - dt.timedelta(hours=1), account=town.account("admin"))
    assert publish_due(MIDNIGHT) == (0, 1)
    draft.refresh_from_db()
    assert draft.author_id is None and draft.problem and town.place(COMMUNITY_2).retired_at is None
    post.deliver_pending()
    told = set(Notice.objects.filter(event="draft.failed").values_list("account__username", flat=True))
    assert told == {"admin2"}
    admin2 = town.actor("admin2", MIDNIGHT)
    assert drafts.left_behind(admin2) == [draft] and drafts.left_behind(town.actor("jiedao", MIDNIGHT)) == []
    mine = drafts.amend(
        drafts.adopt(draft, by=admin2, at=MIDNIGHT), by=admin2, at=MIDNIGHT, effective_on=None
    )
    drafts.publish(mine, by=admin2, at=MIDNIGHT)
    assert town.place(COMMUNITY_2).retired_at == MIDNIGHT


def test_the_people_of_a_unit_are_told_what_became_of_it(town):
    admin = town.actor("admin", MONDAY)
    args = {"unit": "GV24", "name": "综合行政执法局"}
    units = drafts.open_draft(by=admin, at=MONDAY, basis="甲", effective_on=DAY, model=UnitDraft)
    units = drafts.add(units, command="rename", args=args, by=admin, at=MONDAY)
    drafts.publish(units, by=admin, at=MONDAY)
    with clock.frozen(MIDNIGHT):
        assert publish_drafts() == {"published": 1, "failed": 0}
    post.deliver_pending()
    told = dict(Notice.objects.filter(event="unit_draft.published").values_list("account__username", "facts"))
    assert {"bumen", "fuzeren"} <= told.keys() and not told.keys() & {"jiedao", "wangge", "admin"}
    assert told["bumen"]["names"] == ["综合行政执法局"]
    page = Reader("bumen").open("/notices/")
    assert page.says("您所在的单位有变动：综合行政执法局")


def test_by_the_timetable(town, draft):
    with clock.frozen(MIDNIGHT):
        assert publish_drafts() == {"published": 1, "failed": 0}


def test_one_that_goes_wrong_keeps_no_other_back(town, draft, monkeypatch, caplog):
    """An unexpected fault is logged and told to the author; the next draft takes effect all the same."""
    admin = town.actor("admin", MONDAY)
    other = drafts.open_draft(by=admin, at=MONDAY, basis="乙", effective_on=DAY)
    args = {"place": GRID, "name": "新名网格"}
    other = drafts.add(other, command="rename", args=args, by=admin, at=MONDAY)
    drafts.publish(other, by=admin, at=MONDAY)
    real = drafts.publish

    def publish(one, **more):
        if one.pk == draft.pk:
            raise ZeroDivisionError
        return real(one, **more)

    monkeypatch.setattr(drafts, "publish", publish)
    assert publish_due(MIDNIGHT) == (1, 1)
    draft.refresh_from_db()
    assert draft.status == "open" and "意外" in draft.problem
    assert town.place(GRID).name == "新名网格" and "ZeroDivisionError" in caplog.text
