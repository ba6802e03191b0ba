"""Who of a unit has what: every number opens exactly the cases it counts, and the page costs the same for any number
of people."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest

from cases.models import Case
from cases.queries import workload
from ledger import clock
from parties import directory
from parties.models import Absence
from tests import town as towns
from tests.builders import a_case, a_fact, a_move, walk
from tests.cases.web.test_budgets import cost
from tests.clients import Api
from tests.pages import Reader

pytestmark = pytest.mark.django_db


def some(n: int, *, to: str = "", through=("accept", "dispatch"), ago: int = 2) -> list[Case]:
    when = clock.now() - dt.timedelta(hours=ago)
    found = []
    for i in range(n):
        case = a_case(when=when, text=f"第{i}件", through=through)
        if to:
            case = a_fact(case, "assign", by="fuzeren", person=to)
        found.append(case)
    return found


def end_of_today() -> dt.datetime:
    return clock.local_midnight(clock.today() + dt.timedelta(days=1)) - dt.timedelta(seconds=1)


def loads(who: str = "fuzeren", unit: str = "GV24") -> dict[str, workload.Load]:
    found = workload.of(towns.actor(who), directory.by_code(unit), clock.now())
    return {one.username: one for one in found}


def test_unclaimed_first_then_the_fullest_hands(town):
    some(2)
    some(3, to="bumen2")
    some(1, to="bumen")
    found = list(loads().values())
    assert [(one.username, one.open) for one in found] == [
        ("", 2),
        ("bumen2", 3),
        ("bumen", 1),
        ("fuzeren", 0),
    ]


def test_every_number_opens_what_it_counts(town):
    some(2, to="bumen")
    late = some(1, to="bumen")[0]
    Case.objects.filter(pk=late.pk).update(next_due_at=clock.now() - dt.timedelta(hours=1))
    soon = some(1)[0]
    Case.objects.filter(pk=soon.pk).update(next_due_at=end_of_today())
    walk(walk(some(1, to="bumen2")[0], "sign", by="bumen2"), "hold")
    Case.objects.filter(pk=some(1, to="bumen2")[0].pk).update(about_account=town.account("fuzeren"))
    unit = directory.by_code("GV24")
    api = Api("fuzeren")
    seen = 0
    for one in loads().values():
        for name in workload.NUMBERS:
            url = workload.url_of(unit, one, name)
            query = dict(part.split("=") for part in url.partition("?")[2].split("&") if "tab=" not in part)
            listed = api.get("cases/", {"status": "open", **query}).json()["results"]
            assert len(listed) == getattr(one, name), (one.username, name)
            assert Reader("fuzeren").open(url).text.count('data-row="') == len(listed)
            seen += len(listed)
    found = loads()
    assert found["bumen"].late == 1 and found["bumen2"].paused == 1 and found[""].today == 1 and seen > 6
    assert found["bumen2"].open == 1  # what is about the reader is not counted


def test_the_week_and_who_is_away(town):
    at = clock.now()
    Absence.objects.create(
        account=town.account("bumen2"), since=at - dt.timedelta(days=1), until=at + dt.timedelta(days=1),
        reason="leave", substitute=town.account("bumen"), entered_at=at,
    )  # fmt: skip
    found = loads()
    assert (
        found["bumen2"].away_until
        and found["bumen2"].substitute == "吴国栋"
        and not found["bumen"].away_until
    )
    reader = Reader("fuzeren").open("/workload/")
    assert reader.says("谁手上有什么", "梁超", "代办：吴国栋", "没有人领取")


def test_minutes_of_this_week_by_person(town):
    with clock.frozen(towns.MONDAY + dt.timedelta(hours=3)) as at:
        case = a_fact(
            a_case(through=("accept", "dispatch", "sign"), when=towns.MONDAY),
            "assign",
            by="fuzeren",
            person="bumen",
        )
        a_move(case, "resolve", when=towns.MONDAY + dt.timedelta(hours=1))
        found = workload.of(towns.actor("fuzeren"), directory.by_code("GV24"), at)
    assert {one.username: one.minutes for one in found if one.minutes} == {"bumen": 58}


def test_a_shift_lead_sees_the_desk(town):
    some(2, through=())
    found = loads("zhiban", f"ZX-{town.STREET}")
    assert found[""].open == 2 and {"jiedao", "jiedao2", "zhiban"} <= found.keys()
    assert Reader("zhiban").open("/workload/").status == 200


def test_outside_is_not_there(town):
    assert Reader("fuzeren").open("/workload/?unit=GV25").status == 404
    assert Api("fuzeren").get("workload/", {"unit": "GV25"}).status_code == 404
    assert Reader("bumen").open("/workload/").status == 403
    assert Api("shenji").get("workload/", {"unit": "GV24"}).status_code == 200


def test_as_sheet_and_over_the_interface(town):
    some(1, to="bumen")
    answer = Reader("fuzeren").client.get("/workload/?form=csv")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert (
        answer["Content-Type"].startswith("text/csv")
        and lines[1][0] == "没有人领取"
        and lines[2][:3] == ["吴国栋", "部门承办人", "1"]
    )
    body = Api("fuzeren").get("workload/").json()
    assert body["organisation"]["code"] == "GV24"
    assert [(row["username"], row["open"]) for row in body["results"]][:2] == [(None, 0), ("bumen", 1)]


def test_the_same_cost_for_any_number(town):
    some(1)
    before = len(cost("fuzeren", "/workload/"))
    some(4, to="bumen")
    some(4, to="bumen2")
    found = cost("fuzeren", "/workload/")
    assert len(found) == before <= 6, found


def test_a_person_that_cannot_be_read_is_said(town):
    reader = Reader("fuzeren").open("/cases/?person=李%20四")
    assert reader.status == 400 and reader.says("经办人请填用户名。")
    assert Api("fuzeren").get("cases/", {"due": "someday"}).status_code == 400


def test_many_out_of_ones_hands_at_once(town):
    cases = some(2, to="bumen")
    reader = Reader("bumen").open("/queue/")
    assert "/bulk/pass_on/" in reader.text and "/bulk/assign/" not in reader.text
    picked = [f"{case.number}@{Case.objects.get(pk=case.pk).version}" for case in cases]
    token = next(
        form.fields["csrfmiddlewaretoken"] for form in reader.forms if "csrfmiddlewaretoken" in form.fields
    )
    sent = {"number": picked, "csrfmiddlewaretoken": token}
    answer = reader.client.post("/bulk/pass_on/", sent)
    assert answer.status_code == 200 and "梁超" in answer.content.decode()
    report = Api("bumen").post(
        "cases/bulk/",
        {
            "move": "pass_on",
            "cases": [
                {"number": one.partition("@")[0], "version": int(one.partition("@")[2])} for one in picked
            ],
            "person": "bumen2",
            "reason": "休假",
        },
    )
    assert [row["sentence"] for row in report.json()["results"]] == ["", ""]
    assert loads()["bumen2"].open == 2 and loads()["bumen"].open == 0


def test_a_shift_lead_hands_out_many(town):
    cases = some(2, through=())
    picked = [{"number": case.number, "version": case.version} for case in cases]
    body = {"move": "assign", "cases": picked, "person": "jiedao2"}
    report = Api("zhiban").post("cases/bulk/", body)
    assert report.status_code == 202 and {row["status"] for row in report.json()["results"]} == {200}
    assert loads("zhiban", f"ZX-{town.STREET}")["jiedao2"].open == 2
    assert Api("jiedao").post("cases/bulk/", body).status_code == 403
