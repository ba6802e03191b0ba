"""经手时长 by unit: what was handed on or resolved in a period, and nothing twice."""

from __future__ import annotations

import datetime as dt

import pytest

from cases.figures.asking import Period, Subject, subject_of
from cases.models import Case
from cases.queries import holding_times
from ledger import clock
from tests.builders import a_case, a_move
from tests.clients import Api, statements
from tests.pages import Reader
from tests.town import MONDAY, OTHER_STREET, STREET

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
SENT = ("accept", "dispatch", "sign")
WEEK = Period.of_days(dt.date(2026, 11, 23), dt.date(2026, 11, 29))


def of(subject: Subject, period: Period = WEEK) -> dict[str, tuple[int, int, int]]:
    return {one.unit.code: (one.stays, one.median, one.mean) for one in holding_times.of(subject, period)}


def at(town, code: str) -> Subject:
    return subject_of(town.place(code).path)


def test_the_desk_until_dispatch_and_the_department_until_the_resolve(town):
    a_move(a_case(through=SENT), "resolve", when=MONDAY + HOUR)
    a_move(a_case(through=SENT), "resolve", when=MONDAY + 2 * HOUR)
    a_case(through=SENT)  # still at it: counts when it is done
    found = of(at(town, STREET))
    assert found["ZX-370811015"] == (3, 2, 2)
    assert found["GV24"] == (2, 88, 88)  # 58 and 118 minutes
    assert of(at(town, OTHER_STREET)) == {}
    assert of(subject_of("", None), Period.of_days(dt.date(2026, 12, 1), dt.date(2026, 12, 2))) == {}


def test_only_the_units_asked_for(town):
    from parties import directory

    a_move(a_case(through=SENT), "resolve", when=MONDAY + HOUR)
    assert of(subject_of("", directory.by_code("GV24"))) == {"GV24": (1, 58, 58)}


def test_a_hold_does_not_count(town):
    case = a_case(through=SENT)
    case = a_move(case, "hold", when=MONDAY + HOUR / 2, until=MONDAY + 30 * HOUR)
    case = a_move(case, "resume", when=MONDAY + 25 * HOUR)
    a_move(case, "resolve", when=MONDAY + 25 * HOUR + HOUR / 2)
    assert of(at(town, STREET))["GV24"] == (1, 58, 58)


def test_what_was_reworked_counts_whole_once(town):
    case = a_move(a_case(through=SENT), "resolve", when=MONDAY + HOUR)
    case = a_move(case, "rework", when=MONDAY + 2 * HOUR)
    assert "GV24" not in of(at(town, STREET))
    a_move(case, "resolve", when=MONDAY + 3 * HOUR)
    assert of(at(town, STREET))["GV24"] == (1, 118, 118)


def test_excluded_cases_leave(town):
    case = a_move(a_case(through=SENT), "resolve", when=MONDAY + HOUR)
    Case.objects.filter(pk=case.pk).update(excluded=True)
    assert of(at(town, STREET)) == {}


def test_page_and_interface(town):
    now = clock.now()
    start = now - dt.timedelta(minutes=30)
    for n in range(11):
        a_move(
            a_case(through=SENT, when=start, text=f"第{n}件"), "resolve", when=now - dt.timedelta(minutes=2)
        )
    page = Reader("lingdao").open("/dashboard/holders/?period=quarter")
    assert page.status == 200 and page.says("观音阁街道经手时长", "区综合执法局", "11")
    assert "/dashboard/holders/" in Reader("lingdao").open("/dashboard/").text
    answer = Api("lingdao").get(
        "stats/holders/", {"from": f"{start:%Y-%m-%d}", "to": f"{now + dt.timedelta(days=1):%Y-%m-%d}"}
    )
    row = next(one for one in answer.json()["results"] if one["code"] == "GV24")
    assert row["stays"] == 11 and not row["few"]
    page = Reader("bumen").open("/dashboard/holders/?period=today")
    assert page.status == 200
    with statements() as found:
        holding_times.of(at(town, STREET), WEEK)
    assert len(found) <= 2, found


def test_nothing_yet(town):
    assert Reader("lingdao").open("/dashboard/holders/").says("这一时段没有转出或办结的工单")
