"""Duty rows go over with the end of their place and come back with its return."""

from __future__ import annotations

import datetime as dt

import pytest

from cases.models.rules import DutyRow
from grid import commands
from grid.errors import TreeRefused
from tests.cases.walking import local
from tests.town import GRID, GRID_2, GRID_3

AT = local("23 15:00")
DAY = dt.timedelta(days=1)


def change(town, command, code: str, at=AT, **more):
    place = town.place(code)
    return command(place=place, version=place.version, by=town.SYSTEM, at=at, **more)


def a_row(town, place: str, n: int = 0, **more) -> DutyRow:
    """A row of the shipped table, laid on a place of its own."""
    row = DutyRow.objects.filter(item__isnull=False, part="lead", until=None).order_by("pk")[n]
    DutyRow.objects.filter(pk=row.pk).update(place=town.place(place), **more)
    return DutyRow.objects.get(pk=row.pk)


def standing(town, code: str) -> list[tuple]:
    return list(
        DutyRow.objects.filter(place=town.place(code), until=None).values_list(
            "item", "organisation", "template"
        )
    )


def test_it_goes_over_dated(town):
    row = a_row(town, GRID_2)
    change(town, commands.retire_place, GRID_2, successor=town.place(GRID))
    row.refresh_from_db()
    new = DutyRow.objects.get(place=town.place(GRID))
    assert row.until == new.since == dt.date(2026, 11, 23) and new.until is None
    assert (new.item_id, new.template, new.organisation_id) == (
        row.item_id,
        row.template,
        row.organisation_id,
    )


def test_not_without_a_home(town):
    a_row(town, GRID_2)
    with pytest.raises(TreeRefused, match="职责"):
        change(town, commands.retire_place, GRID_2)


def test_the_successors_own_word_stands(town):
    row = a_row(town, GRID_2)
    own = DutyRow.objects.create(item=row.item, place=town.place(GRID), template="OWN", since=row.since)
    place = town.place(GRID_2)
    outcome = commands.merge_places(
        places=[place], versions=[place.version], target=town.place(GRID), by=town.SYSTEM, at=AT
    )
    assert [(one.count, "为准" in one.sentence) for one in outcome.impacts if one.subject == "duty_rows"] == [
        (1, False), (1, True),
    ]  # fmt: skip
    assert list(DutyRow.objects.filter(place=town.place(GRID), until=None)) == [own]


def test_a_split_gives_it_to_every_part(town):
    a_row(town, GRID_2)
    before = standing(town, GRID_2)
    outcome = change(
        town, commands.split_place, GRID_2, parts=[commands.Part("东网格"), commands.Part("西网格")]
    )
    assert all(standing(town, new.code) == before for new in outcome.opened)


@pytest.mark.parametrize("later", [dt.timedelta(hours=1), 3 * DAY])
def test_it_comes_back(town, later):
    a_row(town, GRID_2)
    before = standing(town, GRID_2)
    change(town, commands.retire_place, GRID_2, successor=town.place(GRID_3))
    change(town, commands.restore_place, GRID_2, at=AT + later)
    assert standing(town, GRID_2) == before and standing(town, GRID_3) == []


TERM = dt.date(2027, 6, 30)


def terms(town, code: str) -> list[tuple]:
    rows = DutyRow.objects.filter(place=town.place(code), until__gt=AT.date()).order_by("since")
    return list(rows.values_list("since", "until"))


def test_a_row_with_a_term_goes_over_and_comes_back_with_it(town):
    row = a_row(town, GRID_2, until=TERM)
    with pytest.raises(TreeRefused, match="职责"):
        change(town, commands.retire_place, GRID_2)
    change(town, commands.retire_place, GRID_2, successor=town.place(GRID_3))
    row.refresh_from_db()
    assert row.until == AT.date() and terms(town, GRID_2) == []
    assert terms(town, GRID_3) == [(AT.date(), TERM)]
    change(town, commands.restore_place, GRID_2, at=AT + 3 * DAY)
    assert terms(town, GRID_2) == [(AT.date() + 3 * DAY, TERM)]
    assert terms(town, GRID_3) == [(AT.date(), AT.date() + 3 * DAY)]


def test_a_term_that_is_over_does_not_come_back(town):
    a_row(town, GRID_2, until=AT.date() + DAY)
    change(town, commands.retire_place, GRID_2, successor=town.place(GRID_3))
    change(town, commands.restore_place, GRID_2, at=AT + 3 * DAY)
    assert terms(town, GRID_2) == [] and standing(town, GRID_2) == []


def test_one_after_the_other_both_go_over(town):
    row = a_row(town, GRID_2, until=TERM)
    DutyRow.objects.create(item=row.item, place=row.place, template="NEXT", since=TERM)
    change(town, commands.retire_place, GRID_2, successor=town.place(GRID_3))
    assert terms(town, GRID_3) == [(AT.date(), TERM)]
    assert [template for *_rest, template in standing(town, GRID_3)] == ["NEXT"]
