"""Figures for programs: what the pages show besides rates, and tables for spreadsheets."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest

from cases.api.tables import lines, written
from ledger import clock
from ledger.clock import frozen
from tests import builders
from tests.builders import CALLER
from tests.cases.walking import local
from tests.clients import Api, is_problem

pytestmark = pytest.mark.django_db


def table(answer) -> list[dict[str, str]]:
    assert answer.status_code == 200 and answer["Content-Type"].startswith("text/csv")
    text = answer.content.decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_a_table_says_what_the_json_says(town):
    now = clock.now()
    builders.a_case("resolved", when=now - dt.timedelta(hours=3))
    builders.a_case(when=now - dt.timedelta(hours=2))
    api = Api("lingdao")
    with frozen(now + dt.timedelta(minutes=30)):
        said = api.get("stats/summary/").json()
        rows = table(api.get("stats/summary/", {"format": "csv"}))
        assert {row["figure"]: row["denominator"] for row in rows if row["denominator"]} == {
            code: str(value["denominator"]) for code, value in said.items() if "denominator" in value
        }
        assert rows == table(api.get("stats/summary/", Accept="text/csv"))
        weeks = table(api.get("stats/trend/", {"format": "csv"}))
        assert len({row["from"] for row in weeks}) == 12 and {"figure", "numerator"} <= weeks[0].keys()
        split = table(api.get("stats/split/", {"format": "csv", "figure": "patrol", "by": "channel"}))
        assert [row["denominator"] for row in split] == ["2"]
        assert table(api.get("stats/ranking/", {"format": "csv"})) is not None
    assert api.get("stats/summary/", {"format": "csv", "place": "370811111"}).status_code == 404
    assert api.get("stats/split/", {"format": "csv", "figure": "no"}).status_code in (400, 422)


def test_no_cell_is_a_formula_and_none_is_lost():
    rows = lines(
        {"results": [{"name": "=1+1", "n": None, "figures": {"a": {"rate": 0.5}, "b": {"rate": None}}}]}
    )
    assert rows == [
        {"name": "=1+1", "n": None, "figure": "a", "rate": 0.5},
        {"name": "=1+1", "n": None, "figure": "b", "rate": None},
    ]
    assert written(rows).splitlines()[1] == "'=1+1,,a,0.5"
    assert written([]) == "\ufeff\r\n"


def test_who_says_it_again_is_masked(town):
    for _ in range(2):
        builders.a_case(when=clock.now())
    found = Api("lingdao").get("stats/voices/").json()
    assert [one["n"] for one in found["again"]] == [2] and CALLER["phone"] not in str(found)
    assert is_problem(Api("lingdao").get("stats/voices/?place=370811111"), 404)


def test_instructions_with_what_came_of_them(town):
    case = builders.a_case(through=("accept", "dispatch", "sign"), when=clock.now())
    until = case.last_at + dt.timedelta(days=2)
    case = builders.a_fact(case, "instruct", by="lingdao", text=f"请给{CALLER['name']}一个答复", until=until)
    found = Api("lingdao").get("stats/instructions/").json()
    assert found["counts"] == {"instructed": 1, "instructed_answered": 0, "instructed_waiting": 1, "instructed_late": 0}  # fmt: skip
    (row,) = found["results"]
    assert row["number"] == case.number and "请给" in row["words"] and CALLER["name"] not in row["words"]
    builders.a_fact(case, "report", by="bumen", text="已上门答复")
    found = Api("bumen").get("stats/instructions/").json()
    assert found["counts"]["instructed_answered"] == 1 and found["results"][0]["answer"] == "已上门答复"
    assert Api("linju").get("stats/instructions/").json()["counts"]["instructed"] == 0


def test_what_changed_later_page_by_page(town, monkeypatch):
    cases = [builders.a_case("resolved", when=local("23 09:00")) for _ in range(3)]
    for n, case in enumerate(cases):
        builders.a_move(case, "rework", by="wangge", when=local(f"27 1{n}:00"))
    monkeypatch.setattr("cases.queries.figure_pages.later_page.__defaults__", (2,))
    with frozen(local("28 09:00")):
        seen: list[str] = []
        cursor = ""
        for _page in range(2):
            asked = {"from": "2026-11-24", "to": "2026-11-25", "cursor": cursor}
            found = Api("lingdao").get("stats/later/", asked).json()
            assert found["total"] == 3
            seen += [row["number"] for row in found["results"]]
            cursor = found["next"]
        assert seen == [case.number for case in reversed(cases)] and cursor is None
