"""What is kept of figures equals what is asked anew, after whatever anybody did; and is asked anew only then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from django.db import transaction

from cases import pasts
from cases.figures import kept, trend
from cases.figures.asking import Period, Subject, subject_of
from cases.figures.catalogue import OF_ROWS
from cases.figures.measuring import count_each, measure
from cases.live import topics, wire
from cases.models import Case, Clock, Voice
from cases.queries import screen, screen_tally, tallying
from grid.commands import move_place
from ledger import book, versions
from parties import directory
from parties.models import Organisation
from tests import town as small_town
from tests.builders import a_case, walk
from tests.cases.figures.heard import Heard
from tests.house.test_random_walks import Walk

pytestmark = pytest.mark.django_db(transaction=True)

PLACES = (small_town.STREET, small_town.COMMUNITY, small_town.COMMUNITY_2, small_town.GRID, small_town.GRID_3)
UNITS = ("GV24", "IN02", "JW-370811015001", "ZX-370811015")
MONTH = Period.of_days(dt.date(2026, 11, 20), dt.date(2026, 12, 20))
AT = (small_town.MONDAY + dt.timedelta(days=4), small_town.MONDAY + dt.timedelta(days=60))


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    """The same ids at the same minutes come in every test."""
    kept.forget()
    yield
    kept.forget()


def subjects() -> list[Subject]:
    places = [subject_of(small_town.place(code).path) for code in PLACES]
    units = [Subject(organisation=directory.by_code(code)) for code in UNITS]
    both = Subject(places[0].place, places[0].place_path, directory.by_code("GV24"))
    then = [one.as_at(small_town.MONDAY + dt.timedelta(days=9)) for one in (places[0], units[0])]
    return [*places, *units, both, *then, Subject()]


def questions(subject: Subject, at: dt.datetime) -> dict[str, tuple[Any, Any]]:
    """name → (asked with the kept ones, asked of the tables)."""
    child, fine = screen.columns(subject)
    asked: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = [
        (measure, (subject, MONTH, at), {}),
        (measure, (subject, MONTH, at, "department"), {}),
        (count_each, (subject, [(one, tuple(OF_ROWS)) for one in (MONTH, MONTH.before)], at), {}),
        (trend.weekly, (subject, 12, at, ["accept_on_time", "resolve_on_time"]), {}),
        (tallying.tally, (subject, MONTH, at), {"since": MONTH.first}),
        (screen_tally.screen_tally, (subject, at), {"child": child, "fine": fine}),
    ]
    return {
        f"{one.__name__}{args[2:]}": (one(*args, **more), one.__wrapped__(*args, **more))
        for one, args, more in asked
    }


def test_kept_is_what_the_tables_say_whatever_is_done(town):
    story, chance = Heard(11), Random(11)
    for _ in range(3):
        story.take()
    for turn in range(14):
        story.step()
        versions.refresh()
        for subject in chance.sample(subjects(), 4):
            for name, (was_kept, fresh) in questions(subject, AT[turn % 2]).items():
                assert was_kept == fresh, (name, subject, story.done[-3:])


NO_FIGURE = (
    "chain_head",
    "chain_length",
    "last_at",
    "version",
)  # told, warned, breached: no figure reads that


def counts_for(case: int) -> tuple[set[str], Any]:
    """The topics of every place and unit for which a figure reads this case or a clock of it, as its rows stand; and
    what figures read of them."""
    row = Case.objects.get(pk=case)
    clocks = Clock.objects.filter(case=case)
    voices = Voice.objects.filter(case=case)
    paths = {row.path, *clocks.values_list("path", flat=True), *voices.values_list("path", flat=True)}
    units = {*row.unit_ids, row.holder_id, *clocks.values_list("organisation_id", flat=True)}
    units |= set(voices.values_list("organisation_id", flat=True))
    found = {topics.place(int(pk)) for path in paths for pk in path.strip("/").split("/")}
    for unit in units - {None}:
        line = Organisation.objects.get(pk=unit).path
        found |= {topics.unit(int(pk)) for pk in line.strip("/").split("/")}
    read = {
        name: value for name, value in Case.objects.values().get(pk=case).items() if name not in NO_FIGURE
    }
    said = list(voices.order_by("pk").values_list(*pasts.OF_VOICE))
    return found, (read, list(clocks.order_by("pk").values_list(*pasts.OF_CLOCK)), said)


@pytest.mark.parametrize(("kind", "seed"), [(Walk, 5), (Walk, 23), (Heard, 7)])
def test_whoever_counted_it_before_or_counts_it_now_is_told(town, monkeypatch, kind, seed):
    """By the rows before and after each step of a random story; nothing of how it is found."""
    told: dict[int, set[str]] = {}
    recorded = kept.recorded

    def hear(facts) -> None:
        for fact in facts:
            if topics.is_case(fact.subject):
                heard = topics.around(fact.subject, fact.path) | topics.counted(fact.subject)
                told.setdefault(fact.subject.pk, set()).update(heard)
        recorded(facts)

    listeners = [hear if one is recorded else one for one in book._listeners]
    assert hear in listeners
    monkeypatch.setattr(book, "_listeners", listeners)
    story = kind(seed)
    for _ in range(3):
        story.take()
    stood = {pk: counts_for(pk) for pk in Case.objects.values_list("pk", flat=True)}
    changed = 0
    for _turn in range(40):
        told.clear()
        story.step()
        for pk in Case.objects.values_list("pk", flat=True):
            before, now = stood.get(pk, (set(), None)), counts_for(pk)
            if now[1] != before[1]:
                changed += 1
                assert before[0] | now[0] <= told[pk], story.done[-2:]
            stood[pk] = now
    assert changed > 8 and getattr(story, "said", 1)


def test_where_a_clock_fell_due_is_asked_again_though_its_case_has_gone(town):
    case = a_case("in_hand", place=small_town.GRID)
    grid, late = small_town.place(small_town.GRID), small_town.MONDAY + dt.timedelta(days=6)
    there = small_town.place(small_town.COMMUNITY_2)
    move_place(place=grid, parent=there, version=grid.version, by=small_town.SYSTEM, at=late)
    versions.refresh()
    left = subject_of(small_town.place(small_town.COMMUNITY).path)
    before = measure(left, MONTH, AT[1]).now["resolved"]
    assert (before.numerator, before.denominator) == (0, 1)
    fresh = Case.objects.get(pk=case.pk)
    walk(fresh, "resolve", by="jiedao")
    assert measure(left, MONTH, AT[1]).now["resolved"].numerator == 1


def counting(monkeypatch: pytest.MonkeyPatch) -> list[Subject]:
    """Who was asked anew."""
    asked: list[Subject] = []

    def ask(subject: Subject, at: dt.datetime, meanwhile: str = "") -> int:
        asked.append(subject)
        return len(asked)

    monkeypatch.setattr(kept, "measured", kept.kept(ask), raising=False)
    return asked


def test_only_who_counts_the_case_asks_again(town, monkeypatch):
    asked, at = counting(monkeypatch), AT[1]
    mine, other = (
        subject_of(small_town.place(small_town.COMMUNITY).path),
        subject_of(small_town.place(small_town.COMMUNITY_2).path),
    )
    case = a_case(place=small_town.COMMUNITY, by="jiedao")
    for _ in range(3):
        assert (kept.measured(mine, at), kept.measured(other, at)) == (1, 2)
    walk(case, "accept", by="jiedao")
    assert (kept.measured(mine, at), kept.measured(other, at)) == (3, 2)
    assert asked == [mine, other, mine]


def test_another_minute_is_another_question_and_no_minute_none_at_all(town, monkeypatch):
    at = AT[1]
    counting(monkeypatch)
    mine = subject_of(small_town.place(small_town.COMMUNITY).path)
    assert [kept.measured(mine, at + dt.timedelta(seconds=s)) for s in (0, 60, 0, 60)] == [1, 2, 1, 2]
    assert [kept.measured(mine, at + dt.timedelta(seconds=s)) for s in (1, 1)] == [3, 4]
    assert kept.moment(at + dt.timedelta(seconds=59, microseconds=9)) == at


def test_an_answer_that_something_overtook_is_not_kept(town):
    at, mine = AT[1], subject_of(small_town.place(small_town.COMMUNITY).path)
    numbers = iter(range(9))

    def ask(subject: Subject, at: dt.datetime) -> int:
        n = next(numbers)
        if n == 0:  # somebody is quicker
            a_case(place=small_town.COMMUNITY, by="jiedao")
        return n

    slow = kept.kept(ask)
    assert [slow(mine, at) for _ in range(3)] == [0, 1, 1]


def test_in_a_transaction_one_sees_what_others_do_not(town):
    at, mine = AT[1], subject_of(small_town.place(small_town.STREET).path)
    before = tallying.tally(mine, MONTH, at, since=MONTH.first).registered
    with transaction.atomic():
        a_case()
        assert tallying.tally(mine, MONTH, at, since=MONTH.first).registered == before + 1
        transaction.set_rollback(True)
    assert tallying.tally(mine, MONTH, at, since=MONTH.first).registered == before


def test_without_valkey_all_is_asked(town, monkeypatch):
    asked, at = counting(monkeypatch), AT[1]
    monkeypatch.setattr(wire, "_rests_until", 1e18)
    mine = subject_of(small_town.place(small_town.COMMUNITY).path)
    assert [kept.measured(mine, at) for _ in range(3)] == [1, 2, 3]
    a_case(place=small_town.COMMUNITY, by="jiedao")  # and whoever calls is not held up
    assert len(asked) == 3


def test_a_server_that_forgot_gives_no_version_out_again(town, monkeypatch):
    asked, at = counting(monkeypatch), AT[1]
    mine = subject_of(small_town.place(small_town.COMMUNITY).path)
    assert kept.measured(mine, at) == 1
    for key in wire.client(whole=True).keys("*:at:*"):
        wire.client(whole=True).delete(key)
    assert kept.measured(mine, at) == 2
    assert kept.measured(mine, at) == 2
    assert asked == [mine, mine]


def test_what_cannot_be_spelled_is_refused(town):
    with pytest.raises(TypeError, match="no question about"):
        kept.kept(lambda subject, at, what: 1)(Subject(), AT[0], object())
