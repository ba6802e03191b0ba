"""The demo's rounds: once, on the walkers' own ground, some places covered and some not."""

from __future__ import annotations

import pytest

from cases.demo import walks
from cases.models import Round
from tests.town import MONDAY

pytestmark = pytest.mark.django_db


def test_walked_once(town):
    n = walks.walk(MONDAY)
    made = Round.objects.select_related("place")
    assert n == made.count() > 5 and walks.walk(MONDAY) == 0
    assert {row.place.code for row in made} <= {town.GRID, town.GRID_2, town.BUILDING}
    assert all(
        MONDAY - row.made_at < (walks.DAYS + 1) * 24 * walks.HOUR and row.made_at < MONDAY for row in made
    )
