"""Simulations over real cases: the same figures under the same rules, and nothing written."""

from __future__ import annotations

import datetime as dt
import io
import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from cases import calendars, rulebook, simulating
from cases.figures.asking import Period, subject_of
from cases.figures.catalogue import STAGES
from cases.models import Case, Clock, Policy, Simulation
from cases.queries import simulation as queries
from cases.queries import simulation_pages
from cases.refusals import MoveRefused
from cases.sla.policy import DEFAULTS
from cases.sla.simulation import Scenario
from cases.sla.sweep import sweep
from ledger.models import Entry
from tests import builders
from tests.clients import statements

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def lived(town):
    """Cases of every sort, some late, some on time, one on hold, one merged."""
    monday = town.MONDAY
    first = builders.a_case("received")
    builders.a_case("in_hand")
    builders.a_case("answered", when=monday)
    late = builders.a_case(through=("accept", "dispatch", "sign"), when=monday + DAY)
    builders.a_move(late, "resolve", when=monday + 5 * DAY)
    builders.a_case("on_hold", when=monday + DAY)
    again = builders.a_case(through=("accept", "dispatch", "sign", "resolve"), when=monday + 2 * DAY)
    builders.walk(again, "rework", "resolve")
    builders.walk(builders.a_case("received", when=monday + 3 * DAY), "merge", target=first.number)
    builders.a_case("rejected", through=("reject",), when=monday + 3 * DAY)
    sweep(at=monday + 8 * DAY)
    return monday + 8 * DAY


def period(town):
    day = town.MONDAY.date()
    return Period.of_days(day - 2 * DAY, day + 30 * DAY)


def sides(found):
    return {
        stage: ((one.now.on_time, one.now.total), (one.then.on_time, one.then.total))
        for stage, one in found.stages.items()
    }


def subject(town):
    return subject_of(town.place(town.STREET).path)


def test_no_change_gives_exactly_the_present_figures(town, lived):
    whose, when = subject(town), period(town)
    figure = {s: (v.numerator, v.denominator) for s, v in queries.present(whose, when, lived).items()}
    assert sum(total for _n, total in figure.values()) >= 15
    assert any(n < total for n, total in figure.values())
    same = queries.compare(whose, when, lived, Scenario())
    assert sides(same) == {stage: (value, value) for stage, value in figure.items()}
    assert same.changed == [] and same.clocks >= 20
    # the policies of today typed in again, and the calendar by name, are no change either
    typed = [
        simulating.typed(row.stage, row.amount, row.unit)
        for row in DEFAULTS
        if row.stage in STAGES and not row.urgency
    ]
    again = Scenario(typed, calendars.calendar("default"), rulebook.policies())
    assert sides(queries.compare(whose, when, lived, again)) == sides(same)


def test_a_tighter_limit_is_counted_and_listed(town, lived):
    before = Entry.objects.count(), list(Clock.objects.order_by("id").values_list("due_at", "breached_at"))
    asked = simulating.ask(
        by=town.actor("ducha"),
        at=lived,
        since=town.MONDAY.date(),
        until=town.MONDAY.date() + 30 * DAY,
        subject=subject(town),
        rows=[simulating.typed("resolve", "1", "hour")],
    )
    simulating.run(pk=asked.pk)
    asked.refresh_from_db()
    assert asked.state == "done" and asked.done == asked.total == asked.result["clocks"]
    resolve = asked.result["stages"]["resolve"]
    assert resolve["moved"] == resolve["clocks"] and resolve["then"]["rate"] <= resolve["now"]["rate"]
    assert resolve["worse"] == sum(one["after"] == "missed" for one in asked.result["changed"])
    assert asked.result["stages"]["accept"]["moved"] == 0
    assert simulating.run(pk=asked.pk).result == asked.result  # twice is once
    after = Entry.objects.count(), list(Clock.objects.order_by("id").values_list("due_at", "breached_at"))
    assert after == before


def test_what_the_reader_may_not_list_has_no_number_in_it(town):
    open_one, guarded = builders.a_case("assigned"), builders.a_case("assigned")
    day = town.MONDAY.date()
    asked = simulating.ask(
        by=town.actor("ducha"), at=town.MONDAY, since=day, until=day, subject=subject(town),
        rows=[simulating.typed("resolve", "1", "hour")],
    )  # fmt: skip
    side = {"stage": "resolve", "round": 1, "before": "on_time", "after": "missed"}
    dues = dict.fromkeys(("due_before", "due_after"), town.MONDAY.isoformat())
    changed = [{"number": case.number, **side, **dues} for case in (open_one, guarded)]
    asked.result = {"changed": changed, "changed_total": 2}

    def shown():
        found = simulation_pages.result(town.actor("ducha"), asked)["changed"]
        return [(one["number"], bool(one["url"])) for one in found]

    assert shown() == [(open_one.number, True), (guarded.number, True)]
    Case.objects.filter(pk=guarded.pk).update(sensitive=True)
    assert shown() == [(open_one.number, True), ("（不公开）", False)]


def test_a_proposed_policy_can_be_tried_before_it_is_confirmed(town, lived):
    row = Policy.objects.create(
        stage="resolve", amount=9, unit="work_day", anchor="call", since=town.MONDAY.date(),
        item_id=rulebook.item(builders.STREET_ITEM).id, proposed_by=town.account("admin").pk,
    )  # fmt: skip
    found = queries.compare(
        subject(town), period(town), lived, Scenario([simulating.proposed(row.pk)], None, rulebook.policies())
    )
    resolve = found.stages["resolve"]
    assert resolve.better and not resolve.worse
    with pytest.raises(MoveRefused):
        simulating.proposed(10**6)


@pytest.mark.parametrize(
    ("who", "change", "words"),
    [
        ("jiedao", {}, "督查员"),
        ("ducha", {"until": dt.date(2026, 1, 1)}, "结束日"),
        ("ducha", {"since": dt.date(2001, 1, 1)}, "五年"),
        ("ducha", {"until": dt.date.max}, "2000 年至 2099 年"),
        ("ducha", {"since": dt.date.min}, "2000 年至 2099 年"),
        ("ducha", {"since": dt.date.max, "until": dt.date.max}, "2000 年至 2099 年"),
        ("ducha", {"rows": []}, "什么规则"),
        ("ducha", {"calendar": "nowhere"}, "工作日历"),
    ],
)
def test_refusals(town, who, change, words):
    said = {
        "since": dt.date(2026, 11, 1),
        "until": dt.date(2026, 11, 30),
        "subject": subject(town),
        "rows": [simulating.typed("resolve", 1, "day")],
    }
    with pytest.raises(MoveRefused, match=words):
        simulating.ask(by=town.actor(who), at=town.MONDAY, **{**said, **change})


def test_nobody_tries_beyond_their_scope(town):
    other = subject_of(town.place("3708").path)  # the city: above the district
    with pytest.raises(MoveRefused, match="范围"):
        simulating.ask(
            by=town.actor("ducha"), at=town.MONDAY, since=dt.date(2026, 11, 1), until=dt.date(2026, 11, 2),
            subject=other, rows=[simulating.typed("resolve", 1, "day")],
        )  # fmt: skip
    for stage, amount, unit in (("hold", 1, "day"), ("resolve", "two", "day"), ("resolve", 1, "week")):
        with pytest.raises(MoveRefused):
            simulating.typed(stage, amount, unit)


def test_only_the_last_ones_are_kept(town):
    for _n in range(simulating.KEPT + 3):
        simulating.ask(
            by=town.actor("ducha"), at=town.MONDAY, since=dt.date(2026, 11, 1), until=dt.date(2026, 11, 2),
            subject=subject(town), rows=[simulating.typed("resolve", 1, "day")],
        )  # fmt: skip
    assert Simulation.objects.count() == simulating.KEPT


def test_statements_do_not_grow_with_the_clocks(town, lived):
    with statements() as few:
        queries.compare(subject(town), period(town), lived, Scenario([simulating.typed("resolve", 1, "day")]))
    for _n in range(6):
        builders.a_case("in_hand")
    with statements() as many:
        queries.compare(subject(town), period(town), lived, Scenario([simulating.typed("resolve", 1, "day")]))
    assert len(many) <= len(few) <= 4


# -- on the command line


def said(*args):
    out = io.StringIO()
    call_command("sla_simulate", *args, stdout=out)
    return out.getvalue()


def test_on_the_command_line(town, lived):
    span = ("--from", "2026-11-20", "--to", "2026-12-20")
    found = json.loads(said(*span, "--place", town.STREET, "--set", "resolve=0.01 hour", "--json"))
    assert found["stages"]["resolve"]["worse"] >= 1 and found["changed_total"] >= 1
    told = said(*span, "--set", "resolve=1 hour", "--organisation", "GV24")
    assert "办结：现状" in told and "没有写入任何东西" in told
    assert said(*span, "--calendar", "default").count("换边") == 1
    for wrong in (("--set", "resolve"), ("--place", "nowhere"), ("--calendar", "x"), ("--policy", "99999")):
        with pytest.raises(CommandError):
            said(*span, *wrong)
