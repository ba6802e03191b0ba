"""Two changes that wait for each other: the one that is sent away comes back, and nobody hears of it."""

from __future__ import annotations

import datetime as dt
import threading
import time

import pytest
from django.db import OperationalError, connection, transaction

from grid.errors import TreeRefused
from parties import staffing
from parties.errors import PartiesRefused
from parties.models import Account, Posting
from parties.retrying import retried
from tests.parties import town as towns


def the_other(posting: Posting, holds: threading.Event) -> None:
    """Locks the posting, and once the account is taken wants that too; waits with endless patience."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL deadlock_timeout = '30s'")
            Posting.objects.select_for_update().get(pk=posting.pk)
            holds.set()
            wanted = Account.objects.filter(pk=posting.account_id)
            for _try in range(500):
                try:
                    with transaction.atomic():
                        list(wanted.select_for_update(nowait=True))
                        transaction.set_rollback(True)  # not yet: leave it free
                except OperationalError:
                    break
                time.sleep(0.01)
            list(wanted.select_for_update())
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_deadlock_is_not_told() -> None:
    town = towns.build()
    account = town.somebody("wangge", "grid_worker", place="370811015001001")
    admin = town.actor(town.somebody("admin", "admin", place="370811"))
    posting, holds, tries = account.postings.get(), threading.Event(), []
    act = staffing.ON_POSTING["end"]

    def counted(**details: object) -> staffing.Outcome:
        tries.append(1)
        return act.run(**details)

    other = threading.Thread(target=the_other, args=(posting, holds))
    other.start()
    assert holds.wait(10)
    at = towns.AT + dt.timedelta(days=1)
    counting = staffing.Act(act.name, act.label, act.icon, counted, act.fields, act.checks)
    staffing.on_posting(counting, pk=posting.pk, sent={}, by=admin, at=at)
    other.join(30)
    posting.refresh_from_db()
    assert posting.until == at and len(tries) >= 2


def test_a_refusal_is_the_parties_own() -> None:
    @retried
    def refuse() -> None:
        raise TreeRefused("no", status=409)

    with pytest.raises(PartiesRefused) as refused:
        refuse()
    assert (refused.value.sentence, refused.value.status) == ("no", 409)
