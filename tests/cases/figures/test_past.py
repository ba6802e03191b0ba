"""Whatever people do afterwards, a figure can be read as it stood: random walks with the figures noted down as they
were, and read again at the end."""

from __future__ import annotations

import datetime as dt

import pytest

from cases.figures.asking import Period, Subject, subject_of
from cases.figures.behind import NUMERATOR, sources_behind
from cases.figures.catalogue import BY_STAGE, OF_CLOCKS, RATES
from cases.figures.durations import times
from cases.figures.measuring import measure, summary
from cases.figures.splitting import split
from cases.figures.trend import weekly
from cases.figures.values import Value
from cases.models import CasePast, ClockPast
from parties import directory
from tests import town as small_town
from tests.cases.figures.heard import Heard
from tests.house.test_random_walks import Walk

pytestmark = pytest.mark.django_db
STAGES_KEPT = [figure.code for figure in BY_STAGE.values()]
YEAR = Period.of_days(dt.date(2026, 1, 1), dt.date(2027, 12, 31))


def subjects() -> list[Subject]:
    places = (small_town.DISTRICT, small_town.STREET, small_town.COMMUNITY, small_town.COMMUNITY_2)
    found = [subject_of(small_town.place(code).path) for code in places]
    return [*found, Subject(organisation=directory.by_code("GV24"))]


def said(subject: Subject, at: dt.datetime) -> dict[str, object]:
    """Everything that is asked of figures, apart and together. Of a unit only what clocks and voices say: which cases have passed
    through it is known as of today."""
    theirs = (*OF_CLOCKS, "solved", "satisfied", "rated")
    codes = [code for code in RATES if subject.organisation is None or code in theirs]
    values = summary(subject, YEAR, at)
    found: dict[str, object] = {code: pair(values[code]) for code in codes}
    for code in codes:
        found[f"behind {code}"] = sum(
            rows.count() for rows in sources_behind(code, NUMERATOR, subject, YEAR, at)
        )
    for code in ("resolve_on_time", "promise_kept", "satisfied"):
        for by in ("place", "channel") if code in codes else ():
            parts = split(code, by, subject, YEAR, at)
            found[f"{code} by {by}"] = {key: pair(value) for key, value in parts.items() if value.denominator}
    found["ranked"] = {
        pk: {code: pair(value) for code, value in each.items() if value.denominator}
        for pk, each in measure(subject, YEAR, at).each.items()
        if any(value.denominator for value in each.values())
    }
    found["weeks"] = [
        {code: pair(value) for code, value in week["figures"].items() if value.denominator}
        for week in weekly(subject, 4, at, STAGES_KEPT)
    ]
    if subject.organisation is None:
        found["handled"] = times(subject, [YEAR], at)[0]
    return found


def pair(value: Value) -> tuple[int, int]:
    return value.numerator, value.denominator


@pytest.mark.parametrize("seed", range(4))
def test_figures_of_a_past_instant_are_those_noted_then(town, seed):
    walk = Heard(seed)
    for _call in range(3):
        walk.take()
    noted = []
    for n in range(60):
        walk.step()
        if n % 12 == 11:
            noted.append((walk.now, [said(one, walk.now) for one in subjects()], len(walk.done)))
    for at, values, done in noted:
        again = [said(one.as_at(at), walk.now) for one in subjects()]
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
