"""What is masked, by properties: every number somebody could be called or known by, in any spelling."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.masking import mask_identity, mask_name, mask_phone, mask_text

SEPARATORS = st.sampled_from(["", " ", "-", "－", ".", "\u3000", "—"])
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
WORDS = st.text(alphabet="前铺社区门口路灯不亮，请联系我。楼下有人吵。", max_size=12)


@st.composite
def spelled(draw: st.DrawFn, number: str) -> str:
    """A number as people type it: in groups, perhaps full-width."""
    text = number[0]
    for digit in number[1:]:
        text += draw(SEPARATORS) if draw(st.integers(0, 5)) == 0 else ""
        text += digit
    return text.translate(FULL_WIDTH) if draw(st.booleans()) else text


@st.composite
def mobiles(draw: st.DrawFn) -> str:
    return f"1{draw(st.integers(3, 9))}{draw(st.integers(0, 10**9 - 1)):09d}"


@st.composite
def landlines(draw: st.DrawFn) -> tuple[str, str]:
    area = draw(st.sampled_from(["010", "021", "0537", "0531", "0755"]))
    number = f"{draw(st.integers(2, 8))}{draw(st.integers(0, 10**6 - 1)):06d}"
    return area, number + (str(draw(st.integers(0, 9))) if draw(st.booleans()) else "")


@st.composite
def identities(draw: st.DrawFn) -> str:
    born = draw(st.dates(dt.date(1920, 1, 1), dt.date(2025, 12, 31)))
    return f"37081{draw(st.integers(0, 9))}{born:%Y%m%d}{draw(st.integers(0, 999)):03d}" + draw(
        st.sampled_from("0123456789Xx")
    )


def plain(text: str) -> str:
    return "".join(str(int(char)) for char in text if char.isdecimal())


@given(mobiles().flatmap(lambda number: st.tuples(st.just(number), spelled(number))), WORDS, WORDS)
def test_no_mobile_survives_in_a_text(number: tuple[str, str], before: str, after: str) -> None:
    text = f"{before}{number[1]}{after}"
    masked = mask_text(text)
    assert len(masked) == len(text)
    assert masked.startswith(before) and masked.endswith(after)
    assert masked.count("*") == 4
    assert plain(masked) == number[0][:3] + number[0][-4:]


@given(landlines(), SEPARATORS, WORDS, WORDS, st.booleans())
def test_no_landline_survives_in_a_text(
    line: tuple[str, str], separator: str, before: str, after: str, wide: bool
) -> None:
    area, number = line
    spelled_out = f"{area}{separator}{number}"
    text = f"{before}{spelled_out.translate(FULL_WIDTH) if wide else spelled_out}{after}"
    masked = mask_text(text)
    assert plain(masked) == area + number[-2:]
    assert masked.count("*") == len(number) - 2


@given(identities().flatmap(lambda number: st.tuples(st.just(number), spelled(number))), WORDS, WORDS)
def test_no_identity_number_survives_in_a_text(number: tuple[str, str], before: str, after: str) -> None:
    masked = mask_text(f"{before}{number[1]}{after}")
    assert masked.count("*") == 13
    assert plain(masked).startswith("370")


@given(st.lists(mobiles(), min_size=2, max_size=4), st.sampled_from(["、", " ", "，", "/", "\n", "或"]))
def test_several_numbers_in_a_row(numbers: list[str], between: str) -> None:
    masked = mask_text(between.join(numbers))
    assert masked.count("*") == 4 * len(numbers)


@given(st.text())
def test_masking_keeps_the_length_and_is_done_after_once(text: str) -> None:
    once = mask_text(text)
    assert len(once) == len(text)
    assert mask_text(once) == once


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-02 09:00 路灯不亮",
        "工单 37081101520261102-0001 已办结",
        "地点 370811015001001，楼栋 370811015001001001",
        "3号楼2单元501室，12345热线转来",
        "20261102 第 15 批，共 1380 元",
        "拨打110、119、12345",
        "11-21 18:30 至 11-22 08:30",
        "",
    ],
)
def test_what_is_no_phone_is_left_alone(text: str) -> None:
    assert mask_text(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话13812345678，姓周", "电话138****5678，姓周"),
        ("+86 138-1234-5678", "+86 138-****-5678"),
        ("8613812345678", "86138****5678"),
        ("１３８１２３４５６７８", "１３８****５６７８"),
        ("（0537）2345678转801", "（0537）*****78转***"),
        ("0537-23456789", "0537-******89"),
        ("家里电话：2345678", "家里电话：*****78"),
        ("身份证370811198001011234", "身份证370*************34"),
        ("身份证37081119800101123Ｘ", "身份证370*************3Ｘ"),
        ("老证370811800101123", "老证370**********23"),
    ],
)
def test_as_people_write_it(text: str, masked: str) -> None:
    assert mask_text(text) == masked


def test_known_names_go_too() -> None:
    assert mask_text("周小明说周小明的灯坏了", ["周小明", ""]) == "周**说周**的灯坏了"


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812345678", "138****5678"),
        ("138 1234 5678", "138 **** 5678"),
        ("0537-2345678", "0537-*****78"),
        ("2345678", "*****78"),
        ("", ""),
    ],
)
def test_phones(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@given(st.text(alphabet="0123456789-+ ", min_size=5, max_size=20))
def test_a_masked_phone_never_shows_it_all(phone: str) -> None:
    digits = sum(char.isdigit() for char in phone)
    if digits > 4:
        assert "*" in mask_phone(phone)


def test_names() -> None:
    assert mask_name("周小明") == mask_name("周明") == "周**"
    assert mask_name("") == ""


def test_identity() -> None:
    assert mask_identity("370811198001011234") == "370*************34"
