"""What goes out comes back in without a change."""

import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

from grid import exporting, finding, importing, sheet_plan, sheets
from grid.models import Place
from ledger.actor import system
from ledger.models import Entry
from tests.grid.ground import AT

BY = system("test")


def out(form: str, root: Place | None = None) -> bytes:
    if form == "csv":
        return b"".join(exporting.csv_pieces(root))
    file = io.BytesIO()
    exporting.workbook(file, root)
    return file.getvalue()


def test_the_demo_town_comes_back_without_a_change(db):
    importing.load_town(BY, AT)
    places = Place.objects.filter(retired_at=None).count()
    for form, language in (("csv", "zh-hans"), ("csv", "en"), ("xlsx", "zh-hans")):
        with override(language):
            rows = sheets.read_bytes(out(form))
        assert len(rows) == places > 2000
        report = importing.load(rows, by=BY, at=AT, dry_run=True)
        assert report.problems == []
        assert not report.is_change


def test_a_subtree_is_exported_parents_first(ground):
    rows = sheets.read_bytes(out("csv", finding.by_code("370811015001")))
    assert rows[0].code == "370811015001"
    seen = {"370811015"}
    for row in rows:
        assert row.parent_code in seen
        seen.add(row.code)
    assert len(rows) == 5


def test_everything_a_place_carries_survives(ground):
    estate = ground.open(
        "estate", "阳光花园", "370811015001", code="370811015001702", management="owners",
        aliases=["阳光", "=老花园"], households=10, residents=31, lon=116.61, lat=35.4123456,
        valid_from=dt.date(2020, 1, 2),
    )  # fmt: skip
    content = out("csv", ground["370811015001"]).decode("utf-8-sig")
    assert "'=老花园" not in content  # only the beginning of a cell is guarded
    assert "阳光;=老花园" in content
    report = importing.load(sheets.read_text(content), by=BY, at=AT, dry_run=True)
    assert not report.is_change
    changed = content.replace(",10,31,", ",11,31,").replace("业主自管", "物业公司")
    entries = Entry.objects.filter(subject_kind="place").count()
    report = importing.load(sheets.read_text(changed), by=BY, at=AT)
    assert report.count(sheet_plan.FACTS) == 1
    estate.refresh_from_db()
    assert (estate.households, estate.management, estate.version) == (11, "company", 2)
    assert Entry.objects.filter(subject_kind="place").count() == entries + 1


def test_a_cell_never_begins_like_a_formula(ground):
    place = ground.open("grid", "=cmd()", "370811015001", code="370811015001009")
    content = out("csv", place).decode("utf-8-sig")
    assert ",'=cmd()," in content
    assert sheets.read_text(content)[0].name == "=cmd()"
    assert not importing.load(sheets.read_text(content), by=BY, at=AT, dry_run=True).is_change


def test_the_command_writes_both_forms(ground, tmp_path, capsys):
    for name in ("out.csv", "out.xlsx"):
        call_command("export_places", tmp_path / name, root="370811015")
        assert len(sheets.read_file(tmp_path / name)) == 7
    with pytest.raises(CommandError):
        call_command("export_places", tmp_path / "x.csv", root="999")
