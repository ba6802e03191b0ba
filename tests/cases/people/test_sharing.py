"""The suggestion: never somebody away or barred, always the lightest of the others, and the same for the same hands."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cases.people.sharing import Hand, suggest

HANDS = st.lists(
    st.builds(
        Hand,
        username=st.sampled_from("abcdefgh"),
        name=st.sampled_from(["王敏", "李强", "赵一"]),
        open=st.integers(0, 9),
        weight=st.integers(0, 30),
        away=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda hand: hand.username,
)


@given(HANDS, st.sets(st.sampled_from("abcdefgh")))
def test_present_not_barred_and_lightest(hands, barred):
    found = suggest(hands, barred)
    present = [hand for hand in hands if not hand.away and hand.username not in barred]
    if found is None:
        assert not present
        return
    chosen = next(hand for hand in present if hand.username == found.username)
    assert all(chosen.weight <= hand.weight for hand in present)


@given(HANDS, st.randoms())
def test_order_does_not_matter(hands, random):
    turned = list(hands)
    random.shuffle(turned)
    assert suggest(hands) == suggest(turned)


@given(HANDS)
def test_more_on_somebody_elses_hands_changes_nothing(hands):
    found = suggest(hands)
    if found is not None:
        fuller = [
            hand
            if hand.username == found.username
            else Hand(hand.username, hand.name, hand.open + 1, hand.weight + 1, hand.away)
            for hand in hands
        ]
        assert suggest(fuller).username == found.username


def test_says_why():
    hands = [Hand("wm", "王敏", 4, 5), Hand("lq", "李强", 1, 1, away=True), Hand("zy", "赵一", 6, 9)]
    assert suggest(hands).words == "王敏手上 4 件，最少；李强离岗"
    assert suggest(hands, {"wm"}).words == "赵一手上 6 件；李强离岗"
    assert (
        suggest([Hand("a", "甲", 3, 9), Hand("b", "乙", 5, 5)]).words == "乙手上 5 件，按紧急程度和时限算最轻"
    )
    assert suggest([Hand("lq", "李强", 0, 0, away=True)]) is None
