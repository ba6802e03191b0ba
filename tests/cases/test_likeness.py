"""How alike two tellings are, without a database."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from cases import likeness
from cases.likeness import Telling, Weights, Words, alike, both_say, compare, pairs, share

NOON = dt.datetime(2026, 11, 23, 4, tzinfo=dt.UTC)
TOWN = Weights.of(
    [
        "您好，小区物业一直没有解决路灯不亮的问题，希望领导尽快处理。",
        "小区门口垃圾一直没有人清运，希望领导尽快处理。",
        "我们小区电梯坏了，物业一直没有修，希望尽快解决。",
    ]
)
text = st.text(alphabet="小区垃圾楼道电梯坏了没有人修搅拌站丽发新城abc12 ，。", max_size=60)


def words(said: str) -> Words:
    return Words(said, TOWN)


def test_pairs_stop_at_stops_and_know_one_width():
    assert pairs("路灯，坏了") == {"路灯", "坏了"}
    assert pairs("ＡＢ栋") == pairs("ab栋") == {"ab", "b栋"}
    assert pairs("！？") == frozenset()


@given(text, text)
def test_the_same_both_ways_and_within_bounds(one, other):
    a, b = words(one), words(other)
    assert alike(a, b) == alike(b, a)
    assert 0 <= alike(a, b) <= 1 and 0 <= share(a, b) <= 1
    assert (alike(a, b) > 0) == bool(a.pairs & b.pairs)


@given(text)
def test_alike_to_itself(said):
    assert (
        alike(words(said), words(said)) == (1.0 if pairs(said) else 0.0)
        or abs(alike(words(said), words(said)) - 1) < 1e-9
    )


@given(text, text)
def test_what_both_say_stands_in_both(one, other):
    for stretch in both_say(words(one), words(other)):
        assert 2 <= len(stretch) <= 8
        assert pairs(stretch) <= pairs(one) & pairs(other)


def test_a_rare_name_tells_more_than_common_words():
    name = alike(words("丽发新城旁边有搅拌站，灰大"), words("搅拌站在丽发新城边上，孩子没法睡"))
    common = alike(words("小区物业一直没有解决，希望处理"), words("小区路灯一直没有修，希望处理"))
    assert name > common


def test_numbers_are_never_quoted():
    said = both_say(words("住户13905371234说搅拌站太吵"), words("13905371234再次投诉搅拌站"))
    assert said and not any(char.isdigit() for stretch in said for char in stretch)


def telling(said: str, **more) -> Telling:
    return Telling(NOON, (words(said),) if said else (), **more)


GROUND = {"street": 1, "community": 2, "grid": 3, "building": 4}


class TestCompare:
    def test_every_reason_adds(self):
        old = telling("楼道里堆着旧家具", places=GROUND, item="0301", category="03")
        far = compare(telling("楼道里有旧家具", places={"street": 1}), old)
        near = compare(telling("楼道里有旧家具", places=GROUND), old)
        same = compare(telling("楼道里有旧家具", places=GROUND, item="0301", category="03"), old)
        assert far.score < near.score < same.score
        assert (far.place, near.place, same.item) == ("", "building", "item")
        assert compare(telling("楼道里有旧家具", places=GROUND), old, photo=True).photo

    def test_another_item_takes_away(self):
        old = telling("楼道里堆着旧家具", places=GROUND, item="0301", category="03")
        other = telling("楼道里有旧家具", places=GROUND, item="0601", category="06")
        assert compare(other, old).score < compare(telling("楼道里有旧家具", places=GROUND), old).score

    def test_without_words_building_and_item_are_enough_and_community_is_not(self):
        kind = {"item": "0301", "category": "03"}
        old = telling("楼道里堆着旧家具", places=GROUND, **kind)
        assert compare(telling("", places=GROUND, **kind), old).offered
        assert not compare(telling("", places={"street": 1, "community": 2}, **kind), old).offered

    def test_the_same_words_are_offered_anywhere_in_the_street(self):
        said = "丽发新城旁边的搅拌站夜里施工"
        one = compare(
            telling(said, places={"street": 1}), telling(said, places={"street": 1, "community": 9})
        )
        assert one.offered and one.tenths == 10

    def test_the_likest_of_several_callers_counts(self):
        many = Telling(NOON, (words("路灯坏了好久"), words("搅拌站夜里太吵")), places=GROUND)
        assert compare(telling("搅拌站夜里太吵", places=GROUND), many).tenths == 10

    def test_days_take_away_a_little(self):
        old = Telling(NOON - dt.timedelta(days=20), (words("搅拌站太吵"),), places=GROUND)
        late = compare(telling("搅拌站太吵", places=GROUND), old)
        assert (
            late.days == 20
            and late.score
            < compare(telling("搅拌站太吵", places=GROUND), telling("搅拌站太吵", places=GROUND)).score
        )


def test_only_the_first_characters_are_read():
    assert pairs("好" * likeness.READ + "丽发") == {"好好"}
