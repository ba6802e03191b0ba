"""Planning open clocks again: batches, people at work, races; nothing lost and nothing twice."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from cases import calendar_edits, calendars, replanning, rulebook
from cases.models import Calendar, Case, Clock
from cases.sla import clock as sla
from cases.sla.board import pure
from ledger.models import Entry
from tests import builders
from tests.cases.reliefs.filing import answered, asked
from tests.cases.walking import fresh, local
from tests.house.invariants import faults
from tests.threads import at_once

AT = dt.datetime(2026, 11, 23, 6, 0, tzinfo=dt.UTC)


def close_tomorrow(town) -> None:
    close(town, 24)


def close(town, day: int) -> None:
    calendar_edits.set_day(
        by=town.SYSTEM,
        at=AT,
        calendar=Calendar.objects.get(code="default"),
        date=dt.date(2026, 11, day),
        kind="holiday",
        intervals=None,
    )


def told() -> list[int]:
    rows = Entry.objects.filter(event=replanning.EVENT).order_by("id")
    return list(rows.values_list("subject_id", flat=True))


@pytest.mark.django_db
class TestOnPurpose:
    def test_a_calendar_change_moves_nothing_until_an_admin_says_so(self, town):
        case = builders.a_case("resolved", caller=None)
        before = {row.pk: row.due_at for row in Clock.objects.filter(case=case)}
        close_tomorrow(town)
        assert {row.pk: row.due_at for row in Clock.objects.filter(case=case)} == before
        for row in Clock.objects.filter(case=case):
            assert sla.due(pure(row), rulebook.calendar(row.rule["calendar"])) == row.due_at
        plan = replanning.as_of_now(AT)
        moved = replanning.preview(replanning.chosen(town.SYSTEM, "verify"), plan)
        assert [one.clock.stage for one in moved] == ["verify"] and moved[0].moves
        done = replanning.apply([case.pk], replanning.of_stage("verify", plan), by=town.SYSTEM, at=AT)
        assert done.clocks == 1 and told() == [case.pk]
        verify = Clock.objects.get(case=case, stage="verify")
        assert verify.due_at == moved[0].new.due_at == before[verify.pk] + dt.timedelta(days=1)
        assert (
            replanning.apply([case.pk], replanning.of_stage("verify", plan), by=town.SYSTEM, at=AT).clocks
            == 0
        )

    def test_a_limit_from_outside_stays(self, town):
        case = builders.a_case(
            "received", outer_due_at=AT + dt.timedelta(days=9), channel="hotline", by=town.SYSTEM
        )
        close_tomorrow(town)
        stages = {
            one.clock.stage
            for one in replanning.preview(replanning.chosen(town.SYSTEM), replanning.as_of_now(AT))
            if one.clock.case_id == case.pk
        }
        resolve = Clock.objects.get(case=case, stage="resolve")
        assert (resolve.rule["unit"] == "until") == ("resolve" not in stages)

    def test_only_what_one_sees(self, town):
        case = builders.a_case("assigned")
        assert case.pk in set(replanning.chosen(town.actor("admin")).values_list("case_id", flat=True))
        assert not replanning.chosen(town.actor("linju")).exists()

    def test_the_case_shows_its_new_worst_deadline(self, town):
        case = builders.a_case("assigned", when=dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC))
        close_tomorrow(town)
        replanning.apply([case.pk], replanning.as_of_now(AT), by=town.SYSTEM, at=AT)
        case.refresh_from_db()
        running = Clock.objects.filter(case=case, state="running")
        assert case.next_due_at == min(row.due_at for row in running)

    def test_again_after_a_hold_took_back_what_was_paused_since(self, town):
        """A hold counts from its filing, so that a question between filing and grant is no tile of its own."""
        case = builders.a_case("in_hand", through=("accept", "dispatch", "sign"))

        def again(when: str, date: int) -> None:
            close(town, date)
            plan = replanning.of_stage("resolve", anew)
            assert replanning.apply([case.pk], plan, by=town.SYSTEM, at=local(when)).clocks == 1

        def anew(row: Clock, case: Case) -> sla.Rule:
            return dataclasses.replace(sla.rule_from_json(row.rule), calendar=calendars.pinned("default"))

        relief = asked(case, "hold", when=local("23 10:00"))
        case = builders.a_move(fresh(case), "ask", when=local("23 11:00"), by="bumen")
        builders.a_move(case, "supply", when=local("23 12:00"))
        again("23 13:00", 24)
        answered(relief, when=local("23 14:00"))
        again("23 15:00", 25)
        keys = Entry.objects.filter(event=replanning.EVENT).values_list("once", flat=True)
        assert len(set(keys)) == 2 and faults(fresh(case)) == []

    def test_the_time_it_may_take(self, town):
        cases = [builders.a_case("assigned") for _n in range(3)]
        close_tomorrow(town)
        plan = replanning.as_of_now(AT)
        done = replanning.apply([case.pk for case in cases], plan, by=town.SYSTEM, at=AT, seconds=-1)
        assert (done.clocks, done.left) == (0, 3)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_plan_each_clock_once(town):
    cases = [
        builders.a_case("assigned", when=dt.datetime(2026, 11, 23, 8, n, tzinfo=dt.UTC)) for n in range(6)
    ]
    close_tomorrow(town)
    plan = replanning.of_stage("sign", replanning.as_of_now(AT))
    done: list[int] = []

    def work() -> None:
        done.append(replanning.apply([case.pk for case in cases], plan, by=town.SYSTEM, at=AT).clocks)

    assert at_once(work, work, work) == []
    assert sum(done) == 6 and sorted(told()) == sorted(case.pk for case in cases)
    for case in Case.objects.filter(pk__in=[case.pk for case in cases]):
        sign = Clock.objects.get(case=case, stage="sign")
        assert calendars.code_of(sign.rule["calendar"]) == "default" and len(sign.segments) == 2
