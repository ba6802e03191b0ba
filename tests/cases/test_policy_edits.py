"""Deadlines by proposal and a second person: in force from their day, ended in two steps, never two at once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import pairwise

import pytest

from cases import policy_edits, rulebook
from cases.models import Policy
from cases.refusals import MoveRefused
from ledger.models import Entry
from parties.access import NotYours
from tests import town as places

pytestmark = pytest.mark.django_db

AT = places.MONDAY
TODAY = dt.date(2026, 11, 23)
LATER = TODAY + dt.timedelta(days=10)


def day(date: dt.date) -> dt.datetime:
    return dt.datetime.combine(date, dt.time(4), dt.UTC)


@pytest.fixture
def admins(town):
    return town.actor("admin"), town.actor("admin2")


def propose(by, *, at=AT, **more) -> Policy:
    given = {"stage": "sign", "amount": 2, "unit": "work_hour", "since": LATER, "basis": "区政府令第 3 号"}
    return policy_edits.propose_policy(by=by, at=at, **{**given, **more})


def settled(admins, *, at=AT, **more) -> Policy:
    row = propose(admins[0], at=at, **more)
    return policy_edits.confirm_policy(policy=row.pk, by=admins[1], at=at)


def amount(at: dt.datetime, **facts) -> object:
    rule = rulebook.rule_for("sign", item=None, at=at, **facts)
    return rule.amount if rule else None


def test_in_force_from_its_day(admins):
    settled(admins)
    assert amount(day(LATER) - dt.timedelta(days=1)) == 4
    assert amount(day(LATER)) == 2
    before = Policy.objects.get(stage="sign", urgency="", until__isnull=False)
    assert before.until == LATER


def test_a_draft_holds_nowhere_and_only_another_confirms(admins):
    row = propose(admins[0])
    assert amount(day(LATER)) == 4
    with pytest.raises(MoveRefused) as refused:
        policy_edits.confirm_policy(policy=row.pk, by=admins[0], at=AT)
    assert refused.value.status == 403
    policy_edits.confirm_policy(policy=row.pk, by=admins[1], at=AT)
    with pytest.raises(MoveRefused, match="已经确认"):
        policy_edits.confirm_policy(policy=row.pk, by=admins[1], at=AT)


def test_confirmed_after_its_day_it_holds_from_then(admins):
    row = propose(admins[0], since=TODAY)
    late = AT + dt.timedelta(days=3)
    assert policy_edits.confirm_policy(policy=row.pk, by=admins[1], at=late).since == TODAY + dt.timedelta(
        days=3
    )


def test_two_rows_never_hold_on_one_day(admins):
    settled(admins)
    for since in (TODAY, LATER):
        with pytest.raises(MoveRefused, match="重叠"):
            propose(admins[0], since=since)
    settled(admins, since=LATER + dt.timedelta(days=1), amount=3)
    settled(admins, since=TODAY, urgency="urgent")  # another scope
    row = propose(admins[0], since=LATER + dt.timedelta(days=9), amount=5)
    policy_edits.confirm_policy(policy=row.pk, by=admins[1], at=AT)
    rows = Policy.objects.filter(stage="sign", urgency="", confirmed_at__isnull=False).order_by("since")
    spans = [(one.since, one.until or dt.date.max) for one in rows]
    assert all(first[1] <= second[0] for first, second in pairwise(spans))


def test_the_same_proposal_twice_is_refused(admins):
    propose(admins[0])
    with pytest.raises(MoveRefused, match="待确认"):
        propose(admins[1])


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"stage": "nothing"}, "stage"),
        ({"amount": "0"}, "amount"),
        ({"amount": "一"}, "amount"),
        ({"amount": "1.5", "unit": "work_day"}, "amount"),
        ({"amount": "1e9"}, "amount"),
        ({"unit": "fortnight"}, "amount"),
        ({"anchor": "birth"}, "anchor"),
        ({"basis": " "}, "basis"),
        ({"since": TODAY - dt.timedelta(days=1)}, "since"),
        ({"item": "9999"}, "item"),
        ({"item": "0601", "category": "06"}, "category"),
        ({"level": "moon"}, "level"),
    ],
)
def test_what_does_not_fit_names_its_field(admins, fields, fault):
    with pytest.raises(MoveRefused) as refused:
        propose(admins[0], **fields)
    assert refused.value.status == 422 and fault in refused.value.fields
    assert not Policy.objects.filter(confirmed_at=None).exists()


def test_an_end_waits_for_a_second_person_too(admins):
    row = settled(admins, since=TODAY, urgency="urgent")
    assert amount(day(TODAY), urgency="urgent") == 2
    policy_edits.propose_end(policy=row.pk, by=admins[0], at=AT, on=LATER)
    assert amount(day(LATER), urgency="urgent") == 2
    with pytest.raises(MoveRefused) as refused:
        policy_edits.confirm_end(policy=row.pk, by=admins[0], at=AT)
    assert refused.value.status == 403
    policy_edits.confirm_end(policy=row.pk, by=admins[1], at=AT)
    assert amount(day(LATER), urgency="urgent") == 4
    assert amount(day(LATER) - dt.timedelta(days=1), urgency="urgent") == 2


def test_what_waits_can_be_taken_back(admins):
    row = propose(admins[0])
    policy_edits.withdraw_policy(policy=row.pk, by=admins[0], at=AT)
    assert not Policy.objects.filter(pk=row.pk).exists()
    row = settled(admins, since=TODAY, urgency="urgent")
    policy_edits.propose_end(policy=row.pk, by=admins[0], at=AT, on=LATER)
    policy_edits.withdraw_policy(policy=row.pk, by=admins[1], at=AT)
    with pytest.raises(MoveRefused):
        policy_edits.confirm_end(policy=row.pk, by=admins[1], at=AT)
    with pytest.raises(MoveRefused):
        policy_edits.withdraw_policy(policy=row.pk, by=admins[1], at=AT)


def test_every_change_is_an_entry_without_words(admins):
    row = settled(admins, since=TODAY, urgency="urgent", basis="张三的批示")
    policy_edits.propose_end(policy=row.pk, by=admins[0], at=AT, on=LATER)
    policy_edits.confirm_end(policy=row.pk, by=admins[1], at=AT)
    entries = Entry.objects.filter(subject_kind="rules").order_by("-id")[:4]
    assert [entry.event for entry in entries] == [
        "rules.policy_ended",
        "rules.policy_end_proposed",
        "rules.policy_confirmed",
        "rules.policy_proposed",
    ]
    assert "张三" not in str([entry.payload for entry in entries])


def test_adopting_is_an_act_with_a_citation(admins):
    with pytest.raises(MoveRefused) as refused:
        policy_edits.adopt(by=admins[0], at=AT, items=["0601"], basis="")
    assert "basis" in refused.value.fields
    rows = policy_edits.adopt(
        by=admins[0], at=AT, items=["0601", "0610"], basis="任城城管〔2026〕1号", since=LATER
    )
    assert [row.item.code for row in rows] == ["0601", "0610"]
    with pytest.raises(MoveRefused, match="待确认"):
        policy_edits.adopt(by=admins[0], at=AT, items=["0601"], basis="再来", since=LATER)
    for row in rows:
        policy_edits.confirm_policy(policy=row.pk, by=admins[1], at=AT)
    item = rulebook.item("0601")
    rule = rulebook.rule_for("resolve", item=item, kind="problem", at=day(LATER))
    assert (rule.amount, rule.unit) == (item.limit_amount, item.limit_unit)
    for wrong in ([], ["9999"]):
        with pytest.raises(MoveRefused):
            policy_edits.adopt(by=admins[0], at=AT, items=wrong, basis="x")


def test_who_may_not(town, admins):
    row = propose(admins[0])
    for name in ("jiedao", "ducha", "shenji", "bumen"):
        with pytest.raises(NotYours):
            propose(town.actor(name))
        with pytest.raises(NotYours):
            policy_edits.confirm_policy(policy=row.pk, by=town.actor(name), at=AT)


@pytest.mark.parametrize("amount", ["0.001", "1.005", "0.0000001"])
def test_what_the_table_cannot_hold_is_refused(admins, amount):
    with pytest.raises(MoveRefused, match="两位小数"):
        propose(admins[0], amount=amount)
    assert propose(admins[0], amount="0.500").amount == Decimal("0.5")
