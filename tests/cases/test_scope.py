"""Who sees a case: by place, by unit, by having reported it, by being open to one's claim (SPEC §4)."""

from __future__ import annotations

import pytest

from cases.models import Case
from cases.scope import covers, own_units, visible_to
from tests.builders import GRID_ITEM, a_case, a_fact, walk
from tests.cases.walking import fresh, repost
from tests.town import GRID_2, GRID_3, STREET

PEOPLE = (
    "louzhang", "wangge", "wangge2", "wanggezhang", "shequ", "jiedao", "zhiban", "lingdao", "quji", "bumen",
    "fuzeren", "huanwei", "zhongdui", "ducha", "huifang", "admin", "shenji", "linju",
)  # fmt: skip
DISTRICT = {"quji", "ducha", "huifang", "admin", "shenji"}
OVER_THE_STREET = DISTRICT | {"jiedao", "zhiban", "lingdao"}
OVER_THE_GRID = OVER_THE_STREET | {"shequ", "wangge", "wanggezhang"}


def seen_by(town, case) -> set[str]:
    case = fresh(case)
    found = set()
    for name in PEOPLE:
        by = town.actor(name)
        sees = covers(by, case)
        assert sees == Case.objects.filter(visible_to(by), pk=case.pk).exists(), name
        found |= {name} if sees else set()
    return found


def test_by_place(town):
    assert seen_by(town, a_case(by="shequ")) == OVER_THE_GRID
    assert seen_by(town, a_case(by="shequ", place=GRID_2)) == OVER_THE_GRID - {"wangge", "wanggezhang"} | {
        "wangge2"
    }
    assert seen_by(town, a_case(by="jiedao", place=GRID_3)) == OVER_THE_STREET


def test_by_unit_now_and_ever_since(town):
    case = a_case(through=("accept", "dispatch"))
    assert seen_by(town, case) == OVER_THE_GRID | {"bumen", "fuzeren"}
    case = walk(case, "decline")
    assert seen_by(town, case) == OVER_THE_GRID | {"bumen", "fuzeren"}
    case = walk(case, "rule", by="quji", organisation="IN02")
    assert seen_by(town, case) == OVER_THE_GRID | {"bumen", "fuzeren", "huanwei"}


def test_an_assisting_unit(town):
    case = walk(a_case(through=("accept",)), "dispatch", assisting=[f"TS02-{STREET}"])
    assert "zhongdui" in seen_by(town, case)


def test_by_having_reported_it(town):
    case = a_case(by="wangge")
    case = a_fact(case, "relocate", by="jiedao", place=GRID_3, reason="走错了")
    assert "wangge" in seen_by(town, case)


def test_a_grid_worker_sees_no_other_grid_of_the_committee(town):
    case = a_case(item=GRID_ITEM, place=GRID_2, by="shequ")
    assert case.holder.code.startswith("JW-") and "wangge" not in seen_by(town, case)


@pytest.mark.parametrize("kind, is_open", [("wish", True), ("project", True), ("problem", False)])
def test_what_is_open_to_ones_claim(town, kind, is_open):
    """A unit that serves the place may claim a wish once it is accepted, and only then sees it."""
    case = a_case(kind=kind, item="0108", by="jiedao")
    assert "huanwei" not in seen_by(town, case)
    case = walk(case, "accept")
    assert ("huanwei" in seen_by(town, case)) == is_open


def test_nothing_without_a_posting(town):
    repost("bumen", "auditor", "370811")
    from parties.models import Posting

    Posting.objects.filter(account=town.account("bumen")).update(until=town.FOUNDED)
    by = town.actor("bumen")
    case = a_case(through=("accept", "dispatch"))
    assert by.roles == () and own_units(by) == frozenset() and not covers(by, case)
