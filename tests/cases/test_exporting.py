"""A list taken out: exactly what is filtered and may be seen, never all of it in memory, and written down."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tracemalloc

import pytest
from django.db import connection
from openpyxl import load_workbook

from cases import errands, exporting, tasks
from cases.bench import filling
from cases.models import Case, Export
from cases.refusals import MoveRefused
from ledger import clock
from ledger.models import Entry
from tests import town as towns
from tests.builders import a_case
from tests.clients import Api
from tests.pages import Reader

pytestmark = pytest.mark.django_db
MANY = 10_000


def some():
    when = clock.now() - dt.timedelta(hours=2)
    return [
        a_case(when=when, text='=HYPERLINK("http://x")点这里'),
        a_case(when=when, text="孟庆芳说路灯坏了，电话13905371234。", urgency="critical"),
        a_case("assigned", when=when, text="机密的事", confidential=True),
    ]


def multiply(templates: list[Case], n: int) -> None:
    """Copies of these, inside the test's own transaction: no index is made while a constraint waits."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        filling.multiply(templates, n, spread=dt.timedelta(hours=1))
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def ask(who="jiedao", form="csv", query="tab=all", where="list", key="k"):
    return exporting.ask(
        by=towns.actor(who),
        at=clock.now(),
        form=form,
        where=where,
        query=query,
        request_key=key,
        body_hash="h",
    )


def lines(row: Export) -> list[list[str]]:
    exporting.run(pk=row.pk)
    row.refresh_from_db()
    path = exporting.file_of(row, clock.now())
    assert path is not None
    if row.form == "xlsx":
        return [
            [str(cell) if cell is not None else "" for cell in line]
            for line in load_workbook(path).active.values
        ]
    text = path.read_bytes()
    assert text.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_is_filtered_and_nothing_else(town, form):
    some()
    found = lines(ask(form=form, query="tab=all&urgency=critical"))
    assert len(found) == 3 and found[0][0] == "工单编号" and "特急" in found[1]
    assert "13905371234" not in str(found)
    mark = found[-1][0]
    assert towns.actor("jiedao").name in mark and "全部、特急" in mark and "共 1 件" in mark


def test_no_spreadsheet_works_anything_out(town):
    some()
    cells = [cell for line in lines(ask())[1:] for cell in line]
    assert not [cell for cell in cells if cell[:1] in "=+-@\t\r" and cell]
    assert any(cell.startswith("'=HYPERLINK") for cell in cells)


def test_what_is_not_the_readers_is_not_there(town):
    some()
    assert "机密的事" in str(lines(ask(who="bumen", key="a")))
    for who in ("lingdao", "shenji"):
        assert "机密的事" not in str(lines(ask(who=who, key=who)))
    found = lines(ask(who="linju", key="l"))
    assert len(found) == 2 and found[1][0].startswith("导出人")


def test_sensitive_cases_for_desk_and_holder_only(town):
    case = a_case("assigned", text="不能说的")
    Case.objects.filter(pk=case.pk).update(sensitive=True)
    for who, there in (
        ("bumen", True),
        ("jiedao", True),
        ("lingdao", False),
        ("ducha", False),
        ("shenji", False),
    ):
        assert (case.number in str(lines(ask(who=who, key=who)))) is there, who


def test_each_is_an_entry_without_what_was_searched(town):
    some()
    row = ask(query="tab=all&q=孟庆芳")
    lines(row)
    entry = Entry.objects.get(event="account.exported")
    assert entry.payload == {"export": row.pk, "form": "csv", "list": "list", "rows": 1, "filters": ["q"]}
    assert entry.actor_id == towns.actor("jiedao").id
    exporting.run(pk=row.pk)  # again: nothing more
    assert Entry.objects.filter(event="account.exported").count() == 1


def test_ten_thousand_rows_without_holding_them(town):
    """Peak memory of ten thousand rows is that of a few hundred: they go through piece by piece."""
    templates = some()
    multiply(templates, 300)

    def peak(key: str) -> int:
        row = ask(key=key)
        tracemalloc.start()
        exporting.run(pk=row.pk)
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        row.refresh_from_db()
        assert row.state == "done" and row.done == row.total
        return most

    peak("warm")
    few = peak("few")
    multiply([a_case(when=clock.now() - dt.timedelta(hours=3))], MANY)
    many = peak("many")
    assert Export.objects.latest("pk").total > MANY
    assert many < few + 3_000_000, (few, many)
    outside = lines(ask(who="linju", key="out"))
    assert len(outside) == 2, "a person from outside got rows"


def test_only_its_maker_fetches_it_and_for_a_day(town):
    some()
    reader = Reader("jiedao").open("/cases/?urgency=critical")
    form = next(one for one in reader.forms if one.action == "/exports/")
    reader.send(form, form="csv")
    row = Export.objects.get()
    assert reader.status == 200 and reader.path == f"/exports/{row.pk}/" and reader.says("只有您能下载")
    reader.open(f"/exports/{row.pk}/file/")
    assert reader.status == 200 and "特急" in reader.body.decode("utf-8-sig")
    for who in ("zhiban", "linju", "admin"):
        assert Reader(who).open(f"/exports/{row.pk}/file/").status == 404
        assert Reader(who).open(f"/exports/{row.pk}/").status == 404
    path = exporting.file_of(row, clock.now())
    Export.objects.filter(pk=row.pk).update(expires_at=clock.now() - dt.timedelta(seconds=1))
    assert reader.open(f"/exports/{row.pk}/file/").status == 404
    tasks.finish_errands()
    assert not path.exists() and reader.open(f"/exports/{row.pk}/").says("已过期")


def test_what_a_dead_worker_left(town):
    some()
    row = ask()
    long_ago = clock.now() - 2 * errands.SILENT
    Export.objects.filter(pk=row.pk).update(asked_at=long_ago)
    assert tasks.finish_errands() == 1
    row.refresh_from_db()
    assert row.state == "done"


@pytest.mark.parametrize(
    "wrong",
    [
        {"form": "pdf"},
        {"form": None},
        {"where": "moon"},
        {"query": 7},
        {"query": "x" * 2000},
        {"query": "status=moon"},
    ],
)
def test_what_cannot_be_asked_for(town, wrong):
    with pytest.raises(MoveRefused):
        ask(**wrong)


def test_over_the_interface(town):
    some()
    api = Api("jiedao")
    answer = api.post("cases/exports/", {"form": "csv", "query": "urgency=critical"}, key="once")
    assert answer.status_code == 202 and answer.json()["state"] == "done"
    assert (
        api.post("cases/exports/", {"form": "csv", "query": "urgency=critical"}, key="once").json()["id"]
        == answer.json()["id"]
    )
    file = api.get(answer.json()["file"].replace("http://testserver", ""))
    assert b"".join(file.streaming_content).startswith(b"\xef\xbb\xbf")
    assert Api("linju").get(f"cases/exports/{answer.json()['id']}/").status_code == 404
    assert Api("linju").get(f"cases/exports/{answer.json()['id']}/file/").status_code == 404


def test_a_print_has_all_of_it_and_says_who(town, monkeypatch):
    some()
    monkeypatch.setattr(exporting, "AT_ONCE", 1)
    reader = Reader("jiedao").open("/cases/?print=1")
    assert (
        reader.status == 200 and 'class="stamp"' in reader.text and towns.actor("jiedao").name in reader.text
    )
