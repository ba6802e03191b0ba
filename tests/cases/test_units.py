"""What the end of a unit or of a post means for the work: told before, done with it."""

from __future__ import annotations

import datetime as dt

import pytest

from cases.models.rules import DutyRow
from cases.units import WorkOfUnits
from ledger import clock
from parties.consequences import Leaving, UnitChange
from tests import town as big
from tests.builders import a_case, walk
from tests.cases.walking import events, fresh
from tests.house.invariants import faults

AT_THE_DEPARTMENT = ("accept", "dispatch", "sign")


def told(change) -> dict[str, tuple[int, bool]]:
    return {impact.subject: (impact.count, impact.blocks) for impact in WorkOfUnits().impact(change)}


def leaving(username: str, *units: str) -> Leaving:
    return Leaving(big.account(username).pk, frozenset(big.org(code).pk for code in units))


@pytest.fixture
def case(town):
    return a_case(through=AT_THE_DEPARTMENT)


def test_open_work_is_counted_by_unit(town, case):
    unit, other = big.org("GV24").pk, big.org("GV13").pk
    assert WorkOfUnits().open_work([unit, other]) == {unit: 1}
    walk(walk(case, "resolve"), "answer")
    assert WorkOfUnits().open_work([unit]) == {}


def test_a_unit_with_work_and_duties_cannot_end(town, case):
    found = told(UnitChange("retired", big.org("GV24")))
    assert found["cases"] == (1, True) and found["duty_rows"][1]
    assert told(UnitChange("retired", big.org("GV13"))).get("cases") is None


def test_a_duty_with_a_term_to_come_is_a_duty(town):
    unit = big.org("GV24")
    before = told(UnitChange("retired", unit))["duty_rows"]
    rows = DutyRow.objects.filter(organisation_id=unit.pk)
    assert rows.count() == before[0] > 0
    rows.update(until=clock.today() + dt.timedelta(days=1))
    assert told(UnitChange("retired", unit))["duty_rows"] == before
    rows.update(since=dt.date(2026, 1, 1), until=clock.today())
    assert "duty_rows" not in told(UnitChange("retired", unit))


def test_merged_it_all_goes_over(town, case):
    found = told(UnitChange("merged", big.org("GV24"), big.org("GV13")))
    assert found["cases"] == (1, False) and not found["duty_rows"][1]


def test_an_assisting_unit_has_work_too(town):
    case = walk(a_case(item="0604", through=("accept",)), "dispatch", assisting=["IN02"])
    assert told(UnitChange("retired", big.org("IN02")))["cases"] == (1, True)
    assert case.open_parts == 1


def test_what_was_taken_up_goes_back_and_nothing_else(town, case):
    other = a_case(through=("accept", "dispatch"))  # nobody has it
    assert told(leaving("bumen", "GV24")) == {"cases": (1, False)}
    for idle in (leaving("bumen2", "GV24"), leaving("bumen", "GV13"), leaving("bumen")):
        assert told(idle) == {}
    version = fresh(case).version
    WorkOfUnits().left(leaving("bumen", "GV24"), clock.now(), big.SYSTEM)
    case = fresh(case)
    assert case.holder_account is None and case.holder.code == "GV24" and case.status == "in_hand"
    assert case.version == version + 1 and events(case)[-1] == "case.put_back" and faults(case) == []
    assert "case.put_back" not in events(fresh(other))
    assert walk(case, "resolve", by="bumen2").status == "resolved"
