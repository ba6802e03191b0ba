"""Who may change which calendar, and that a person of a street changes nothing for the district."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from cases import calendar_edits, policy_edits
from cases.models import Calendar
from cases.refusals import MoveRefused
from ledger.actor import Actor, Grant
from ledger.models import Entry
from parties.access import NotYours
from tests import town as places

pytestmark = pytest.mark.django_db

AT = places.MONDAY
DAY = dt.date(2027, 3, 8)


def keeper(place) -> Actor:
    """Somebody with `rules` over a place."""
    grant = Grant("admin", frozenset({"rules"}), place.pk, place.path, place.kind)
    return Actor(id=places.account("admin").pk, person_id=99, name="某", role="admin", grants=(grant,))


def close(by: Actor, calendar: Calendar) -> None:
    calendar_edits.set_day(by=by, at=AT, calendar=calendar, date=DAY, kind="holiday", intervals=None)


def test_a_street_keeps_its_own_and_no_other(town):
    street, other = town.place(town.STREET), town.place(town.OTHER_STREET)
    here, there = keeper(street), keeper(other)
    own = calendar_edits.open_calendar(by=here, at=AT, place=street)
    close(here, own)
    for by, calendar in ((there, own), (here, Calendar.objects.get(code="default"))):
        with pytest.raises(MoveRefused) as refused:
            close(by, calendar)
        assert refused.value.status == 403
    with pytest.raises(MoveRefused):
        calendar_edits.open_calendar(by=here, at=AT, place=other)
    with pytest.raises(MoveRefused):
        calendar_edits.open_calendar(by=here, at=AT, place=town.place(town.DISTRICT))


def test_a_street_changes_no_policy(town):
    with pytest.raises(MoveRefused) as refused:
        policy_edits.propose_policy(
            by=keeper(town.place(town.STREET)), at=AT, stage="sign", amount=1, unit="hour", basis="x"
        )
    assert refused.value.status == 403


def test_without_the_right_nothing(town):
    default = Calendar.objects.get(code="default")
    for name in ("jiedao", "fuzeren", "ducha", "shenji"):
        with pytest.raises(NotYours):
            close(town.actor(name), default)
        with pytest.raises(NotYours):
            calendar_edits.set_week(by=town.actor(name), at=AT, calendar=default, weekly=None)


def test_every_change_is_one_entry_and_no_change_is_none(town):
    admin, default = town.actor("admin"), Calendar.objects.get(code="default")
    before = Entry.objects.count()
    close(admin, default)
    close(admin, default)
    entries = Entry.objects.order_by("-id")[:1]
    assert Entry.objects.count() == before + 1
    assert entries[0].event == "rules.calendar_day_set" and entries[0].payload["dates"] == [DAY.isoformat()]
    with pytest.raises(MoveRefused):
        calendar_edits.remove_day(by=admin, at=AT, calendar=default, date=DAY + dt.timedelta(days=1))
    assert Entry.objects.count() == before + 1


def test_a_retired_unit_gets_none(town):
    unit = town.org("GV25")
    unit.retired_at = AT
    with pytest.raises(MoveRefused, match="停用"):
        calendar_edits.open_calendar(by=town.actor("admin"), at=AT, organisation=unit)


def test_the_root_must_say_its_hours(town):
    default = Calendar.objects.get(code="default")
    with pytest.raises(MoveRefused, match="最上一级"):
        calendar_edits.set_week(by=town.actor("admin"), at=AT, calendar=default, weekly=None)


def test_the_system_may(town):
    close(replace(places.SYSTEM), Calendar.objects.get(code="default"))
