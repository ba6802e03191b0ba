"""The post: every reaction exactly once per entry, in order per subject, whatever breaks in between."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection, transaction

from grid.models import Place
from ledger import book, clock, post, tasks
from ledger.actor import system
from ledger.models import Delivery, Entry
from tests.threads import at_once

EVENT = "place.noted"
LATER = dt.timedelta(hours=5)


@pytest.fixture(autouse=True)
def no_other_reactions(monkeypatch):
    monkeypatch.setattr(post, "_reactions", {})


def tell(place: Place, at: dt.datetime, n: int = 1, event: str = EVENT) -> list[Entry]:
    with transaction.atomic():
        entries = [
            book.record(subject=place, event=event, by=system("test"), at=at, payload={"n": i}, pending=True)
            for i in range(n)
        ]
        place.save(update_fields=list(book.CHAIN))
    return entries


def leave_trace(entry: Entry) -> None:
    """An effect in the database that would show if it came twice."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_version (name, n) VALUES (%s, 1) "
            "ON CONFLICT (name) DO UPDATE SET n = ledger_version.n + 1",
            [f"trace:{entry.pk}"],
        )


def traces() -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT substring(name from 7)::bigint, n FROM ledger_version WHERE name LIKE 'trace:%%'"
        )
        return dict(cursor.fetchall())


def other(entry: Entry) -> None:
    leave_trace(entry)


def named(name: str):
    """A reaction defined inside a test has a longer name than any real one."""

    def name_it(reaction):
        reaction.__qualname__ = name
        return reaction

    return name_it


def test_only_what_somebody_listens_to_is_pending(place, at):
    post.connect(EVENT, leave_trace, leave_trace)
    assert post.wired() == {EVENT: ["tests.ledger.test_post.leave_trace"]}
    heard = book.record(subject=place, event=EVENT, by=system("test"), at=at)
    unheard = book.record(subject=place, event="place.whispered", by=system("test"), at=at)
    assert (heard.pending, unheard.pending) == (True, False)


def test_each_reaction_once(place, at):
    post.connect(EVENT, leave_trace, other)
    entries = tell(place, at, 3)
    assert post.deliver_pending() == 3
    assert traces() == {entry.pk: 2 for entry in entries}
    assert not Entry.objects.filter(pending=True).exists()
    assert post.deliver_pending() == 0
    assert all(post.deliver(entry) for entry in entries)  # handed out again: nothing happens
    assert traces() == {entry.pk: 2 for entry in entries}
    assert Delivery.objects.filter(done_at__isnull=False, error="").count() == 6


def test_in_the_order_of_the_chain(place, city, at):
    seen = []
    post.connect(EVENT, lambda entry: seen.append((entry.subject_id, entry.seq)))
    for _ in range(3):
        tell(place, at)
        tell(city, at)
    post.deliver_pending()
    for one in (place, city):
        assert [seq for pk, seq in seen if pk == one.pk] == [2, 3, 4]


class Broken(Exception):
    pass


@pytest.mark.django_db(transaction=True)
class TestBroken:
    def test_a_crash_takes_the_effect_and_the_delivery_together(self, place, at):
        @named("crash")
        def crash(entry: Entry) -> None:
            leave_trace(entry)
            if crashes:
                crashes.pop()
                raise KeyboardInterrupt  # what a killed worker never returns from

        crashes = [1]
        post.connect(EVENT, crash)
        (entry,) = tell(place, at)
        with pytest.raises(KeyboardInterrupt):
            post.deliver_pending()
        assert traces() == {} and not Delivery.objects.exists()
        assert post.deliver_pending() == 1
        assert traces() == {entry.pk: 1}

    def test_a_connection_that_dies_in_the_middle(self, place, at):
        @named("die")
        def die(entry: Entry) -> None:
            leave_trace(entry)
            if deaths:
                deaths.pop()
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

        deaths = [1]
        post.connect(EVENT, die)
        (entry,) = tell(place, at)
        assert at_once(post.deliver_pending) == []
        assert traces() == {}
        assert "closed the connection" in Delivery.objects.get().error
        with clock.frozen(clock.now() + LATER):
            assert post.deliver_pending() == 1
        assert traces() == {entry.pk: 1}

    def test_a_crash_after_the_reaction_before_the_flag(self, place, at):
        post.connect(EVENT, leave_trace)
        (entry,) = tell(place, at)
        assert post._deliver_one(entry, leave_trace)
        assert Entry.objects.get(pk=entry.pk).pending
        assert post.deliver_pending() == 1
        assert traces() == {entry.pk: 1}

    def test_two_workers_at_once(self, place, city, at):
        def slow(entry: Entry) -> None:
            leave_trace(entry)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.02)")

        post.connect(EVENT, slow)
        entries = tell(place, at, 4) + tell(city, at, 4)
        assert at_once(*[lambda: post.deliver_pending() and post.deliver_pending()] * 3) == []
        assert traces() == {entry.pk: 1 for entry in entries}
        assert not Entry.objects.filter(pending=True).exists()

    def test_the_task_goes_on_until_nothing_is_left(self, place, at, monkeypatch):
        post.connect(EVENT, leave_trace)
        monkeypatch.setattr(post, "BATCH", 2)
        monkeypatch.setattr(post.deliver_pending, "__kwdefaults__", {"limit": 2})
        tell(place, at, 5)
        assert tasks.sweep_undelivered() == 5


class TestFailing:
    @pytest.fixture
    def failing(self):
        """The place's entries fail until `mended` holds something."""
        self.mended: list[bool] = []

        def fail(entry: Entry) -> None:
            leave_trace(entry)
            if entry.subject_id == self.bad and not self.mended:
                raise Broken("不通")

        return fail

    def test_keeps_the_error_and_is_tried_again(self, place, at, failing):
        self.bad = place.pk
        post.connect(EVENT, failing)
        (entry,) = tell(place, at)
        with clock.frozen(at):
            assert post.deliver_pending() == 0
            row = Delivery.objects.get()
            assert (row.error, row.attempts, row.done_at) == ("Broken: 不通", 1, None)
            assert row.next_try_at > at
            self.mended.append(True)
            assert post.deliver_pending() == 0  # too early
        assert traces() == {}
        with clock.frozen(at + LATER):
            assert post.deliver_pending() == 1
        row.refresh_from_db()
        assert (row.error, row.attempts, row.done_at) == ("", 2, at + LATER)
        assert traces() == {entry.pk: 1}

    def test_pauses_grow_and_it_is_given_up_in_the_end(self, place, at, failing):
        self.bad = place.pk
        post.connect(EVENT, failing)
        first, second = tell(place, at, 2)
        now, pauses = at, []
        while Entry.objects.filter(pk=first.pk, pending=True).exists():
            with clock.frozen(now):
                post.deliver_pending()
            row = Delivery.objects.get(entry=first)
            if row.attempts == post.GIVE_UP_AFTER:
                self.mended.append(True)
            pauses.append(row.next_try_at - now)
            now = row.next_try_at
            assert len(pauses) <= post.GIVE_UP_AFTER + 1
        assert pauses[:-1] == sorted(pauses[:-1]) and max(pauses) <= dt.timedelta(hours=4)
        kept = Delivery.objects.get(entry=first)
        assert kept.done_at is None and kept.error and kept.attempts == post.GIVE_UP_AFTER
        with clock.frozen(now):
            post.deliver_pending()
        assert traces() == {second.pk: 1}  # its subject goes on without it

    def test_holds_up_its_own_subject_only(self, place, city, at, failing):
        self.bad = place.pk
        post.connect(EVENT, failing)
        post.connect("place.other", leave_trace)
        held = tell(place, at) + tell(place, at, event="place.other")
        passing = tell(city, at)
        with clock.frozen(at):
            assert post.deliver_pending() == 1
        assert traces() == {passing[0].pk: 1}
        self.mended.append(True)
        with clock.frozen(at + LATER):
            assert post.deliver_pending() == 2
        assert set(traces()) == {entry.pk for entry in held + passing}

    def test_a_long_queue_behind_a_failure_starves_nobody(self, place, city, at, failing):
        self.bad = place.pk
        post.connect(EVENT, failing)
        tell(place, at, 6)
        (passing,) = tell(city, at)
        with clock.frozen(at):
            for _ in range(3):
                post.deliver_pending(limit=4)
        assert traces() == {passing.pk: 1}

    def test_later_reactions_wait_for_earlier_ones(self, place, at, failing):
        self.bad = place.pk
        post.connect(EVENT, failing, other)
        (entry,) = tell(place, at)
        with clock.frozen(at):
            post.deliver_pending()
        assert traces() == {}
        self.mended.append(True)
        with clock.frozen(at + LATER):
            post.deliver_pending()
        assert traces() == {entry.pk: 2}


def test_a_dead_broker_delays_and_never_loses(place, at, monkeypatch, django_capture_on_commit_callbacks):
    def dead(*args, **kwargs):
        raise ConnectionError("refused")

    monkeypatch.setattr(post.current_app, "send_task", dead)
    post.connect(EVENT, leave_trace)
    with django_capture_on_commit_callbacks(execute=True) as hints:
        (entry,) = tell(place, at)
    assert len(hints) == 1
    assert tasks.sweep_undelivered() == 1
    assert traces() == {entry.pk: 1}
