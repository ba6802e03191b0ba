"""The bench measures the same work: the one statement writes what the sweep writes, hash chain and all."""

from __future__ import annotations

import pytest

from cases.bench import sweeping
from cases.models import Clock
from cases.sla import sweep
from ledger.models import Entry
from tests.builders import a_case
from tests.cases.walking import fresh
from tests.house.invariants import faults

SAME = ("event", "actor_id", "actor_role", "request_key", "body_hash", "pending")


@pytest.mark.parametrize("way", [sweeping.by_sweep, sweeping.by_statement])
def test_each_way_tells_what_is_due_and_nothing_else(town, way):
    at = sweep.database_now()
    cases = [a_case("assigned", when=at) for _ in range(4)]
    sweep.sweep(at)
    clocks, chosen = sweeping._make_due(3, at)
    before = Entry.objects.count()
    assert way(at) == 3
    sweeping._prove(clocks, chosen)
    entries = list(Entry.objects.order_by("pk")[before:])
    assert {tuple(getattr(entry, name) for name in SAME) for entry in entries} == {
        ("clock.breached", None, "system:sweep", "", "", True)
    }
    for entry in entries:
        row = Clock.objects.get(case_id=entry.subject_id, stage=entry.payload["stage"])
        assert row.pk in clocks and row.next_at is None and row.breached_at == row.due_at
        assert entry.payload["true_at"] == entry.payload["due_at"] == row.due_at.isoformat()
        assert entry.once == f"clock:{row.case_id}:{row.stage}:0:1:breached"
    assert sweep.sweep(at).total == 0
    assert [fault for case in cases for fault in faults(fresh(case))] == []


def test_too_few_to_measure_is_said(town):
    a_case()
    with pytest.raises(RuntimeError, match="only 1 clocks"):
        sweeping._make_due(2, sweep.database_now())
