"""批示 that wait: reminded before they are due, when they are, and each working day after; found in the queue."""

from __future__ import annotations

import datetime as dt

import pytest

from cases import instructions, reminding
from cases.models import Case, Instruction, Notice
from cases.queries import field
from cases.sla import sweep
from ledger import post
from ledger.clock import frozen
from tests.builders import a_case, a_fact, walk
from tests.cases.walking import DAY, HOUR, events, fresh, last, local
from tests.clients import Api
from tests.house.invariants import faults
from tests.pages import Reader

pytestmark = pytest.mark.django_db


def instructed(**more) -> Case:
    """A Monday's, by default without a time."""
    case = a_case(when=local("23 09:00"), through=("accept", "dispatch", "sign"))
    return a_fact(case, "instruct", by="lingdao", when=local("23 10:00"), text="请尽快办。", **more)


def row() -> Instruction:
    return Instruction.objects.get()


def told(event: str) -> list[str]:
    post.deliver_pending()
    return sorted(Notice.objects.filter(event=event).values_list("account__username", flat=True))


def test_without_a_time_word_is_due_at_the_end_of_the_second_working_day(town):
    case = instructed()
    assert row().answer_by == case.word_due_at == instructions.suggested(local("23 10:00"))
    assert row().answer_by.astimezone(local("23 10:00").tzinfo).date() == dt.date(2026, 11, 25)
    assert row().instructed_at < row().next_at < row().answer_by


def test_who_has_it_is_reminded_before_it_is_due_and_once(town):
    case = instructed()
    soon = row().next_at
    assert reminding.sweep(soon - dt.timedelta(seconds=1)) == 0
    assert reminding.sweep(soon) == 1 and reminding.sweep(soon) == 0
    assert events(fresh(case))[-1] == "case.word_due" and row().next_at == row().answer_by
    assert told("case.word_due") == ["bumen"] and not told("case.word_late")
    assert faults(fresh(case)) == []


def test_late_it_is_said_each_working_day_and_to_who_wrote_it_once(town):
    case = instructed()
    at, found = row().next_at, []
    while row().next_at is not None:
        at = row().next_at
        assert reminding.sweep(at) == 1
        found.append((last(fresh(case)).event, at))
    assert [event for event, _at in found] == ["case.word_due"] + ["case.word_late"] * reminding.MOST
    assert found[1][1] == row().answer_by
    days = [one.astimezone(local("23 10:00").tzinfo).date() for _event, one in found[2:]]
    assert days == sorted(set(days)) and all(day.weekday() < 5 for day in days)
    assert told("case.word_late").count("lingdao") == 1 and "bumen" in told("case.word_late")
    assert fresh(case).next_due_at == case.next_due_at and faults(fresh(case)) == []


def test_found_late_it_is_not_said_to_be_going_to_be(town):
    case = instructed()
    assert reminding.sweep(row().answer_by + 3 * DAY) == 1
    assert "case.word_due" not in events(fresh(case)) and row().late_told == 1


def test_who_answered_hears_nothing_more(town):
    case = instructed()
    a_fact(case, "report", by="bumen", when=local("23 11:00"), text="下午施工。")
    assert row().next_at is None and reminding.sweep(local("23 10:00") + 30 * DAY) == 0


def test_a_case_somebody_works_on_is_left_to_the_next_pass(town, monkeypatch):
    instructed()
    monkeypatch.setattr(reminding, "locked", lambda skip_locked: Case.objects.none())
    assert reminding.sweep(row().next_at) == 0 and row().late_told == 0


def test_it_stands_in_the_queue_in_the_hands_and_on_the_case(town):
    case = instructed()
    late = row().answer_by + HOUR
    with frozen(late - 2 * HOUR):
        assert Reader("bumen").open("/queue/?tab=word").says("待回批示", case.title)
        assert not Reader("bumen").open(f"/cases/{case.number}/").says("逾期未回复，应在")
        assert "word" in field.todo_rows(town.actor("bumen")).values_list("waits", flat=True)
        assert [one["number"] for one in Api("bumen").get("cases/", {"queue": "word"}).json()["results"]] == [
            case.number
        ]
        assert Reader("bumen").open("/todo/").says("领导批示", "去回复")
    with frozen(late):
        assert Reader("bumen").open(f"/cases/{case.number}/").says("领导批示逾期未回复")
        page = Reader("lingdao").open("/dashboard/figures/instructed_late/denominator/?period=month")
        assert page.says(case.number)
    a_fact(fresh(case), "report", by="bumen", when=late, text="办了。")
    with frozen(late + HOUR):
        assert not Reader("bumen").open("/queue/?tab=word").says(case.title)


def test_what_ended_meanwhile_still_waits(town):
    case = walk(instructed(until=local("23 10:00") + 20 * DAY), "resolve", "answer", by="bumen")
    sweep.sweep(case.last_at + 6 * DAY)
    case = fresh(case)
    assert case.status == "closed" and reminding.sweep(row().answer_by) == 1
    assert told("case.word_late") and faults(fresh(case)) == []
