"""Sweeping processes that race and that are killed: every happening is told once, whatever becomes of them."""

from __future__ import annotations

import io
import os
import signal
from collections import Counter

import pytest
from django.core.management import call_command

from cases.models import Clock
from cases.sla import sweep
from ledger.models import Entry
from tests import town as small_town
from tests.builders import a_case
from tests.cases import sweeper
from tests.cases.walking import fresh, local
from tests.house.invariants import faults

pytestmark = pytest.mark.django_db(transaction=True)
AT = local("24 09:01")  # accept of every case has warned and fallen due


def told() -> Counter:
    """How often what was told, by clock and kind; each key at most once if all is well."""
    return Counter(Entry.objects.filter(event__startswith="clock.").values_list("once", flat=True))


def expected(cases) -> Counter:
    return Counter(f"clock:{case.pk}:accept:0:1:{kind}" for case in cases for kind in ("warned", "breached"))


def sound(cases) -> None:
    assert told() == expected(cases)
    assert all(faults(fresh(case)) == [] for case in cases)
    out = io.StringIO()
    call_command("verify_ledger", stdout=out)
    assert "校验无误" in out.getvalue()


def test_processes_that_race_tell_each_once():
    small_town.plant()
    cases = [a_case(caller=None) for _ in range(40)]
    with sweeper.held(sweeper.GATE):
        workers = [sweeper.start(AT, batch=3) for _ in range(3)]
        sweeper.wait_for(3, sweeper.GATE)  # then all at once
    done = [int(worker.communicate(timeout=60)[0]) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    left = sweep.sweep(AT).total  # what one left because another was at it
    assert sum(done) + left == 2 * len(cases)
    sound(cases)


def test_killed_in_mid_batch_loses_and_doubles_nothing():
    small_town.plant()
    cases = [a_case(caller=None) for _ in range(12)]
    with sweeper.snagged(cases[6].pk):
        worker = sweeper.start(AT, batch=5)
        sweeper.wait_for(1, sweeper.SNAG)  # the second batch: entries and cases written, clocks half way
        before = told()
        os.kill(worker.pid, signal.SIGKILL)
        worker.communicate(timeout=30)
        assert worker.returncode == -signal.SIGKILL
    assert before == expected(cases[:5])  # one batch was whole, nothing of the other shows
    assert told() == before
    assert Clock.objects.filter(stage="accept", breached_at__isnull=False).count() == 5
    assert sweep.sweep(AT).breached == 7
    sound(cases)
