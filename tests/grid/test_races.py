"""Several writers at once: whatever happens, the tree stays sound and nobody's work is lost."""

from __future__ import annotations

import random
import threading

import pytest
from django.db import OperationalError, close_old_connections, connection, transaction

from grid import tree
from grid.errors import TreeRefused
from grid.models import Place
from ledger.models import Entry
from tests.grid.ground import Ground, assert_sound

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*jobs, patience: float = 120) -> list[BaseException]:
    """Run each job in a thread with its own connection; what went wrong."""
    wrong: list[BaseException] = []
    gate = threading.Barrier(len(jobs))

    def run(job):
        try:
            gate.wait(10)
            job()
        except BaseException as problem:
            wrong.append(problem)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(patience)
    assert not any(thread.is_alive() for thread in threads)
    return wrong


def test_four_writers_leave_a_sound_tree():
    ground = Ground().plant()
    opened: list[int] = []

    def write(seed: int):
        chance = random.Random(seed)
        mine = Ground()
        for n in range(12):
            try:
                if chance.random() < 0.6:
                    above = chance.choice(["370811015001", "370811015002", "370811111260"])
                    opened.append(mine.open("grid", f"{seed}-{n}", above).pk)
                elif chance.random() < 0.7:
                    mine.move(
                        chance.choice(["370811015001", "370811015002", "370811111260"]),
                        chance.choice(["370811015", "370811111"]),
                    )
                else:
                    mine.move(chance.choice(["370811015", "370811111"]), chance.choice(["370811", "370812"]))
            except TreeRefused:
                continue

    wrong = at_once(*(lambda seed=seed: write(seed) for seed in range(4)))
    assert wrong == []
    assert_sound()
    assert Place.objects.filter(pk__in=opened).count() == len(opened) > 10
    chained = dict(Place.objects.values_list("pk", "chain_length"))
    for pk, length in chained.items():
        assert Entry.objects.filter(subject_kind="place", subject_id=pk).count() == length
    assert ground["37"].version == 1


def test_two_changes_of_one_version_and_exactly_one_wins():
    ground = Ground().plant()
    place = ground["370811015001"]
    wrong = at_once(
        lambda: Ground().rename(place.code, "甲社区", place=place, version=1),
        lambda: Ground().rename(place.code, "乙社区", place=place, version=1),
    )
    assert [type(problem) for problem in wrong] == [TreeRefused] and wrong[0].status == 409
    assert ground[place.code].version == 2


def test_two_streets_opened_at_once_share_no_number():
    ground = Ground().plant()
    wrong = at_once(
        *(lambda n=n: Ground().open("street", f"新{n}街道", "370811") for n in range(4)),
    )
    assert wrong == []
    streets = Place.objects.filter(superior=ground["370811"])
    assert streets.count() == 6 == len({street.tree_id for street in streets})
    assert_sound()


def test_one_code_asked_for_twice_is_given_once():
    Ground().plant()
    wrong = at_once(
        lambda: Ground().open("grid", "甲", "370811015001", code="SAME-1"),
        lambda: Ground().open("grid", "乙", "370811111260", code="SAME-1"),  # another tree: another lock
    )
    assert [type(problem) for problem in wrong] == [TreeRefused] and wrong[0].status == 422
    assert Place.objects.filter(code="SAME-1").count() == 1


def test_a_move_waits_for_whoever_reads_under_the_shared_lock():
    ground = Ground().plant()
    street = ground["370811015"]
    events: list[str] = []
    reading, finished = threading.Event(), threading.Event()

    def reader():
        with transaction.atomic():
            tree.lock(street.pk, shared=True)
            reading.set()
            finished.wait(0.5)
            events.append("read")

    def mover():
        reading.wait(10)
        Ground().move("370811015001", "370811111")
        events.append("moved")
        finished.set()

    assert at_once(reader, mover) == []
    assert events == ["read", "moved"]


def test_locks_of_other_streets_do_not_wait():
    ground = Ground().plant()
    one = ground["370811015"]
    with transaction.atomic():
        tree.lock(one.pk)

        def elsewhere():
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '2s'")
                tree.lock(ground["370811111"].pk)

        def here():
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '200ms'")
                tree.lock(one.pk)

        assert at_once(elsewhere) == []
        assert [type(problem) for problem in at_once(here)] == [OperationalError]
