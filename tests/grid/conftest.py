import pytest

from tests.grid.ground import Ground


@pytest.fixture
def ground(db) -> Ground:
    return Ground().plant()
