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
from parties.access import NotYours
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


def test_no_substitute_for_a_posting_that_has_ended(town: Town) -> None:
    account, other = (
        town.somebody("wang1", "grid_worker", place="370811015001001"),
        town.somebody("li1", "grid_worker", place="370811015001001"),
    )
    posting = commands.end_posting(by=SYSTEM, at=AT, posting=account.postings.get())
    later = AT + dt.timedelta(days=1)
    with pytest.raises(PartiesRefused) as refused:
        commands.set_substitute(
            by=SYSTEM,
            at=later,
            posting=posting,
            substitute=other,
            since=later,
            until=later + dt.timedelta(days=1),
        )
    assert refused.value.status == 409


def test_who_stands_in_elsewhere_is_decided_over_there(town: Town) -> None:
    admin = town.actor(town.somebody("jdadmin", "admin", place="370811015"))
    worker = town.somebody("wang1", "grid_worker", place="370811015")
    away = town.somebody("zhen1", "grid_worker", place="370811111")
    commands.set_password(by=admin, at=AT, account=worker, password="x7-kWq-2291")
    commands.set_substitute(
        by=SYSTEM,
        at=AT,
        posting=away.postings.get(),
        substitute=worker,
        since=AT,
        until=AT + dt.timedelta(days=3),
    )
    for act in (commands.close_account, lambda **who: commands.set_password(password="x7-kWq-2292", **who)):
        with pytest.raises(NotYours):
            act(by=admin, at=AT, account=worker)
    commands.set_password(by=admin, at=AT + dt.timedelta(days=4), account=worker, password="x7-kWq-2293")


def test_a_duty_word_stands_beside_its_role_only(town: Town) -> None:
    account = town.somebody("wang1", "grid_worker", place="370811015")
    place = town.place("370811015001")
    posting = commands.post(
        by=SYSTEM, at=AT, account=account, role="building_lead", place=place, duty="guide"
    )
    assert posting.duty == "guide"
    for role, duty in (("grid_worker", "guide"), ("building_lead", "king")):
        with pytest.raises(PartiesRefused) as refused:
            commands.post(by=SYSTEM, at=AT, account=account, role=role, place=place, duty=duty)
        assert set(refused.value.fields) == {"duty"}


def test_the_address_of_the_form_is_nobodys_name(town: Town) -> None:
    with pytest.raises(PartiesRefused) as refused:
        commands.open_account(by=SYSTEM, at=AT, username=" New ", name="甲")
    assert set(refused.value.fields) == {"username"}
