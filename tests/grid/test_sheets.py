import gzip

import pytest

from grid import sheets
from grid.errors import Unreadable

TEXT = "code,name,parent_code,level\n37,山东省,,province\n\n3708,济宁市,37,city\n"


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("gb18030"),
        gzip.compress(TEXT.encode(), mtime=0),
        TEXT.replace("\n", "\r\n").encode(),
    ],
)
def test_every_usual_wrapping(content):
    one, two = sheets.read_bytes(content)
    assert (one.number, one.code, one.name, one.level) == (2, "37", "山东省", "province")
    assert (two.number, two.parent_code) == (4, "37")  # a blank line counts


@pytest.mark.parametrize(
    "content",
    [
        b"\x1f\x8b broken",
        b"\xff\xff\xff\xff",
        b"code,name\n1,2\n",
        b"",
    ],
)
def test_what_cannot_be_read_is_refused_in_words(content):
    with pytest.raises(Unreadable) as refusal:
        sheets.read_bytes(content)
    assert refusal.value.sentence


def test_a_missing_file():
    with pytest.raises(Unreadable):
        sheets.read_file("/nowhere/at/all.csv")


def test_more_columns():
    text = "name,code,level,parent_code,households,aliases,lon\n甲,123,grid,12,40,乙;丙,x\n"
    (row,) = sheets.read_text(text)
    assert row.facts == {"households": 40, "aliases": ["乙", "丙"]}
    assert len(row.problems) == 1  # the longitude
