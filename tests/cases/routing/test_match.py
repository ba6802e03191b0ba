"""Properties of the match: they hold for any rows, in any order."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from cases.routing import match
from cases.routing.facts import ASSIST, LEAD, OFFER, Duty, Facts

PATH = (1, 2, 3, 4, 5)
DAY = dt.date(2026, 7, 1)

days = st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31))


@st.composite
def duty(draw, pk: int) -> Duty:
    since = draw(days)
    length = draw(st.one_of(st.none(), st.integers(1, 400)))
    for_item = draw(st.booleans())
    by_template = draw(st.booleans())
    return Duty(
        id=pk,
        place_id=draw(st.integers(1, 8)),
        part=draw(st.sampled_from([LEAD, LEAD, ASSIST, OFFER])),
        since=since,
        until=None if length is None else since + dt.timedelta(days=length),
        item=draw(st.sampled_from(["0601", "0602"])) if for_item else "",
        category="" if for_item else draw(st.sampled_from(["06", "07"])),
        organisation_id=None if by_template else draw(st.integers(1, 6)),
        template=draw(st.sampled_from(["TS01", "TS02"])) if by_template else "",
    )


@st.composite
def tables(draw) -> list[Duty]:
    return [draw(duty(pk)) for pk in range(1, draw(st.integers(0, 14)) + 1)]


FACTS = Facts(item="0601", category="06", kind="problem", path=PATH, on=DAY)


def fitting(rows: list[Duty], part: str) -> list[Duty]:
    """Said once more, plainly: which rows may be considered at all."""
    return [
        row
        for row in rows
        if row.part == part
        and row.place_id in PATH
        and (row.item == "0601" or row.category == "06")
        and row.since <= DAY
        and (row.until is None or row.until > DAY)
    ]


@given(tables())
def test_somebody_leads_exactly_when_a_row_fits(rows):
    assert (match.lead(FACTS, rows) is not None) == bool(fitting(rows, LEAD))


@given(tables())
def test_the_most_specific_place_wins_then_the_item_then_the_newest(rows):
    found = match.lead(FACTS, rows)
    if found is None:
        return
    winner = found.row
    assert winner in fitting(rows, LEAD)
    for row in fitting(rows, LEAD):
        assert PATH.index(row.place_id) <= PATH.index(winner.place_id)
        if row.place_id == winner.place_id:
            assert winner.item or not row.item
            if bool(row.item) == bool(winner.item):
                assert (row.since, row.id) <= (winner.since, winner.id)


@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_irrelevant(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert match.lead(FACTS, shuffled) == match.lead(FACTS, rows)
    assert match.assisting(FACTS, shuffled) == match.assisting(FACTS, rows)


@given(tables())
def test_offers_never_lead_or_assist(rows):
    offers = [row for row in rows if row.part == OFFER]
    assert match.lead(FACTS, offers) is None
    assert match.assisting(FACTS, offers) == ()


@given(tables())
def test_rows_of_the_other_parts_change_nothing(rows):
    assert match.lead(FACTS, rows) == match.lead(FACTS, [row for row in rows if row.part == LEAD])
    assert match.assisting(FACTS, rows) == match.assisting(FACTS, [r for r in rows if r.part == ASSIST])


@given(tables())
def test_assisting_names_each_target_once_all_of_one_rank(rows):
    chosen = match.assisting(FACTS, rows)
    assert len({row.target for row in chosen}) == len(chosen)
    assert len({match.rank(FACTS, row) for row in chosen}) <= 1
    for row in fitting(rows, ASSIST):
        assert match.rank(FACTS, row) <= match.rank(FACTS, chosen[0])


@given(tables())
def test_a_more_specific_row_always_takes_over(rows):
    deepest = Duty(id=99, place_id=5, part=LEAD, since=DAY, item="0601", organisation_id=42)
    assert match.lead(FACTS, [*rows, deepest]).row.place_id == 5
    only = [row for row in rows if row.place_id != 5]
    assert match.lead(FACTS, [*only, deepest]).row == deepest


def test_rivals_are_others_of_the_same_rank_only():
    old = Duty(id=1, place_id=2, part=LEAD, since=dt.date(2026, 1, 1), item="0601", organisation_id=1)
    new = Duty(id=2, place_id=2, part=LEAD, since=dt.date(2026, 6, 1), item="0601", organisation_id=2)
    same = Duty(id=3, place_id=2, part=LEAD, since=dt.date(2026, 2, 1), item="0601", organisation_id=2)
    above = Duty(id=4, place_id=1, part=LEAD, since=dt.date(2026, 6, 1), item="0601", organisation_id=3)
    found = match.lead(FACTS, [old, new, same, above])
    assert found.row == new
    assert found.rivals == (old,)
    assert not found.unambiguous
    assert match.lead(FACTS, [new, same, above]).unambiguous


def test_the_last_day_is_exclusive_and_the_first_inclusive():
    row = Duty(
        id=1,
        place_id=3,
        part=LEAD,
        since=DAY,
        until=DAY + dt.timedelta(days=1),
        item="0601",
        organisation_id=1,
    )
    for days_later, holds in ((-1, False), (0, True), (1, False)):
        facts = Facts("0601", "06", "problem", PATH, DAY + dt.timedelta(days=days_later))
        assert (match.lead(facts, [row]) is not None) is holds


def test_without_an_item_a_row_without_category_never_fits():
    row = Duty(id=1, place_id=3, part=LEAD, since=DAY, item="", category="", organisation_id=1)
    assert match.lead(Facts("", "", "problem", PATH, DAY), [row]) is None
