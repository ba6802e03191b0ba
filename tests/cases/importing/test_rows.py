from __future__ import annotations

import datetime as dt
from collections import Counter
from zoneinfo import ZoneInfo

import pytest

from cases.importing.formats import Columns, Format, detect, kind_of
from cases.importing.reading import Record
from cases.importing.rows import Reader, RowRefused, instant

SHANGHAI, BOSTON = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
NOW = dt.datetime(2026, 11, 23, 1, tzinfo=dt.UTC)


def reader(**columns: str) -> Reader:
    return Reader(Format("", Columns(**columns), origin="resident"), "test", NOW, SHANGHAI)


@pytest.mark.parametrize(
    "word",
    [
        "2019-08-19 11:48:23",
        "2019/8/19 11:48:23",
        "2019-08-19T11:48:23.000",
        "2019年8月19日 11时48分23秒",
        "2019-08-19T03:48:23Z",
        "2019-08-18 23:48:23 -0400",
    ],
)
def test_times_are_read_as_tables_write_them(word):
    assert instant(word, SHANGHAI) == dt.datetime(2019, 8, 19, 3, 48, 23, tzinfo=dt.UTC)


def test_a_naive_time_is_local_to_the_given_zone():
    assert instant("2011-07-01 01:32", BOSTON) == dt.datetime(2011, 7, 1, 5, 32, tzinfo=dt.UTC)
    assert instant("2011-07-01", SHANGHAI) == dt.datetime(2011, 6, 30, 16, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    "word", ["昨天", "2019-13-01", "2019-02-30 10:00", "19-8-2019", "1899-01-01", "12:30"]
)
def test_an_unreadable_time_is_refused_with_a_sentence(word):
    with pytest.raises(RowRefused, match="读不懂的时间"):
        instant(word, SHANGHAI)


def test_kinds_are_read_by_our_words_and_the_usual_ones():
    assert [kind_of(word) for word in ("投诉", "enquiry", "矛盾纠纷", "求决", "")] == [
        "complaint",
        "enquiry",
        "dispute",
        "problem",
        "",
    ]
    assert kind_of("天气") is None


def test_a_reference_is_the_files_own_and_never_twice():
    known, seen = reader(ref="n"), Counter()
    assert known.ref_of(Record(2, {"n": " A1 "}), seen) == "test:A1"
    with pytest.raises(RowRefused, match="重复"):
        known.ref_of(Record(3, {"n": "A1"}), seen)
    with pytest.raises(RowRefused, match="没有编号"):
        known.ref_of(Record(4, {"n": "\x00"}), seen)


def test_without_a_column_the_content_is_the_reference_and_equal_rows_are_counted():
    known = reader()
    rows = [Record(n, {"a": text}) for n, text in enumerate(("x", "y", "x"), 2)]
    once, again = Counter(), Counter()
    refs = [known.ref_of(row, once) for row in rows]
    assert len(set(refs)) == 3 and refs[2] == f"{refs[0]}-2"
    assert refs == [known.ref_of(row, again) for row in rows]


def test_the_text_is_taken_word_for_word_whatever_it_is(town):
    known = reader(text="t", subject="s")
    long = "字" * 8994
    for text in ("……！！", "<br/>&nbsp;", "<script>alert(1)</script>", long):
        row = known.row(Record(2, {"t": text, "s": "标题"}), "test:1")
        assert row.sheet["text"] == text
    headline = "标" * 130
    row = known.row(Record(2, {"t": "正文", "s": headline}), "test:1")
    assert (row.sheet["subject"], row.sheet["text"]) == ("", f"{headline}\n正文")


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"t": ""}, "文字、照片、录音"),
        ({"t": "字" * 20_001}, "最多 20000 个字"),
        ({"t": "字", "k": "天气"}, "不认识的类型"),
        ({"t": "字", "i": "9999"}, "没有“9999”这一小项"),
        ({"t": "字", "c": "2026-12-01 08:00"}, "将来"),
        ({"t": "字", "d": "2027-01-01"}, "将来"),
    ],
)
def test_what_is_wrong_with_a_row_is_said(town, cells, sentence):
    known = reader(text="t", kind="k", item="i", called_at="c", closed="d")
    with pytest.raises(RowRefused, match=sentence):
        known.row(Record(2, cells), "test:1")


def test_known_files_are_told_by_their_header():
    assert detect(["row_id", "source_set", "subject", "sent_at", "body"]).name == "messages"
    assert (
        detect(["event_id", "created_at", "street_id", "community_id", "type_l1", "nature"]).name
        == "pingshan"
    )
    assert detect(["id", "text"]) is None
