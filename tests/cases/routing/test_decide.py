"""Decisions on real rows, and the sentence each of them gives."""

from __future__ import annotations

import datetime as dt

import pytest

from cases import duty_edits, rulebook
from cases.models.rules import DutyRow
from cases.routing.decide import decide, direct_reach
from parties import directory
from parties.models import Organisation

pytestmark = pytest.mark.django_db


def org(code: str) -> int:
    found = directory.by_code(code)
    assert found is not None, code
    return found.id


def test_the_streets_own_row_beats_the_districts(ground):
    decision = decide("0601", "problem", ground.lineage(ground.grid), ground.at)
    assert decision.lead == org("IN02")
    assert decision.matched and decision.direct and decision.unambiguous
    assert decision.reason == (
        "暴露垃圾在观音阁街道由区环卫中心主办（依据观音阁街道属地管理清单（演示），2026-01-01 起）；"
        "这是此地点最具体的一行，且允许街道直派，不必先上呼区里。观音阁街道城建办协办。"
    )
    assert DutyRow.objects.get(pk=decision.row_id).place_id == ground.here.pk


def test_elsewhere_the_districts_row_holds(ground):
    decision = decide("0601", "problem", ground.lineage(ground.elsewhere), ground.at)
    assert decision.lead == org("IN02")
    assert decision.reason.startswith("暴露垃圾在任城区由区环卫中心主办（依据任城区网格事项清单")
    assert DutyRow.objects.get(pk=decision.row_id).place_id == ground.district.pk


def test_a_template_is_the_office_that_serves_the_place(ground):
    for place, street in ((ground.grid, ground.here), (ground.elsewhere, ground.there)):
        decision = decide("0616", "problem", ground.lineage(place), ground.at)
        assert decision.lead == org(f"TS02-{street.code}")
        assert not decision.direct
        assert street.name in decision.reason


def test_a_committee_is_the_one_of_the_community(ground):
    decision = decide("0108", "problem", ground.lineage(ground.grid), ground.at)
    assert decision.lead == org(f"JW-{ground.community.code}")


def test_a_committees_duty_without_a_community_waits_at_the_desk(ground):
    decision = decide("0108", "problem", ground.lineage(ground.here), ground.at)
    assert (decision.lead, decision.matched) == (None, False)
    assert "还没有对应的单位" in decision.reason and "等待人工派遣" in decision.reason


def test_without_an_item_it_waits_at_the_desk(ground):
    decision = decide(None, "problem", ground.lineage(ground.grid), ground.at)
    assert (decision.lead, decision.matched, decision.row_id) == (None, False, None)
    assert "等待人工派遣" in decision.reason


def test_before_any_row_holds_it_waits_and_says_where(ground):
    decision = decide("0601", "problem", ground.lineage(ground.grid), dt.datetime(2025, 6, 1, tzinfo=dt.UTC))
    assert not decision.matched
    assert decision.reason == "暴露垃圾在秦庄社区第一网格没有一行职责可依；留在本级受理台，等待人工派遣。"


def test_the_day_a_row_begins_is_a_local_one(ground):
    eve = dt.datetime(2025, 12, 31, 15, 59, tzinfo=dt.UTC)
    lineage = ground.lineage(ground.grid)
    assert not decide("0601", "problem", lineage, eve).matched
    assert decide("0601", "problem", lineage, eve + dt.timedelta(minutes=1)).matched


def test_a_closed_unit_gets_nothing(ground):
    Organisation.objects.filter(code="IN02").update(retired_at=ground.at)
    directory._directory.clear()
    decision = decide("0601", "problem", ground.lineage(ground.grid), ground.at)
    assert not decision.matched and "已停用" in decision.reason


def test_an_offer_is_never_chosen(ground):
    item = rulebook.item("0105")
    gov = Organisation.objects.get(code="GV24")
    before = decide(item, "wish", ground.lineage(ground.grid), ground.at)
    duty_edits.open_duty(
        by=ground.by, at=ground.at, place=ground.grid, item="0105", organisation=gov, part="offer"
    )
    assert decide("0105", "wish", ground.lineage(ground.grid), ground.at) == before
    assert gov.pk not in (before.lead, *before.assisting)


def test_every_item_finds_one_living_lead_in_every_community(ground):
    for place in (ground.community, ground.elsewhere):
        lineage = ground.lineage(place)
        for item in rulebook.items():
            decision = decide(item, item.kind, lineage, ground.at)
            assert decision.matched and decision.unambiguous, (item.code, decision.reason)
            assert decision.lead not in decision.assisting


def test_a_street_reaches_the_departments_its_rows_name(ground):
    lineage = ground.lineage(ground.grid)
    assert direct_reach("0601", "problem", lineage, ground.at) == {org("IN02")}
    assert org("GV24") in direct_reach("0616", "problem", lineage, ground.at)
    assert direct_reach(None, "problem", lineage, ground.at) == frozenset()


def test_a_new_lead_takes_over_from_its_day_on(ground):
    gov, day = Organisation.objects.get(code="GV24"), dt.date(2026, 12, 1)
    duty_edits.open_duty(
        by=ground.by, at=ground.at, place=ground.here, item="0601", organisation=gov, since=day, direct=True,
        basis="裁定第 1 号",
    )  # fmt: skip
    lineage = ground.lineage(ground.grid)
    assert decide("0601", "problem", lineage, ground.at).lead == org("IN02")
    later = decide("0601", "problem", lineage, dt.datetime(2026, 12, 1, tzinfo=dt.UTC))
    assert later.lead == gov.pk and "裁定第 1 号，2026-12-01 起" in later.reason


def test_deciding_costs_no_statement(ground, django_assert_num_queries):
    lineage = ground.lineage(ground.grid)
    decide("0601", "problem", lineage, ground.at)
    with django_assert_num_queries(0):
        decide("0602", "problem", lineage, ground.at)
        direct_reach("0602", "problem", lineage, ground.at)
