"""Silence goes up a rung and never grants; at the top it waits on, marked."""

from __future__ import annotations

from cases.sla import sweep
from ledger import post
from tests.builders import a_case
from tests.cases.reliefs.filing import answered, asked, cannot, in_hand
from tests.cases.walking import clock, clocks, events, fresh, local
from tests.house.invariants import faults


def test_up_the_ladder_to_the_top(town):
    case = in_hand()
    relief = asked(case, when=local("23 15:00"))
    sweep.sweep(local("24 17:30"))
    relief.refresh_from_db()
    assert (relief.rung, relief.desk.code, relief.state) == ("district", "ZX-370811", "asked")
    first, second = clock(case, "relief", n=1), clock(case, "relief", n=2)
    assert (first.outcome, first.stopped_at, first.breached_at) == (
        "ended",
        local("24 17:30"),
        local("24 17:30"),
    )
    assert (second.due_at, second.organisation.code) == (local("25 17:30"), "ZX-370811")
    assert cannot(answered, relief, kind="not_yours", by="jiedao")  # it has gone past that desk
    sweep.sweep(local("25 17:30"))
    relief.refresh_from_db()
    assert (relief.rung, relief.desk) == ("supervisor", None)
    sweep.sweep(local("26 17:30"))
    sweep.sweep(local("30 17:30"))
    row = clock(case, "relief")
    assert (row.round, row.state, row.breached_at, row.next_at) == (3, "running", local("26 17:30"), None)
    assert events(case).count("relief.raised") == 2 and events(case).count("relief.unanswered") == 1
    assert relief.state == "asked"  # nobody's silence grants
    assert clock(case, "resolve").due_at == local("25 09:00")
    answered(relief, by="ducha", when=local("30 18:00"))
    assert clock(case, "resolve").due_at == local("27 09:00")
    assert faults(fresh(case)) == []


def test_after_a_long_outage_all_at_once(town):
    case = in_hand()
    relief = asked(case, when=local("23 15:00"))
    sweep.sweep(local("30 17:30"))
    relief.refresh_from_db()
    assert relief.rung == "supervisor" and events(case).count("relief.raised") == 2
    assert clock(case, "relief").breached_at is not None
    assert faults(fresh(case)) == []


def test_an_answer_in_time_keeps_it_where_it_is(town):
    case = in_hand()
    answered(asked(case, when=local("23 15:00")), "refuse", when=local("24 17:29"))
    sweep.sweep(local("26 09:00"))
    assert "relief.raised" not in events(case) and clocks(case)["relief"] == "met"


def test_those_are_told_whose_answer_it_is(town):
    from cases.models import Notice

    def told() -> dict[str, set[str]]:
        post.deliver_pending()
        found: dict[str, set[str]] = {}
        rows = Notice.objects.filter(event__startswith="relief.").values_list("event", "account__username")
        for event, username in rows:
            found.setdefault(event, set()).add(username)
        return found

    case = in_hand()
    relief = asked(case, when=local("23 15:00"))
    assert told() == {"relief.asked": {"jiedao", "jiedao2", "zhiban"}}
    sweep.sweep(local("24 17:30"))
    assert told()["relief.raised"] == {"quji", "quji2"}
    sweep.sweep(local("25 17:30"))
    assert told()["relief.raised"] == {"quji", "quji2", "ducha", "ducha2"}
    answered(relief, "refuse", by="ducha", when=local("26 09:00"))
    assert told()["relief.refused"] == {"bumen"}


def test_at_a_committee_the_street_answers(town):
    case = a_case(item="0301", through=("accept", "start"))
    assert asked(case, by="shequ").desk.code == "ZX-370811015"
