"""What a phone keeps of the open cases on its own ground: what its owner may join, and nothing else."""

from __future__ import annotations

import pytest

from cases.models import Case
from cases.queries.nearby import open_near
from tests import builders
from tests import town as towns
from tests.clients import statements
from tests.pages import Reader

pytestmark = pytest.mark.django_db


def numbers(who: str = "wangge") -> list[str]:
    return [row["number"] for row in open_near(towns.actor(who))]


def test_of_ones_own_ground_the_newest_first(town):
    cases = [builders.a_case("received", place=place) for place in (town.GRID, town.BUILDING)]
    assert numbers() == [case.number for case in reversed(cases)]
    row = open_near(towns.actor("wangge"))[0]
    assert row["line"].split() == [town.GRID, town.BUILDING] and row["item"] == builders.STREET_ITEM
    assert (row["called_at"], row["callers"]) == (cases[1].called_at, 1)


def test_never_what_is_ended_guarded_or_about_somebody(town):
    case = builders.a_case("received")
    assert numbers() == [case.number]
    for change in (
        {"sensitive": True},
        {"confidential": True},
        {"about_account_id": towns.actor("bumen").id},
    ):
        Case.objects.filter(pk=case.pk).update(**change)
        assert numbers() == [], change
        Case.objects.filter(pk=case.pk).update(sensitive=False, confidential=False, about_account_id=None)
    Case.objects.filter(pk=case.pk).update(status="closed")
    assert numbers() == []


def test_of_nobody_elses_ground(town):
    case = builders.a_case("received")
    assert case.number not in numbers("linju") and numbers("bumen") == []


def test_it_costs_the_same_for_many(town):
    def cost() -> int:
        with statements() as found:
            open_near(towns.actor("wangge"))
        return len(found)

    builders.a_case("received")
    cost()
    few = cost()
    for n in range(5):
        builders.a_case("received", text=f"第{n}件。")
    assert cost() == few <= 4


def test_over_the_web(town):
    case = builders.a_case("received", text="井盖松了")
    shown = Reader("wangge").open("/calls/near/")
    assert shown.status == 200 and case.number in shown.text and "data-me=" in shown.text
    assert Reader("bumen").open("/calls/near/").status == 403
