"""认领: what is open to claims, who may claim it, what a claimer promises."""

from __future__ import annotations

import datetime as dt

from cases import claims
from cases.models.rules import DutyRow, Item, RuleTable
from cases.queries import disputes as queries
from cases.scope import covers
from tests.builders import a_case, a_fact, walk
from tests.cases.walking import clock, fact_refused, fresh, local, refused, repost

NEIGHBOUR = "JW-370811015002"  # the committee next door


def offered(**call):
    """Something ordinary that the desk opened to claims."""
    return a_fact(a_case(item="0108", through=("accept",), **call), "open_claims", by="shequ")


def offering(town, unit: str, item: str, place: str) -> None:
    with RuleTable.change("duty", by=town.SYSTEM, at=town.MONDAY, event="rules.duty_opened") as payload:
        row = DutyRow.objects.create(
            item=Item.objects.get(code=item),
            place=town.place(place),
            organisation=town.org(unit),
            part="offer",
            since=dt.date(2026, 1, 1),
        )
        payload["rows"] = [row.pk]


class TestOpen:
    def test_by_the_desk_and_closed_again(self, town):
        case = offered()
        assert claims.waits(case)
        assert "已经" in fact_refused("not_ready", case, "open_claims", by="shequ")
        case = a_fact(case, "close_claims", by="shequ")
        assert not claims.waits(case)
        assert fact_refused("not_ready", case, "close_claims", by="shequ")

    def test_only_by_its_desk(self, town):
        case = a_case(item="0108", through=("accept",))
        for name in ("wangge", "bumen", "ducha", "lingdao"):
            assert (
                fact_refused("not_yours", case, "open_claims", by=name)
                if covers(town.actor(name), case)
                else True
            )

    def test_nothing_guarded(self, town):
        case = a_case(item="0108", through=("accept",), confidential=True)
        assert "不公开" in fact_refused("not_ready", case, "open_claims", by="shequ")

    def test_what_was_sent_out_is_offered_no_more(self, town):
        case = walk(offered(), "dispatch", by="shequ", organisation="JW-370811015001")
        assert case.offered_at is None


class TestWho:
    def test_a_unit_that_serves_the_place_sees_it_from_then_on(self, town):
        repost("huanwei", "department_clerk", "MO02")
        case = a_case(item="0108", through=("accept",))
        assert not covers(town.actor("huanwei"), case)
        case = a_fact(case, "open_claims", by="shequ")
        assert covers(town.actor("huanwei"), case)
        assert list(queries.claimable(town.actor("huanwei"))) == [case]
        case = walk(case, "claim", by="huanwei", until=local("23 17:00"))
        assert case.holder.code == "MO02" and case.offered_at is None

    def test_a_unit_that_offered_to_help(self, town):
        repost("zhongdui", "department_clerk", NEIGHBOUR)
        case = offered()
        assert not covers(town.actor("zhongdui"), case)
        offering(town, NEIGHBOUR, "0108", town.COMMUNITY)
        assert covers(town.actor("zhongdui"), case)
        assert queries.claimable(town.actor("zhongdui")).get() == case
        assert walk(case, "claim", by="zhongdui").holder.code == NEIGHBOUR

    def test_its_offer_is_for_that_item_and_place(self, town):
        repost("zhongdui", "department_clerk", NEIGHBOUR)
        case = offered()
        offering(town, NEIGHBOUR, "0108", town.OTHER_STREET)
        offering(town, NEIGHBOUR, "0604", town.STREET)
        assert not covers(town.actor("zhongdui"), case)


class TestPromise:
    def test_it_tightens_the_limit(self, town):
        repost("huanwei", "department_clerk", "MO02")
        case = offered()
        before = clock(case, "resolve").due_at
        case = walk(case, "claim", by="huanwei", until=local("23 17:00"))
        assert clock(case, "resolve").due_at == local("23 17:00") < before
        assert case.claimed_until == local("23 17:00")
        assert clock(case, "resolve").rule["reason"] == "认领时承诺的时间"

    def test_it_never_loosens_it(self, town):
        repost("huanwei", "department_clerk", "MO02")
        case = offered()
        before = clock(case, "resolve").due_at
        case = walk(case, "claim", by="huanwei", until=local("30 17:00"))
        assert clock(case, "resolve").due_at == before
        assert fresh(case).claimed_until == local("30 17:00")

    def test_of_two_one_wins(self, town):
        repost("huanwei", "department_clerk", "MO02")
        case = offered()
        walk(case, "claim", by="huanwei", until=local("23 17:00"))
        assert refused("stale", case, "claim", by="shequ", until=local("23 17:00"))
