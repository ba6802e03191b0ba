"""The rulebook: what it says of the shipped rules, and that it reads them once."""

from __future__ import annotations

import datetime as dt

import pytest

from cases import calendar_edits, duty_edits, policy_edits, rule_edits, rulebook, seeding
from cases.models import rules
from cases.sla import calendar as opening
from ledger.models import Entry
from tests.cases.routing.conftest import AT, BY, ground  # noqa: F401

pytestmark = pytest.mark.django_db


def test_a_second_reading_costs_no_statement(ground, django_assert_num_queries):  # noqa: F811
    def read():
        rulebook.items(), rulebook.item("0601"), rulebook.categories(), rulebook.duty_rows()
        rulebook.policies(), rulebook.calendar()
        for stage in ("accept", "resolve", "sign"):
            rulebook.rule_for(
                stage, item=rulebook.item("0601"), kind="problem", urgency="normal", level="grid", at=AT
            )

    read()
    with django_assert_num_queries(0):
        read()


def test_it_reads_again_after_an_edit(ground):  # noqa: F811
    assert rulebook.item("0601").urgency == "normal"
    rule_edits.edit_item(code="0601", by=BY, at=AT, urgency="urgent")
    assert rulebook.item("0601").urgency == "urgent"


def test_loading_twice_adds_nothing(ground):  # noqa: F811
    assert ground.loaded.items == 131
    entries = Entry.objects.count()
    again = seeding.load_rules(BY, AT)
    assert (again.items, again.duties, again.policies, again.days) == (0, 0, 0, 0)
    assert Entry.objects.count() == entries


def test_loading_again_leaves_an_admins_word_alone(ground):  # noqa: F811
    rule_edits.edit_item(code="0601", by=BY, at=AT, level="street")
    row = rules.DutyRow.objects.get(item__code="0602", part="lead")
    duty_edits.end_duty(row=row.pk, by=BY, at=AT)
    seeding.load_rules(BY, AT)
    assert rulebook.item("0601").level == "street"
    assert rules.DutyRow.objects.filter(item__code="0602", part="lead", until__isnull=True).count() == 0


def test_every_item_has_exactly_one_lead_for_the_district(ground):  # noqa: F811
    leads = [row for row in rulebook.duty_rows() if row.part == "lead" and row.place_id == ground.district.pk]
    assert sorted(row.item for row in leads) == [item.code for item in rulebook.items()]


def test_categories_hold_their_items(ground):  # noqa: F811
    assert [len(category.items) for category in rulebook.categories()] == [12, 20, 14, 14, 17, 28, 11, 15]
    item = rulebook.item("0601")
    assert (item.name, item.level, item.category_name, item.evidence) == (
        "暴露垃圾",
        "grid",
        "城市管理",
        ("photo",),
    )
    assert rulebook.item_by_id(item.id) is item
    assert rulebook.item("9999") is None


def test_the_calendar_read_from_rows_is_the_shipped_one(ground):  # noqa: F811
    read = rulebook.calendar()
    for offset in range(0, 3650):
        date = dt.date(2018, 1, 1) + dt.timedelta(days=offset)
        assert read.day(date).hours == opening.DEFAULT.day(date).hours, date
    assert read.published_until == opening.DEFAULT.published_until


def test_a_calendar_inherits(ground):  # noqa: F811
    default = rules.Calendar.objects.get(code="default")
    rules.Calendar.objects.create(
        code="hall", parent=default, weekly={str(day): [["09:00", "16:00"]] for day in range(7)}
    )
    hall = rules.Calendar.objects.get(code="hall")
    calendar_edits.set_day(
        by=BY, at=AT, calendar=hall, date=dt.date(2026, 12, 24), kind="half", intervals=[["09:00", "12:00"]]
    )
    read = rulebook.calendar("hall")
    assert read.is_workday(dt.date(2026, 11, 22))  # a Sunday, by its own hours
    assert not read.is_workday(dt.date(2026, 10, 1))  # the parent's holiday
    assert read.day(dt.date(2026, 12, 24)).hours == ((dt.time(9), dt.time(12)),)
    assert read.day(dt.date(2026, 10, 10)).hours == ((dt.time(9), dt.time(16)),)  # a make-up day, own hours
    assert rulebook.calendar("nobody's") == rulebook.calendar()


def test_a_deadline_waits_for_a_second_person(ground):  # noqa: F811
    from dataclasses import replace

    from cases.refusals import MoveRefused

    one, other = replace(BY, person_id=1), replace(BY, person_id=2)
    before = rulebook.policies()
    row = policy_edits.propose_policy(
        by=one, at=AT, stage="sign", amount=2, unit="work_hour", since=dt.date(2026, 12, 1), basis="测试文件"
    )
    assert rulebook.policies() == before
    with pytest.raises(MoveRefused) as refused:
        policy_edits.confirm_policy(policy=row.pk, by=one, at=AT)
    assert refused.value.kind == "not_yours"
    policy_edits.confirm_policy(policy=row.pk, by=other, at=AT)
    december = dt.datetime(2026, 12, 2, tzinfo=dt.UTC)
    for at, amount in ((AT, 4), (december, 2)):
        rule = rulebook.rule_for("sign", item=None, kind="problem", urgency="normal", level="street", at=at)
        assert (rule.amount, rule.unit) == (amount, "work_hour")
