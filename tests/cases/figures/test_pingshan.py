"""Real events of a district, imported: registrations and overdue shares by street, community and type equal the file's
own columns, counted in plain Python over the file.

The file says whether an event was closed late, not when it was due or closed. So it is given: due two days after it was
made (the promise), closed an hour before that where it says on time, an hour after it where it says overdue; what has no
outcome gets neither (DECISIONS.md). The 18 types of its first level stand for 18 items that want no photo.

A slice by seed; all 5,946 rows, printed: HUYING_TEST_PINGSHAN_ROWS=5946 pytest -s on this file."""

from __future__ import annotations

import csv
import datetime as dt
import os
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from django.core.management import call_command

from cases import rulebook
from cases.figures.asking import Period, subject_of
from cases.figures.behind import DENOMINATOR, MISSED, REGISTERED, rows_behind
from cases.figures.splitting import split
from cases.models import Case
from cases.sla import sweep
from grid.models import Place
from ledger import clock
from tests import ledgers
from tests.beside import present
from tests.cases.figures.asked import held_beside

pytestmark = pytest.mark.django_db
ROWS = int(os.environ.get("HUYING_TEST_PINGSHAN_ROWS", "500"))
AT = dt.datetime(2018, 11, 20, 9, 0, tzinfo=clock.LOCAL)
WHOLE = Period.of_days(dt.date(2018, 1, 1), dt.date(2018, 11, 30))
HOUR = dt.timedelta(hours=1)
WAYS = ("street", "community", "type_l1")
Pair = tuple[int, int]


def read(path: Path, items: list[str]) -> list[dict[str, str]]:
    """The slice with what the file does not say, in columns of its own."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    types = sorted({row["type_l1"] for row in rows})
    assert len(types) <= len(items)
    rows = rows if len(rows) <= ROWS else Random(20181019).sample(rows, ROWS)
    for row in rows:
        due = dt.datetime.fromisoformat(row["created_at"]) + dt.timedelta(days=2)
        late, in_time = row["closed_overdue"] == "1", row["closed_on_time"] == "1"
        assert not (late and in_time)
        row["due"] = due.isoformat(" ") if late or in_time else ""
        row["closed"] = (due + (HOUR if late else -HOUR)).isoformat(" ") if late or in_time else ""
        row["item"] = items[types.index(row["type_l1"])]
    return rows


def counted(rows: list[dict[str, str]], way: str) -> dict[str, tuple[int, Pair]]:
    """By the column's word: how many rows, and (late, with an outcome)."""
    found = {}
    for word in {row[way] for row in rows}:
        of = [row for row in rows if row[way] == word]
        late = sum(row["closed_overdue"] == "1" for row in of)
        found[word] = (len(of), (late, late + sum(row["closed_on_time"] == "1" for row in of)))
    return found


def test_imported_events_count_as_their_file_does(town, tmp_path, capsys):
    path = present("events_pingshan_dev.csv")
    items = [item.code for item in rulebook.items() if not item.evidence]
    rows = read(path, items)
    sheet = tmp_path / "events.csv"
    with sheet.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    call_command(
        "import_calls", str(sheet), target_column="due", closed_column="closed", item_column="item",
        kind_column="nature", skip_checks=True,
    )  # fmt: skip
    sweep.sweep(at=AT)
    district = Place.objects.get(code="440310")
    assert Case.objects.filter(district_id=district.pk).count() == len(rows)

    words = {way: {row[way]: row for row in rows} for way in WAYS}
    places = {place.pk: place.name for place in Place.objects.filter(path__startswith=district.path)}
    types = {item: word for word, row in words["type_l1"].items() if (item := row["item"])}
    said: dict[str, dict[str, tuple[int, Pair]]] = {way: {} for way in WAYS}
    whole = subject_of(district.path)
    streets = split("resolve_on_time", "place", whole, WHOLE, AT)
    names = {
        "street": {places[pk]: value for pk, value in streets.items() if isinstance(pk, int)},
        "community": {
            places[pk]: value
            for street in streets
            for pk, value in split(
                "resolve_on_time", "place", subject_of(f"{district.path}{street}/"), WHOLE, AT
            ).items()
            if isinstance(pk, int)
        },
        "type_l1": {
            types[item.code]: value
            for pk, value in split("resolve_on_time", "item", whole, WHOLE, AT).items()
            if isinstance(pk, int) and (item := rulebook.item_by_id(pk)) is not None
        },
    }
    taken = rows_behind(REGISTERED, DENOMINATOR, whole, WHOLE, AT)
    registered = {
        "street": Counter(places[pk] for pk in taken.values_list("street_id", flat=True)),
        "community": Counter(places[pk] for pk in taken.values_list("community_id", flat=True)),
        "type_l1": Counter(types[code] for code in taken.values_list("item__code", flat=True)),
    }
    for way in WAYS:
        for word, n in registered[way].items():
            value = names[way].get(word)
            said[way][word] = (
                n, (value.denominator - value.numerator, value.denominator) if value else (0, 0)
            )  # fmt: skip
        assert said[way] == counted(rows, way), way
    late = sum(row["closed_overdue"] == "1" for row in rows)
    assert late and rows_behind("resolve_on_time", MISSED, whole, WHOLE, AT).count() == late
    assert not ledgers.faults()

    seen = held_beside(Random(20181019), AT, back=285)
    assert seen["accept_on_time"] and seen["resolve_on_time"] and seen["feedback_on_time"]
    with capsys.disabled():
        if ROWS > 1000:
            for way in WAYS:
                for word, (n, (missed, den)) in sorted(said[way].items(), key=lambda one: -one[1][0]):
                    share = f"{missed / den:.1%}" if den else "–"
                    print(f"{way}\t{word}\t{n}\t{missed}/{den}\t{share}")
