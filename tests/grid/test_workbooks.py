"""XLSX: read as it was stored, bounded, and written so that nothing becomes a formula."""

import io
import zipfile

import pytest
from openpyxl import Workbook, load_workbook

from grid import sheets, workbooks
from grid.errors import Unreadable


def book(*rows) -> bytes:
    whole = Workbook()
    for row in rows:
        whole.active.append(row)
    file = io.BytesIO()
    whole.save(file)
    return file.getvalue()


HEADER = ["编码", "名称", "上级编码", "类型", "户数"]


def test_a_workbook_reads_as_a_sheet():
    rows = sheets.read_bytes(
        book(
            HEADER,
            ["370811015", "观音阁街道", 370811, "街道", 12.0],
            [None] * 5,
            ["370811016", "乙", "370811", "镇", None],
        )
    )
    assert [(row.number, row.code, row.parent_code, row.level) for row in rows] == [
        (2, "370811015", "370811", "街道"),
        (4, "370811016", "370811", "镇"),
    ]
    assert rows[0].facts == {"households": 12}


def test_a_long_code_kept_as_a_number_is_told_for_what_it_is():
    (row,) = sheets.read_bytes(book(HEADER, [370811015001001001, "1号楼", "370811015001001", "楼栋", None]))
    assert len(row.problems) == 1
    assert "15" in row.problems[0]


def test_a_formula_is_not_worked_out():
    (row,) = sheets.read_bytes(book(HEADER, ["370811015", '=HYPERLINK("x")', "370811", "街道", None]))
    assert row.name == ""  # nothing was stored for it


def test_what_is_no_workbook_is_refused_with_a_sentence():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "b")
    for content in (b"PK\x03\x04rubbish", file.getvalue()):
        with pytest.raises(Unreadable):
            sheets.read_bytes(content)


def test_a_bomb_is_not_unpacked(monkeypatch):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 3_000_000)
    monkeypatch.setattr(sheets, "LARGEST", 2_000_000)
    with pytest.raises(Unreadable, match="太大"):
        sheets.read_bytes(file.getvalue())


def test_text_is_written_as_text():
    content = workbooks.written("地点", [["编码", "名称"], ["007", "=1+1"], ["008", ""]])
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet["A2"].value == "007"
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("=1+1", "s")
    assert sheet["B3"].value is None
