"""Drafts of the tree of units: built step by step, checked by doing it, published whole, taken back, taken over."""

from __future__ import annotations

import datetime as dt

import pytest

from grid import drafts
from grid.errors import TreeRefused
from ledger import clock
from ledger.models import Entry
from parties import commands, directory
from parties.models import Account, Organisation, Posting, Serving, UnitDraft
from parties.publishing import publish_due
from tests.parties.town import AT as FOUNDED
from tests.parties.town import SYSTEM, Town

BASIS = "任民〔2026〕31号"
OFFICE, OTHER_OFFICE = "JD-370811015", "JD-370811111"
SQUAD = "TS02-370811015"
COMMITTEE, COMMITTEE_2 = "JW-370811015001", "JW-370811015002"
PLACE = "370811015001"
AT = FOUNDED + dt.timedelta(days=1)
LATER = AT + dt.timedelta(hours=1)


@pytest.fixture
def admin(town: Town):
    """A street's admin: 观音阁街道, and nothing else."""
    return town.actor(town.somebody("jdadmin", "admin", place="370811015"))


@pytest.fixture
def chief(town: Town):
    """An admin of the district."""
    return town.actor(town.somebody("qadmin", "admin", place="370811"))


def draft_of(by, *steps: tuple[str, dict], day: dt.date | None = None) -> UnitDraft:
    draft = drafts.open_draft(by=by, at=AT, basis=BASIS, effective_on=day, model=UnitDraft)
    for command, args in steps:
        draft = drafts.add(draft, command=command, args=args, by=by, at=AT)
    return draft


def tree_now() -> dict[str, tuple]:
    return {
        unit.code: (
            unit.name,
            unit.short_name,
            tuple(unit.aliases),
            unit.parent_id,
            unit.path,
            unit.desk_of_id,
            unit.retired_at is None,
            unit.merged_into_id,
            unit.needs_release,
            frozenset(unit.servings.filter(until=None).values_list("place_id", flat=True)),
        )
        for unit in Organisation.objects.all()
    }


EVERYTHING = (
    ("open", {"name": "前铺物业", "code": "WY-1", "kind": "property", "parent": OFFICE, "serves": PLACE}),
    ("rename", {"unit": SQUAD, "name": "综合执法中队", "needs_release": True}),
    ("aliases", {"unit": SQUAD, "aliases": ["执法队"]}),
    ("move", {"unit": SQUAD, "parent": "~1"}),
    ("serve", {"unit": SQUAD, "place": PLACE}),
    ("leave", {"unit": OFFICE, "place": "370811015"}),
    ("merge", {"units": [COMMITTEE_2], "target": COMMITTEE}),
)


def test_every_sort_of_step_and_back_again(town: Town, admin) -> None:
    before = tree_now()
    draft = draft_of(admin, *EVERYTHING)
    assert tree_now() == before
    checked = drafts.check(draft, by=admin, at=AT)
    assert checked.is_publishable and len(checked.changes) == len(EVERYTHING)
    assert tree_now() == before and directory.by_code("WY-1") is None
    drafts.publish(draft, by=admin, at=AT)
    squad, firm = town.org(SQUAD), town.org("WY-1")
    assert squad.parent_id == firm.pk and squad.name == "综合执法中队" and squad.aliases == ["执法队"]
    assert town.org(COMMITTEE_2).merged_into.code == COMMITTEE
    assert Entry.objects.filter(event="unit_draft.published", payload__steps=len(EVERYTHING)).count() == 1
    undone = drafts.undo(drafts.of(admin, UnitDraft).get(pk=draft.pk), by=admin, at=LATER)
    after = tree_now()
    assert after.pop("WY-1")[6] is False  # nothing with a history is deleted
    assert after == before and undone.undoes_id == draft.pk


def test_a_merge_taken_back_brings_people_and_desk_back(town: Town, admin) -> None:
    account = town.somebody("zhongdui", "department_clerk", organisation=SQUAD)
    draft = draft_of(admin, ("merge", {"units": [SQUAD], "target": OFFICE}))
    drafts.publish(draft, by=admin, at=AT)
    assert Posting.objects.get(account=account, until=None).organisation.code == OFFICE
    drafts.undo(draft, by=admin, at=LATER)
    assert Posting.objects.get(account=account, until=None).organisation.code == SQUAD
    desk = draft_of(admin, ("merge", {"units": [COMMITTEE_2], "target": SQUAD}))
    drafts.publish(desk, by=admin, at=LATER)
    assert town.org(SQUAD).desk_of.code == "370811015002"
    drafts.undo(desk, by=admin, at=LATER + dt.timedelta(hours=1))
    assert town.org(SQUAD).desk_of is None and town.org(COMMITTEE_2).desk_of.code == "370811015002"


def test_found_by_every_name_it_ever_had(town: Town, admin) -> None:
    old = town.org(SQUAD)
    target = {
        "name": "综合行政执法队",
        "code": "ZF-1",
        "kind": "office",
        "parent": OFFICE,
        "aliases": ["城管队"],
    }
    steps = (("open", target), ("merge", {"units": [SQUAD], "target": "~1"}))
    drafts.publish(draft_of(admin, *steps), by=admin, at=AT)
    for word in (old.name, old.short_name, *old.aliases, "城管队", SQUAD, "综合行政执法队"):
        assert directory.named(word).code == "ZF-1", word
        assert "ZF-1" in [org.code for org in directory.search(word)] or word == SQUAD
    assert directory.current(directory.by_code(SQUAD)).code == "ZF-1"


def test_not_taken_back_while_something_depends_on_it(town: Town, admin) -> None:
    draft = draft_of(
        admin, ("open", {"name": "前铺物业", "code": "WY-1", "kind": "property", "parent": OFFICE})
    )
    drafts.publish(draft, by=admin, at=AT)
    town.somebody("jingli", "department_clerk", organisation="WY-1")
    with pytest.raises(TreeRefused) as refused:
        drafts.undo(draft, by=admin, at=LATER)
    assert "任职" in refused.value.sentence and town.org("WY-1").retired_at is None
    other = draft_of(admin, ("rename", {"unit": SQUAD, "name": "甲队"}))
    drafts.publish(other, by=admin, at=AT)
    unit = town.org(SQUAD)
    commands.rename_organisation(by=SYSTEM, at=LATER, organisation=unit, version=unit.version, name="乙队")
    with pytest.raises(TreeRefused) as refused:
        drafts.undo(other, by=admin, at=LATER)
    assert refused.value.status == 409 and "甲队" not in town.org(SQUAD).name


def test_all_or_nothing(town: Town, admin) -> None:
    before = tree_now()
    draft = draft_of(
        admin,
        ("rename", {"unit": SQUAD, "name": "甲队"}),
        ("move", {"unit": OFFICE, "parent": SQUAD}),
    )
    checked = drafts.check(draft, by=admin, at=AT)
    assert [one.n for one in checked.blocking] == [2] and checked.changes[0].sentence
    with pytest.raises(TreeRefused) as refused:
        drafts.publish(draft, by=admin, at=AT)
    assert refused.value.sentence.startswith("第 2 步") and tree_now() == before


def test_what_others_changed_is_named(town: Town, admin) -> None:
    draft = draft_of(admin, ("move", {"unit": SQUAD, "parent": COMMITTEE}))
    unit = town.org(SQUAD)
    commands.rename_organisation(by=SYSTEM, at=AT, organisation=unit, version=unit.version, name="甲队")
    (blocking,) = drafts.check(draft, by=admin, at=AT).blocking
    assert blocking.status == 409 and "“甲队”已被他人改动：改名称或设置" in blocking.sentence
    draft = drafts.refresh(draft, by=admin, at=AT)
    assert drafts.check(draft, by=admin, at=AT).is_publishable


@pytest.mark.parametrize(
    ("command", "args", "status"),
    [
        ("explode", {}, 400),
        ("rename", {"unit": "NOPE", "name": "甲"}, 422),
        ("rename", {"unit": "#999999999999999999999", "name": "甲"}, 422),
        ("rename", {"unit": SQUAD, "name": {}}, 422),
        ("rename", {"unit": SQUAD, "needs_release": "yes"}, 422),
        ("rename", {"unit": SQUAD, "name": "甲\0乙"}, 422),
        ("merge", {"units": SQUAD, "target": OFFICE}, 422),
        ("move", {"unit": "~9", "parent": OFFICE}, 422),
        ("rename", {"unit": OTHER_OFFICE, "name": "甲"}, 403),
        ("merge", {"units": [COMMITTEE], "target": "JW-370811111260"}, 403),
    ],
)
def test_what_cannot_be_a_step(town: Town, admin, command, args, status) -> None:
    draft = drafts.open_draft(by=admin, at=AT, model=UnitDraft)
    with pytest.raises(TreeRefused) as refused:
        drafts.add(draft, command=command, args=args, by=admin, at=AT)
    assert refused.value.status == status and refused.value.sentence


def test_moved_to_the_top_and_back(town: Town, chief) -> None:
    before = tree_now()
    draft = draft_of(chief, ("move", {"unit": SQUAD}))
    drafts.publish(draft, by=chief, at=AT)
    assert town.org(SQUAD).parent_id is None and town.org(SQUAD).path == f"/{town.org(SQUAD).pk}/"
    drafts.undo(draft, by=chief, at=LATER)
    assert tree_now() == before
    desk = draft_of(chief, ("move", {"unit": COMMITTEE}))
    assert "受理台" in drafts.check(desk, by=chief, at=LATER).blocking[0].sentence


def test_retired_and_restored_serves_again(town: Town, admin) -> None:
    served = {row.place_id for row in Serving.objects.filter(organisation=town.org(SQUAD), until=None)}
    drafts.publish(draft_of(admin, ("retire", {"unit": SQUAD})), by=admin, at=AT)
    assert town.org(SQUAD).retired_at == AT
    drafts.publish(draft_of(admin, ("restore", {"unit": SQUAD})), by=admin, at=LATER)
    assert town.org(SQUAD).retired_at is None
    assert {
        row.place_id for row in Serving.objects.filter(organisation=town.org(SQUAD), until=None)
    } == served
    with pytest.raises(TreeRefused):
        drafts.publish(draft_of(admin, ("restore", {"unit": SQUAD})), by=admin, at=LATER)


class TestMidnight:
    DAY = clock.local_date(AT) + dt.timedelta(days=2)
    MIDNIGHT = clock.local_midnight(clock.local_date(AT) + dt.timedelta(days=2))

    def scheduled(self, by) -> UnitDraft:
        draft = draft_of(by, ("rename", {"unit": SQUAD, "name": "甲队"}), day=self.DAY)
        return drafts.publish(draft, by=by, at=AT)

    def test_published_by_the_clock(self, town: Town, admin) -> None:
        draft = self.scheduled(admin)
        assert draft.status == "scheduled" and town.org(SQUAD).name != "甲队"
        assert publish_due(self.MIDNIGHT) == (1, 0) and publish_due(self.MIDNIGHT) == (0, 0)
        entry = Entry.objects.get(event="organisation.renamed")
        assert town.org(SQUAD).name == "甲队" and entry.actor_id == admin.id and entry.at == self.MIDNIGHT

    def test_whose_author_has_left_is_taken_over(self, town: Town, admin, chief) -> None:
        draft = self.scheduled(admin)
        commands.close_account(by=SYSTEM, at=LATER, account=Account.objects.get(username="jdadmin"))
        other = town.actor(town.somebody("zhadmin", "admin", place="370811111"))
        assert publish_due(self.MIDNIGHT) == (0, 1)
        draft.refresh_from_db()
        assert draft.status == "open" and draft.problem and draft.author_id is None
        assert drafts.left_behind(other, UnitDraft) == [] and drafts.left_behind(chief, UnitDraft) == [draft]
        with pytest.raises(TreeRefused) as refused:
            drafts.adopt(draft, by=other, at=self.MIDNIGHT)
        assert refused.value.status == 403
        mine = drafts.adopt(draft, by=chief, at=self.MIDNIGHT)
        assert mine.author_id == chief.id and drafts.left_behind(chief, UnitDraft) == []
        with pytest.raises(TreeRefused) as refused:
            drafts.adopt(draft, by=chief, at=self.MIDNIGHT)
        assert refused.value.status == 409
        drafts.amend(mine, by=chief, at=self.MIDNIGHT, effective_on=None)
        drafts.publish(mine, by=chief, at=self.MIDNIGHT)
        assert town.org(SQUAD).name == "甲队"


def test_a_step_with_a_place_that_is_none_is_shown_with_its_refusal(town: Town, admin) -> None:
    draft = draft_of(
        admin, ("rename", {"unit": OFFICE, "name": "甲"}), ("serve", {"unit": SQUAD, "place": "NONE"})
    )
    checked = drafts.check(draft, by=admin, at=AT)
    assert [one.n for one in checked.blocking] == [2] and "NONE" in checked.changes[1].problem
    assert checked.blocking[0].in_full.count("第 2 步") == 1
    assert drafts.check(drafts.drop(draft, 2, by=admin, at=AT), by=admin, at=AT).is_publishable
