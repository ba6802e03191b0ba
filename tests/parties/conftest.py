from __future__ import annotations

import pytest

from tests.parties import town as towns


@pytest.fixture
def town(db: None) -> towns.Town:
    return towns.build()
