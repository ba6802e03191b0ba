"""The suggestion: never somebody away, always the lightest of the others, and the same for the same hands."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.people.sharing import Hand, suggest

BUSY = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)  # the machine may be
HANDS = st.lists(
    st.builds(
        Hand,
        username=st.sampled_from("abcdefgh"),
        name=st.sampled_from(["王敏", "李强", "赵一"]),
        open=st.integers(0, 9),
        weight=st.integers(0, 30),
        away=st.booleans(),
        leads=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda hand: hand.username,
)


@BUSY
@given(HANDS)
def test_present_and_lightest(hands):
    found = suggest(hands)
    present = [hand for hand in hands if not hand.away]
    if found is None:
        assert not present
        return
    present = [hand for hand in present if not hand.leads] or present  # who leads: where nobody else is left
    chosen = next(hand for hand in present if hand.username == found.username)
    assert all(chosen.weight <= hand.weight for hand in present)


@BUSY
@given(HANDS, st.randoms())
def test_order_does_not_matter(hands, random):
    turned = list(hands)
    random.shuffle(turned)
    assert suggest(hands) == suggest(turned)


@BUSY
@given(HANDS)
def test_more_on_somebody_elses_hands_changes_nothing(hands):
    found = suggest(hands)
    if found is not None:
        fuller = [
            hand
            if hand.username == found.username
            else Hand(hand.username, hand.name, hand.open + 1, hand.weight + 1, hand.away, hand.leads)
            for hand in hands
        ]
        assert suggest(fuller).username == found.username


def test_says_why():
    hands = [Hand("wm", "王敏", 4, 5), Hand("lq", "李强", 1, 1, away=True), Hand("zy", "赵一", 6, 9)]
    assert suggest(hands).words == "王敏手上 4 件，最少；李强离岗"
    assert suggest(hands[1:]).words == "赵一手上 6 件；李强离岗"
    assert (
        suggest([Hand("a", "甲", 3, 9), Hand("b", "乙", 5, 5)]).words == "乙手上 5 件，按紧急程度和时限算最轻"
    )
    assert suggest([Hand("lq", "李强", 0, 0, away=True)]) is None


def share(hands: list[Hand], weights: list[int]) -> dict[str, list[int]]:
    """As a bulk does it: one case after the other, each to whoever has the lightest hands by then."""
    given_to: dict[str, list[int]] = {hand.username: [] for hand in hands}
    for weight in weights:
        found = suggest(hands)
        if found is None:
            break
        given_to[found.username].append(weight)
        hands = [
            replace(hand, open=hand.open + 1, weight=hand.weight + weight)
            if hand.username == found.username
            else hand
            for hand in hands
        ]
    return given_to


@BUSY
@given(HANDS, st.lists(st.integers(1, 4), max_size=20))
def test_many_shared_one_by_one(hands, weights):
    given_to = share(hands, weights)
    before = {hand.username: hand.weight for hand in hands}
    fit = [hand for hand in hands if not hand.away]
    fit = [hand for hand in fit if not hand.leads] or fit
    assert sum(map(len, given_to.values())) == (len(weights) if fit else 0)  # none is lost, none given twice
    assert {name for name, got in given_to.items() if got} <= {
        hand.username for hand in fit
    }  # never to the absent
    after = {hand.username: before[hand.username] + sum(given_to[hand.username]) for hand in fit}
    for hand in fit:
        got = given_to[hand.username]
        if (
            got
        ):  # before the last of them nobody had less: so it is ahead of nobody by more than that one case
            assert after[hand.username] - got[-1] <= min(after.values())
