"""The sweep: what is due flips once, with its true time, however late, however many sweep at once."""

from __future__ import annotations

import io
import threading
import time
from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import override_settings

from cases import tasks
from cases.models import Case, Clock
from cases.sla import clock as sla
from cases.sla import due, sweep
from cases.sla.board import next_at, pure
from ledger import clock as host_clock
from ledger.models import Entry
from tests import town as small_town
from tests.builders import a_case, a_fact, a_move, walk
from tests.cases.walking import DAY, HOUR, MINUTE, clock, clocks, events, fresh, local
from tests.house.invariants import faults
from tests.threads import at_once


def told(case) -> Counter:
    """How often each clock was told of: {("accept", "warned"): 1}."""
    rows = Entry.objects.filter(subject_kind="case", subject_id=case.pk, event__startswith="clock.")
    return Counter((row.payload["stage"], row.event.removeprefix("clock.")) for row in rows)


def test_warned_breached_and_silent_at_their_times(town):
    case = a_case()  # accept: a day from 09:00 on the 23rd
    assert sweep.sweep(local("24 04:11")).total == 0
    assert sweep.sweep(local("24 04:12")).warned == 1  # a fifth of the allowance is left
    assert sweep.sweep(local("24 08:59")).total == 0
    assert sweep.sweep(local("24 09:00")).total == 0  # the due instant itself is in time
    assert sweep.sweep(local("24 09:01")).breached == 1
    assert told(case) == {("accept", "warned"): 1, ("accept", "breached"): 1}
    swept = sweep.sweep(local("25 09:01"))
    assert told(case)["accept", "silent"] == 1 and swept.silent == 1
    row = clock(case, "accept")
    assert (row.warned_at, row.breached_at, row.silent_at) == (
        local("24 04:12"),
        local("24 09:00"),
        local("25 09:00"),
    )
    assert row.next_at is None and row.state == "running"
    assert faults(fresh(case)) == []


def test_the_entries_tell_the_true_times(town):
    case = a_case()
    sweep.sweep(local("24 12:00"))
    entry = Entry.objects.get(event="clock.breached")
    assert entry.at == local("24 12:00") and entry.payload["true_at"].startswith("2026-11-24T01:00:00")
    assert entry.payload["due_at"] == entry.payload["true_at"]
    assert entry.once == f"clock:{case.pk}:accept:0:1:breached"
    assert (entry.actor_id, entry.actor_role) == (None, "system:sweep")


def test_a_week_late_and_nothing_is_lost(town):
    case, second = a_case(), a_case(through=("accept", "dispatch", "sign", "hold"))
    until = clock(second, "hold").due_at
    assert until == local("23 09:04") + 10 * DAY
    swept = sweep.sweep(until + 7 * DAY)
    assert swept.terms == 1
    for stage in ("accept", "resolve", "feedback"):
        assert told(case)[stage, "warned"] == told(case)[stage, "breached"] == 1
    assert told(case)["accept", "silent"] == 1 and told(case)["resolve", "silent"] == 0
    assert clock(case, "accept").breached_at == local("24 09:00")
    # the hold ended when it ended, and what ran on from there fell due long ago
    second = fresh(second)
    resolve = clock(second, "resolve")
    assert second.status == "in_hand" and resolve.due_at == until + 2 * DAY - 4 * MINUTE
    assert resolve.breached_at == resolve.due_at
    assert sweep.sweep(until + 7 * DAY).total == 0
    assert faults(fresh(case)) == faults(second) == []


def test_who_comes_late_gives_nothing_away(town):
    """Between the end of a hold and the sweep somebody writes a note, or resumes it by hand."""
    noted, resumed = a_case(through=()), a_case(through=())
    noted, resumed = (walk(case, "accept", "dispatch", "sign") for case in (noted, resumed))
    for case in (noted, resumed):
        a_move(case, "hold", when=local("23 10:00"), by=town.SYSTEM, until=local("24 10:00"))
    a_fact(fresh(noted), "note", by="jiedao", when=local("25 15:00"), text="还停着")
    a_move(fresh(resumed), "resume", when=local("25 15:00"), by="bumen")
    sweep.sweep(local("25 16:00"))
    for case in (noted, resumed):
        assert fresh(case).status == "in_hand"
        assert clock(case, "resolve").due_at == local("26 09:00")  # a day was on hold, no more
        assert not [key for key in told(case) if key[0] == "hold"]  # a term that is over late fails nobody
        assert faults(fresh(case)) == []


def test_one_bad_case_never_stops_the_rest(town, monkeypatch, caplog):
    bad, good = (walk(a_case(through=("accept", "dispatch", "sign")), "hold") for _n in range(2))
    idle, really = a_case(), sweep.moves.perform
    until = clock(bad, "hold").due_at

    def perform(*, number, **more):
        if number == bad.number:
            raise ValueError("nobody thought of this")
        return really(number=number, **more)

    monkeypatch.setattr(sweep.moves, "perform", perform)
    swept = sweep.sweep(until + MINUTE)
    assert (fresh(bad).status, fresh(good).status, swept.terms) == ("on_hold", "in_hand", 1)
    assert told(idle)["accept", "breached"] == 1  # and the stages are looked at after the terms
    assert bad.number in caplog.text and "nobody thought of this" in caplog.text
    monkeypatch.undo()
    assert sweep.sweep(until + HOUR).terms == 1  # the next pass tries it again
    assert fresh(bad).status == "in_hand" and faults(fresh(bad)) == []


def test_a_late_move_tells_its_breach_itself(town):
    case = a_move(a_case(), "accept", when=local("24 09:30"), by="jiedao")
    assert told(case) == {("accept", "breached"): 1}
    sweep.sweep(local("24 10:00"))
    assert told(case)["accept", "breached"] == 1
    assert clock(case, "accept").outcome == "met" and clock(case, "accept").breached_at == local("24 09:00")


def test_what_is_paused_does_not_fall_due(town):
    case = walk(a_case(through=("accept", "dispatch", "sign")), "hold")
    sweep.sweep(local("28 09:00"))
    assert told(case) == {} and clocks(case)["resolve"] == "paused"


def test_what_is_stopped_is_not_looked_at(town):
    case = a_case(through=("accept", "dispatch", "sign", "resolve", "answer"))
    assert not Clock.objects.filter(case=case, next_at__isnull=False).exclude(stage="grace").exists()


def test_old_news_is_recorded_and_told_to_nobody(town):
    case = a_case()
    sweep.sweep(local("23 09:00") + 60 * DAY)
    rows = Entry.objects.filter(subject_id=case.pk, event__startswith="clock.", pending=True)
    assert told(case)["accept", "breached"] == 1 and not rows.exists()


def test_batches_go_on_until_nothing_is_left(town):
    for _ in range(5):
        a_case(caller=None)
    assert sweep.sweep(local("24 12:00"), batch=2).breached == 5


def test_a_slow_machine_gets_smaller_batches(town, monkeypatch):
    """So that nobody waits long for a case that the sweep holds."""
    for _ in range(12):
        a_case(caller=None)
    monkeypatch.setattr(sweep, "LEAST", 3)
    sizes = []
    plain = sweep._sweep_batch

    def slow(at, size):
        sizes.append(size)
        time.sleep(0.2)
        return plain(at, size)

    monkeypatch.setattr(sweep, "_sweep_batch", slow)
    assert sweep.sweep(local("24 12:00"), batch=8).breached == 12
    assert sizes == [8, 3, 3, 3]


def test_due_this_very_instant_does_not_turn_in_circles(town):
    for _ in range(3):
        a_case(caller=None)
    sweep.sweep(local("24 09:00"), batch=2)
    assert sweep.sweep(local("24 09:00"), batch=2).total == 0


def test_stored_readings_are_those_of_the_segments(town):
    case = a_case(through=("accept", "dispatch", "sign"))
    sweep.sweep(local("26 12:00"))
    for row in Clock.objects.filter(case=case):
        assert pure(row).due_at == row.due_at


def test_what_the_sweep_reads_is_what_the_clock_is(town):
    """It builds no clock anew: stored times, and alarms counted from them, are those of rule and segments."""
    held = walk(a_case(through=("accept", "dispatch", "sign")), "hold")
    a_move(held, "resume", when=local("27 11:30"), by="bumen")
    walk(a_case(through=("accept", "dispatch", "sign", "resolve")), "rework", by="wangge")
    a_case("assigned")
    a_case()
    Clock.objects.filter(stage="accept").update(rule=with_ladder(CLIMBING))
    with transaction.atomic():
        rows = {row.pk: row for row in due.lock(local("23 09:00") + 99 * DAY, 500)}
    assert {row.stage for row in rows.values()} == {"accept", "sign", "resolve", "feedback"}
    for model in Clock.objects.filter(pk__in=rows):
        row, built = rows[model.pk], pure(model)
        for name in ("due_at", "warn_at", "no_response_at", "climbs_at"):
            assert getattr(row, name) == getattr(built, name), (row.stage, name)
        assert row.next_at == next_at(model, built) == model.next_at


CLIMBING = [
    {"on": "warned", "tell": ["holder"]},
    {"on": "breached", "tell": ["holder"]},
    {"on": "breached", "after": [1, "work_hour"], "tell": ["dispatcher"]},
    {"on": "breached", "after": [1, "work_day"], "tell": ["supervisor"]},
]


def with_ladder(rungs) -> dict:
    return {**sla.rule_to_json(sla.Rule("accept", 1, "day", "call")), "ladder": rungs}


class TestTimedRungs:
    def test_each_at_its_time_and_once(self, town):
        case = a_case()
        Clock.objects.filter(case=case, stage="accept").update(rule=with_ladder(CLIMBING))
        assert sweep.sweep(local("24 09:01")).breached == 1
        assert clock(case, "accept").next_at == local("24 10:00")
        assert sweep.sweep(local("24 10:00")).total == 0
        assert sweep.sweep(local("24 10:01")).overdue == 1
        assert clock(case, "accept").next_at == local("25 17:30")
        assert sweep.sweep(local("25 17:29")).overdue == 0
        assert sweep.sweep(local("25 17:31")).overdue == 1
        row = clock(case, "accept")
        assert (row.rungs, row.next_at) == (2, None)
        entries = Entry.objects.filter(event="clock.overdue").order_by("seq")
        assert [entry.payload["rung"] for entry in entries] == [1, 2]
        assert len({entry.once for entry in entries}) == 2
        assert faults(fresh(case)) == []

    def test_all_at_once_after_an_outage(self, town):
        case = a_case()
        Clock.objects.filter(case=case, stage="accept").update(rule=with_ladder(CLIMBING))
        swept = sweep.sweep(local("25 18:00"))
        assert swept.overdue == 2 and told(case)["accept", "overdue"] == 2
        late = Entry.objects.filter(subject_id=case.pk, payload__stage="accept", pending=True)
        assert [entry.payload["rung"] for entry in late if entry.event.startswith("clock.")] == [2]
        assert sweep.sweep(local("25 18:00")).total == 0
        assert faults(fresh(case)) == []

    def test_not_once_it_is_done(self, town):
        case = a_case()
        Clock.objects.filter(case=case, stage="accept").update(rule=with_ladder(CLIMBING))
        sweep.sweep(local("24 09:01"))
        a_move(case, "accept", when=local("24 09:30"), by="jiedao")
        assert sweep.sweep(local("26 18:00")).overdue == 0


class TestWhoseTimeRules:
    """The database's, however wrong the host's clock is."""

    def test_a_host_ahead_wakes_nothing_early(self, town):
        case = a_case(when=sweep.database_now())
        with host_clock.frozen(host_clock.now() + 9 * DAY):
            tasks.sweep_clocks()
        assert told(case) == {}

    def test_a_host_behind_sleeps_through_nothing(self, town):
        case = a_case(when=sweep.database_now() - 3 * DAY)
        with host_clock.frozen(host_clock.now() - 9 * DAY):
            tasks.sweep_clocks()
        assert told(case)["accept", "breached"] == 1

    def test_an_entry_is_never_earlier_than_the_one_before_it(self, town):
        case = a_fact(a_case(), "note", by="jiedao", when=local("25 15:00"), text="电脑的钟快了一天")
        sweep.sweep(local("24 09:01"))
        entry = Entry.objects.get(event="clock.breached", payload__stage="accept")
        assert entry.at == local("25 15:00") == fresh(case).last_at
        assert entry.payload["true_at"].startswith("2026-11-24T01:00:00")


class TestCommand:
    def test_as_of_an_instant(self, town):
        a_case()
        out = io.StringIO()
        call_command("sla_sweep", at="2026-11-24T09:00:01+08:00", stdout=out)
        assert "预警 1" in out.getvalue() and "超时 1" in out.getvalue()

    def test_it_tells_how_far_it_is(self, town):
        a_case(when=sweep.database_now() - 3 * DAY - HOUR)
        out = io.StringIO()
        call_command("sla_sweep", at="2000-01-01T00:00:00", stdout=out)
        assert "预警 0" in out.getvalue() and "还有 0 个" not in out.getvalue()
        call_command("sla_sweep", stdout=(out := io.StringIO()))
        assert "此刻还有 0 个到期未处理，最早的已等 0" in out.getvalue()

    def test_a_naive_instant_is_local(self, town):
        a_case()
        call_command("sla_sweep", at="2026-11-24T09:00:01", stdout=io.StringIO())
        assert Clock.objects.get(stage="accept").breached_at == local("24 09:00")

    def test_not_in_the_future_but_in_demo_and_test(self, town):
        with override_settings(DEMO=False, TESTING=False), pytest.raises(CommandError, match="将来"):
            call_command("sla_sweep", at="2099-01-01T00:00:00")
        call_command("sla_sweep", at="2000-01-01T00:00:00", stdout=io.StringIO())

    def test_an_unreadable_instant(self, town):
        with pytest.raises(CommandError):
            call_command("sla_sweep", at="明天")

    def test_the_task_asks_the_database_for_the_time(self, town):
        case = a_case(when=sweep.database_now() - 3 * DAY)
        assert tasks.sweep_clocks()["breached"] >= 2
        assert told(case)["accept", "breached"] == 1


@pytest.mark.django_db(transaction=True)
class TestManyAtOnce:
    def test_each_happens_once(self):
        small_town.plant()
        cases = [a_case(caller=None) for _ in range(30)]
        held = walk(a_case(through=("accept", "dispatch", "sign")), "hold")
        swept: list[sweep.Swept] = []

        def go():
            swept.append(sweep.sweep(local("23 09:00") + 20 * DAY, batch=7))

        assert at_once(*[go] * 4) == []
        go()  # what one left because another was at it
        for case in cases:
            assert told(case) == {
                (stage, kind): 1
                for stage in ("accept", "resolve")
                for kind in ("warned", "breached", "silent")
                if (stage, kind) != ("resolve", "silent")
            }
            assert faults(fresh(case)) == []
        assert sum(one.breached for one in swept) >= 60
        assert events(held).count("case.resumed") == 1 and sum(one.terms for one in swept) == 1

    def test_a_case_in_somebodys_hands_is_left_for_the_next_pass(self):
        small_town.plant()
        busy, idle = a_case(caller=None), a_case(caller=None)
        asked = walk(a_case(), "ask", by="jiedao")
        held, release = threading.Event(), threading.Event()

        def work():
            with transaction.atomic():
                numbers = [busy.number, asked.number]
                list(Case.objects.filter(number__in=numbers).select_for_update(no_key=True))
                held.set()
                release.wait(20)

        worker = threading.Thread(target=lambda: (work(), connection.close()))
        worker.start()
        assert held.wait(10)
        at = local("27 09:00") + HOUR
        try:
            sweep.sweep(at)  # does not wait for the lock
            assert told(idle)["accept", "breached"] == 1
            assert told(busy) == {} and fresh(asked).status == "awaiting_info"
        finally:
            release.set()
            worker.join()
        sweep.sweep(at)
        assert told(busy)["accept", "breached"] == 1
        asked = fresh(asked)
        assert asked.status == "received" and clock(asked, "ask").stopped_at == clock(asked, "ask").due_at
