"""Slices of the real files, where a developer has them beside the project."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import itertools
import os
from collections import Counter
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection

from cases.models import Call, Case, Clock
from cases.sla import sweep
from grid.models import Place
from ledger.models import Entry
from tests import ledgers
from tests.beside import present
from tests.town import DISTRICT, GRID

pytestmark = pytest.mark.django_db

MESSAGES, PINGSHAN = "messages_dev.csv.gz", "events_pingshan_dev.csv"
BOSTON = "events_boston_2011q3.csv.gz"
SLICE = 300
BOSTON_ROWS = int(os.environ.get("HUYING_TEST_BOSTON_ROWS", "400"))  # all of them are 31828


def test_messages(town, load):
    path = present(MESSAGES)
    said = load(path, place=DISTRICT, spread="grids", limit=SLICE)
    assert said.totals == {"read": SLICE, "taken": SLICE, "known": 0, "refused": 0}
    assert load(path, place=DISTRICT, spread="grids", limit=SLICE).totals["known"] == SLICE
    assert Case.objects.filter(origin="resident", external_ref__startswith="messages:").count() == SLICE
    assert Call.objects.exclude(text="").exclude(subject="").count() == SLICE
    assert not ledgers.faults()


def test_pingshan(town, load):
    path = present(PINGSHAN)
    said = load(path, limit=SLICE)
    assert said.totals == {"read": SLICE, "taken": SLICE, "known": 0, "refused": 0}
    district = Place.objects.get(code="440310")
    inside = Place.objects.filter(path__startswith=district.path)
    assert Counter(inside.values_list("kind", flat=True)) == {"district": 1, "street": 6, "community": 23}
    cases = Case.objects.filter(district_id=district.pk)
    assert cases.count() == SLICE
    assert not cases.exclude(status="received").exists()  # no outcome was invented
    assert not cases.exclude(holder__code__startswith="JW-440310").exists()
    assert {"complaint"} < set(cases.values_list("kind", flat=True))
    assert {"wechat", "hotline"} < set(cases.values_list("channel", flat=True))
    again = load(path, limit=SLICE)
    assert again.totals["known"] == SLICE and "新开" not in again.out
    assert not ledgers.faults()
    call_command("check_tree", skip_checks=True)


def test_a_dry_run_of_a_file_that_brings_its_own_ground_leaves_no_ground(town, load):
    path = present(PINGSHAN)
    said = load(path, limit=SLICE, dry_run=True)
    assert said.totals["taken"] == SLICE
    assert not Place.objects.filter(code="440310").exists()
    assert load(path, limit=20).totals["taken"] == 20


def test_boston_is_late_exactly_where_its_own_targets_say(town, load):
    """Each row a case with its own given target, closed when it was closed; the sweep stands at the file's last
    time. Late are those whose close, or that time, is past the target: by row, and by one plain count in SQL."""
    path = present(BOSTON)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = {row["event_id"]: row for row in itertools.islice(csv.DictReader(file), BOSTON_ROWS)}
    last = max(row[name] for row in rows.values() for name in ("opened_at", "closed_at"))
    said = load(
        path, place=GRID, item="0220", tz="America/New_York", source="boston", limit=BOSTON_ROWS,
        ref_column="event_id", called_at_column="opened_at", text_column="category_l3",
        target_column="target_at", closed_column="closed_at",
    )  # fmt: skip
    assert said.totals["taken"] == len(rows) == BOSTON_ROWS
    swept_at = dt.datetime.fromisoformat(last).replace(tzinfo=ZoneInfo("America/New_York"))
    sweep.sweep(swept_at)
    clocks = Clock.objects.filter(stage="resolve").select_related("case")
    refs = {row.case.external_ref.removeprefix("boston:"): row for row in clocks}
    assert refs.keys() == {ref for ref, row in rows.items() if row["target_at"]}  # no target, no such clock
    late = {
        ref for ref, row in rows.items() if row["target_at"] and (row["closed_at"] or last) > row["target_at"]
    }
    assert late and {ref for ref, row in refs.items() if row.breached_at} == late
    assert {ref for ref, row in refs.items() if row.due_at < (row.stopped_at or swept_at)} == late
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM cases_clock WHERE stage = 'resolve' AND coalesce(stopped_at, %s) > due_at",
            [swept_at],
        )
        assert cursor.fetchone()[0] == len(late)
    told = Entry.objects.filter(event="clock.breached", payload__stage="resolve")
    assert told.count() == told.values("subject_id").distinct().count() == len(late)
    assert not ledgers.faults()
