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


class TestForms:
    """As sheets come from other hands."""

    CHINESE = "编码 ,名称*,上级编码,类型,物业方式,备注\n370811015,观音阁街道,370811,街道,,x\n"

    def test_headers_in_chinese(self):
        (row,) = sheets.read_text(self.CHINESE)
        assert (row.code, row.parent_code, row.level, row.facts) == ("370811015", "370811", "街道", {})

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    def test_encodings(self, encoding):
        (row,) = sheets.read_bytes(self.CHINESE.encode(encoding))
        assert row.name == "观音阁街道"

    @pytest.mark.parametrize("between", ["\t", ";"])
    def test_other_delimiters(self, between):
        (row,) = sheets.read_text(self.CHINESE.replace(",", between))
        assert row.name == "观音阁街道"

    def test_what_is_missing_is_named_in_both_languages(self):
        with pytest.raises(Unreadable, match="parent_code（上级编码）"):
            sheets.read_text("编码,名称,类型\n1,2,3\n")

    def test_an_unreadable_fact_is_told_and_the_others_kept(self):
        (row,) = sheets.read_text(
            "code,name,parent_code,level,households,management,lon\n1,甲,2,小区,三,公司,116.5\n"
        )
        assert len(row.problems) == 2
        assert row.facts == {"lon": 116.5}

    def test_the_national_tables(self, tmp_path):
        files = {
            "provinces": 'code,name\n11,"北京市"\n',
            "cities": 'code,name,provinceCode\n1101,"市辖区",11\n',
            "areas": 'code,name,cityCode,provinceCode\n110101,"东城区",1101,11\n',
            "streets": 'code,name,areaCode,provinceCode,cityCode\n110101001,"东华门街道",110101,11,1101\n',
            "villages": "code,name,streetCode,provinceCode,cityCode,areaCode\n"
            '110101001001,"多福巷社区居委会",110101001,11,1101,110101\n',
        }
        paths = []
        for name, text in files.items():
            paths.append(tmp_path / f"{name}.csv")
            paths[-1].write_text(text, encoding="utf-8")
        rows = sheets.read_files(paths)
        assert [(row.level, row.parent_code) for row in rows] == [
            ("province", ""), ("city", "11"), ("district", "1101"), ("street", "110101"), ("community", "110101001"),
        ]  # fmt: skip

    def test_a_list_of_codes_and_names_is_no_table_of_provinces(self):
        with pytest.raises(Unreadable):
            sheets.read_text("code,name\n370811015,观音阁街道\n")
