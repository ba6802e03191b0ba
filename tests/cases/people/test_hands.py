"""Who could have a case and what is in whose hands; what is shared, handed over and told once."""

from __future__ import annotations

import datetime as dt

import pytest

from cases.models import Bulk, Case, Notice
from cases.people import hands
from ledger import clock, post
from ledger.models import Entry
from parties import commands, directory
from tests import town as towns
from tests.builders import a_fact
from tests.cases.web.test_budgets import statements
from tests.cases.web.test_workload import loads, some
from tests.clients import Api
from tests.pages import Reader

pytestmark = pytest.mark.django_db


def in_hand(case: Case) -> str | None:
    holder = Case.objects.get(pk=case.pk).holder_account
    return holder.username if holder else None


def picked(cases: list[Case]) -> list[dict[str, object]]:
    return [{"number": case.number, "version": Case.objects.get(pk=case.pk).version} for case in cases]


def away(who: str) -> None:
    at = clock.now()
    commands.set_absence(
        by=towns.actor(who), at=at, account=towns.account(who), since=at, until=at + dt.timedelta(days=2), reason="trip"
    )  # fmt: skip


def test_one_statement_for_any_number(town):
    some(3, to="bumen")
    unit, head = directory.by_code("GV24"), towns.actor("fuzeren")
    with statements() as found:
        got = hands.of([unit], head, clock.now())
    assert len(found) == 1
    assert [(one.username, one.open, one.leads) for one in got] == [
        ("bumen", 3, False),
        ("bumen2", 0, False),
        ("fuzeren", 0, True),
    ]


def test_the_form_names_the_lightest_and_marks_the_absent(town):
    some(2, to="bumen")
    case = some(1)[0]
    shown = Reader("fuzeren").open(f"/cases/{case.number}/")
    assert shown.says("建议：梁超手上 0 件，最少", "吴国栋 · 手上 2 件")
    away("bumen2")
    assert Reader("fuzeren").open(f"/cases/{case.number}/").says("建议：吴国栋手上 2 件；梁超离岗", "离岗至")
    sheet = Reader("bumen", htmx=True).open(f"/cases/{case.number}/keys/")
    assert sheet.says("吴国栋手上 2 件；梁超离岗")


def test_a_bulk_without_a_name_is_shared_fairly(town):
    some(2, to="bumen")
    cases = some(4)
    report = Api("fuzeren").post("cases/bulk/", {"move": "assign", "cases": picked(cases)}).json()
    assert [row["person"] for row in report["results"]] == ["bumen2", "bumen2", "bumen", "bumen2"]
    found = loads()
    assert (found["bumen"].open, found["bumen2"].open, found["fuzeren"].open) == (3, 3, 0)


def test_never_to_the_absent_nor_about_oneself(town):
    away("bumen2")
    cases = some(3)
    Case.objects.filter(pk=cases[0].pk).update(about_account=town.account("bumen"))
    report = Api("fuzeren").post("cases/bulk/", {"move": "assign", "cases": picked(cases)}).json()
    assert [row["person"] for row in report["results"]] == ["fuzeren", "bumen", "bumen"]


def test_one_notice_to_each_receiver(town):
    cases = some(3, to="bumen")
    post.deliver_pending()
    Notice.objects.all().delete()
    sent = {"move": "pass_on", "cases": picked(cases), "person": "bumen2", "reason": "下周培训"}
    assert Api("bumen").post("cases/bulk/", sent).status_code == 202
    post.deliver_pending()
    row = Notice.objects.get()
    assert (row.account.username, row.event, row.facts["count"]) == ("bumen2", "account.handed_work", 3)
    assert Reader("bumen2").open("/notices/").says("交给您 3 件工单")
    assert Entry.objects.get(event="account.handed_work").payload == {
        "bulk": Bulk.objects.get().pk,
        "cases": 3,
    }
    a_fact(Case.objects.get(pk=cases[0].pk), "pass_on", by="bumen2", person="bumen")
    post.deliver_pending()
    assert Notice.objects.filter(event="case.passed_on").count() == 1  # one alone is told alone


def test_handed_over_from_the_page_of_who_has_what(town):
    cases = some(3, to="bumen")
    reader = Reader("fuzeren").open("/workload/")
    assert "/workload/hand-over/?unit=GV24&amp;person=bumen" in reader.text
    reader.open("/workload/hand-over/?unit=GV24&person=bumen")
    assert reader.says("把吴国栋手上的工单交给别人", "建议：梁超")
    stale = cases[1]
    Case.objects.filter(pk=stale.pk).update(version=99)  # somebody was faster
    reader.send("bulk/assign", person="bumen2", reason="任岗〔2026〕3号")
    assert reader.says("已办", "没有办", "刚被别人改过", "→ 梁超")
    assert [in_hand(case) for case in cases] == ["bumen2", "bumen", "bumen2"]
    assert Reader("jiedao").open(f"/cases/{cases[0].number}/").says("任岗〔2026〕3号")


def test_over_the_interface_all_of_a_person_or_of_nobody(town):
    some(2, to="bumen")
    some(1)
    assert Api("bumen").post("workload/hand-over/", {"unit": "GV24", "person": "bumen2"}).status_code == 403
    assert Api("fuzeren").post("workload/hand-over/", {"unit": "GV24", "person": "linju"}).status_code == 404
    report = (
        Api("fuzeren").post("workload/hand-over/", {"unit": "GV24", "person": "bumen", "to": "bumen2"}).json()
    )
    assert [row["person"] for row in report["results"]] == ["bumen2", "bumen2"]
    report = Api("fuzeren").post("workload/hand-over/", {"unit": "GV24"}).json()
    assert [row["person"] for row in report["results"]] == ["bumen"]
    report = Api("bumen").post("workload/hand-over/", {"to": "bumen2", "reason": "休假"}).json()
    assert [row["status"] for row in report["results"]] == [200] and loads()["bumen2"].open == 3


def test_ones_own_page_and_an_empty_one(town):
    assert Reader("bumen").open("/workload/hand-over/").says("没有可以交接的工单")
    some(1, to="bumen")
    assert Reader("bumen").open("/workload/hand-over/").says("把我手上的工单交出去")
    assert Reader("shenji").open("/workload/hand-over/?unit=GV24&person=bumen").status == 403
    assert Reader("linju").open("/workload/hand-over/?unit=GV24&person=bumen").status == 403
