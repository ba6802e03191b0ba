"""Whatever people do afterwards, a figure can be read as it stood: random walks with the figures noted down as they
were, and read again at the end."""

from __future__ import annotations

import datetime as dt

import pytest

from cases.figures.asking import Period, Subject, subject_of
from cases.figures.catalogue import OF_CLOCKS
from cases.figures.measuring import summary
from cases.models import CasePast, ClockPast
from parties import directory
from tests import town as small_town
from tests.house.test_random_walks import Walk

pytestmark = pytest.mark.django_db
YEAR = Period.of_days(dt.date(2026, 1, 1), dt.date(2027, 12, 31))


def subjects() -> list[Subject]:
    places = (small_town.DISTRICT, small_town.STREET, small_town.COMMUNITY, small_town.COMMUNITY_2)
    found = [subject_of(small_town.place(code).path) for code in places]
    return [*found, Subject(organisation=directory.by_code("GV24"))]


def said(values, subject: Subject) -> dict[str, tuple[int, int]]:
    """Of a unit only what clocks say: which cases have passed through it is known as of today."""
    return {
        code: (value.numerator, value.denominator)
        for code, value in values.items()
        if subject.organisation is None or code in OF_CLOCKS
    }


@pytest.mark.parametrize("seed", range(4))
def test_figures_of_a_past_instant_are_those_noted_then(town, seed):
    walk = Walk(seed)
    for _call in range(5):
        walk.take()
    noted = []
    for n in range(60):
        walk.step()
        if n % 12 == 11:
            noted.append(
                (walk.now, [said(summary(one, YEAR, walk.now), one) for one in subjects()], len(walk.done))
            )
    for at, values, done in noted:
        again = [said(summary(one.as_at(at), YEAR, walk.now), one) for one in subjects()]
        wrong = [
            (n, code, now[code], then[code])
            for n, (now, then) in enumerate(zip(again, values, strict=True))
            for code in then
            if now[code] != then[code]
        ]
        assert wrong == [], (at, walk.done[done:])


def test_the_walks_do_take_back(town):
    for seed in range(3):
        walk = Walk(seed)
        for _call in range(5):
            walk.take()
        for _step in range(60):
            walk.step()
    assert ClockPast.objects.exists() and CasePast.objects.exists()
