"""Every status the table can reach by itself is reached by real moves."""

from __future__ import annotations

import pytest

from cases.models import Case
from ledger import reading
from ledger.models import Entry
from tests.builders import a_case, walk

PATHS = {
    "received": (),
    "accepted": ("accept",),
    "assigned": ("accept", "dispatch"),
    "in_hand": ("accept", "dispatch", "sign"),
    "on_hold": ("accept", "dispatch", "sign", "hold"),
    "awaiting_info": ("ask",),
    "resolved": ("accept", "dispatch", "sign", "resolve"),
    "answered": ("accept", "dispatch", "sign", "resolve", "answer"),
    "rejected": ("reject",),
}


@pytest.mark.parametrize("status", PATHS)
def test_walks(town, status):
    case = a_case(through=PATHS[status])
    assert case.status == status
    fresh = Case.objects.get(pk=case.pk)
    entries = reading.timeline("case", case.pk)
    assert len(entries) == fresh.chain_length
    heads = {("case", fresh.pk): (fresh.chain_head, fresh.chain_length)}
    assert not list(reading.verify(iter(entries), heads))


@pytest.mark.parametrize("status", ["in_hand", "resolved", "answered"])
def test_shortest_path(town, status):
    assert a_case(status).status == status


def test_merged_and_parted(town):
    a_case()
    case = walk(a_case(), "merge")
    assert case.status == "merged"
    case = walk(case, "unmerge")
    assert case.status == "received"


def test_town_is_the_same_each_time(town):
    assert Entry.objects.filter(subject_kind="case").count() == 0
    assert town.actor("wangge").may("take", path=town.place(town.BUILDING).path)
    assert not town.actor("linju").may("take", path=town.place(town.GRID).path)
