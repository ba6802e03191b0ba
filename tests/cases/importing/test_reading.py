from __future__ import annotations

import gzip

import pytest

from cases.importing.reading import CallFile
from grid.errors import Unreadable

TEXT = "编号,内容\n1,路灯不亮\n2,井盖破损\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("packed", [False, True])
def test_every_usual_encoding_is_read(tmp_path, encoding, packed):
    data = TEXT.encode(encoding)
    path = tmp_path / "calls.csv"
    path.write_bytes(gzip.compress(data) if packed else data)
    file = CallFile(path)
    assert file.header == ["编号", "内容"]
    assert [dict(record.cells) for record in file.records()] == [
        {"编号": "1", "内容": "路灯不亮"},
        {"编号": "2", "内容": "井盖破损"},
    ]
    assert file.count() == 2


def test_a_row_has_the_number_it_has_in_a_spreadsheet(tmp_path):
    path = tmp_path / "calls.csv"
    path.write_text('a,b\n1,"two\nlines"\n\n3,4\n', encoding="utf-8")
    assert [record.number for record in CallFile(path).records()] == [2, 4]


def test_a_row_wider_than_the_header_is_told_and_a_short_one_is_filled(tmp_path):
    path = tmp_path / "calls.csv"
    path.write_text("a,b\n1,2,3\n4\n5,6,\n", encoding="utf-8")
    wide, short, trailing = CallFile(path).records()
    assert "1" in wide.problem
    assert short.cells == {"a": "4", "b": ""} and not short.problem
    assert not trailing.problem


def test_a_column_named_twice_is_the_first(tmp_path):
    path = tmp_path / "calls.csv"
    path.write_text("a,a\n1,2\n", encoding="utf-8")
    assert next(CallFile(path).records()).cells == {"a": "1"}


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"a,b\n\xff\xff\xff\xff", gzip.compress(b"a,b\n" * 5000, mtime=0)[:40]],
    ids=["empty", "no header", "no text", "cut off"],
)
def test_what_is_no_table_is_refused_with_a_sentence(tmp_path, data):
    path = tmp_path / "calls.csv"
    path.write_bytes(data)
    with pytest.raises(Unreadable, match="。"):
        CallFile(path)


def test_a_missing_file_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(Unreadable, match="打不开"):
        CallFile(tmp_path / "nowhere.csv")
