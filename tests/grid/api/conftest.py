from tests.cases.api.conftest import api

__all__ = ["api"]
