"""办理时长: opening minutes from the first dispatch to the resolve that stands."""

from __future__ import annotations

import datetime as dt

import pytest

from cases.figures import durations
from cases.figures.asking import Period, subject_of
from cases.figures.durations import Times
from tests.builders import a_case, a_move
from tests.cases.walking import fresh, local
from tests.clients import Api, statements
from tests.pages import Reader
from tests.town import MONDAY, STREET

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
SENT = ("accept", "dispatch", "sign")
WEEK = Period.of_days(dt.date(2026, 11, 23), dt.date(2026, 11, 29))
NOW = local("27 18:00")


def of(town, as_of: dt.datetime | None = None, period: Period = WEEK) -> Times:
    return durations.times(subject_of(town.place(STREET).path).as_at(as_of), [period], NOW)[0]


def minutes(case) -> int:
    """Counted by hand: 08:30–12:00 and 13:30–17:30 of the days between."""
    row = fresh(case)
    total, day = 0, row.first_dispatched_at.astimezone(MONDAY.tzinfo).date()
    while day <= row.resolved_at.astimezone(MONDAY.tzinfo).date():
        for opens, closes in (("08:30", "12:00"), ("13:30", "17:30")):
            since = max(row.first_dispatched_at, local(f"{day.day} {opens}"))
            until = min(row.resolved_at, local(f"{day.day} {closes}"))
            total += max(0, int((until - since).total_seconds())) if day.weekday() < 5 else 0
        day += dt.timedelta(days=1)
    return total // 60


def test_median_and_mean_of_what_was_dispatched_and_resolved(town):
    cases = [a_case(through=SENT) for _n in range(3)]
    for case, hours in zip(cases, (1, 2, 30), strict=True):
        a_move(case, "resolve", when=MONDAY + hours * HOUR)
    a_case("in_hand")  # still at it
    settled = a_case()
    a_move(settled, "settle", by="jiedao", when=MONDAY + HOUR)  # never dispatched
    counted = sorted(minutes(case) for case in cases)
    said = of(town)
    assert (said.n, said.median, round(said.mean or 0)) == (3, counted[1], round(sum(counted) / 3))
    assert of(town, period=Period.of_days(dt.date(2026, 11, 30), dt.date(2026, 12, 6))) == Times()


def test_rework_goes_on_counting_from_the_first_dispatch_and_the_past_stays_as_it_was(town):
    case = a_case(through=SENT)
    case = a_move(case, "resolve", when=local("23 11:00"))
    first = of(town)
    case = a_move(case, "rework", by="wangge", when=local("24 10:00"))
    assert of(town).n == 0
    case = a_move(case, "resolve", when=local("25 10:00"))
    again = of(town)
    assert again.n == 1 and again.median == minutes(case) > (first.median or 0) + 500
    assert of(town, local("23 23:00")) == first
    assert of(town, local("24 12:00")).n == 0
    assert of(town, local("26 12:00")) == again


def test_a_hold_counts_for_who_waits(town):
    case = a_case(through=SENT)
    case = a_move(case, "hold", when=MONDAY + HOUR, until=MONDAY + 60 * HOUR)
    case = a_move(case, "resume", by="bumen", when=MONDAY + 24 * HOUR)
    case = a_move(case, "resolve", when=MONDAY + 25 * HOUR)
    assert of(town).median == minutes(case) > 400


def test_apart_it_adds_up_and_every_number_opens(town):
    for hours in (1, 2, 30):
        a_move(a_case(through=SENT), "resolve", when=MONDAY + hours * HOUR)
    subject = subject_of(town.place(STREET).path)
    for now in (subject, subject.as_at(local("26 12:00"))):
        for column in ("place", "organisation", "channel", "item"):
            parts = durations.split(now, column, WEEK, NOW)
            assert sum(one.n for one in parts.values()) == 3, column
            assert [one.median for one in parts.values()] == [of(town).median]
    reader = Reader("lingdao")
    link = "?from=2026-11-23&to=2026-11-29"
    for by in ("place", "organisation", "channel"):
        assert reader.open(f"/dashboard/figures/handling_time/{link}&by={by}").status == 200
        assert reader.says("办理时长", "中位数", "平均")
    assert reader.open(f"/dashboard/figures/handling_time/denominator/{link}").says("共 3 条")
    with statements() as found:
        reader.open(f"/dashboard/figures/handling_time/{link}")
    assert len(found) <= 7, found
    said = Api("lingdao").get("stats/summary/", {"from": "2026-11-23", "to": "2026-11-29"}).json()
    assert said["handling_time"]["n"] == 3 and said["handling_time"]["median_minutes"] == of(town).median
