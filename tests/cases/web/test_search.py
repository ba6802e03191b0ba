"""The box on every page: cases by any part of their number, places, items, words; by a caller's phone with a reason."""

from __future__ import annotations

import pytest

from cases.models import Case
from ledger.models import Entry
from tests.builders import CALLER, GRID_ITEM, a_case
from tests.cases.web.test_budgets import cost
from tests.cases.web.test_paging import numbers
from tests.clients import Api, statements
from tests.pages import Reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(town):
    return a_case(text="东门外的路灯一直不亮")


@pytest.mark.parametrize("typed", ["路灯", "gyg", "前铺", "jzwlm", "建筑外立面", "外的路"])
def test_what_is_found(case, typed):
    assert numbers(Reader("jiedao").open(f"/search/?q={typed}")) == [case.number]
    assert numbers(Reader("linju").open(f"/search/?q={typed}")) == []
    found = Api("jiedao").get("cases/", {"q": typed}).json()["results"]
    assert [row["number"] for row in found] == [case.number]


@pytest.mark.parametrize(
    "typed", ["灯路", "13905371234", "5371234", "孟庆芳", "zzz", "<script>", "%", "\x00"]
)
def test_what_is_not(case, typed):
    reader = Reader("jiedao").open("/search/")
    answer = reader.client.get("/search/", {"q": typed})
    assert answer.status_code == 200 and case.number not in answer.content.decode()


def test_a_number_typed_whole_opens_its_case(case):
    assert Reader("jiedao").open(f"/search/?q={case.number.lower()}").path == f"/cases/{case.number}/"
    assert Reader("linju").open(f"/search/?q={case.number}").path.startswith("/search/")


def test_suggestions(case):
    reader = Reader("jiedao").open(f"/search/suggest/?q={case.number[-7:]}")
    assert reader.status == 200 and reader.says(case.number, "东门外")
    assert not Reader("linju").open(f"/search/suggest/?q={case.number[-7:]}").says(case.number)
    assert Reader("jiedao").open("/search/suggest/?q=qp").says("前铺社区")
    assert Reader("jiedao").open("/search/suggest/?q=邻里").says("邻里纠纷", GRID_ITEM)
    assert "organisation=GV24" in Reader("jiedao").open("/search/suggest/?q=综合执法").text
    assert "hidden" in Reader("jiedao").open("/search/suggest/?q=").text


@pytest.mark.parametrize("typed", ["前铺", "GYG2026", "gyg", "邻里", "没有的东西"])
def test_suggestions_cost_two_statements(case, typed):
    """Beside the session's two; a word that fits few places asks once more for those that have it inside."""
    assert len(cost("jiedao", f"/search/suggest/?q={typed}")) <= 2 + 3
    reader = Reader("jiedao").open("/search/suggest/?q=前铺社区")
    with statements() as found:
        reader.open("/search/suggest/?q=GYG2026")
    assert len(found) <= 2 + 3, found


def test_words_of_guarded_cases_are_found_by_nobody_else(town):
    for more in ({"confidential": True}, {}):
        case = a_case("assigned", text="不能外传的路灯", **more)
        if not more:
            Case.objects.filter(pk=case.pk).update(sensitive=True)
        assert case.number not in numbers(Reader("lingdao").open("/search/?q=外传"))


# -- by phone


def look(reader: Reader, phone: str = CALLER["phone"], reason: str = "progress") -> Reader:
    return reader.open("/search/phone/").send("search/phone", phone=phone, reason=reason)


def test_by_phone_with_a_reason_that_is_written_down(case):
    reader = look(Reader("jiedao"), "139-0537 1234")
    assert reader.status == 200 and reader.says(case.number) and CALLER["phone"] not in reader.text
    entry = Entry.objects.get(event="account.phone_searched")
    assert entry.payload == {"reason": "progress", "found": 1} and "1390537" not in str(entry.__dict__)


@pytest.mark.parametrize(
    ("phone", "reason"),
    [("", "progress"), ("1234", "progress"), (CALLER["phone"], ""), (CALLER["phone"], "x")],
)
def test_without_a_reason_or_a_whole_number(case, phone, reason):
    reader = look(Reader("jiedao"), phone, reason)
    assert reader.status == 422 and not reader.says(case.number)
    assert not Entry.objects.filter(event="account.phone_searched").exists()


def test_part_of_a_number_finds_nothing(case):
    assert not look(Reader("jiedao"), CALLER["phone"][:-1]).says(case.number)


def test_by_phone_only_in_scope(case):
    assert look(Reader("linju")).says("没有这样的工单")
    Case.objects.update(confidential=True)
    assert look(Reader("lingdao")).says("没有这样的工单")


def test_by_phone_over_the_interface(case):
    found = (
        Api("jiedao").post("cases/by-phone/", {"phone": CALLER["phone"], "reason": "visit"}).json()["results"]
    )
    assert [row["number"] for row in found] == [case.number]
    assert (
        Api("linju").post("cases/by-phone/", {"phone": CALLER["phone"], "reason": "visit"}).json()["results"]
        == []
    )
    assert Api("jiedao").post("cases/by-phone/", {"phone": CALLER["phone"]}).status_code == 422
    assert Api("jiedao").post("cases/by-phone/", {"phone": 7, "reason": "visit"}).status_code == 422
