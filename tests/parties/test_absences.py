"""Who may be away when, and who may stand in: the same unit, the same duties, there himself, and nobody in a chain."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.models import Entry
from parties import absences, commands
from parties.access import NotYours, actor_of
from parties.errors import PartiesRefused
from parties.models import Absence, Account
from tests.parties.town import AT, SYSTEM, Town
from tests.town import COMMUNITY, GRID, STREET

DAY = dt.timedelta(days=1)


@pytest.fixture
def desk(town: Town) -> dict[str, Account]:
    return {
        "head": town.somebody("head", "department_head", organisation="GV24"),
        "a": town.somebody("aa", "department_clerk", organisation="GV24"),
        "b": town.somebody("bb", "department_clerk", organisation="GV24"),
        "c": town.somebody("cc", "department_clerk", organisation="GV24"),
        "other": town.somebody("other", "department_clerk", organisation="GV13"),
    }


def away(account: Account, substitute: Account | None = None, *, by=SYSTEM, since=AT, days: int = 3, **more):
    return commands.set_absence(
        by=by, at=AT, account=account, since=since, until=since + days * DAY, reason="leave", substitute=substitute, **more
    )  # fmt: skip


def names(account: Account, days: int = 3) -> list[str]:
    return [one.username for one in absences.candidates(account, AT, AT + days * DAY, AT)]


def refused(*args, **kwargs) -> PartiesRefused:
    with pytest.raises(PartiesRefused) as found:
        away(*args, **kwargs)
    return found.value


def test_colleagues_of_the_same_duties(desk):
    assert names(desk["a"]) == ["bb", "cc", "head"]
    assert names(desk["head"]) == []  # no clerk may do what a head may


def test_an_ab_of_the_posting_may_whoever_it_is(town, desk):
    posting = desk["head"].postings.get()
    commands.set_substitute(
        by=SYSTEM, at=AT, posting=posting, substitute=desk["a"], since=AT, until=AT + 5 * DAY
    )
    assert names(desk["head"]) == ["aa"] and names(desk["head"], days=6) == []


def test_a_worker_of_the_next_grid_and_who_may_more(town):
    worker = town.somebody("w1", "grid_worker", place=GRID)
    town.somebody("w2", "grid_worker", place="370811015001002")
    town.somebody("clerk", "community_clerk", place=COMMUNITY)
    town.somebody("dispatcher", "street_dispatcher", place=STREET)
    assert names(worker) == ["clerk", "w2"]


def test_nobody_outside_absent_or_oneself(desk):
    assert "substitute" in refused(desk["a"], desk["other"]).fields
    assert "substitute" in refused(desk["a"], desk["a"]).fields
    away(desk["b"])
    assert names(desk["a"]) == ["cc", "head"]
    assert "自己也离岗" in refused(desk["a"], desk["b"]).sentence


def test_no_chain_and_no_circle(desk):
    away(desk["a"], desk["b"])
    found = refused(desk["b"], desk["c"])
    assert found.status == 409 and "另选代办人" in found.sentence
    assert refused(desk["b"], desk["a"]).status == 409
    assert away(desk["b"], desk["a"], since=AT + 3 * DAY)  # after it


def test_no_two_over_one_instant(desk):
    away(desk["a"])
    assert "已经填过" in refused(desk["a"], since=AT + 2 * DAY).sentence
    assert away(desk["a"], since=AT + 3 * DAY)
    assert "最长一年" in refused(desk["b"], days=400).sentence
    with pytest.raises(PartiesRefused, match="事由"):
        commands.set_absence(by=SYSTEM, at=AT, account=desk["c"], since=AT, until=AT + DAY, reason="beach")


def test_by_oneself_by_the_head_by_nobody_else(town, desk):
    assert away(desk["a"], by=town.actor(desk["a"]))
    assert away(desk["b"], by=town.actor(desk["head"]))
    for stranger in ("a", "other"):
        with pytest.raises(NotYours):
            away(desk["c"], by=town.actor(desk[stranger]))


def test_the_substitute_has_the_postings_while_it_lasts_and_no_longer(town):
    worker, other = (
        town.somebody("w1", "grid_worker", place=GRID),
        town.somebody("w2", "grid_worker", place="370811015001002"),
    )
    row = away(worker, other, since=AT + DAY)
    assert not actor_of(other.pk, AT).stands_in
    now = actor_of(other.pk, AT + DAY)
    assert now.stands_in == {worker.pk} and now.may("settle", path=town.place(GRID).path)
    lent = next(grant for grant in now.grants if grant.lent_by is not None)
    assert (lent.lent_by, lent.lender) == (worker.pk, worker.person_id)
    assert not actor_of(other.pk, AT + 4 * DAY).stands_in
    commands.end_absence(by=SYSTEM, at=AT + 2 * DAY, absence=row)
    assert not actor_of(other.pk, AT + 2 * DAY).stands_in
    assert actor_of(worker.pk, AT + 2 * DAY).grants  # who is away keeps the own


def test_who_left_the_unit_stands_in_no_more(town, desk):
    away(desk["a"], desk["b"])
    assert actor_of(desk["b"].pk, AT).stands_in
    commands.end_posting(by=SYSTEM, at=AT + DAY, posting=desk["b"].postings.get())
    commands.post(
        by=SYSTEM, at=AT + DAY, account=desk["b"], role="department_clerk", organisation=town.org("GV13")
    )
    assert not actor_of(desk["b"].pk, AT + 2 * DAY).stands_in


def test_changed_and_ended(desk):
    row = away(desk["a"], desk["b"])
    same = {"by": SYSTEM, "at": AT + DAY, "absence": row, "reason": "trip"}
    changed = commands.change_absence(since=AT, until=AT + 9 * DAY, substitute=desk["c"], **same)
    assert (changed.since, changed.until, changed.substitute) == (AT, AT + 9 * DAY, desk["c"])
    with pytest.raises(PartiesRefused):
        commands.change_absence(since=AT, until=AT + DAY / 2, **same)
    commands.end_absence(by=SYSTEM, at=AT + DAY, absence=row)
    with pytest.raises(PartiesRefused) as found:
        commands.end_absence(by=SYSTEM, at=AT + DAY, absence=row)
    assert found.value.status == 409
    assert away(desk["a"], since=AT + 2 * DAY)  # the time is free again


def test_the_ledger_keeps_ids_and_dates_only(desk):
    row = away(desk["a"], desk["b"])
    entry = Entry.objects.get(event="account.absence_set")
    assert entry.subject_id == desk["a"].pk
    assert entry.payload == {
        "absence": row.pk,
        "since": AT.isoformat(),
        "until": (AT + 3 * DAY).isoformat(),
        "substitute": desk["b"].pk,
    }


PERIODS = st.lists(
    st.tuples(
        st.sampled_from("abc"), st.sampled_from(["a", "b", "c", "head", None]), st.integers(0, 8), st.integers(1, 4)
    ),
    max_size=8,
)  # fmt: skip


@given(PERIODS)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_entered_nobody_stands_in_while_away(desk, wanted):
    Absence.objects.all().delete()
    for who, whom, since, days in wanted:
        try:
            away(desk[who], desk[whom] if whom else None, since=AT + since * DAY, days=days)
        except PartiesRefused:
            continue
    for n in range(13):
        at = AT + n * DAY
        gone = [row for row in Absence.objects.all() if row.since <= at < row.until]
        assert len({row.account_id for row in gone}) == len(gone)
        assert not {row.account_id for row in gone} & {row.substitute_id for row in gone}
