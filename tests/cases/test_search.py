"""What is found does not depend on how many there are: named hits and walked ones are the same cases."""

from __future__ import annotations

import pytest

from cases.models import Case
from cases.queries import search
from cases.scope import visible_to
from tests import town as towns
from tests.builders import GRID_ITEM, a_case

TEXTS = (
    "下水道堵了，污水流到1号楼门口。",
    "下水管道老化，100%要换_的。",
    "路灯不亮，a\\b，ABC小区门口。",
    "楼道堆物，下水也不通",
)


@pytest.fixture
def cases(town):
    made = [a_case(text=text) for text in TEXTS]
    made.append(a_case(text="别人看不到的下水", confidential=True))
    made.append(a_case(text="", subject="只有标题的下水", item=GRID_ITEM, place=towns.GRID_3, by="jiedao"))
    return made


@pytest.mark.parametrize(
    ("typed", "whose", "expected"),
    [
        ("下水", "jiedao", {0, 1, 3, 4, 5}),
        ("下水", "lingdao", {0, 1, 3, 5}),
        ("下水道堵", "jiedao", {0}),
        ("水下", "jiedao", set()),
        ("下", "jiedao", {0, 1, 3, 4, 5}),
        ("%", "jiedao", {1}),
        ("0%要", "jiedao", {1}),
        ("_的", "jiedao", {1}),
        ("a\\b", "jiedao", {2}),
        ("abc小", "jiedao", {2}),
        ("ABC", "jiedao", {2}),
        ("琵琶山", "jiedao", {5}),
        ("邻里纠纷", "jiedao", {5}),
        ("标题", "jiedao", {5}),
        ("  下水  也不通 ", "jiedao", set()),
        ("'; DROP TABLE", "jiedao", set()),
        ("下水", "linju", set()),
    ],
)
@pytest.mark.parametrize("many", [1, 500])
def test_found(cases, monkeypatch, typed, whose, expected, many):
    monkeypatch.setattr(search, "MANY", many)
    actor = towns.actor(whose)
    rows = Case.objects.filter(visible_to(actor)).filter(search.search_q(typed, actor, towns.MONDAY))
    assert set(rows.values_list("pk", flat=True)) == {cases[n].pk for n in expected}


def test_by_number_and_reference(town):
    case, other = a_case(external_ref="WB-77"), a_case()
    actor = towns.actor("jiedao")

    def found(typed: str) -> list[int]:
        rows = Case.objects.filter(search.search_q(typed, actor, towns.MONDAY))
        return list(rows.values_list("pk", flat=True))

    assert found(case.number) == found(case.number.lower()) == found("WB-77") == [case.pk]
    assert found(other.number[-6:]) == [other.pk]


def test_a_very_long_text_is_indexed_quickly(town):
    assert a_case(text="长文字" * 6000).pk
