"""Changes of people and organisations: who may, what is refused, what the ledger keeps."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from knox.models import AuthToken

from ledger.book import digest
from ledger.models import Entry
from parties import commands
from parties.access import NotYours
from parties.errors import PartiesRefused
from parties.events import EVENTS
from parties.models import Account, Organisation, Posting, Serving
from tests.parties.town import AT, SYSTEM, Town

DAY = dt.timedelta(days=1)


def chain_of(kind: str, pk: int) -> list[Entry]:
    """The entries of a subject, proven to hang together."""
    entries = list(Entry.objects.filter(subject_kind=kind, subject_id=pk).order_by("seq"))
    before = ""
    for entry in entries:
        assert entry.prev_hash == before
        assert entry.hash == digest(entry)
        before = entry.hash
    return entries


# -- postings


def test_posting_is_recorded_without_names(town: Town) -> None:
    account = town.somebody("wangge", "grid_worker", place="370811015001001")
    entries = chain_of("account", account.pk)
    assert [entry.event for entry in entries] == ["account.opened", "account.posted"]
    account.refresh_from_db()
    assert (account.chain_length, account.chain_head) == (2, entries[-1].hash)
    words = json.dumps([entry.payload for entry in entries], ensure_ascii=False)
    assert "周小明" not in words and "138" not in words


def test_nobody_posts_himself_with_any_of_his_accounts(town: Town) -> None:
    account = town.somebody("admin", "admin", place="370811")
    admin = town.actor(account)
    other = commands.open_account(by=SYSTEM, at=AT, username="admin-b", person=account.person)
    for target in (account, other):
        with pytest.raises(NotYours):
            commands.post(by=admin, at=AT, account=target, role="grid_worker", place=town.place("370811015"))


def test_the_second_person_is_another_human(town: Town) -> None:
    poster = town.somebody("admin", "admin", place="370811")
    admin = town.actor(poster)
    account = town.somebody("ducha")
    posting = commands.post(by=admin, at=AT, account=account, role="supervisor", place=town.place("370811"))
    assert posting.confirmed_at is None
    alias = commands.open_account(by=SYSTEM, at=AT, username="admin-b", person=poster.person)
    commands.post(by=SYSTEM, at=AT, account=alias, role="admin", place=town.place("370811"))
    for actor in (admin, town.actor(alias)):
        with pytest.raises(NotYours):
            commands.confirm_posting(by=actor, at=AT, posting=posting)
    second = town.actor(town.somebody("admin2", "admin", place="370811"))
    commands.confirm_posting(by=second, at=AT, posting=posting)
    posting.refresh_from_db()
    assert posting.confirmed_by_id == second.id
    with pytest.raises(PartiesRefused):
        commands.confirm_posting(by=second, at=AT, posting=posting)


def test_the_posted_one_confirms_nothing(town: Town) -> None:
    admin = town.actor(town.somebody("admin", "admin", place="370811"))
    account = town.somebody("admin2", "admin", place="370811")
    posting = commands.post(by=admin, at=AT, account=account, role="auditor", place=town.place("370811"))
    with pytest.raises(NotYours):
        commands.confirm_posting(by=town.actor(account), at=AT, posting=posting)


def test_an_admin_posts_within_his_reach(town: Town) -> None:
    admin = town.actor(town.somebody("admin", "admin", place="370811015"))
    account = town.somebody("wangge")
    commands.post(by=admin, at=AT, account=account, role="grid_worker", place=town.place("370811015001001"))
    commands.post(
        by=admin, at=AT, account=account, role="department_clerk", organisation=town.org("TS02-370811015")
    )
    with pytest.raises(NotYours):
        commands.post(
            by=admin, at=AT, account=account, role="grid_worker", place=town.place("370811111260001")
        )
    with pytest.raises(NotYours):
        commands.post(
            by=admin, at=AT, account=account, role="department_clerk", organisation=town.org("GV24")
        )


@pytest.mark.parametrize(
    ("role", "place", "organisation"),
    [
        ("fly", "370811015", ""),
        ("grid_worker", "", ""),
        ("grid_worker", "370811015001001", "GV24"),
        ("grid_worker", "", "GV24"),
        ("department_clerk", "370811", ""),
        ("street_dispatcher", "370811015001", ""),
        ("district_dispatcher", "370811015", ""),
    ],
)
def test_postings_that_do_not_fit(town: Town, role: str, place: str, organisation: str) -> None:
    account = town.somebody("somebody")
    with pytest.raises(PartiesRefused):
        commands.post(
            by=SYSTEM,
            at=AT,
            account=account,
            role=role,
            place=town.place(place) if place else None,
            organisation=town.org(organisation) if organisation else None,
        )


def test_not_twice_the_same_but_again_after_an_end(town: Town) -> None:
    account = town.somebody("wangge", "grid_worker", place="370811015001001")
    details = {"account": account, "role": "grid_worker", "place": town.place("370811015001001")}
    with pytest.raises(PartiesRefused):
        commands.post(by=SYSTEM, at=AT, **details)
    commands.end_posting(by=SYSTEM, at=AT + DAY, posting=account.postings.get())
    assert town.actor(account, AT + DAY).roles == ()
    commands.post(by=SYSTEM, at=AT + 2 * DAY, **details)
    assert town.actor(account, AT + 2 * DAY).roles == ("grid_worker",)


def test_a_waiting_role_is_not_lent(town: Town) -> None:
    first = town.somebody("ducha", "supervisor", place="370811")
    with pytest.raises(PartiesRefused):
        commands.set_substitute(
            by=SYSTEM,
            at=AT,
            posting=first.postings.get(),
            substitute=town.somebody("wangge"),
            since=AT,
            until=AT + DAY,
        )


def test_on_duty_oneself_or_by_an_admin(town: Town) -> None:
    account = town.somebody("zhiban", "shift_lead", place="370811015")
    posting = account.postings.get()
    commands.set_on_duty(by=town.actor(account), at=AT, posting=posting, on_duty=True)
    assert Posting.objects.get(pk=posting.pk).on_duty
    other = town.actor(town.somebody("jiedao", "street_dispatcher", place="370811015"))
    with pytest.raises(NotYours):
        commands.set_on_duty(by=other, at=AT, posting=posting, on_duty=False)


@pytest.mark.parametrize(
    "facts",
    [
        {"place": None},
        {"both": True},
        {"role": "king"},
        {"until": AT - DAY},
        {"confirmed_by": "self"},
        {"posted_by": "self"},
        {"substitute": "self", "substitute_from": AT, "substitute_until": AT + DAY},
        {"substitute_from": AT},
    ],
)
def test_the_database_holds_the_rules_too(town: Town, facts: dict) -> None:
    account = town.somebody("wangge")
    facts = {key: account if value == "self" else value for key, value in facts.items()}
    if facts.pop("both", False):
        facts["organisation"] = town.org("GV24")
    row = {
        "account": account,
        "role": "grid_worker",
        "place": town.place("370811015001001"),
        "since": AT,
        "confirmed_at": AT,
        **facts,
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        Posting.objects.create(**row)


# -- accounts


def test_who_opens_accounts(town: Town) -> None:
    worker = town.actor(town.somebody("wangge", "grid_worker", place="370811015001001"))
    with pytest.raises(NotYours):
        commands.open_account(by=worker, at=AT, username="x1", name="甲")
    with pytest.raises(PartiesRefused):
        commands.open_account(by=SYSTEM, at=AT, username="WangGe", name="甲")  # taken: names are lower case
    with pytest.raises(PartiesRefused):
        commands.open_account(by=SYSTEM, at=AT, username="网格", name="甲")
    assert not Account.objects.get(username="wangge").has_usable_password()


def test_a_password_of_another_must_be_changed(town: Town) -> None:
    admin = town.actor(town.somebody("admin", "admin", place="370811"))
    account = town.somebody("wangge", "grid_worker", place="370811015001001")
    commands.set_password(by=admin, at=AT, account=account, password="mei-you-ren-zhidao-7")
    account.refresh_from_db()
    assert account.must_change_password
    commands.set_password(by=town.actor(account), at=AT, account=account, password="wo-ziji-de-mima-8")
    account.refresh_from_db()
    assert not account.must_change_password and account.check_password("wo-ziji-de-mima-8")
    other = town.actor(town.somebody("wangge2", "grid_worker", place="370811015001002"))
    with pytest.raises(NotYours):
        commands.set_password(by=other, at=AT, account=account, password="wo-ziji-de-mima-9")
    with pytest.raises(PartiesRefused):
        commands.set_password(by=admin, at=AT, account=account, password="123")


def test_closing_ends_everything(town: Town) -> None:
    account = town.somebody("wangge", "grid_worker", place="370811015001001")
    commands.make_key(by=SYSTEM, at=AT, account=account)
    commands.close_account(by=SYSTEM, at=AT + DAY, account=account)
    assert not AuthToken.objects.exists()
    assert Posting.objects.get().until == AT + DAY
    admin = town.somebody("admin", "admin", place="370811")
    with pytest.raises(NotYours):
        commands.close_account(by=town.actor(admin), at=AT, account=admin)


def test_a_person_can_be_erased_and_the_ledger_stays(town: Town) -> None:
    account = town.somebody("wangge", "grid_worker", place="370811015001001")
    with pytest.raises(PartiesRefused):
        commands.erase_person(by=SYSTEM, at=AT, person=account.person)
    commands.close_account(by=SYSTEM, at=AT, account=account)
    commands.erase_person(by=SYSTEM, at=AT, person=account.person)
    account.person.refresh_from_db()
    assert (account.person.name, account.person.phone) == ("", "")
    assert chain_of("account", account.pk)[-1].event == "person.erased"


def test_one_change_of_ones_own_view_is_no_fact(town: Town) -> None:
    account = town.somebody("wangge", "grid_worker", place="370811015001001")
    commands.set_preferences(by=town.actor(account), at=AT, account=account, language="en", elder=True)
    account.refresh_from_db()
    assert (account.language, account.elder, account.keys_off) == ("en", True, False)
    assert len(chain_of("account", account.pk)) == 2
    with pytest.raises(PartiesRefused):
        commands.set_preferences(by=town.actor(account), at=AT, account=account, language="xx")


# -- organisations


def test_open_and_rename(town: Town) -> None:
    admin = town.actor(town.somebody("admin", "admin", place="370811"))
    unit = commands.open_organisation(
        by=admin,
        at=AT,
        code="PR-1",
        name="前铺物业有限公司",
        kind="property",
        parent=town.org("JW-370811015001"),
        serves=[town.place("370811015001")],
    )
    assert unit.path == f"{town.org('JW-370811015001').path}{unit.pk}/"
    commands.rename_organisation(by=admin, at=AT, organisation=unit, version=1, name="前铺物业服务有限公司")
    unit.refresh_from_db()
    assert unit.aliases == ["前铺物业有限公司"] and unit.version == 2
    with pytest.raises(PartiesRefused) as stale:
        commands.rename_organisation(by=admin, at=AT, organisation=unit, version=1, name="x")
    assert stale.value.status == 409
    assert [entry.event for entry in chain_of("organisation", unit.pk)] == [
        "organisation.opened",
        "organisation.renamed",
    ]


@pytest.mark.parametrize(
    "facts",
    [{"code": "GV24"}, {"kind": "castle"}, {"name": " "}, {"desk_of": "370811015"}],
)
def test_units_that_cannot_be(town: Town, facts: dict) -> None:
    details = {"code": "NEW-1", "name": "新单位", "kind": "social", **facts}
    if "desk_of" in details:
        details["desk_of"] = town.place(details["desk_of"])
    with pytest.raises(PartiesRefused):
        commands.open_organisation(by=SYSTEM, at=AT, **details)


def test_a_street_admin_does_not_open_district_units(town: Town) -> None:
    admin = town.actor(town.somebody("admin", "admin", place="370811015"))
    details = {"by": admin, "at": AT, "name": "新单位", "kind": "social"}
    commands.open_organisation(code="N-1", parent=town.org("JD-370811015"), **details)
    with pytest.raises(NotYours):
        commands.open_organisation(code="N-2", parent=town.org("QF-370811"), **details)


def test_serving(town: Town) -> None:
    unit = town.org("TS02-370811015")
    commands.set_serving(
        by=SYSTEM, at=AT + DAY, organisation=unit, places=[town.place("370811015"), town.place("370811111")]
    )
    assert Serving.objects.filter(organisation=unit, until=None).count() == 2
    commands.set_serving(by=SYSTEM, at=AT + 2 * DAY, organisation=unit, places=[town.place("370811111")])
    ended = Serving.objects.get(organisation=unit, place=town.place("370811015"))
    assert ended.until == AT + 2 * DAY
    assert len(chain_of("organisation", unit.pk)) == 3


def test_merging_takes_people_aliases_and_places_along(town: Town) -> None:
    old, new = town.org("IN06"), town.org("IN01")
    account = town.somebody("shuguan", "department_clerk", organisation="IN06")
    commands.merge_organisation(by=SYSTEM, at=AT + DAY, organisation=old, into=new, version=1)
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.merged_into_id, old.retired_at) == (new.pk, AT + DAY)
    assert {"区数管中心", "数字城管"} <= set(new.aliases)
    assert town.actor(account, AT + DAY).units == {new.pk}
    chain_of("organisation", old.pk)
    chain_of("organisation", new.pk)
    with pytest.raises(PartiesRefused):
        commands.merge_organisation(by=SYSTEM, at=AT, organisation=new, into=new, version=new.version)
    with pytest.raises(PartiesRefused):
        commands.merge_organisation(by=SYSTEM, at=AT, organisation=new, into=old, version=new.version)


def test_retiring_needs_an_empty_house(town: Town) -> None:
    town.somebody("bumen", "department_clerk", organisation="GV24")
    for code in ("GV24", "QF-370811"):
        with pytest.raises(PartiesRefused):
            commands.retire_organisation(by=SYSTEM, at=AT, organisation=town.org(code), version=1)
    unit = commands.retire_organisation(by=SYSTEM, at=AT + DAY, organisation=town.org("IN05"), version=1)
    assert unit.retired_at == AT + DAY
    assert not Serving.objects.filter(organisation=unit, until=None).exists()
    assert not Organisation.objects.filter(code="IN05", retired_at=None).exists()


def test_every_event_is_listed() -> None:
    """What the commands write is what `events` tells."""
    folder = Path(commands.__file__).parent.parent
    written = {
        event
        for file in folder.rglob("*.py")
        if file.name != "events.py"
        for event in re.findall(
            r'"((?:account|person|organisation)\.[a-z_]+)"', file.read_text(encoding="utf-8")
        )
    }
    elsewhere = {
        event for event in EVENTS if event.startswith("unit_draft.")
    }  # written by the engine of all drafts
    assert written == EVENTS - elsewhere
    assert {event.partition(".")[2] for event in elsewhere} >= {"opened", "edited", "published", "discarded"}
