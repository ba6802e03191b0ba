"""Which rule wins, and why; the table of SPEC §6; the adopted limits."""

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pytest

from cases.sla import policy
from cases.sla.policy import DEFAULTS, Facts, Row, adopted, choose, is_adopted
from tests.cases.sla.strategies import local

AT = local(2026, 9, 28, 9)
CASE = Facts(item="0601", category="06", kind="problem", urgency="normal", level="community")


@pytest.mark.parametrize(
    ("stage", "amount", "unit", "anchor"),
    [
        ("accept", 1, "day", "call"),
        ("resolve", 2, "day", "call"),
        ("feedback", 3, "day", "call"),
        ("reaccept", 4, "work_hour", "stage"),
        ("dispatch", 2, "work_hour", "stage"),
        ("sign", 4, "work_hour", "stage"),
        ("decline", 4, "work_hour", "stage"),
        ("verify", 2, "work_day", "stage"),
        ("return_visit", 2, "work_day", "stage"),
        ("grace", 3, "day", "stage"),
        ("relief", 1, "work_day", "stage"),
        ("ask", 1, "work_day", "stage"),
        ("hold", 30, "day", "stage"),
    ],
)
def test_the_shipped_table(stage, amount, unit, anchor):
    rule = choose(stage, CASE, (), AT)
    assert (rule.stage, rule.amount, rule.unit, rule.anchor) == (stage, amount, unit, anchor)
    told = stage in ("accept", "reaccept", "sign", "contact")
    assert rule.no_response_after == ((1, "day") if told else None)


def test_critical_cases_are_signed_and_returned_within_the_hour():
    critical = Facts(urgency="critical")
    for stage in ("sign", "decline"):
        rule = choose(stage, critical, (), AT)
        assert (rule.amount, rule.unit) == (1, "hour")


def test_stages_without_a_policy_have_no_clock():
    for stage in ("contact", "arrive", "secure"):
        assert choose(stage, CASE, (), AT) is None
    contact = choose("contact", CASE, [Row("contact", 4, "work_hour")], AT)
    assert contact.no_response_after == (1, "day")
    assert {row.stage for row in DEFAULTS} == set(policy.STAGES) - {"contact", "arrive", "secure"}


def test_the_order_of_what_a_policy_names():
    named = {"item": "0601", "category": "06", "kind": "problem", "urgency": "normal", "level": "community"}
    rows = [Row("resolve", n + 10, "day", **{name: value}) for n, (name, value) in enumerate(named.items())]
    while rows:
        assert choose("resolve", CASE, rows[::-1], AT).amount == rows[0].amount
        rows.pop(0)
    assert choose("resolve", CASE, [Row("resolve", 9, "day", item="0602")], AT).amount == 2
    # what one names beside the item decides between two that name it
    two = [
        Row("resolve", 5, "day", item="0601", since=dt.date(2026, 9, 1)),
        Row("resolve", 6, "day", item="0601", urgency="normal", since=dt.date(2026, 1, 1)),
    ]
    assert choose("resolve", CASE, two, AT).amount == 6


def test_the_newest_wins_a_tie_and_only_what_is_in_force():
    rows = [
        Row("resolve", 5, "day", since=dt.date(2026, 1, 1), id=3),
        Row("resolve", 6, "day", since=dt.date(2026, 6, 1), id=2),
        Row("resolve", 7, "day", since=dt.date(2026, 6, 1), id=10),
        Row("resolve", 8, "day", since=dt.date(2026, 9, 29)),
        Row("resolve", 9, "day", since=dt.date(2026, 9, 1), until=dt.date(2026, 9, 28)),
    ]
    rule = choose("resolve", CASE, rows, AT)
    assert (rule.amount, rule.policy) == (7, "10")
    # a date begins at its local midnight
    assert choose("resolve", CASE, rows, local(2026, 9, 27, 23, 59)).amount == 9
    assert choose("resolve", CASE, rows, local(2026, 9, 29)).amount == 8
    assert choose("resolve", CASE, [Row("resolve", 4, "day", since=local(2026, 9, 28, 10))], AT).amount == 2


def test_why_a_policy_won_is_said():
    assert choose("resolve", CASE, (), AT).reason == "按通用规定，限 2 日，自呼叫时起算，依据：123。"
    row = Row(
        "sign", 2, "work_hour", item="0601", urgency="normal", since=dt.date(2026, 9, 1), basis="济政字1号"
    )
    assert choose("sign", CASE, [row], AT).reason == (
        "按小项“0601”、紧急程度“一般”的规定，限 2 个工作小时，自本阶段开始时起算（2026-09-01 起施行），依据：济政字1号。"
    )


@dataclass
class Item:
    code: str
    limit_amount: int | None
    limit_unit: str
    limit_basis: str


def test_what_is_adopted():
    items = [
        Item("0606", 5, "working_day", "RR"),
        Item("0621", 15, "work_day", "JY"),
        Item("0201", 3, "work_day", "SZ12345"),
        Item("0805", 7, "work_day", "DRAFT"),
        Item("0101", 9, "work_day", "123"),
        Item("0601", 24, "working_hour", "RR"),
        Item("0602", 22, "work_hour", "RR"),
        Item("0699", None, "", ""),
    ]
    rows = list(adopted(items, dt.date(2026, 9, 1)))
    assert [(row.kind or row.item, row.stage, row.amount, row.unit, row.anchor) for row in rows] == [
        ("wish", "resolve", 20, "work_day", "call"),
        ("project", "resolve", 20, "work_day", "call"),
        ("meeting", "resolve", 20, "work_day", "call"),
        ("0606", "resolve", 5, "work_day", "call"),
        ("0606", "feedback", 6, "work_day", "call"),
        ("0621", "resolve", 15, "work_day", "call"),
        ("0621", "feedback", 16, "work_day", "call"),
        ("0601", "resolve", 24, "work_hour", "call"),
        ("0601", "feedback", 25, "work_hour", "call"),
    ]
    assert {row.stage for row in adopted(items, feedback=False)} == {"resolve"}
    assert choose("resolve", Facts(item="0606"), rows, AT).amount == 5
    assert choose("resolve", Facts(kind="wish"), rows, AT).amount == 20


def test_limits_of_the_shipped_checklist():
    path = Path(policy.__file__).resolve().parent.parent / "data" / "checklist.csv"
    if not path.exists():
        pytest.skip("the checklist is not here")
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    found = {
        row["code"]
        for row in rows
        if row["limit_amount"]
        and is_adopted(
            int(row["limit_amount"]),
            policy.UNIT_WORDS.get(row["limit_unit"], row["limit_unit"]),
            row["limit_basis"],
        )
    }
    assert found == {"0606", "0621", "0709"}
