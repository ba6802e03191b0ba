import datetime as dt

import pytest

from grid.commands import open_place
from grid.models import Place
from ledger.actor import system

AT = dt.datetime(2026, 11, 23, 1, 0, tzinfo=dt.UTC)


@pytest.fixture
def at() -> dt.datetime:
    return AT


@pytest.fixture
def place(db) -> Place:
    """Something with a history: one entry, chained."""
    return open_place(by=system("test"), at=AT, kind="province", name="山东省", code="37", parent=None)


@pytest.fixture
def city(place: Place) -> Place:
    """A second subject."""
    return open_place(by=system("test"), at=AT, kind="city", name="济宁市", code="3708", parent=place)
