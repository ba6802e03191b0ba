"""Duty rows by command: dated, scoped, one entry each, refused in a sentence."""

from __future__ import annotations

import datetime as dt

import pytest

from cases import duty_edits, rulebook
from cases.models.rules import DutyRow
from cases.refusals import MoveRefused
from cases.routing.decide import decide
from grid.queries import lineage
from ledger.models import Entry
from parties import directory
from parties.access import NotYours
from parties.models import Organisation, Posting
from tests.town import COMMUNITY, DISTRICT, GRID, MONDAY, OTHER_STREET, STREET

pytestmark = pytest.mark.django_db

AT = MONDAY
TODAY = dt.date(2026, 11, 23)
DAY = dt.timedelta(days=1)
ITEM = "0601"


@pytest.fixture
def admin(town):
    return town.actor("admin")


@pytest.fixture
def street_admin(town):
    """An admin of one street."""
    Posting.objects.filter(account__username="admin2", role="admin").update(
        place=town.place(STREET), organisation=None
    )
    return town.actor("admin2")


def entries() -> list[str]:
    found = Entry.objects.filter(subject_kind="rules", event__startswith="rules.duty_").order_by("seq")
    return list(found.values_list("event", flat=True))[1:]  # the first loaded the shipped rows


def lead_at(place, at=AT, item=ITEM):
    return decide(item, "problem", lineage(place), at)


def opened(town, by, *, code=STREET, unit="GV24", at=AT, **more):
    given = {"item": ITEM, "organisation": town.org(unit), "basis": "街道办〔2026〕3 号", **more}
    return duty_edits.open_duty(by=by, at=at, place=town.place(code), **given)


def test_it_decides_from_its_day_on(town, admin):
    opened(town, admin, since=TODAY + 3 * DAY)
    grid = town.place(GRID)
    assert directory.by_id(lead_at(grid).lead).code == "IN02"
    later = lead_at(grid, AT + 4 * DAY)
    assert directory.by_id(later.lead).code == "GV24" and "街道办〔2026〕3 号" in later.reason
    assert entries() == ["rules.duty_opened"]


def test_what_stood_is_closed_not_overwritten(town, admin):
    old = DutyRow.objects.get(item__code=ITEM, place__code=STREET, part="lead")
    new = opened(town, admin)
    old.refresh_from_db()
    assert (old.until, new.since, new.until) == (TODAY, TODAY, None)
    assert Entry.objects.get(event="rules.duty_opened").payload["terms"] == {str(old.pk): None}


def test_for_a_while_only(town, admin):
    opened(town, admin, since=TODAY + DAY, until=TODAY + 5 * DAY)
    grid = town.place(GRID)
    codes = [directory.by_id(lead_at(grid, AT + n * DAY).lead).code for n in (0, 1, 4, 5)]
    assert codes == ["IN02", "GV24", "GV24", "IN02"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"item": "9999"}, "没有编号为“9999”的小项"),
        ({"item": "", "category": "99"}, "没有编号为“99”的大类"),
        ({"item": ""}, "要么写小项，要么写大类"),
        ({"category": "06"}, "要么写小项，要么写大类"),
        ({"organisation": None}, "要么写单位，要么写镇街机构模板"),
        ({"organisation": None, "template": "TS99"}, "没有“TS99”这种镇街机构"),
        ({"part": "boss"}, "没有这个选项"),
        ({"since": TODAY - DAY}, "不能早于今天"),
        ({"since": TODAY, "until": TODAY}, "须晚于生效日"),
        ({"until": dt.date(2090, 1, 1)}, "日期太远"),
    ],
)
def test_refused_in_a_sentence(town, admin, more, words):
    with pytest.raises(MoveRefused, match=words) as refused:
        opened(town, admin, **more)
    assert refused.value.status == 422 and entries() == []


def test_an_ended_unit_and_a_retired_place_are_refused(town, admin):
    Organisation.objects.filter(code="GV24").update(retired_at=AT)
    directory._directory.clear()
    with pytest.raises(MoveRefused, match="已停用"):
        opened(town, admin)
    place = town.place(GRID)
    place.retired_at = AT
    with pytest.raises(MoveRefused, match="已停用"):
        duty_edits.open_duty(by=admin, at=AT, place=place, item=ITEM, organisation=town.org("GV07"))


def test_units_of_another_street_have_nothing_to_do_with_it(town, admin):
    with pytest.raises(MoveRefused, match="属于别的镇街或社区"):
        opened(town, admin, unit=f"TS02-{OTHER_STREET}")
    with pytest.raises(MoveRefused, match="属于别的镇街或社区"):
        opened(town, admin, code=DISTRICT, unit=f"TS02-{STREET}")
    opened(town, admin, unit=f"TS02-{STREET}")
    opened(town, admin, code=GRID, unit=f"JW-{COMMUNITY}")


def test_the_same_row_twice_is_refused_and_a_new_basis_is_not(town, admin):
    opened(town, admin, since=TODAY + DAY)
    with pytest.raises(MoveRefused, match="已经有了"):
        opened(town, admin, since=TODAY + DAY)
    opened(town, admin, since=TODAY + 9 * DAY, basis="另一份文件")
    assert entries() == ["rules.duty_opened"] * 2


def test_an_admin_of_a_street_keeps_to_it(town, street_admin):
    opened(town, street_admin)
    for code in (DISTRICT, OTHER_STREET):
        with pytest.raises(NotYours):
            opened(town, street_admin, code=code)
    other = DutyRow.objects.filter(place__code=DISTRICT).first()
    with pytest.raises(NotYours):
        duty_edits.end_duty(row=other.pk, by=street_admin, at=AT)
    with pytest.raises(NotYours):
        duty_edits.change_duty(row=other.pk, by=street_admin, at=AT, basis="x")


@pytest.mark.parametrize("username", ["jiedao", "shenji", "fuzeren"])
def test_nobody_else_changes_them(town, username):
    with pytest.raises(NotYours):
        opened(town, town.actor(username))


def test_changed_means_closed_and_opened(town, admin):
    old = DutyRow.objects.get(item__code=ITEM, place__code=STREET, part="lead")
    new = duty_edits.change_duty(row=old.pk, by=admin, at=AT, template="TS12", since=TODAY + DAY)
    old.refresh_from_db()
    assert old.until == new.since == TODAY + DAY
    assert (new.template, new.organisation, new.basis) == ("TS12", None, old.basis)
    with pytest.raises(MoveRefused, match="已经有了"):
        duty_edits.change_duty(row=new.pk, by=admin, at=AT)
    again = duty_edits.change_duty(row=new.pk, by=admin, at=AT, organisation=town.org("GV24"))
    assert not DutyRow.objects.filter(pk=new.pk).exists()  # it had not held a day
    assert again.since == TODAY + DAY and entries() == ["rules.duty_opened"] * 2


def test_taken_back_before_it_held_the_former_goes_on(town, admin):
    old = DutyRow.objects.get(item__code=ITEM, place__code=STREET, part="lead")
    new = opened(town, admin)
    assert duty_edits.end_duty(row=new.pk, by=admin, at=AT) is None
    old.refresh_from_db()
    assert old.until is None and not DutyRow.objects.filter(pk=new.pk).exists()
    assert rulebook.duty_rows() and directory.by_id(lead_at(town.place(GRID)).lead).code == "IN02"


def test_ended_once(town, admin):
    row = DutyRow.objects.get(item__code=ITEM, place__code=STREET, part="lead")
    assert duty_edits.end_duty(row=row.pk, by=admin, at=AT, on=TODAY + DAY).until == TODAY + DAY
    with pytest.raises(MoveRefused, match="已经定了"):
        duty_edits.end_duty(row=row.pk, by=admin, at=AT, on=TODAY + 2 * DAY)
    with pytest.raises(MoveRefused, match="不能早于今天"):
        duty_edits.end_duty(row=row.pk, by=admin, at=AT, on=TODAY - DAY)
    with pytest.raises(MoveRefused, match="不在了"):
        duty_edits.end_duty(row=0, by=admin, at=AT)


def test_a_ruling_becomes_a_row(town):
    by = town.actor("quji")
    row = duty_edits.from_ruling(
        item=ITEM, place=town.place(STREET), organisation=town.org("GV24"), ruling="GYG20261123-0001",
        by=by, at=AT,
    )  # fmt: skip
    assert row.basis == "工单 GYG20261123-0001 的裁定" and row.direct
    assert directory.by_id(lead_at(town.place(GRID)).lead).code == "GV24"
    assert Entry.objects.get(event="rules.duty_opened").payload["ruling"] == "GYG20261123-0001"


def test_who_may_not_rule_makes_no_row_of_it(town):
    with pytest.raises(NotYours):
        duty_edits.from_ruling(
            item=ITEM, place=town.place(STREET), organisation=town.org("GV24"), ruling="X", by=town.actor("jiedao"),
            at=AT,
        )  # fmt: skip
