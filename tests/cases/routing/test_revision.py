"""Properties of a revision: whatever is done to the rows, one lead at a time, and nothing before today changes."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.routing.facts import ASSIST, LEAD, Duty
from cases.routing.revision import Clash, Revision, apply, matter

TODAY = dt.date(2026, 11, 23)
DAY = dt.timedelta(days=1)


def row(pk: int = 0, *, unit: int = 1, since: int = -100, until: int | None = None, part: str = LEAD, **more):
    return Duty(
        id=pk,
        place_id=7,
        part=part,
        since=TODAY + since * DAY,
        until=None if until is None else TODAY + until * DAY,
        item="0601",
        organisation_id=unit,
        **more,
    )


def held(book: Revision, day: int) -> list[int | None]:
    return [one.organisation_id for one in book.rows.values() if one.holds_on(TODAY + day * DAY)]


def test_a_new_lead_takes_over():
    book = Revision.of([row(1)], TODAY)
    book.open(row(unit=2, since=5))
    assert [held(book, n) for n in (0, 4, 5, 90)] == [[1], [1], [2], [2]]
    found = book.difference()
    assert [(was.until, now.until) for was, now in found.dated] == [(None, TODAY + 5 * DAY)]
    assert len(found.begun) == 1 and not found.gone


def test_who_stood_in_for_a_while_gives_way_again():
    book = Revision.of([row(1)], TODAY)
    book.open(row(unit=2, since=5, until=10))
    assert [held(book, n) for n in (4, 5, 9, 10, 400)] == [[1], [2], [2], [1], [1]]


def test_assisting_units_stand_beside_one_another():
    book = Revision.of([row(1, part=ASSIST)], TODAY)
    book.open(row(unit=2, since=0, part=ASSIST))
    assert sorted(held(book, 0)) == [1, 2]
    with pytest.raises(Clash) as clash:
        book.open(row(unit=2, since=3, part=ASSIST))
    assert clash.value.why == "said"


def test_what_comes_is_not_run_over():
    book = Revision.of([row(1, since=5)], TODAY)
    with pytest.raises(Clash) as clash:
        book.open(row(unit=2, since=0))
    assert clash.value.why == "later"
    book.open(row(unit=2, since=0, until=5))
    assert [held(book, n) for n in (0, 4, 5)] == [[2], [2], [1]]


def test_an_end_is_set_once_and_not_in_the_past():
    book = Revision.of([row(1)], TODAY)
    for on, why in ((TODAY - DAY, "past"),):
        with pytest.raises(Clash) as clash:
            book.end(1, on)
        assert clash.value.why == why
    book.end(1, TODAY + 9 * DAY)
    with pytest.raises(Clash) as clash:
        book.end(1, TODAY + 9 * DAY)
    assert clash.value.why == "ended"
    assert book.end(1, TODAY + 3 * DAY).until == TODAY + 3 * DAY


def test_what_never_held_is_taken_back():
    book = Revision.of([row(1)], TODAY)
    new = book.open(row(unit=2, since=0))
    assert book.end(new.id, TODAY) is None
    book.restore(1, None)
    assert not book.difference()
    with pytest.raises(Clash) as clash:
        book.end(99, TODAY)
    assert clash.value.why == "gone"


def test_instead_of_a_row_that_began_today_it_is_rewritten():
    book = Revision.of([row(1, since=0)], TODAY)
    book.open(row(unit=2, since=0), instead_of=1)
    found = book.difference()
    assert [one.id for one in found.gone] == [1] and held(book, 0) == [2]


lines = st.tuples(
    st.sampled_from(["open", "end"]),
    st.integers(1, 3),
    st.integers(-1, 8),
    st.one_of(st.none(), st.integers(0, 12)),
    st.sampled_from([LEAD, ASSIST]),
)


@given(st.lists(lines, max_size=12))
def test_one_lead_a_day_and_the_past_stays(steps):
    first = [row(1), row(2, unit=2, part=ASSIST), row(3, unit=3, part=ASSIST, until=4)]
    book = Revision.of(first, TODAY)
    for what, unit, since, until, part in steps:
        with suppress(Clash):
            if what == "open":
                book.open(row(unit=unit, since=since, until=until, part=part))
            elif book.rows:
                book.end(min(book.rows), TODAY + since * DAY)
    rows = list(book.rows.values())
    for n in range(-3, 16):
        on = [one for one in rows if one.holds_on(TODAY + n * DAY)]
        assert max(Counter(map(matter, on)).values(), default=0) <= 1
    for n in range(-3, 0):
        on = TODAY + n * DAY
        assert {one.id for one in rows if one.holds_on(on)} == {one.id for one in first if one.holds_on(on)}
    assert set(apply(first, book.difference())) == set(rows)
