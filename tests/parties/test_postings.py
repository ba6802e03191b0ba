"""A post and the end of its seat at the same moment: one of them sees the other."""

from __future__ import annotations

import datetime as dt
import threading
import time

import pytest
from django.db import connection, transaction

from grid import tree
from grid.models import Place
from parties import commands
from parties.errors import PartiesRefused
from parties.models import Organisation, Posting
from tests.parties import town as towns
from tests.parties.town import AT, SYSTEM, Town

LATER = AT + dt.timedelta(days=1)
GRID = "370811015001002"


def test_nobody_is_posted_to_what_was_retired_meanwhile(town: Town) -> None:
    """The row in hand is from before."""
    account, place, unit = town.somebody("wangge"), town.place(GRID), town.org("GV24")
    Place.objects.filter(pk=place.pk).update(retired_at=AT)
    Organisation.objects.filter(pk=unit.pk).update(retired_at=AT)
    for seat in (
        {"role": "grid_worker", "place": place},
        {"role": "department_clerk", "organisation": unit},
    ):
        with pytest.raises(PartiesRefused) as refused:
            commands.post(by=SYSTEM, at=LATER, account=account, **seat)
        assert refused.value.status == 409


@pytest.mark.django_db(transaction=True)
def test_a_post_waits_for_a_retire_that_has_begun() -> None:
    town = towns.build()
    account, place, holds = town.somebody("wangge"), town.place(GRID), threading.Event()

    def retire() -> None:
        try:
            with transaction.atomic():
                tree.lock_places(place.pk)
                holds.set()
                time.sleep(0.5)
                Place.objects.filter(pk=place.pk).update(retired_at=LATER)
        finally:
            connection.close()

    other = threading.Thread(target=retire)
    other.start()
    assert holds.wait(10)
    with pytest.raises(PartiesRefused):
        commands.post(by=SYSTEM, at=LATER, account=account, role="grid_worker", place=place)
    other.join(10)
    assert not Posting.objects.filter(account=account).exists()
