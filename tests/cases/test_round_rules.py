"""How often: dated rules, the most specific place's first; what is due by them, and what is covered."""

from __future__ import annotations

import datetime as dt

import pytest

from cases import round_rules, rounds
from cases.models import Round, RoundRule
from cases.queries import round_sql
from cases.queries.round_sql import Period
from cases.refusals import MoveRefused
from grid.commands import open_place
from ledger import clock
from ledger.models import Entry
from parties.access import NotYours
from tests import town
from tests.town import MONDAY, SYSTEM

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
TODAY = clock.local_date(MONDAY)
SAID = {
    "place": town.STREET,
    "place_kind": "building",
    "kind": "patrol",
    "every_days": 3,
    "basis": "观音阁街发〔2026〕8号",
}


def set_rule(who: str = "admin", at: dt.datetime = MONDAY, **more) -> RoundRule:
    return round_rules.set_rule(by=town.actor(who, at), at=at, **{**SAID, **more})


def went(place: str, days_ago: int, kind: str = "patrol", who: str = "wangge") -> Round:
    at = MONDAY - days_ago * DAY
    return rounds.log(by=town.actor(who, at), at=at, place=place, kind=kind).round


def asked(place: str, at: dt.datetime = MONDAY, **more) -> dict[tuple[str, str], round_sql.Asked]:
    found = round_sql.rows(town.place(place).path, at, limit=50, **more)
    return {(one.code, one.kind): one for one in found}


class TestRules:
    def test_what_is_shipped(self, town):
        shown = {(row.place_kind, row.kind): row.every_days for row in RoundRule.objects.all()}
        assert shown == {("grid", "patrol"): 1, ("building", "patrol"): 7, ("building", "visit"): 30}

    def test_a_new_one_ends_the_one_before(self, town):
        first = set_rule(at=MONDAY - 9 * DAY)
        second = set_rule(every_days=2)
        first.refresh_from_db()
        assert (first.until, second.since, second.until) == (TODAY, TODAY, None)
        entry = Entry.objects.filter(event="rules.round_set").latest("seq")
        assert entry.payload == {
            "place": town.STREET, "place_kind": "building", "kind": "patrol", "every_days": 2, "since": "2026-11-23",
        }  # fmt: skip

    def test_said_twice_on_a_day(self, town):
        set_rule()
        assert set_rule(every_days=5).every_days == 5
        assert RoundRule.objects.filter(place__code=town.STREET).count() == 1

    def test_not_before_one_that_is_to_come(self, town):
        set_rule(since=TODAY + 5 * DAY)
        with pytest.raises(MoveRefused) as refused:
            set_rule()
        assert refused.value.fields.keys() == {"since"}

    @pytest.mark.parametrize("who", ["jiedao", "wanggezhang", "shenji", "lingdao"])
    def test_by_who_keeps_the_rules(self, town, who):
        with pytest.raises(NotYours):
            set_rule(who)

    @pytest.mark.parametrize(
        ("field", "value"),
        [("place", "nowhere"), ("place", ""), ("place_kind", "street"), ("place_kind", None), ("kind", "walk"), ("every_days", ""),
         ("every_days", -1), ("every_days", 367), ("every_days", "9" * 500), ("every_days", True), ("every_days", "²"),
         ("since", TODAY - DAY), ("since", TODAY + 400 * DAY), ("basis", " "), ("basis", "长" * 121), ("basis", 5)],
    )  # fmt: skip
    def test_what_cannot_be(self, town, field, value):
        before = RoundRule.objects.count()
        with pytest.raises(MoveRefused) as refused:
            set_rule(**{field: value})
        assert refused.value.fields.keys() == {field} and RoundRule.objects.count() == before


class TestDue:
    def test_never_been_there(self, town):
        one = asked(town.GRID)[town.BUILDING, "patrol"]
        assert one.due and one.late and one.last_at is None  # the rule is older than a week

    @pytest.mark.parametrize(
        ("days_ago", "due", "late"), [(0, False, False), (6, False, False), (7, True, False), (8, True, True)]
    )
    def test_by_local_days(self, town, days_ago, due, late):
        went(town.BUILDING, days_ago)
        one = asked(town.GRID)[town.BUILDING, "patrol"]
        assert (one.due, one.late, one.every_days) == (due, late, 7)

    def test_a_visit_is_no_patrol(self, town):
        went(town.BUILDING, 0, "visit")
        found = asked(town.GRID)
        assert found[town.BUILDING, "patrol"].due and not found[town.BUILDING, "visit"].due

    def test_the_rule_of_the_nearest_place(self, town):
        set_rule(place=town.COMMUNITY, every_days=2)
        set_rule(place=town.STREET, every_days=90)
        assert asked(town.GRID)[town.BUILDING, "patrol"].every_days == 2

    def test_none_asked_for(self, town):
        set_rule(place=town.GRID, every_days=0)
        assert (town.BUILDING, "patrol") not in asked(town.GRID) and (town.BUILDING, "visit") in asked(
            town.GRID
        )

    def test_a_rule_to_come_is_not_there_yet(self, town):
        set_rule(every_days=2, since=TODAY + DAY)
        assert asked(town.GRID)[town.BUILDING, "patrol"].every_days == 7
        assert asked(town.GRID, MONDAY + DAY)[town.BUILDING, "patrol"].every_days == 2

    def test_a_place_that_is_new_is_not_late(self, town):
        fresh = open_place(
            by=SYSTEM,
            at=MONDAY,
            kind="building",
            name="2号楼",
            parent=town.place(town.GRID),
            valid_from=TODAY - DAY,
        )
        one = asked(town.GRID)[fresh.code, "patrol"]
        assert one.due and not one.late

    def test_what_waited_longest_comes_first(self, town):
        went(town.GRID, 3)
        went(town.BUILDING, 9)
        went(town.BUILDING, 31, "visit")
        path = town.place(town.GRID).path
        found, numbers, places = round_sql.due(path, MONDAY, Period.last_days(TODAY, 7), limit=9)
        assert [(one.code, one.kind) for one in found] == [
            (town.BUILDING, "visit"), (town.BUILDING, "patrol"), (town.GRID, "patrol"),
        ]  # fmt: skip
        assert [(one.wanted, one.seen, one.late, one.due) for one in numbers.values()] == [
            (2, 1, 2, 2),
            (1, 0, 1, 1),
        ]
        few, same, as_many = round_sql.due(path, MONDAY, Period.last_days(TODAY, 7), limit=1)
        assert len(few) == 1 and same == numbers and as_many == places == 2


class TestCover:
    def test_by_what_lies_below(self, town):
        went(town.GRID, 2)
        went(town.GRID_2, 20, who="shequ")
        community = town.place(town.COMMUNITY)
        found = round_sql.counts(community.path, MONDAY, Period.last_days(TODAY, 7), nth=6)
        grids = {town.place(code).pk: code for code in (town.GRID, town.GRID_2)}
        shown = {(grids[pk], kind): (one.wanted, one.seen) for (pk, kind), one in found.items()}
        assert shown == {
            (town.GRID, "patrol"): (2, 1),
            (town.GRID, "visit"): (1, 0),
            (town.GRID_2, "patrol"): (1, 0),
        }

    def test_every_number_opens_to_its_places(self, town):
        went(town.GRID, 2)
        period, root = Period.last_days(TODAY, 7), town.place(town.STREET).path
        whole = round_sql.counts(root, MONDAY, period)[0, "patrol"]
        for show, n in (
            ("all", whole.wanted),
            ("seen", whole.seen),
            ("late", whole.late),
            ("due", whole.due),
            ("unseen", whole.wanted - whole.seen),
        ):
            assert len(asked(town.STREET, period=period, show=show, kind="patrol")) == n, show
        assert whole.seen == 1 and whole.wanted == 4

    def test_the_last_moment_of_a_day(self, town):
        at = clock.local_midnight(TODAY)
        rounds.log(by=town.actor("wangge", at), at=at, place=town.GRID, kind="patrol")
        path = town.place(town.GRID).path
        assert round_sql.counts(path, MONDAY, Period(TODAY, TODAY))[0, "patrol"].seen == 1
        assert round_sql.counts(path, MONDAY, Period(TODAY - DAY, TODAY - DAY))[0, "patrol"].seen == 0
