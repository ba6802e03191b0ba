"""The parties' pages stand in the whole product, so their tests have the whole town with its people."""

from __future__ import annotations

import pytest

from tests import town as whole


@pytest.fixture
def town(db: None):
    whole.plant()
    return whole
