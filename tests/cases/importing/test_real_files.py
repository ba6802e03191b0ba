"""Slices of the real files, where a developer has them beside the project."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from cases.models import Call, Case
from grid.models import Place
from tests import ledgers
from tests.town import DISTRICT

pytestmark = pytest.mark.django_db

MESSAGES, PINGSHAN = "messages_dev.csv.gz", "events_pingshan_dev.csv"
SLICE = 300


def present(name: str) -> Path:
    """The file in a `data` folder beside the project; they are not ours to ship."""
    found = next(Path(settings.BASE_DIR).parent.glob(f"*/data/{name}"), None)
    if found is None:
        pytest.skip(f"not run: {name} is not beside the project")
    return found


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
