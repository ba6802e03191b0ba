"""Opening a unit, and the terms of those posted to one that goes."""

from __future__ import annotations

import csv
import datetime as dt

import pytest

from parties import commands
from parties.access import NotYours
from parties.commands.merging import part
from parties.commands.organisations import CODE, NO_CODES, lock
from parties.errors import PartiesRefused
from parties.models import Organisation, Posting, Serving
from parties.models.postings import standing_q
from parties.seeding import DEPARTMENTS
from tests.parties.town import AT, SYSTEM, Town

DAY = dt.timedelta(days=1)
TERM = AT + 30 * DAY


@pytest.mark.parametrize(
    "code", ["GV/24", "GV 24", "区城管", "G" * 41, "new", ".", "..", "GV?24", "GV#1", "ＧＶ", "GV\n24"]
)
def test_codes_that_do_not_fit_an_address(town: Town, code: str) -> None:
    with pytest.raises(PartiesRefused) as refused:
        commands.open_organisation(by=SYSTEM, at=AT, code=code, name="新单位", kind="social")
    assert set(refused.value.fields) == {"code"} and refused.value.status == 422


def test_the_codes_that_are_shipped_fit(town: Town) -> None:
    with DEPARTMENTS.open(encoding="utf-8", newline="") as file:
        codes = [row["code"] for row in csv.DictReader(file)]
    codes += Organisation.objects.values_list("code", flat=True)
    assert len(codes) > 100
    assert [code for code in codes if not CODE.fullmatch(code) or code in NO_CODES] == []


def test_a_unit_is_given_only_ground_in_reach(town: Town) -> None:
    """The parent is one's own, the places are another street's."""
    admin = town.actor(town.somebody("admin", "admin", place="370811015"))
    details = {"by": admin, "at": AT, "name": "新单位", "kind": "social", "parent": town.org("JD-370811015")}
    other = town.place("370811111260001")
    for beyond in ({"serves": [town.place("370811015001"), other]}, {"desk_of": other}):
        with pytest.raises(NotYours):
            commands.open_organisation(code="N-1", **details, **beyond)
    with pytest.raises(NotYours):
        commands.set_serving(
            by=admin, at=AT + DAY, organisation=town.org("TS02-370811015"), places=[town.place("370811111")]
        )
    unit = commands.open_organisation(code="N-1", serves=[town.place("370811015001")], **details)
    assert [row.place.code for row in Serving.objects.filter(organisation=unit)] == ["370811015001"]


def test_a_unit_is_given_no_ground_that_is_gone(town: Town) -> None:
    """The rows in hand are from before somebody else retired the place."""
    gone, parent = town.place("370811015001002"), town.org("JD-370811015")
    type(gone).objects.filter(pk=gone.pk).update(retired_at=AT)
    details = {
        "by": SYSTEM,
        "at": AT + DAY,
        "code": "N-1",
        "name": "新单位",
        "kind": "social",
        "parent": parent,
    }
    unit = town.org("TS02-370811015")
    for attempt in (
        lambda: commands.open_organisation(serves=[gone], **details),
        lambda: commands.open_organisation(desk_of=gone, **details),
        lambda: commands.set_serving(by=SYSTEM, at=AT + DAY, organisation=unit, places=[gone]),
        lambda: commands.begin_serving(by=SYSTEM, at=AT + DAY, organisation=unit, place=gone, version=1),
    ):
        with pytest.raises(PartiesRefused) as refused:
            attempt()
        assert refused.value.status == 409
    type(parent).objects.filter(pk=parent.pk).update(retired_at=AT)
    with pytest.raises(PartiesRefused):
        commands.open_organisation(**details)


def terms_at(unit: Organisation, at: dt.datetime) -> list[tuple]:
    rows = Posting.objects.filter(standing_q(at), organisation=unit)
    return sorted(rows.values_list("account__username", "since", "until"))


def test_a_term_goes_along_with_a_merge_and_comes_back(town: Town) -> None:
    old, new = town.org("IN06"), town.org("IN01")
    town.somebody("termed", "department_clerk", organisation="IN06", until=TERM)
    both = town.somebody("both", "department_clerk", organisation="IN01")
    commands.post(by=SYSTEM, at=AT, account=both, role="department_clerk", organisation=old, until=TERM)
    commands.merge_organisation(by=SYSTEM, at=AT + DAY, organisation=old, into=new, version=1)
    assert town.org("IN06").retired_at == AT + DAY and terms_at(old, AT + DAY) == []
    assert terms_at(new, AT + DAY) == [("both", AT, None), ("termed", AT + DAY, TERM)]
    back = AT + 2 * DAY
    part(lock(old), by=SYSTEM, at=back)
    assert terms_at(old, back) == [("both", back, TERM), ("termed", back, TERM)]
    assert terms_at(new, back) == [("both", AT, None)]


def test_a_term_ahead_keeps_a_unit_open(town: Town) -> None:
    town.somebody("termed", "department_clerk", organisation="IN05", until=TERM)
    unit = town.org("IN05")
    with pytest.raises(PartiesRefused, match="1 项任职"):
        commands.retire_organisation(by=SYSTEM, at=TERM - DAY, organisation=unit, version=1)
    commands.retire_organisation(by=SYSTEM, at=TERM, organisation=unit, version=1)
