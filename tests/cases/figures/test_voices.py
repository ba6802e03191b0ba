"""解决率, 满意率 and 评价覆盖率: whose, where, when, by every way of asking."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from html import unescape

import pytest

from cases.figures import later
from cases.figures.asking import Period, Subject, subject_of
from cases.figures.behind import PARTS, sources_behind
from cases.figures.measuring import count
from cases.figures.splitting import dimensions_of, split
from cases.figures.trees import TODAY
from cases.models import Case
from grid.commands import move_place
from ledger import post, versions
from ledger.clock import frozen
from parties import directory
from tests import town as places
from tests.builders import a_move, walk
from tests.cases.voices_of_callers import HOUR, an_answered, rate
from tests.cases.walking import fresh, local
from tests.clients import Api
from tests.pages import Reader

pytestmark = pytest.mark.django_db
CODES = ("solved", "satisfied", "rated")
NOVEMBER = Period.of_days(dt.date(2026, 11, 1), dt.date(2026, 11, 30))
DECEMBER = Period.of_days(dt.date(2026, 12, 1), dt.date(2026, 12, 31))
NEXT_YEAR = local("23 09:00") + dt.timedelta(days=60)


@pytest.fixture(autouse=True)
def tray(settings):
    settings.DEMO = True


def said(subject: Subject, period: Period = NOVEMBER, at: dt.datetime = NEXT_YEAR) -> list[tuple[int, int]]:
    (values,) = count(subject, [period], at, CODES)
    return [(values[code].numerator, values[code].denominator) for code in CODES]


def street() -> Subject:
    return subject_of(places.place(places.STREET).path)


def unit(code: str) -> Subject:
    return Subject(organisation=directory.by_code(code))


def three() -> list[Case]:
    """Told in November: one content, one not, one who said nothing."""
    cases = [an_answered(when=local(f"23 {hour}:00")) for hour in ("09", "10", "11")]
    rate(cases[0])
    rate(cases[1], solved="partly", step="poor")
    return cases


def test_each_in_the_period_of_its_own_instant(town):
    cases = three()
    assert said(street()) == [(1, 2), (1, 2), (2, 3)]
    assert said(street(), DECEMBER) == [(0, 0), (0, 0), (0, 0)]
    rate(cases[2], later=dt.timedelta(days=10), step="fair")
    assert said(street()) == [(1, 2), (1, 2), (3, 3)] and said(street(), DECEMBER) == [(1, 1), (1, 1), (0, 0)]


def test_it_is_whoevers_answer_it_was(town):
    three()
    assert said(unit("GV24")) == [(1, 2), (1, 2), (2, 3)]
    assert said(unit("IN02")) == said(unit("ZX-370811015")) == [(0, 0)] * 3


def test_excluded_and_merged_leave_both_sides(town):
    cases = three()
    Case.objects.filter(pk=cases[0].pk).update(excluded=True)
    assert said(street()) == [(0, 1), (0, 1), (1, 2)]


def test_every_part_opens_to_as_many_and_every_split_adds_up(town):
    three()
    whole = dict(zip(CODES, said(street()), strict=True))
    for code in CODES:
        num, den = whole[code]
        for part, n in zip(PARTS, (num, den, den - num), strict=True):
            found = sources_behind(code, part, street(), NOVEMBER, NEXT_YEAR)
            assert sum(rows.count() for rows in found) == n, (code, part)
        assert "organisation" in dimensions_of(code)
        for by in dimensions_of(code):
            parts = split(code, by, street(), NOVEMBER, NEXT_YEAR)
            assert sum(one.denominator for one in parts.values()) == den, (code, by)
            assert sum(one.numerator for one in parts.values()) == num, (code, by)


def test_said_later_it_is_listed_and_the_past_reads_as_it_stood(town):
    cases = three()
    then = local("23 09:00") + dt.timedelta(days=9)
    before = said(street())
    rate(cases[2], later=dt.timedelta(days=10), step="fair")  # in December
    changed = list(later.entries(street(), NOVEMBER))
    assert [(entry.event, entry.subject_id) for entry in changed] == [("case.rated", cases[2].pk)]
    (told,) = later.explained(street(), NOVEMBER, changed, Case.objects.all())
    assert told.case_facts == ["rated"] and not list(later.entries(street(), DECEMBER))
    assert said(street().as_at(then)) == before != said(street())
    with frozen(NEXT_YEAR):
        page = Reader("lingdao").open("/dashboard/later/?from=2026-11-01&to=2026-11-30")
        assert page.says(cases[2].number, "评价")
        rows = Reader("lingdao").open(
            "/dashboard/figures/rated/numerator/?from=2026-11-01&to=2026-11-30&as_of=2026-12-02"
        )
        assert re.search(r'data-total="(\d+)"', rows.text).group(1) == "2"  # type: ignore[union-attr]


def test_told_anew_the_first_answers_month_reads_as_it_stood(town):
    case = an_answered(when=local("23 09:00"))
    rate(case, solved="no", step="very_poor")
    before, then = said(street()), local("23 09:00") + dt.timedelta(days=7)
    case = a_move(fresh(case), "reopen", by="jiedao", when=fresh(case).last_at + 2 * HOUR)
    case = walk(a_move(fresh(case), "resolve", by="bumen", when=NEXT_YEAR - 20 * HOUR), "answer")
    rate(fresh(case), step="good")
    assert before == [(0, 1), (0, 1), (1, 1)] and said(street()) == [(0, 0)] * 3
    assert said(street().as_at(then), at=NEXT_YEAR) == before
    assert {entry.event for entry in later.entries(street(), NOVEMBER)} >= {"case.answered", "case.rated"}


def test_a_grid_that_moves_takes_them_along_only_by_todays_tree(town):
    three()
    grid, there = places.place(places.GRID), places.place(places.COMMUNITY_2)
    left, found = (subject_of(places.place(code).path) for code in (places.COMMUNITY, places.COMMUNITY_2))
    before = said(left)
    move_place(place=grid, parent=there, version=grid.version, by=places.SYSTEM, at=NEXT_YEAR)
    post.deliver_pending()
    versions.refresh()
    assert said(left) == before == [(1, 2), (1, 2), (2, 3)]
    assert said(replace(left, tree=TODAY)) == [(0, 0)] * 3 and said(replace(found, tree=TODAY)) == before


def test_pages_exports_and_the_interface_say_the_same(town):
    three()
    asked = "from=2026-11-01&to=2026-11-30"
    with frozen(NEXT_YEAR):
        reader = Reader("lingdao").open(f"/dashboard/?{asked}")
        assert reader.says("群众评价", "解决率", "满意率", "评价覆盖率")
        figures = Api("lingdao").get("stats/summary/", {"from": "2026-11-01", "to": "2026-11-30"}).json()
        for code, (num, den) in zip(CODES, said(street()), strict=True):
            assert (figures[code]["numerator"], figures[code]["denominator"]) == (num, den)
            page = Reader("lingdao").open(f"/dashboard/figures/{code}/?{asked}&by=organisation")
            assert page.says("GV24") or page.says(directory.by_code("GV24").short_name)  # type: ignore[union-attr]
            for url in map(
                unescape, re.findall(rf'href="(/dashboard/figures/{code}/\w+/\?[^"]+)"', page.text)
            ):
                assert Reader("lingdao").open(url).status == 200
            for form in ("csv", "xlsx"):
                taken = page.client.get(f"/dashboard/figures/{code}/denominator/?{asked}&form={form}")
                assert taken.status_code == 200 and len(taken.content) > 100
        split_up = Api("lingdao").get(
            "stats/split/", {"figure": "solved", "by": "channel", "from": "2026-11-01", "to": "2026-11-30"}
        )
        assert sum(row["denominator"] for row in split_up.json()["results"]) == 2
