"""Outside is 404, inside without the right is 403."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from parties.gate import NotYours, OutOfScope, admit, find
from parties.models import Organisation
from tests.parties.town import Town


def test_find_or_nothing(town: Town) -> None:
    rows = Organisation.objects.filter(kind="committee")
    assert find(rows, code="JW-370811015001").kind == "committee"
    for lookup in ({"code": "GV24"}, {"pk": 10**30}, {"pk": "x"}):
        with pytest.raises(OutOfScope) as nothing:
            find(rows, **lookup)
        assert nothing.value.sentence
    assert issubclass(OutOfScope, Http404)


def test_admit(town: Town) -> None:
    actor = town.actor(town.somebody("wangge", "grid_worker", place="370811015001001"))
    admit(actor, "settle", path=town.place("370811015001001").path)
    with pytest.raises(NotYours) as no:
        admit(actor, "dispatch")
    assert "派遣" in no.value.sentence
    assert issubclass(NotYours, PermissionDenied)
