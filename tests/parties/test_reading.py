"""What was filled in, from a form or from JSON, becomes what a command takes; faults come by field, all at once."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parties.errors import PartiesRefused
from parties.reading import READERS, Field, read, version_of
from tests.parties.town import Town

NAME = Field("name", "名称", required=True)
ALIASES = Field("aliases", "别名", "lines")
FLAG = Field("flag", "放行", "bool")


def faults(*fields: Field, **sent: object) -> dict[str, str]:
    with pytest.raises(PartiesRefused) as refused:
        read(fields, sent)
    assert refused.value.status == 422
    return refused.value.fields


def test_every_fault_at_once() -> None:
    found = faults(NAME, FLAG, Field("kind", "类别", "kind"), name=" ", flag="maybe", kind="nonsense")
    assert set(found) == {"name", "flag", "kind"}


def test_what_was_not_sent_is_left_out_and_an_emptied_list_is_empty() -> None:
    assert read([ALIASES, FLAG], {}) == {}
    assert read([ALIASES, FLAG], {"aliases": "", "flag": ""}) == {"aliases": [], "flag": False}
    assert read([NAME], {"name": "  甲 \n 乙\x00 "}) == {"name": "甲 乙"}


def test_lines_from_text_or_list() -> None:
    assert read([ALIASES], {"aliases": "甲\n乙、丙，丁;戊"})["aliases"] == ["甲", "乙", "丙", "丁", "戊"]
    assert read([ALIASES], {"aliases": ["甲、乙"]})["aliases"] == ["甲、乙"]
    assert faults(ALIASES, aliases={"a": 1}) and faults(ALIASES, aliases=["长" * 81])


def test_days_are_local_and_the_last_one_counts() -> None:
    fields = [Field("since", "起", "day"), Field("until", "止", "last_day")]
    found = read(fields, {"since": "2026-12-01", "until": "2026-12-01"})
    assert found["since"] == dt.datetime(2026, 11, 30, 16, tzinfo=dt.UTC)
    assert found["until"] - found["since"] == dt.timedelta(days=1)
    assert set(faults(*fields, since="2026-13-01", until="明天")) == {"since", "until"}


def test_places_units_and_accounts_by_name_or_code(town: Town) -> None:
    town.somebody("wangge")
    fields = [Field("place", "地点", "place"), Field("unit", "单位", "unit"), Field("who", "谁", "account")]
    found = read(fields, {"place": "琵琶山", "unit": town.org("GV24").short_name, "who": "WangGe"})
    assert (found["place"].code, found["unit"].code, found["who"].username) == (
        "370811015002",
        "GV24",
        "wangge",
    )
    assert read(fields, {"place": "370811015"})["place"].kind == "street"
    assert set(faults(*fields, place="第一网格", unit="没有", who="nobody")) == {"place", "unit", "who"}


@pytest.mark.parametrize("raw", ["", "x", None, "-1", "1.5", "9" * 20, [1]])
def test_a_version_is_a_number(raw: object) -> None:
    with pytest.raises(PartiesRefused) as refused:
        version_of({"version": raw})
    assert refused.value.status == 400
    assert version_of({"version": "7"}) == version_of({"version": 7}) == 7


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
PURE = sorted(set(READERS) - {"place", "unit", "account"})


@given(kind=st.sampled_from(PURE), raw=JUNK)
def test_whatever_is_sent_is_read_or_refused(kind: str, raw: object) -> None:
    try:
        read([Field("x", "某项", kind)], {"x": raw})
    except PartiesRefused as refused:
        assert set(refused.fields) == {"x"}
