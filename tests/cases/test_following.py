"""When the ground moves, open work moves with it, in the same transaction; what has ended stays where it ended."""

from __future__ import annotations

import datetime as dt

import pytest

from cases.models import Case
from cases.scope import covers, visible_to
from cases.sla import sweep
from cases.units import WorkOfUnits
from grid import commands
from grid.errors import TreeRefused
from ledger import post, reading, versions
from parties.commands import restore_organisation
from parties.commands.merging import merge_organisation
from parties.consequences import UnitChange
from tests.builders import GRID_ITEM, a_case, walk
from tests.cases.walking import DAY, clock, events, fresh, holder, local
from tests.clients import statements
from tests.house.invariants import faults
from tests.town import COMMUNITY, COMMUNITY_2, GRID, GRID_2, OTHER_STREET, STREET

AT = local("23 15:00")
COMMITTEE, COMMITTEE_2 = f"JW-{COMMUNITY}", f"JW-{COMMUNITY_2}"


def move(town, code: str, to: str, **more):
    place = town.place(code)
    return commands.move_place(
        place=place, parent=town.place(to), version=place.version, by=town.SYSTEM, at=AT, **more
    )


def retire(town, code: str, successor: str | None, **more):
    place = town.place(code)
    after = town.place(successor) if successor else None
    return commands.retire_place(
        place=place, successor=after, version=place.version, by=town.SYSTEM, at=AT, **more
    )


class TestMoved:
    def test_a_grid_to_another_community(self, town):
        case = a_case(item=GRID_ITEM)
        assert holder(case) == COMMITTEE
        move(town, GRID, COMMUNITY_2)
        case, place = fresh(case), town.place(GRID)
        assert (case.path, case.community_id) == (place.path, town.place(COMMUNITY_2).pk)
        assert holder(case) == COMMITTEE_2 and case.desk.code == COMMITTEE_2
        assert case.version == 2 and events(case)[-1] == "case.rehomed"
        assert {row.community_id for row in case.clocks.all()} == {case.community_id}
        assert clock(case, "accept").due_at == local("24 09:00")
        assert faults(case) == []

    def test_a_community_to_another_street(self, town):
        case = a_case()
        move(town, COMMUNITY, OTHER_STREET)
        case = fresh(case)
        assert case.street_id == town.place(OTHER_STREET).pk
        assert holder(case) == f"ZX-{OTHER_STREET}" and faults(case) == []

    @pytest.mark.parametrize(
        "through", [("accept",), ("ask",), ("accept", "hold")], ids=["accepted", "asked", "on hold"]
    )
    def test_what_waits_at_the_desk_goes_to_the_new_one(self, town, through):
        case = a_case(through=through)
        move(town, COMMUNITY, OTHER_STREET)
        assert holder(case) == f"ZX-{OTHER_STREET}" and faults(fresh(case)) == []

    def test_what_a_department_has_stays_with_it(self, town):
        case = a_case(through=("accept", "dispatch", "sign"))
        move(town, COMMUNITY, OTHER_STREET)
        case = fresh(case)
        assert holder(case) == "GV24" and case.desk.code == f"ZX-{OTHER_STREET}"
        assert walk(case, "resolve", by="bumen").status == "resolved"

    def test_the_check_is_the_new_desks(self, town):
        case = a_case(caller=None, through=("accept", "dispatch", "sign", "resolve"))
        move(town, COMMUNITY, OTHER_STREET)
        assert clock(case, "verify").organisation.code == f"ZX-{OTHER_STREET}"
        assert faults(fresh(case)) == []

    def test_what_has_ended_stays(self, town):
        case = walk(a_case(), "reject")
        before = Case.objects.filter(pk=case.pk).values().get()
        move(town, COMMUNITY, OTHER_STREET)
        assert Case.objects.filter(pk=case.pk).values().get() == before

    def test_a_clock_keeps_the_path_it_fell_due_on(self, town):
        case = a_case()
        sweep.sweep(local("24 10:00"))
        old = clock(case, "accept").path
        place = town.place(GRID)
        commands.move_place(
            place=place, parent=town.place(COMMUNITY_2), version=place.version, by=town.SYSTEM,
            at=local("24 12:00"),
        )  # fmt: skip
        assert clock(case, "accept").path == old
        assert clock(case, "resolve").path == town.place(GRID).path

    def test_the_entry_keeps_the_path_of_then(self, town):
        case = a_case()
        old = case.path
        move(town, GRID, COMMUNITY_2)
        entries = reading.timeline("case", case.pk)
        assert [entry.path for entry in entries] == [old, fresh(case).path]
        assert entries[1].payload["path"] == [old, fresh(case).path]
        assert entries[1].payload["was"]["case"]["path"] == old

    def test_a_dry_run_tells_and_changes_nothing(self, town):
        case = a_case()
        before = Case.objects.filter(pk=case.pk).values().get()
        outcome = move(town, GRID, COMMUNITY_2, dry_run=True)
        told = {one.subject: one for one in outcome.impacts}
        assert told["cases"].count == 1 and not told["cases"].blocks
        assert Case.objects.filter(pk=case.pk).values().get() == before


class TestComesHome:
    """An ended case stands where it ended; open again it stands where its place stands now."""

    def test_seen_where_it_ended(self, town):
        case = walk(a_case(by="shequ"), "reject", by="jiedao")
        move(town, GRID, COMMUNITY_2)
        for who in ("wangge", "shequ", "jiedao"):
            by = town.actor(who)
            assert covers(by, fresh(case)) and Case.objects.filter(visible_to(by), pk=case.pk).exists()

    def test_reopened(self, town):
        case = a_case(through=("accept", "dispatch", "sign", "resolve", "answer"))
        move(town, COMMUNITY, OTHER_STREET)
        assert fresh(case).path == case.path
        case = walk(case, "reopen", by="quji")
        place = town.place(GRID)
        assert (case.path, case.street_id) == (place.path, town.place(OTHER_STREET).pk)
        assert holder(case) == "GV24" and case.desk.code == f"ZX-{OTHER_STREET}"
        assert {row.path for row in case.clocks.filter(state="running")} == {place.path}
        assert faults(fresh(case)) == []

    def test_parted(self, town):
        elder = a_case(item="0108", place=GRID_2, by="shequ")
        case = walk(a_case(item="0108"), "merge", by="shequ", target=elder.number)
        move(town, GRID, COMMUNITY_2)
        case = walk(case, "unmerge", by="zhiban")
        assert holder(case) == COMMITTEE_2 == case.desk.code and faults(fresh(case)) == []

    def test_to_the_successor(self, town):
        case = a_case(by="jiedao", place=GRID_2, through=("accept", "dispatch", "sign", "resolve", "answer"))
        retire(town, GRID_2, GRID)
        case = walk(case, "reopen", by="zhiban")
        assert case.place.code == GRID and faults(fresh(case)) == []


class TestRetired:
    def test_work_goes_to_the_successor(self, town):
        case = a_case(item=GRID_ITEM)
        from grid.models import Place

        for below in Place.objects.filter(parent=town.place(GRID)):
            move(town, below.code, GRID_2)
        retire(town, GRID, GRID_2)
        case = fresh(case)
        assert case.place.code == GRID_2 and case.grid_id == town.place(GRID_2).pk
        assert faults(case) == []
        assert (
            a_case(item=GRID_ITEM, place=GRID, by="shequ", when=AT + DAY).place.code == GRID_2
        )  # the old code

    def test_not_without_a_home_for_open_work(self, town):
        a_case(by="jiedao", place=GRID_2)
        with pytest.raises(TreeRefused):
            retire(town, GRID_2, None)


def test_a_new_name_stands_on_the_lists(town):
    case = a_case()
    place = town.place(COMMUNITY)
    commands.rename_place(place=place, name="前铺新社区", version=place.version, by=town.SYSTEM, at=AT)
    assert "前铺新社区" in fresh(case).place_text
    assert fresh(case).version == 1 and STREET


def test_one_update_for_each_place_of_the_cases(town):
    cases = [a_case() for _n in range(4)]
    place = town.place(COMMUNITY)
    with statements() as said:
        commands.rename_place(place=place, name="前铺新社区", version=place.version, by=town.SYSTEM, at=AT)
    updates = [one for one in said if one.startswith("UPDATE") and '"place_text"' in one]
    assert len(updates) == len({fresh(case).path for case in cases}) == 1
    assert all("前铺新社区" in fresh(case).place_text for case in cases)


class TestMergedUnits:
    """Two names of one unit become one: its open work goes over, in the same hands."""

    def merge(self, town, unit: str, into: str):
        organisation = town.org(unit)
        merge_organisation(
            by=town.SYSTEM,
            at=AT,
            organisation=organisation,
            into=town.org(into),
            version=organisation.version,
        )
        versions.clear_all()
        post.deliver_pending()

    def part(self, town, unit: str):
        organisation = town.org(unit)
        restore_organisation(
            by=town.SYSTEM,
            at=AT + dt.timedelta(hours=1),
            organisation=organisation,
            version=organisation.version,
        )
        versions.clear_all()
        post.deliver_pending()

    def test_taken_back_the_work_comes_home_but_for_what_went_on(self, town):
        """What it held, in the same hands; what came to the other by itself, or has gone on since, stays."""
        case = a_case(through=("accept", "dispatch", "sign"))
        mine, people = fresh(case).holder, fresh(case).holder_account_id
        into = town.org("GV25")
        theirs = walk(a_case(through=("accept",)), "dispatch", by=town.SYSTEM, organisation="GV25")
        due = {row.stage: row.due_at for row in case.clocks.all()}
        self.merge(town, mine.code, into.code)
        assert fresh(case).holder == into
        told = WorkOfUnits().impact(UnitChange("parted", town.org(mine.code), into, AT))
        assert next((one.subject, one.count) for one in told) == ("cases", 1)
        self.part(town, mine.code)
        back = fresh(case)
        assert (back.holder, back.holder_account_id) == (mine, people) and fresh(theirs).holder == into
        assert {row.stage: row.due_at for row in back.clocks.all()} == due
        running = back.clocks.filter(state="running", stage="resolve")
        assert {row.organisation_id for row in running} == {mine.pk}
        assert not list(faults(back))

    def test_what_it_holds(self, town):
        case = a_case(through=("accept", "dispatch", "sign"))
        done = a_case(through=("accept", "dispatch", "sign", "resolve", "answer"))
        self.merge(town, "GV24", "GV13")
        case = fresh(case)
        assert (holder(case), case.holder_account.username) == ("GV13", "bumen")
        assert case.signed_at is not None and faults(case) == [] and events(case)[-1] == "case.handed_over"
        assert town.org("GV13").pk in fresh(done).handler_units
        assert walk(case, "resolve", by="bumen").status == "resolved"  # who went over with the unit

    def test_what_it_assists_in(self, town):
        case = a_case(item="0604", through=("accept",))
        case = walk(case, "dispatch", assisting=["IN02"])
        self.merge(town, "IN02", "IN03")
        case = fresh(case)
        assert clock(case, "sign", part=1).organisation.code == "IN03" and faults(case) == []
        assert walk(case, "sign", by="huanwei").open_parts == 1

    def test_what_waits_at_a_desk(self, town):
        case = a_case(item=GRID_ITEM)
        self.merge(town, COMMITTEE, COMMITTEE_2)
        case = fresh(case)
        assert holder(case) == COMMITTEE_2 == case.desk.code

    def test_what_has_ended_stays(self, town):
        case = walk(walk(a_case(through=("accept", "dispatch")), "recall"), "reject", by="zhiban")
        before = Case.objects.filter(pk=case.pk).values().get()
        self.merge(town, "GV24", "GV13")
        assert Case.objects.filter(pk=case.pk).values().get() == before
