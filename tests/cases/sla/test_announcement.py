"""The words of a year's announcement, and what is made of them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.sla import announcement
from cases.sla.announcement import HOLIDAY, MAKEUP
from cases.sla.calendar import shipped_days
from tests.cases.notices_of_years import OF_2027, belongs, text_of

SHIPPED = range(2018, 2027)


def day(month: int, date: int, year: int = 2027) -> dt.date:
    return dt.date(year, month, date)


def of(text: str, year: int = 2027) -> announcement.Reading:
    return announcement.read(text, year)


def kinds(text: str, year: int = 2027) -> dict[dt.date, str]:
    return {date: named.kind for date, named in of(text, year).days.items()}


@pytest.mark.parametrize("weekdays", [True, False])
@pytest.mark.parametrize("year", SHIPPED)
def test_every_published_year_is_read_back_whole(year, weekdays):
    read = announcement.read(text_of(year, weekdays=weekdays), year)
    shipped = {
        date: (one.kind, one.name) for date, one in shipped_days().items() if belongs(date, one.name) == year
    }
    assert {date: (one.kind, one.name) for date, one in read.days.items()} == shipped
    assert (read.faults, read.doubts) == ([], [])
    assert announcement.year_of(text_of(year)) == year


def test_the_notice_of_2027():
    read = of(OF_2027)
    assert (read.faults, read.doubts) == ([], [])
    assert sum(one.kind == HOLIDAY for one in read.days.values()) == 27
    assert sorted(date for date, one in read.days.items() if one.kind == MAKEUP) == [
        day(1, 31), day(2, 20), day(4, 25), day(5, 8), day(9, 26), day(10, 9)
    ]  # fmt: skip
    assert read.days[day(2, 5)].name == "春节"
    assert any("值班" in words for words in read.idle)


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        ("元旦：1月1日放假，与周末连休。", {day(1, 1): HOLIDAY}),
        ("元旦：1月1日（周五）放假1天，不调休。", {day(1, 1): HOLIDAY}),
        ("一、元旦:2027年1月1日至3日放假,共3天.", {day(1, n): HOLIDAY for n in (1, 2, 3)}),
        ("元旦：2026年12月31日至2027年1月2日放假调休，共3天。", {day(12, 31, 2026): HOLIDAY, day(1, 1): HOLIDAY, day(1, 2): HOLIDAY}),
        ("元旦：12月31日至1月1日放假，共2天。", {day(12, 31, 2026): HOLIDAY, day(1, 1): HOLIDAY}),
        ("元旦：2026年12月27日（星期日）上班。", {day(12, 27, 2026): MAKEUP}),
        ("春节：1月31日（星期日）、2月20日（周六）上班。", {day(1, 31): MAKEUP, day(2, 20): MAKEUP}),
        ("春节：2月5日到7日放假，2月20日正常上班。", {day(2, 5): HOLIDAY, day(2, 6): HOLIDAY, day(2, 7): HOLIDAY, day(2, 20): MAKEUP}),
        ("国庆节、中秋节：9月15日，10月1日放假。", {day(9, 15): HOLIDAY, day(10, 1): HOLIDAY}),
        ("（三）清明节：４月３日（周六）至５日（周一）放假，共３天。", {day(4, n): HOLIDAY for n in (3, 4, 5)}),
        ("端午节：6月9日（农历五月初五、周三）放假。", {day(6, 9): HOLIDAY}),
    ],
)  # fmt: skip
def test_the_shapes_of_a_sentence(sentence, wanted):
    read = of(sentence)
    assert {date: one.kind for date, one in read.days.items()} == wanted
    assert read.doubts == []


def test_advice_is_no_holiday():
    words = "鼓励各单位结合带薪年休假等制度落实，安排职工在除夕（2月5日）休息。"
    read = of(f"春节：2月6日至11日放假。{words}")
    assert day(2, 5) not in read.days
    assert len(read.doubts) == 1 and "没有看懂" in read.doubts[0]


def test_a_wrong_weekday_and_a_wrong_count_are_doubts():
    read = of("元旦：1月1日（周四）至3日放假，共4天。")
    assert len(read.doubts) == 2
    assert "周五" in read.doubts[0] and "周四" in read.doubts[0]


def test_what_says_two_things_of_one_day_is_a_fault():
    assert any("2027-01-02" in words for words in of("元旦：1月1日至3日放假。1月2日上班。").faults)


def test_a_day_that_is_not_is_a_fault():
    assert any("没有这一天" in words for words in of("元旦：1月1日至32日放假。").faults)
    assert any("没有这一天" in words for words in of("春节：2月29日放假。").faults)


def test_a_notice_without_a_statutory_holiday_cannot_be_imported():
    read = of(OF_2027.replace("6月9日", "6月10日"))
    assert any("端午节" in words for words in read.faults)
    assert not of(OF_2027).faults


def test_a_statutory_holiday_is_never_worked():
    assert any("国庆节" in words for words in of("国庆节：10月1日（周五）上班。").faults)


def test_nothing_understood_is_a_fault():
    assert of("今天天气很好。").faults == ["没有读出任何放假或上班的日子。"]


def test_the_year_is_the_titles_not_the_signature_s():
    assert announcement.year_of(OF_2027) == 2027
    assert announcement.year_of("1月1日放假") is None
    assert announcement.year_of("元旦：2026年12月31日至2027年1月2日。劳动节：2027年5月1日") == 2027


@given(st.text(max_size=400))
def test_no_text_breaks_it(text):
    read = announcement.read(text, 2027)
    assert isinstance(read.days, dict)
    announcement.year_of(text)


@given(
    st.lists(
        st.sampled_from(
            ["元旦：", "春节：", "1月1日", "2月", "5日", "（周六）", "至", "、", "放假", "上班", "。", "共3天", "2027年", "99日", "١月١日", "\u200b", "<b>", "\x00"]
        ),
        max_size=40,
    )
)  # fmt: skip
def test_no_order_of_its_own_words_breaks_it(words):
    announcement.read("".join(words), 2027)
