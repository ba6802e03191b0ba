"""Files that a developer may have beside the project. They are not ours to ship: a test that wants one skips without."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings


def present(name: str) -> Path:
    """The file in a `data` folder beside the project."""
    found = next(Path(settings.BASE_DIR).parent.glob(f"*/data/{name}"), None)
    if found is None:
        pytest.skip(f"not run: {name} is not beside the project")
    return found
