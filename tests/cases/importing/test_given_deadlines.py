"""A city's own deadlines, replayed: who was late here is exactly who was late there.

The whole file from the command line (the last line of the second command prints what was counted):
`manage.py import_calls events_boston_2011q3.csv.gz` with the options of OPTIONS, then `sla_sweep --at` the last
time in the file; here a deterministic sample of it.
"""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import connection

from cases.importing.rows import instant
from cases.models import Case, Clock
from cases.sla.sweep import sweep
from tests import ledgers
from tests.town import DISTRICT

pytestmark = pytest.mark.django_db

EVENTS = "events_boston_2011q3.csv.gz"
EVERY = 20  # one row in so many: about 1,600 of 31,828
ZONE = "America/New_York"
OPTIONS = {
    "source": "boston",
    "place": DISTRICT,
    "spread": "grids",
    "item": "0301",  # settled without a photo
    "origin": "patrol",
    "tz": ZONE,
    "text_column": "category_l3",
    "called_at_column": "opened_at",
    "ref_column": "event_id",
    "target_column": "target_at",
    "closed_column": "closed_at",
}


def sample() -> tuple[list[str], list[dict[str, str]]]:
    """Every twentieth row, and all that are odd: closed before they were opened, or due before."""
    found = next(Path(settings.BASE_DIR).parent.glob(f"*/data/{EVENTS}"), None)
    if found is None:
        pytest.skip(f"not run: {EVENTS} is not beside the project")
    with gzip.open(found, "rt", encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        rows = [row for n, row in enumerate(reader) if n % EVERY == 0 or is_odd(row)]
        return list(reader.fieldnames or ()), rows


def is_odd(row: dict[str, str]) -> bool:
    closed, target = row["closed_at"], row["target_at"]
    return bool(closed and closed < row["opened_at"]) or bool(target and target < row["opened_at"])


def late_by_sql(header: list[str], rows: list[dict[str, str]]) -> tuple[set[str], int, int, str]:
    """(the late, how many have a target, how many are late, the last time) by plain SQL over the raw rows."""
    sheet = io.StringIO()
    writer = csv.DictWriter(sheet, fieldnames=header)
    writer.writerows(rows)
    sheet.seek(0)
    with connection.cursor() as cursor:
        columns = ", ".join(f'"{name}" text' for name in header)
        cursor.execute(f"CREATE TEMPORARY TABLE raw ({columns}) ON COMMIT DROP")
        cursor.copy_expert("COPY raw FROM STDIN WITH (FORMAT csv)", sheet)
        cursor.execute(
            "WITH ended AS (SELECT max(greatest(opened_at::timestamp, nullif(closed_at, '')::timestamp)) AS last "
            "FROM raw), judged AS (SELECT event_id, coalesce(nullif(closed_at, '')::timestamp, last) "
            "> target_at::timestamp AS late FROM raw, ended WHERE target_at <> '') "
            "SELECT array_agg(event_id) FILTER (WHERE late), count(*), count(*) FILTER (WHERE late), "
            "(SELECT last::text FROM ended) FROM judged"
        )
        late, targets, number, last = cursor.fetchone()
        return set(late or ()), targets, number, last


def test_breached_are_exactly_the_late_of_the_file(town, load, sheet):
    header, rows = sample()
    assert 1500 <= len(rows) <= 3000
    late, targets, number, last = late_by_sql(header, rows)
    assert 150 <= number < targets < len(rows)  # some late, some in time, some without a target
    said = load(sheet(rows, name=EVENTS), **OPTIONS)
    assert said.totals == {"read": len(rows), "taken": len(rows), "known": 0, "refused": 0}

    sweep(instant(last, ZoneInfo(ZONE)))
    given = Clock.objects.filter(stage="resolve", case__external_ref__startswith="boston:")
    assert given.count() == targets  # rows without a target have no such clock
    refs = given.filter(breached_at__isnull=False).values_list("case__external_ref", flat=True)
    breached = {ref.removeprefix("boston:") for ref in refs}
    assert (breached - late, late - breached, len(breached)) == (set(), set(), number)
    with_clock = given.values("case_id")
    without = Case.objects.filter(external_ref__startswith="boston:").exclude(pk__in=with_clock)
    assert without.count() == len(rows) - targets
    assert not ledgers.faults()
