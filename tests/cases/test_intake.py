"""Taking a call: what is enough, whose clock begins when, and that nothing is taken twice."""

from __future__ import annotations

import re

import pytest

from cases import intake
from cases.models import Attachment, Call, Case
from cases.models.call import Caller
from cases.refusals import MoveRefused
from ledger.models import Entry
from tests.builders import GRID_ITEM, a_case, a_photo
from tests.cases.walking import DAY, HOUR, MINUTE, clock, clocks, fresh, local
from tests.clients import statements
from tests.house.invariants import faults
from tests.threads import at_once
from tests.town import BUILDING, COMMUNITY, GRID, MONDAY, OTHER_GRID, STREET


def take(town, *, by="wangge", at=MONDAY, place=GRID, **sent):
    sent.setdefault("text", "路灯不亮")
    return intake.take_call(by=town.actor(by), at=at, place_code=place, **sent)


def refused(town, **sent) -> MoveRefused:
    with pytest.raises(MoveRefused) as refusal:
        take(town, **sent)
    assert not Case.objects.exists() and not Call.objects.exists()
    return refusal.value


class TestEnough:
    def test_text_photo_or_subject(self, town):
        assert take(town).case.status == "received"
        assert take(town, text="", subject="路灯").case.title == "路灯"
        photo = a_photo(town.actor("wangge"))
        case = take(town, text="", attachments=[photo]).case
        assert case.title == "照片或录音"
        assert Attachment.objects.get(pk=photo).case_id == case.pk

    def test_nothing_is_not_enough(self, town):
        assert refused(town, text=" \n").fields.keys() == {"text"}

    def test_every_fault_at_once(self, town):
        refusal = refused(
            town, text="x" * 20_001, kind="gossip", urgency="soon", channel="pigeon", item="9999", lat="north",
            lng=400, caller={"phone": "call me"}, captured_at="yesterday", outer_due_at="soon", about=7,
        )  # fmt: skip
        assert refusal.kind == "not_ready"
        assert set(refusal.fields) >= {
            "text", "kind", "urgency", "channel", "item", "lat", "lng", "caller", "captured_at", "outer_due_at",
        }  # fmt: skip

    @pytest.mark.parametrize("place", ["", "nowhere", "GRID\x00", "\ud800", 7, None, [], "370811", "37"])
    def test_a_place_at_or_below_a_street(self, town, place):
        assert refused(town, by="quji", place=place).fields.keys() == {"place"}

    def test_in_ones_own_scope(self, town):
        assert refused(town, place=OTHER_GRID).kind == "not_yours"
        assert refused(town, by="lingdao").kind == "not_yours"
        assert take(town, by="louzhang", place=BUILDING).case.building_id == town.place(BUILDING).pk
        assert refused_by_louzhang(town)

    def test_the_call_is_kept_word_for_word(self, town):
        text = "第一行\r\n<script>alert(1)</script> “引号”，😀。\n" + "长" * 5000
        call = take(town, text=text).call
        assert Call.objects.get(pk=call.pk).text == text.replace("\r\n", "\n").strip()

    def test_titles(self, town):
        assert take(town, text="路灯不亮。已经三天了。").case.title == "路灯不亮"
        assert take(town, text="很" * 80).case.title == "很" * 47 + "…"
        assert take(town, subject="三单元路灯", text="不亮").case.title == "三单元路灯"


def refused_by_louzhang(town) -> bool:
    with pytest.raises(MoveRefused) as refusal:
        take(town, by="louzhang", place=GRID)  # the grid is above the building
    return refusal.value.kind == "not_yours"


class TestOrigin:
    def test_by_caller_and_channel(self, town):
        assert take(town).case.origin == "patrol"
        assert take(town, caller={"phone": "13905371234"}).case.origin == "resident"
        assert take(town, channel="phone").case.origin == "resident"
        assert take(town, channel="camera").case.origin == "patrol"
        assert take(town, origin="resident").case.callers == 1

    def test_the_caller_stands_apart(self, town):
        call = take(
            town, caller={"name": "孟庆芳", "phone": "139-0537 1234", "for_person": "老伴", "anonymous": True}
        ).call
        row = Caller.objects.get(call=call)
        assert (row.phone, row.phone_tail, row.anonymous, row.for_person) == (
            "13905371234",
            "1234",
            True,
            "老伴",
        )
        assert Case.objects.get().reachable


class TestTimes:
    def test_an_offline_call_is_accepted_from_its_receipt(self, town):
        case = take(town, captured_at=local("22 21:00"), caller={"phone": "13905371234"}).case
        assert case.called_at == local("22 21:00") and case.received_at == MONDAY
        assert clock(case, "accept").due_at == local("24 09:00")
        assert clock(case, "resolve").due_at == local("24 21:00")
        assert clock(case, "feedback").due_at == local("25 21:00")

    def test_at_most_three_days_back(self, town):
        assert refused(town, captured_at=MONDAY - 73 * HOUR).fields.keys() == {"captured_at"}
        assert take(town, captured_at=MONDAY - 72 * HOUR).case.called_at == MONDAY - 72 * HOUR

    def test_a_phones_clock_may_be_a_little_ahead(self, town):
        assert take(town, captured_at=MONDAY + 4 * MINUTE).case.called_at == MONDAY
        with pytest.raises(MoveRefused):
            take(town, captured_at=MONDAY + 6 * MINUTE)

    def test_further_back_needs_backdate(self, town):
        assert refused(town, called_at=MONDAY - 4 * DAY).kind == "not_yours"
        case = take(town, by="jiedao", called_at=MONDAY - 4 * DAY).case
        assert clock(case, "accept").due_at == MONDAY - 3 * DAY  # late from the start, truly
        assert refused_future(town)

    def test_a_deadline_from_outside(self, town):
        case = take(town, outer_due_at="2026-11-24 17:30", channel="hotline").case
        assert clock(case, "resolve").due_at == local("24 17:30")


def refused_future(town) -> bool:
    with pytest.raises(MoveRefused) as refusal:
        take(town, by="jiedao", called_at=MONDAY + HOUR)
    return refusal.value.fields.keys() == {"called_at"}


class TestNumbers:
    def test_by_street_and_local_day(self, town):
        assert [take(town).case.number for _ in range(2)] == ["GYG20261123-0001", "GYG20261123-0002"]
        assert take(town, at=local("24 00:00")).case.number == "GYG20261124-0001"
        assert take(town, at=local("23 23:59")).case.number == "GYG20261123-0003"
        assert take(town, by="linju", place=OTHER_GRID).case.number == "YT20261123-0001"

    def test_a_refused_call_leaves_no_gap(self, town):
        take(town)
        with pytest.raises(MoveRefused):
            take(town, attachments=[a_photo(town.actor("jiedao"))])  # somebody else's photo
        assert take(town).case.number == "GYG20261123-0002"

    def test_tracking_codes_are_digits_that_can_be_read_aloud(self, town):
        codes = {take(town).call.tracking_code for _ in range(5)}
        assert len(codes) == 5 and all(re.fullmatch("[1-9][0-9]{9}", code) for code in codes)


class TestRouting:
    def test_proposes_with_a_reason(self, town):
        case = a_case()
        assert (case.proposed.code, case.unmatched, case.direct) == ("GV24", False, True)
        assert "区综合执法局" in case.routing_reason and "建筑外立面不洁" in case.routing_reason

    def test_no_match_is_marked(self, town):
        case = take(town).case
        assert case.unmatched and case.proposed_id is None and case.routing_reason

    def test_a_template_finds_the_one_that_serves_the_place(self, town):
        assert a_case(item="0615").proposed.code == f"TS02-{STREET}"

    def test_urgency_is_the_items_unless_said(self, town):
        assert take(town, item="0604").case.urgency == "urgent"
        assert take(town, item="0604", urgency="critical").case.urgency == "critical"


class TestOnce:
    def test_the_same_request_gives_the_first_answer(self, town):
        sent = {"request_key": "k", "body_hash": "b", "caller": {"phone": "13905371234"}}
        first, again = take(town, **sent), take(town, **sent)
        assert (again.case.number, again.call.tracking_code) == (first.case.number, first.call.tracking_code)
        assert again.replayed and not first.replayed and Case.objects.count() == 1
        assert again.call.caller.phone == "13905371234"

    def test_another_body_under_the_key(self, town):
        take(town, request_key="k", body_hash="b")
        with pytest.raises(MoveRefused, match="幂等键"):
            take(town, request_key="k", body_hash="c")
        assert Case.objects.count() == 1

    def test_an_outer_number_once_per_channel(self, town):
        take(town, channel="hotline", external_ref="SD-1")
        with pytest.raises(MoveRefused) as refusal:
            take(town, channel="hotline", external_ref="SD-1")
        assert refusal.value.fields.keys() == {"external_ref"}
        assert take(town, channel="letter", external_ref="SD-1").case.pk

    @pytest.mark.django_db(transaction=True)
    def test_ten_at_once_are_ten_numbers_and_one_request_is_one(self):
        from tests import town

        town.plant()
        taken = []
        jobs = [lambda: taken.append(take(town).case.number) for _ in range(6)]
        jobs += [
            lambda: taken.append(take(town, request_key="k", body_hash="b").case.number) for _ in range(4)
        ]
        assert at_once(*jobs) == []
        assert len(set(taken)) == 7 and Case.objects.count() == 7
        assert sorted(Case.objects.values_list("number", flat=True)) == [
            f"GYG20261123-{n:04d}" for n in range(1, 8)
        ]
        assert Entry.objects.filter(request_key="k").count() == 1


class TestAbout:
    @pytest.mark.parametrize("about", ["nobody", "account:nobody", "account:", "\x00", "x" * 65])
    def test_must_be_known(self, town, about):
        assert refused(town, about=about).fields.keys() == {"about"}


def test_a_fresh_case_is_sound(town):
    for item, place, by in (
        (GRID_ITEM, GRID, "wangge"),
        ("", COMMUNITY, "shequ"),
        ("0610", STREET, "jiedao"),
    ):
        case = a_case(item=item, place=place, by=by)
        assert faults(fresh(case)) == [] and "accept" in clocks(case)


def test_what_it_costs(town):
    """ENGINE decision 7: at most ten statements, authentication included (one)."""
    by, photo = town.actor("wangge"), a_photo(town.actor("wangge"))
    take(town, item="0610")  # the caches are warm
    with statements() as sql:
        intake.take_call(
            by=by, at=MONDAY, place_code=GRID, text="路灯不亮", item="0610", attachments=[photo],
            caller={"phone": "13905371234"}, request_key="k", body_hash="b",
        )  # fmt: skip
    assert len(sql) <= 9, [one[:90] for one in sql]
