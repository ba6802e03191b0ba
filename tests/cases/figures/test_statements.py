"""A statement made once and asked of other instants finds what one made for them finds."""

from __future__ import annotations

import datetime as dt
from random import Random

import pytest

from cases.figures import statements, trend
from cases.figures.asking import Period, Subject, subject_of
from cases.figures.catalogue import OF_ROWS
from cases.figures.measuring import count_each, measure
from cases.queries import tallying
from ledger import versions
from tests import town as small_town
from tests.cases.figures.asked import periods, scopes
from tests.house.test_random_walks import Walk

pytestmark = pytest.mark.django_db
AT = small_town.MONDAY + dt.timedelta(days=20)


@pytest.fixture(autouse=True)
def nothing_made(monkeypatch) -> list[object]:
    """What is made in a test, from nothing."""
    made: list[object] = []
    make = statements._make
    monkeypatch.setattr(statements, "_made", {})
    monkeypatch.setattr(statements, "_make", lambda *args: made.append(args) or make(*args))
    return made


def answers(subject: Subject, period: Period, at: dt.datetime) -> list[object]:
    few = tuple(OF_ROWS)[::3]
    return [
        measure.__wrapped__(subject, period, at),
        measure.__wrapped__(subject, period, at, "department"),
        count_each.__wrapped__(subject, [(period, tuple(OF_ROWS)), (period.before, few)], at),
        count_each.__wrapped__(subject, [(period, few), (period.year_before, few)], at),
        trend.weekly.__wrapped__(subject, 6, at, ["accept_on_time", "resolve_on_time"]),
        tallying.tally.__wrapped__(subject, period, at, since=period.first),
    ]


def test_asked_again_it_is_as_if_made_anew(town):
    story, chance = Walk(5), Random(5)
    for _ in range(6):
        story.take()
    for _ in range(40):
        story.step()
    versions.refresh()
    for whose in (*scopes(chance, 3), Subject()):
        for subject in (whose, whose.as_at(AT - dt.timedelta(days=9))):
            for period in periods(chance, 3, AT.date(), back=20):
                at = AT - dt.timedelta(hours=chance.randint(0, 400))
                asked = answers(subject, period, at)
                statements.forget()
                assert asked == answers(subject, period, at), (subject, period, at)


def test_other_instants_of_the_same_order_cost_no_other_statement(town, nothing_made):
    subject = subject_of(small_town.place(small_town.STREET).path)
    month = Period.named("month", AT)
    answers(subject, month, AT)
    made = len(nothing_made)
    assert made == 6
    later = dt.timedelta(minutes=7)
    answers(subject, month, AT + later)
    assert len(nothing_made) == made
    answers(subject, month, month.until + later)  # all of the month is over: other sides may be read
    assert len(nothing_made) > made


def test_another_unit_and_other_rules_are_other_statements(town, nothing_made):
    month = Period.named("month", AT)
    measure.__wrapped__(Subject(), month, AT)
    measure.__wrapped__(Subject(without=(1, 2)), month, AT)
    assert len(nothing_made) == 2
    versions.bump("places")
    measure.__wrapped__(Subject(), month, AT)
    assert len(nothing_made) == 3


def test_an_instant_reckoned_inside_is_never_taken_for_the_one_asked(town, nothing_made):
    def reckoned(_subject, instants):
        return "SELECT %s::timestamptz", [instants[0] + dt.timedelta(days=1)]

    def listed(_subject, instants):
        return "SELECT unnest(%s::timestamptz[])", [[instants[1], instants[0]]]

    for n in range(2):
        at = AT + dt.timedelta(days=n)
        assert statements.rows("reckoned", Subject(), [at], reckoned) == [(at + dt.timedelta(days=1),)]
        later = at + dt.timedelta(hours=1)
        assert statements.rows("listed", Subject(), [at, later], listed) == [(later,), (at,)]
    assert len(nothing_made) == 3


def test_no_more_than_so_many_are_kept(town, monkeypatch):
    monkeypatch.setattr(statements, "MOST", 3)
    for n in range(9):
        assert statements.rows(n, Subject(), [AT], lambda *_asked, n=n: ("SELECT %s", [n])) == [(n,)]
    assert len(statements._made) == 3
