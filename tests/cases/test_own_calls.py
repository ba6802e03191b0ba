"""A caller answers what was asked and takes the own call back; the case ends with the last one."""

from __future__ import annotations

import datetime as dt

import pytest

from cases import own_calls
from cases.models import Call
from cases.refusals import MoveRefused
from tests.builders import a_case, walk
from tests.cases.test_joining import join
from tests.cases.walking import clock, events, fresh, last, local
from tests.clients import statements
from tests.house.invariants import faults
from tests.town import STREET

pytestmark = pytest.mark.django_db
LATER = dt.timedelta(hours=1)
SQUAD = f"TS02-{STREET}"


def withdraw(call: Call, when: dt.datetime | None = None, reason: str = "自己弄好了", **key):
    case = own_calls.withdraw(call=call, reason=reason, at=when or call.received_at + LATER, **key)
    assert faults(fresh(case)) == []
    return fresh(case)


def no(call: Call, reason: str = "自己弄好了") -> MoveRefused:
    with pytest.raises(MoveRefused) as refusal:
        own_calls.withdraw(call=call, reason=reason, at=call.received_at + LATER)
    return refusal.value


class TestSupplying:
    def test_by_who_was_asked(self, town):
        case = a_case("awaiting_info", through=("accept", "ask"))
        call = case.calls.get()
        sent = {
            "call": call,
            "answer": "在北侧。",
            "at": case.last_at + LATER,
            "request_key": "k",
            "body_hash": "h",
        }
        after = own_calls.supply(**sent)
        assert own_calls.supply(**sent).pk == after.pk  # the same again
        after = fresh(after)
        assert after.status == "accepted" and events(after).count("case.supplied") == 1
        entry = last(after)
        assert (entry.actor_id, entry.actor_role) == (None, "system:resident")
        assert entry.payload["answered"] is True and entry.payload["call"] == call.pk
        assert after.words.get(seq=entry.seq).texts == {"answer": "在北侧。"}
        assert clock(after, "ask").outcome == "met" and faults(after) == []

    def test_not_what_nobody_asked(self, town):
        case = a_case()
        with pytest.raises(MoveRefused) as refusal:
            own_calls.supply(call=case.calls.get(), answer="再说一句", at=case.last_at + LATER)
        assert refusal.value.status == 409


class TestTakingBack:
    def test_with_the_last_the_case_ends(self, town):
        case = a_case("in_hand", through=("accept", "dispatch", "sign"))
        call = case.calls.get()
        after = withdraw(call, case.last_at + LATER, request_key="k", body_hash="h")
        assert after.status == "withdrawn" and last(after).payload["call"] == call.pk
        assert after.words.get(seq=last(after).seq).texts == {"reason": "自己弄好了"}
        assert (
            withdraw(call, case.last_at + LATER, request_key="k", body_hash="h").chain_length
            == after.chain_length
        )
        assert no(Call.objects.get(pk=call.pk)).status == 409

    def test_the_others_go_on(self, town):
        case = a_case(when=local("23 09:00"))
        due = clock(case, "resolve").due_at
        second = join(town, case, when="23 11:00").call
        assert fresh(case).callers == 2
        after = withdraw(case.calls.order_by("pk").first(), local("23 12:00"))
        assert (after.status, after.callers, after.has_caller) == ("received", 1, True)
        assert events(after)[-1] == "case.caller_withdrew" and clock(after, "resolve").due_at == due
        assert withdraw(second, local("23 13:00")).status == "withdrawn"

    def test_what_patrol_found_goes_on_without_a_caller(self, town):
        case = a_case(when=local("23 09:00"), caller=None)
        joined = join(town, case, when="23 11:00", caller={"name": "李四", "phone": "13911112222"}).call
        assert clock(fresh(case), "feedback").state == "running"
        after = withdraw(joined, local("23 12:00"))
        assert (after.status, after.callers, after.origin) == ("received", 0, "patrol")
        assert clock(after, "feedback").outcome == "ended"

    def test_of_a_merged_case(self, town):
        elder = a_case(when=local("23 09:00"))
        case = a_case(when=local("23 09:10"), caller={"name": "李四", "phone": "13900005678"})
        merged = walk(case, "merge")
        after = withdraw(merged.calls.get(), local("23 12:00"))
        assert after.pk == elder.pk and (after.status, after.callers) == ("received", 1)
        assert fresh(case).callers == 0 and faults(fresh(case)) == []
        assert withdraw(elder.calls.get(), local("23 13:00")).status == "withdrawn"

    def test_not_once_it_is_done_nor_without_a_word(self, town):
        done = a_case("resolved").calls.get()
        assert no(done).status == 409 and Call.objects.get(pk=done.pk).withdrawn_at is None
        early = a_case().calls.get()
        assert no(early, "  ").fields.keys() == {"reason"}
        assert Call.objects.get(pk=early.pk).withdrawn_at is None

    def test_parts_are_let_go(self, town):
        case = a_case(through=("accept",))
        case = walk(case, "dispatch", assisting=[SQUAD])
        after = withdraw(case.calls.get(), case.last_at + LATER)
        assert after.status == "withdrawn" and after.open_parts == 0


def test_the_cost_does_not_grow(town):
    case = a_case()
    for n in range(3):
        join(town, case, when=f"23 1{n}:00", caller={"name": "王", "phone": f"1390000000{n}"})
    with statements() as found:
        own_calls.withdraw(
            call=Call.objects.filter(case=case).latest("pk"), reason="好了", at=local("23 15:00")
        )
    assert len(found) <= 14, found
