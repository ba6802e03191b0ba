"""Guards give a sentence or nothing, and change nothing. Each is walked in the tests of its row."""

from __future__ import annotations

import copy

import pytest
from django.forms.models import model_to_dict
from django.utils.translation import override

from cases import calendar_edits, guards
from cases.guards import GUARDS, Context
from cases.models import Calendar, Case
from cases.sla.board import ClockBoard
from grid.queries import lineage
from tests.builders import a_case, a_move, walk
from tests.cases.walking import DAY, local

WAYS = ((), ("accept",), ("accept", "dispatch"), ("accept", "dispatch", "sign"), ("ask",), ("accept", "hold"),
        ("accept", "dispatch", "sign", "resolve"), ("accept", "dispatch", "sign", "resolve", "answer"))  # fmt: skip


def context(town, case: Case, *, drawing: bool = False) -> Context:
    by = town.actor("jiedao")
    grant = by.grants[0]
    return Context(case, by, case.last_at, grant, ClockBoard.load(case), lineage(case.path), drawing=drawing)


@pytest.mark.parametrize("through", WAYS, ids=lambda way: way[-1] if way else "take")
def test_reads_and_changes_nothing(town, through):
    case = a_case(through=through)
    before = Case.objects.filter(pk=case.pk).values().get()
    plain = copy.deepcopy(model_to_dict(case))
    for drawing in (True, False):
        for guard in GUARDS.values():
            said = guard(context(town, case, drawing=drawing))
            assert said is None or (said.strip() and said.endswith("。")), guard.__name__
    assert model_to_dict(case) == plain
    assert Case.objects.filter(pk=case.pk).values().get() == before


def test_a_button_asks_less_than_the_form(town):
    """What the form will still ask for is not missing yet when the button is drawn."""
    case = a_case(item="")
    assert guards.has_item(context(town, case, drawing=True)) is None
    assert guards.has_item(context(town, case))
    assert guards.has_contact(context(town, case, drawing=True)) is None
    assert guards.has_contact(context(town, case))


def test_the_first_sentence_is_told(town):
    case = a_case(caller=None)
    told = guards.why_not(("has_caller", "has_reachable_caller"), context(town, case))
    assert told == guards.has_caller(context(town, case))
    assert guards.why_not((), context(town, case)) is None


def test_in_the_readers_language(town):
    case = a_case(caller=None)
    with override("en"):
        told = guards.has_caller(context(town, case))
    assert told and told.isascii()


def test_the_window_is_a_policy(town):
    case = a_case("assigned")
    assert guards.return_window_until(case, ClockBoard.load(case)) == local("23 14:32")
    accepted = a_case("accepted")
    assert guards.return_window_until(accepted, ClockBoard.load(accepted)) is None


def test_the_window_keeps_the_calendar_of_its_signature(town):
    """The rest of the day is closed after dispatch: what runs keeps its time, what is sent out now gets the new one."""
    case = a_case("assigned")
    calendar_edits.set_day(
        by=town.SYSTEM,
        at=case.last_at,
        calendar=Calendar.objects.get(code="default"),
        date=local("23 09:00").date(),
        kind="half",
        intervals=[["08:30", "12:00"]],
    )
    assert guards.return_window_until(case, ClockBoard.load(case)) == local("23 14:32")
    assert case.clocks.get(stage="sign").due_at == local("23 14:32")
    later = a_case("assigned")
    assert guards.return_window_until(later, ClockBoard.load(later)) > local("24 08:30")


def test_a_check_is_due_without_a_caller_or_where_the_item_wants_it(town):
    assert guards.check_is_due(a_case(caller=None))
    assert not guards.check_is_due(a_case())
    assert guards.check_is_due(a_case(item="0501"))


def test_thirty_days_from_the_later_of_answer_and_end(town):
    case = a_case(through=("accept", "dispatch", "sign", "resolve", "answer"))
    grace = case.clocks.get(stage="grace").due_at
    case = a_move(case, "close", when=grace, by=town.SYSTEM)
    c = context(town, case)
    c.at = case.ended_at + 30 * DAY
    assert guards.within_thirty_days(c) is None
    c.at = case.ended_at + 31 * DAY
    assert guards.within_thirty_days(c)
    assert walk(case, "reopen", by="zhiban")
