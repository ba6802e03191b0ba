"""What was done without a signal counts from when it was done, within bounds; the ledger keeps both times and its order."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import captured
from cases.captured import OFFLINE_AT_MOST, happened, told
from cases.lifecycle import CAPTURED, FACTS, KEPT, MOVES
from cases.models import Call, Case, CasePast
from cases.models.clock import Clock
from cases.refusals import MoveRefused
from cases.sla.board import pure
from ledger import clock as host
from ledger.models import Entry
from tests import builders
from tests import town as towns
from tests.cases.web.test_phone import Outbox
from tests.clients import Api
from tests.house.invariants import faults
from tests.pages import Reader

MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
AT = dt.datetime(2026, 11, 23, 4, tzinfo=dt.UTC)
SIGNED = ("accept", "dispatch", "sign")
DELAYS = st.timedeltas(min_value=dt.timedelta(0), max_value=dt.timedelta(days=6))
SKEWS = st.timedeltas(min_value=-dt.timedelta(days=1), max_value=dt.timedelta(minutes=5))


def clock(case: Case, stage: str) -> Clock:
    return Clock.objects.filter(case=case, stage=stage, part=0).latest("round")


def entry(case: Case, event: str) -> Entry:
    return Entry.objects.filter(subject_kind=Case.SUBJECT, subject_id=case.pk, event=event).latest("seq")


class TestTheTime:
    @given(delay=DELAYS, skew=SKEWS)
    def test_never_later_than_now_nor_longer_ago_than_is_believed(self, delay, skew):
        when = AT - delay + skew
        if when > AT + captured.FUTURE_AT_MOST:
            with pytest.raises(MoveRefused):
                happened(when, AT)
            return
        done = happened(when, AT)
        assert AT - OFFLINE_AT_MOST <= done <= AT
        assert done == (AT if captured.is_too_old(when, AT) else min(when, AT))
        kept = told(when, done, AT)
        assert ("too_old" in kept) == captured.is_too_old(when, AT) != ("counted_at" in kept)

    def test_nothing_was_kept(self):
        assert happened(None, AT) == AT and told(None, AT, AT) == {}

    def test_which_acts_count_from_when_they_were_done(self):
        done = {name for name, row in MOVES.items() if CAPTURED in row.needs}
        assert done == {"settle", "resolve", "rework", "answer"}
        assert {name for name, row in MOVES.items() if KEPT in row.needs} == {"supply"}
        facts = {name for name, row in FACTS.items() if CAPTURED in row.needs}
        assert facts == {"contact", "arrive", "secure", "interim", "tell", "verify"}


@pytest.mark.django_db
class TestMoves:
    def test_resolved_when_it_was_done(self, town):
        """In time by the phone, late by its receipt: it counts, says both, and somebody looks."""
        case = builders.a_case("in_hand", through=SIGNED)
        due = clock(case, "resolve").due_at
        then, at = due - HOUR, due + 5 * HOUR
        case = builders.a_move(case, "resolve", when=at, captured_at=then.isoformat())
        row = clock(case, "resolve")
        assert (row.stopped_at, row.outcome, row.breached_at) == (then, "met", None)
        assert case.resolved_at == then and case.last_at == at
        kept = entry(case, "case.resolved")
        assert kept.at == at and kept.payload["captured_at"] == kept.payload["counted_at"] == then.isoformat()
        assert kept.payload["saved"] == ["resolve"]
        assert clock(case, "verify").started_at == at  # though its item asks for no check
        assert CasePast.objects.filter(case=case).count() <= 1 and faults(case) == []
        page = Reader("jiedao").open(f"/cases/{case.number}/")
        assert page.says("才送到：按手机时间没有超时") and page.says("按送达时间已超时")
        phone = Reader("wangge").open(f"/cases/{case.number}/")
        assert phone.says("才送到：按手机时间没有超时")

    def test_in_time_both_ways_nobody_is_told(self, town):
        case = builders.a_case("in_hand", through=SIGNED)
        then = case.last_at + HOUR
        case = builders.a_move(case, "resolve", when=then + HOUR, captured_at=then.isoformat())
        assert "saved" not in entry(case, "case.resolved").payload
        assert not Clock.objects.filter(case=case, stage="verify").exists()
        assert not Reader("jiedao").open(f"/cases/{case.number}/").says("才送到")

    def test_late_is_late(self, town):
        case = builders.a_case("in_hand", through=SIGNED)
        due = clock(case, "resolve").due_at
        then = due + MINUTE
        case = builders.a_move(case, "resolve", when=due + 2 * HOUR, captured_at=then.isoformat())
        row = clock(case, "resolve")
        assert row.stopped_at == then > row.due_at == row.breached_at
        assert "saved" not in entry(case, "case.resolved").payload

    def test_not_before_it_was_possible(self, town):
        case = builders.a_case("in_hand", through=SIGNED)
        signed = case.last_at
        case = builders.a_move(
            case, "resolve", when=signed + 2 * HOUR, captured_at=(signed - 5 * HOUR).isoformat()
        )
        assert clock(case, "resolve").stopped_at == case.resolved_at == signed

    def test_a_note_meanwhile_does_not_shorten_it(self, town):
        case = builders.a_case("in_hand", through=SIGNED)
        then = case.last_at + 10 * MINUTE
        case = builders.a_fact(case, "note", by="bumen", text="看过了", when=then + HOUR)
        case = builders.a_move(case, "resolve", when=then + 2 * HOUR, captured_at=then.isoformat())
        assert case.resolved_at == then

    def test_kept_for_too_long(self, town):
        case = builders.a_case("in_hand", through=SIGNED)
        then, at = case.last_at + MINUTE, case.last_at + 80 * HOUR
        case = builders.a_move(case, "resolve", when=at, captured_at=then.isoformat())
        assert case.resolved_at == at == clock(case, "resolve").stopped_at
        assert entry(case, "case.resolved").payload["too_old"] is True
        assert Reader("jiedao").open(f"/cases/{case.number}/").says("72 小时以上，按送达时间计")

    def test_told_when_it_was_told(self, town):
        case = builders.a_case("resolved")
        then, at = case.last_at + 30 * MINUTE, case.last_at + 7 * HOUR
        case = builders.a_move(case, "answer", when=at, captured_at=then.isoformat())
        assert clock(case, "feedback").stopped_at == then and Call.objects.get(case=case).told_at == then
        assert clock(case, "grace").started_at == at == case.answered_at  # the resident's days are whole

    def test_a_check_that_says_no(self, town):
        case = builders.a_case("resolved", caller=None, origin="patrol")
        then, at = case.last_at + 30 * MINUTE, case.last_at + 7 * HOUR
        case = builders.a_move(case, "rework", when=at, by="wangge", captured_at=then.isoformat())
        assert clock(case, "verify").stopped_at == then
        assert pure(clock(case, "resolve")).segments[-1].start == at  # and whoever did it badly loses no time

    def test_what_is_supplied_goes_on_when_it_is_there(self, town):
        case = builders.a_case("awaiting_info")
        then, at = case.last_at + 10 * MINUTE, case.last_at + HOUR
        case = builders.a_move(case, "supply", when=at, captured_at=then.isoformat())
        assert clock(case, "ask").stopped_at == at == pure(clock(case, "resolve")).segments[-1].start
        assert entry(case, "case.supplied").payload["captured_at"] == then.isoformat()

    def test_taken_and_settled_two_days_and_a_half_ago(self, town):
        """In one form, on the phone: the resolve was in time, though both came late."""
        then = host.now() - 60 * HOUR
        box = Outbox("wangge")
        sent = {
            "text": "邻居吵架",
            "item": builders.GRID_ITEM,
            "place": towns.GRID,
            "result": "劝好了",
            "origin": "patrol",
        }
        box.send(**sent, action="settle", idempotency_key="k1", captured_at=then.isoformat())
        case = Case.objects.get()
        row = clock(case, "resolve")
        assert case.status == "resolved" and row.stopped_at == then == case.called_at and row.outcome == "met"
        assert row.stopped_at < row.due_at < case.received_at == row.started_at
        assert entry(case, "case.settled").payload["saved"] == ["resolve"]
        assert faults(case) == []

    def test_a_call_kept_for_too_long_is_taken_all_the_same(self, town):
        then = host.now() - 80 * HOUR
        Outbox("wangge").send(
            text="井盖松了", place=towns.GRID, idempotency_key="k1", captured_at=then.isoformat()
        )
        call = Call.objects.get()
        assert call.captured_at is None and call.called_at == call.received_at

    def test_what_passes_it_on_counts_from_its_receipt_and_says_so(self, town):
        case = builders.a_case("received", item=builders.GRID_ITEM)
        page = Reader("wangge").open(f"/cases/{case.number}/moves/escalate/")
        assert page.says("这一步按送达时间计")
        page = Reader("wangge").open(f"/cases/{case.number}/moves/settle/")
        assert not page.says("按送达时间计")

    def test_over_the_interface(self, town):
        case = builders.a_case("in_hand", through=SIGNED)
        url = f"cases/{case.number}/moves/resolve/"
        sent = {"version": case.version, "result": "修好了", "captured_at": (host.now() + HOUR).isoformat()}
        assert Api("bumen").post(url, sent).status_code == 422
        moves = Api("bumen").get(f"cases/{case.number}/").json()["moves"]
        needs = next(one["needs"] for one in moves if one["name"] == "resolve")
        assert {"field": "captured_at", "type": "time", "required": False}.items() <= next(
            one for one in needs if one["field"] == "captured_at"
        ).items()


@pytest.mark.django_db(transaction=False)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(delay=DELAYS, skew=SKEWS, wait=st.timedeltas(min_value=MINUTE, max_value=dt.timedelta(days=4)))
def test_whatever_the_phone_says(town, delay, skew, wait):
    """Clocks stop between what made the act possible and its receipt; the chain stays in order and whole."""
    case = builders.a_case("in_hand", through=SIGNED)
    possible, at = case.last_at, case.last_at + wait
    when = at - delay + skew
    if when > at + captured.FUTURE_AT_MOST:
        return
    case = builders.a_move(case, "resolve", when=at, captured_at=when.isoformat())
    row, kept = clock(case, "resolve"), entry(case, "case.resolved")
    assert possible <= row.stopped_at == case.resolved_at <= at == kept.at == case.last_at
    assert row.stopped_at == (at if captured.is_too_old(when, at) else max(possible, min(when, at)))
    in_time, by_receipt = row.stopped_at <= row.due_at, at <= row.due_at
    assert ("resolve" in kept.payload.get("saved", ())) == (in_time and not by_receipt)
    seen = list(
        Entry.objects.filter(subject_kind=Case.SUBJECT, subject_id=case.pk)
        .order_by("seq")
        .values_list("at", flat=True)
    )
    assert seen == sorted(seen) and faults(case) == []
