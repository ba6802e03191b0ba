"""A notice as a table or as text, in whatever encoding it comes."""

from __future__ import annotations

import contextlib
import datetime as dt
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from cases.sla import notice_sheet
from cases.sla.calendar import shipped_days, statutory_holidays
from tests.cases.notices_of_years import OF_2027, text_of

SHARED = Path(settings.BASE_DIR).parent / "shared" / "data" / "cn_workdays_2018_2026.csv"


def statutory(year: int = 2027) -> str:
    return "".join(f"{day.isoformat()},放假,{name}\n" for day, name in statutory_holidays(year).items())


def test_the_shared_table_gives_the_shipped_days():
    if not SHARED.exists():
        pytest.skip("not run: the shared data is not beside the project")
    head, *rows = SHARED.read_text(encoding="utf-8").splitlines()
    for year in range(2018, 2027):
        text = "\n".join([head, *(row for row in rows if row.startswith(str(year)))])
        read = notice_sheet.read(text)
        shipped = {date: day.kind for date, day in shipped_days().items() if date.year == year}
        assert read.year == year
        assert {date: one.kind for date, one in read.days.items()} == shipped
        assert read.faults == []


@pytest.mark.parametrize(
    "heading", ["日期,性质,名称", "date,kind,name", "Date,Type,Holiday", "\ufeff日期,类型,节日"]
)
def test_headings_in_two_languages(heading):
    read = notice_sheet.read(notice_sheet.tidy(f"{heading}\n{statutory()}2027-01-31,上班,春节\n"))
    assert read.year == 2027 and read.faults == []
    assert read.days[dt.date(2027, 1, 31)].kind == "makeup"


@pytest.mark.parametrize(
    "date", ["2027-01-31", "2027/1/31", "20270131", "2027年1月31日", "２０２７-１-３１", "2027.1.31"]
)
def test_dates_in_many_spellings(date):
    read = notice_sheet.read(f"日期,性质,名称\n{statutory()}{date},调休上班,春节")
    assert read.days[dt.date(2027, 1, 31)].kind == "makeup"


def test_other_delimiters():
    for sign in "\t;":
        text = f"日期,性质,名称\n{statutory()}".replace(",", sign)
        assert notice_sheet.read(text).faults == []


def test_yes_and_no_instead_of_a_kind():
    rows = "".join(f"{day.isoformat()},否,{name}\n" for day, name in statutory_holidays(2027).items())
    read = notice_sheet.read(f"日期,是否上班,名称\n{rows}2027-01-31,是,\n2027-03-01,是,\n2027-03-06,否,\n")
    assert read.faults == []
    assert read.days[dt.date(2027, 1, 31)].kind == "makeup"
    assert dt.date(2027, 3, 1) not in read.days and dt.date(2027, 3, 6) not in read.days
    upside = notice_sheet.read(f"日期,是否放假,名称\n{rows.replace('否', '是')}2027-01-31,否,\n")
    assert upside.faults == [] and upside.days[dt.date(2027, 1, 31)].kind == "makeup"


def test_a_half_day_needs_its_hours():
    good = f"日期,性质,名称,开放时间\n{statutory()}2027-03-08,半天,妇女节,8:30-12:00"
    assert notice_sheet.read(good).days[dt.date(2027, 3, 8)].hours == (("08:30", "12:00"),)
    assert notice_sheet.read(good.replace("8:30-12:00", "")).faults
    assert notice_sheet.read(good.replace("8:30-12:00", "12:00-8:30")).faults


@pytest.mark.parametrize("hours", ["08:30-23:75", "08:99-12:00", "24:00-25:00", "08:30-24:00"])
def test_what_is_no_time_of_day_is_named_by_its_row(hours):
    rows = len(statutory_holidays(2027))
    read = notice_sheet.read(f"日期,性质,名称,开放时间\n{statutory()}2027-03-08,半天,妇女节,{hours}")
    (fault,) = read.faults
    assert fault.startswith(f"第 {rows + 2} 行") and "不是钟点" in fault
    assert dt.date(2027, 3, 8) not in read.days


def test_what_is_wrong_is_named_by_its_row():
    read = notice_sheet.read(f"日期,性质,名称\n{statutory()}明天,放假,x\n2027-05-06,大概,x\n")
    rows = len(statutory_holidays(2027))
    assert [words[:8] for words in read.faults] == [f"第 {rows + 2} 行的日"[:8], f"第 {rows + 3} 行：“"[:8]]


def test_another_year_s_rows_are_left_out_and_told():
    read = notice_sheet.read(f"日期,性质,名称\n{statutory()}2025-01-01,放假,元旦\n")
    assert read.faults == [] and "1 行" in read.idle[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(encoding):
    assert notice_sheet.tidy(notice_sheet.decode(OF_2027.encode(encoding))) == OF_2027.strip()


def test_what_is_no_text_is_refused():
    with pytest.raises(notice_sheet.Unreadable):
        notice_sheet.decode(b"\x89PNG\r\n\xff\xff\xff\xff")


def test_too_much_and_nothing_are_refused():
    with pytest.raises(notice_sheet.Unreadable, match="太长"):
        notice_sheet.tidy("放" * (notice_sheet.LONGEST_TEXT + 1))
    for nothing in ("", " \n\x00\ufeff "):
        with pytest.raises(notice_sheet.Unreadable):
            notice_sheet.tidy(nothing)


def test_a_year_that_nobody_says_is_asked_for():
    with pytest.raises(notice_sheet.Unreadable, match="哪一年"):
        notice_sheet.read("1月1日放假。")
    assert notice_sheet.read("元旦：1月1日放假。", 2027).days
    with pytest.raises(notice_sheet.Unreadable):
        notice_sheet.read("元旦：1月1日放假。", 12)


def test_text_goes_to_the_announcement():
    assert notice_sheet.read(text_of(2026)).year == 2026


@given(st.text(max_size=300))
def test_no_table_breaks_it(text):
    with contextlib.suppress(notice_sheet.Unreadable):
        notice_sheet.read(notice_sheet.tidy("日期,性质,名称\n" + text), 2027)
