"""Which open cases are offered as the same matter, and to whom."""

from __future__ import annotations

import datetime as dt

import pytest

from cases.queries import likely
from tests import builders
from tests.builders import CALLER, a_case, walk
from tests.clients import statements
from tests.town import BUILDING, COMMUNITY_2, GRID, GRID_2, GRID_3, MONDAY, OTHER_GRID

SAID = "1号楼北侧外墙被喷了涂料，字很大，麻烦清理。"
AGAIN = "北侧外墙上有人喷涂料，1号楼这里，请来清理。"
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def weighed_anew():
    likely.forget()
    yield
    likely.forget()


def offered(town, *, by="jiedao", place=GRID, item="0610", text=AGAIN, at=MONDAY + HOUR) -> list[str]:
    found = likely.for_call(town.actor(by), town.place(place), at, item=item, text=text)
    return [one.case.number for one in found]


def test_the_same_said_again(town):
    case = a_case(text=SAID, place=BUILDING)
    a_case(text="路灯不亮，晚上走路害怕。", item="0301", place=GRID_3, by="jiedao")
    assert offered(town) == [case.number]
    (found,) = likely.for_call(town.actor("jiedao"), town.place(GRID), MONDAY + HOUR, item="0610", text=AGAIN)
    words = likely.why(found.likeness)
    assert words.startswith("同一网格，同一小项，1 天内，文字") and "都提到“" in words


def test_from_the_next_community_by_its_words_alone(town):
    case = a_case(text=SAID, place=GRID)
    assert offered(town, place=GRID_3, item="", text=SAID) == [case.number]
    assert offered(town, place=GRID_3, item="", text="路灯不亮，晚上走路害怕。") == []


def test_without_words_the_same_item_in_the_same_building(town):
    case = a_case(text=SAID, place=BUILDING)
    assert offered(town, place=BUILDING, text="") == [case.number]
    assert offered(town, place=GRID_3, text="") == []
    assert offered(town, item="", text="喷") == []


def test_old_and_ended_ones_are_not(town):
    case = a_case(text=SAID)
    assert offered(town, at=MONDAY + dt.timedelta(days=31)) == []
    walk(case, "reject")
    assert offered(town) == []


def test_never_a_guarded_one_nor_one_about_somebody(town):
    a_case(text=SAID, confidential=True, by="jiedao")
    a_case(text=SAID, about="GV25", by="jiedao")
    case = a_case(text=SAID)
    type(case).objects.filter(pk=case.pk).update(sensitive=True)
    assert offered(town) == []


def test_never_across_the_scope(town):
    case = a_case(text=SAID)
    assert offered(town, by="wangge") == [case.number]
    a_case(text=SAID, place=GRID_2, by="wangge2")
    assert offered(town, by="wangge") == [case.number]
    assert offered(town, by="linju", place=OTHER_GRID) == []
    assert offered(town, by="linju", place=GRID) == []


def test_what_joined_speaks_for_the_case(town):
    case = a_case(text="外墙脏。")
    other = a_case(text=SAID, when=MONDAY + HOUR)
    walk(other, "merge", by="jiedao", target=case.number)
    assert offered(town, item="", at=MONDAY + 2 * HOUR) == [case.number]


def test_between_cases_a_phone_and_a_photo_tell(town):
    first = a_case(text="楼下有人", item="0301", attachments=[builders.a_photo(town.actor("wangge"))])
    other = a_case(text="再说一次", item="0610", attachments=[builders.a_photo(town.actor("wangge"))])
    found = likely.for_case(
        town.actor("jiedao"),
        other,
        [{"subject": "", "text": "再说一次", "withdrawn_at": None}],
        MONDAY + HOUR,
    )
    assert [one.case.number for one in found] == [first.number]
    assert found[0].likeness.phone and found[0].likeness.photo
    assert "同一个电话" in likely.why(found[0].likeness) and "同一张照片" in likely.why(found[0].likeness)


def test_at_most_two_statements_and_three_offers(town):
    for n in range(8):
        a_case(text=f"{SAID}{n}", when=MONDAY + n * dt.timedelta(minutes=1), caller=CALLER)
    actor, place = town.actor("jiedao"), town.place(GRID)
    with statements() as found:
        assert len(likely.for_call(actor, place, MONDAY + HOUR, item="0610", text=AGAIN)) == 3
    assert len(found) <= 2, found
    with statements() as found:
        likely.for_call(actor, place, MONDAY + HOUR, item="0610", text=AGAIN)
    assert len(found) == 1, found


def test_hostile_words_are_words(town):
    for text in ("'; DROP TABLE cases_case; --", "%_%\\" * 30, "😀" * 400, "喷" * 20_000, "\u202e喷涂料\x00"):
        assert isinstance(offered(town, text=text.replace("\x00", ""), place=COMMUNITY_2), list)
