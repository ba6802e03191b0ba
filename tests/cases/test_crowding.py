"""Many callers lift the urgency, once per step; a person may put it back."""

from __future__ import annotations

from cases import crowding
from cases.models import Notice
from ledger import post
from tests.builders import CALLER, a_case, a_fact, walk
from tests.cases.test_joining import join
from tests.cases.walking import clock, events, fresh, last, local
from tests.house.invariants import faults
from tests.town import SYSTEM


def call(town, case, n: int, when: str = "23 10:00") -> None:
    join(town, case, when=when, caller={"phone": f"1390537{n:04d}"})


def lift(case, when: str = "23 12:00") -> str:
    return crowding.lift(number=case.number, by=SYSTEM, at=local(when))


def test_three_are_urgent_and_ten_critical(town):
    case = a_case()
    call(town, case, 1)
    assert lift(case) == "" and fresh(case).urgency == "normal"
    call(town, case, 2)
    before = clock(case, "accept").due_at
    assert lift(case) == "urgent" and lift(case) == ""
    case = fresh(case)
    assert (case.urgency, case.lifted_to) == ("urgent", "urgent") and clock(case, "accept").due_at <= before
    assert last(case).event == "case.lifted" and last(case).payload["voices"] == 3
    for n in range(3, 10):
        call(town, case, n)
    assert lift(case) == "critical" and faults(fresh(case)) == []


def test_one_who_rings_ten_times_is_one_voice(town):
    case = a_case()
    for _n in range(5):
        join(town, case, caller=CALLER)
    assert fresh(case).callers == 6 and lift(case) == ""


def test_only_those_of_the_last_days(town):
    case = a_case()
    call(town, case, 1)
    call(town, case, 2, when="30 10:00")
    assert lift(case, "30 12:00") == ""


def test_what_a_person_put_back_stays(town):
    case = a_case()
    call(town, case, 1)
    call(town, case, 2)
    lift(case)
    a_fact(
        fresh(case),
        "urgency",
        by="shequ" if fresh(case).level == "community" else "jiedao",
        urgency="normal",
        reason="已设围挡，不急。",
    )
    call(town, case, 3, when="23 15:00")
    assert lift(case, "23 15:10") == "" and fresh(case).urgency == "normal"


def test_nobody_lifts_an_ended_one(town):
    case = a_case()
    call(town, case, 1)
    call(town, case, 2)
    walk(fresh(case), "reject")
    assert lift(case, "24 12:00") == ""


def test_a_step_may_be_switched_off(town, settings):
    settings.LIFT_TO_URGENT = 0
    assert crowding.wanted_by(9) == "" and crowding.wanted_by(10) == "critical"


def test_it_follows_by_itself_and_tells_the_desk(town):
    case = a_case()
    call(town, case, 1)
    call(town, case, 2)
    post.deliver_pending()
    assert "case.lifted" in events(case)
    post.deliver_pending()
    told = Notice.objects.filter(event="case.lifted").values_list("account__username", flat=True)
    assert "jiedao" in told
