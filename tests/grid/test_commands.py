import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grid import commands, finding, kinds, tree
from grid.errors import TreeRefused
from grid.models import Place, PlaceName, Succession
from ledger import reading, versions
from ledger.models import Entry
from tests.grid.ground import AT, SYSTEM, assert_sound, clerk

COMMUNITY = "370811015001"


def refused(call, *args, status=422, **kwargs) -> TreeRefused:
    with pytest.raises(TreeRefused) as caught:
        call(*args, **kwargs)
    assert caught.value.status == status, caught.value.sentence
    assert caught.value.sentence
    return caught.value


class TestOpen:
    def test_without_a_code_one_is_made_and_the_facts_are_kept(self, ground):
        place = ground.open(
            "building",
            "锦绣花园2号楼",
            "370811015001001",
            households=48,
            managed_by=ground["370811015001701"],
            aliases=["二号楼", " "],
        )
        place = Place.objects.get(pk=place.pk)
        assert place.code == "370811015001001002"
        assert (place.households, place.managed_by.code, place.aliases) == (48, "370811015001701", ["二号楼"])
        assert place.path == ground["370811015001001"].path + f"{place.pk}/"
        assert_sound()

    def test_it_is_told_in_the_ledger_once(self, ground):
        place = ground.open("grid", "前铺第三网格", COMMUNITY, basis="济任政办发〔2026〕3号")
        (entry,) = reading.timeline("place", place.pk)
        place.refresh_from_db()
        assert (entry.event, entry.path, entry.actor_role) == ("place.opened", place.path, "system:test")
        assert entry.payload["basis"] == "济任政办发〔2026〕3号"
        assert (place.chain_head, place.chain_length) == (entry.hash, 1)

    def test_it_costs_few_statements_however_large_the_tree(self, ground):
        def statements() -> int:
            with CaptureQueriesContext(connection) as queries:
                commands.open_place(by=SYSTEM, at=AT, kind="grid", name="网格", parent=community)
            return len(queries)

        community = ground[COMMUNITY]
        first = statements()
        for n in range(30):
            ground.open("grid", f"第{n}网格", COMMUNITY)
        assert first == statements() <= 10  # two of them are the savepoint of the test's transaction

    @pytest.mark.parametrize(
        ("kind", "parent"), [("community", COMMUNITY), ("street", None), ("grid", None), ("moon", "37")]
    )
    def test_what_does_not_fit_is_refused(self, ground, kind, parent):
        refused(ground.open, kind, "甲", parent)

    def test_a_code_in_use_an_empty_name_a_bad_boundary(self, ground):
        assert "code" in refused(ground.open, "grid", "甲", COMMUNITY, code="370811111").fields
        assert "name" in refused(ground.open, "grid", "  ", COMMUNITY).fields
        bow = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}
        assert "boundary" in refused(ground.open, "grid", "甲", COMMUNITY, boundary=bow).fields
        assert "managed_by" in refused(ground.open, "grid", "甲", COMMUNITY, managed_by=ground["37"]).fields

    def test_nothing_opens_under_the_retired(self, ground):
        ground.retire("370811015002")
        refused(ground.open, "grid", "甲", "370811015002")

    def test_one_needs_the_right_over_the_place_above(self, ground):
        here = clerk(ground["370811015"].path, "tree")
        assert ground.open("grid", "甲", COMMUNITY, by=here).code
        assert refused(ground.open, "grid", "乙", "370811111260", by=here, status=403)
        refused(ground.open, "grid", "丙", COMMUNITY, by=clerk(ground["37"].path, "take"), status=403)

    def test_places_changed_is_said(self, ground):
        before = versions.current("places")
        ground.open("grid", "甲", COMMUNITY)
        assert versions.current("places") != before


class TestRename:
    def test_the_old_name_keeps_leading_here(self, ground):
        ground.rename(COMMUNITY, "新前铺社区")
        place = ground[COMMUNITY]
        assert (place.name, place.name_initials, place.version) == ("新前铺社区", "xqp", 2)
        assert finding.search("前铺社区居民委员会")[0] == place
        assert [e.event for e in reading.timeline("place", place.pk)] == ["place.opened", "place.renamed"]

    def test_a_stale_version_is_refused_and_nothing_changes(self, ground):
        ground.rename(COMMUNITY, "甲社区")
        refused(ground.rename, COMMUNITY, "乙社区", version=1, status=409)
        assert ground[COMMUNITY].name == "甲社区"

    def test_the_same_name_is_no_change(self, ground):
        refused(ground.rename, COMMUNITY, " 前铺社区居民委员会")

    def test_a_dry_run_writes_nothing(self, ground):
        outcome = ground.rename(COMMUNITY, "甲社区", dry_run=True)
        assert outcome.dry_run and ground[COMMUNITY].version == 1
        assert not PlaceName.objects.filter(kind="name").exists()


class TestMove:
    def test_within_a_street(self, ground):
        ground.move("370811015001001", "370811015002")
        building = ground["370811015001001001"]
        assert tree.contains(ground["370811015002"].path, building.path)
        assert building.code == "370811015001001001"  # moving does not recode
        assert_sound()

    def test_across_streets_with_all_below(self, ground):
        ground.move(COMMUNITY, "370811111")
        street = ground["370811111"]
        below = Place.objects.filter(code__startswith=COMMUNITY)
        assert below.count() == 5
        assert all(p.tree_id == street.pk and tree.contains(street.path, p.path) for p in below)
        assert_sound()

    def test_a_street_under_another_district(self, ground):
        ground.move("370811015", "370812")
        assert tree.contains(ground["370812"].path, ground["370811015001001001"].path)
        assert_sound()

    def test_a_district_under_another_city(self, ground):
        ground.move("370811", "3709")
        for code in ("370811", "370811015", "370811015001001001", "370811111260001"):
            assert tree.contains(ground["3709"].path, ground[code].path)
        assert not tree.contains(ground["3709"].path, ground["370812"].path)
        assert_sound()

    def test_only_the_moved_place_gets_a_new_version_and_an_entry(self, ground):
        ground.move(COMMUNITY, "370811111")
        assert ground[COMMUNITY].version == 2 and ground["370811015001001"].version == 1
        entry = reading.timeline("place", ground[COMMUNITY].pk)[-1]
        assert (entry.payload["from"], entry.payload["to"]) == ("370811015", "370811111")
        assert entry.path == ground[COMMUNITY].path

    def test_what_cannot_be(self, ground):
        refused(ground.move, "370811015001001", "370811015001001")
        refused(ground.move, "370811015001", "370811015001001")
        refused(ground.move, "370811015001", "370811015")  # is there already
        refused(ground.move, "370811015001001", "370811015001701")  # an estate holds nothing
        refused(ground.move, COMMUNITY, "370811111", version=9, status=409)

    def test_both_ends_need_the_right(self, ground):
        here = clerk(ground["370811015"].path, "tree")
        refused(ground.move, COMMUNITY, "370811111", by=here, status=403)
        ground.move("370811015001001", "370811015002", by=here)

    def test_a_dry_run_tells_how_many_move(self, ground):
        outcome = ground.move(COMMUNITY, "370811111", dry_run=True)
        assert [(i.subject, i.count, i.blocks) for i in outcome.impacts] == [("places", 5, False)]
        assert ground[COMMUNITY].version == 1

    def test_a_stale_instance_does_not_matter(self, ground):
        grid = ground["370811015001001"]
        ground.move(COMMUNITY, "370811111")
        opened = commands.open_place(by=SYSTEM, at=AT, kind="building", name="9号楼", parent=grid)
        assert opened.tree_id == ground["370811111"].pk
        assert_sound()


class TestRetire:
    def test_it_stays_and_leads_to_its_successor(self, ground):
        ground.retire("370811015001002", "370811015001001")
        old = ground["370811015001002"]
        assert old.retired_at == AT and old.version == 2
        assert Succession.objects.get().new == ground["370811015001001"]
        assert finding.by_code("370811015001002") == ground["370811015001001"]
        assert finding.search("前铺第二网格") == [ground["370811015001001"]]
        assert_sound()

    def test_not_with_live_children(self, ground):
        refusal = refused(ground.retire, COMMUNITY, "370811015002")
        assert [impact.count for impact in refusal.impacts if impact.blocks] == [4]
        outcome = ground.retire(COMMUNITY, "370811015002", dry_run=True)
        assert outcome.is_blocked

    def test_a_street_when_it_is_empty(self, ground):
        for code in ("370811111260001", "370811111260"):
            ground.retire(code)
        ground.retire("370811111", "370811015")
        assert finding.by_code("370811111") == ground["370811015"]

    def test_successors_must_be_live_others_and_wide_enough(self, ground):
        refused(ground.retire, "370811015001002", "370811015001002")
        refused(ground.retire, "370811015002", "370811015001001")
        ground.retire("370811015001002")
        refused(ground.retire, "370811015001701", "370811015001002")

    def test_what_is_retired_does_not_change_any_more(self, ground):
        ground.retire("370811015002")
        refused(ground.rename, "370811015002", "甲", status=409)
        refused(ground.move, "370811015002", "370811111", status=409)
        refused(ground.retire, "370811015002", status=409)

    def test_buildings_follow_their_estate(self, ground):
        ground.open("estate", "新苑", COMMUNITY)
        building = ground.open("building", "3号楼", "370811015001001", managed_by=ground["370811015001701"])
        outcome = ground.retire("370811015001701", "370811015001702")
        assert [(i.subject, i.count) for i in outcome.impacts] == [("buildings", 1)]
        building.refresh_from_db()
        assert building.managed_by.code == "370811015001702"

    def test_nobody_hands_a_place_to_another_street(self, ground):
        ground.open("grid", "喻屯来的网格", "370811111260", code="370811111260002")
        by = clerk(ground["370811111"].path, "tree")
        refused(ground.retire, "370811111260002", "370811015001001", status=403, by=by)
        refused(ground.retire, "370811111260002", "370811015001001", status=403, by=by, dry_run=True)
        assert ground["370811111260002"].is_live
        ground.retire("370811111260002", "370811111260001", by=by)


class TestEstates:
    ESTATE, OTHER = "370811015001701", "370811015001702"

    @pytest.fixture
    def buildings(self, ground):
        ground.open("estate", "新苑", COMMUNITY)
        mine = {"managed_by": ground[self.ESTATE]}
        codes = [ground.open("building", f"{n}号楼", "370811015001001", **mine).code for n in (3, 4, 5)]
        ground.open("building", "6号楼", "370811015001001", managed_by=ground[self.OTHER])
        return codes

    def of(self, code):
        return sorted(Place.objects.filter(managed_by__code=code).values_list("code", flat=True))

    def restore(self, ground, **more):
        place = ground[self.ESTATE]
        return commands.restore_place(place=place, version=place.version, by=SYSTEM, at=AT, **more)

    @pytest.mark.parametrize("heir", [OTHER, COMMUNITY, None])
    def test_a_return_brings_its_buildings_back(self, ground, buildings, heir):
        others = self.of(self.OTHER)
        ground.retire(self.ESTATE, heir)
        assert self.of(self.ESTATE) == []
        told = self.restore(ground, dry_run=True)
        assert [i.count for i in told.impacts if i.subject == "buildings"] == [3]
        self.restore(ground)
        assert self.of(self.ESTATE) == buildings and self.of(self.OTHER) == others

    def test_but_none_that_somebody_gave_away_since(self, ground, buildings):
        third = ground.open("estate", "三苑", COMMUNITY)
        ground.retire(self.ESTATE, self.OTHER)
        Place.objects.filter(code=buildings[0]).update(managed_by=third)
        self.restore(ground)
        assert self.of(self.ESTATE) == buildings[1:] and self.of(third.code) == buildings[:1]

    def test_a_split_gives_them_back_too(self, ground, buildings):
        place = ground[self.ESTATE]
        halves = [ground[code] for code in buildings[:1]], [ground[code] for code in buildings[1:]]
        parts = [
            commands.Part(name, tuple(half)) for name, half in zip(("东苑", "西苑"), halves, strict=True)
        ]
        commands.split_place(place=place, version=place.version, parts=parts, by=SYSTEM, at=AT)
        assert self.of(self.ESTATE) == []
        self.restore(ground)
        assert self.of(self.ESTATE) == buildings


CHANGES = st.lists(
    st.tuples(st.sampled_from(["open", "move", "retire", "rename"]), st.integers(0, 60), st.integers(0, 60)),
    min_size=5,
    max_size=25,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_any_sequence_of_changes_leaves_a_sound_tree(ground, changes):
    """Refusals are fine; a broken invariant never is."""
    for does, one, other in changes:
        places = list(Place.objects.order_by("pk"))
        place, target = places[one % len(places)], places[other % len(places)]
        try:
            if does == "open":
                below = [kind for kind in kinds.KINDS if kinds.may_hold(place.kind, kind)]
                if below:
                    ground.open(below[other % len(below)], f"新{other}", place.code)
            elif does == "move":
                ground.move(place.code, target.code)
            elif does == "retire":
                ground.retire(place.code, target.code if other % 2 else None)
            else:
                ground.rename(place.code, f"名{other}")
        except TreeRefused:
            continue
    assert_sound()


class TestEstate:
    """A building is counted to an estate only by somebody whose right reaches both."""

    THERE = "370811111260701"

    def test_by_no_way_into_another_street(self, ground):
        ground.open("estate", "谭口花园", "370811111260", code=self.THERE)
        by, building = clerk(ground["370811015"].path, "tree"), ground["370811015001001001"]
        for dry_run in (True, False):
            with pytest.raises(TreeRefused) as refused:
                commands.set_facts(
                    place=building,
                    values={"managed_by": ground[self.THERE]},
                    version=1,
                    by=by,
                    at=AT,
                    dry_run=dry_run,
                )
            assert refused.value.status == 403
        with pytest.raises(TreeRefused) as refused:
            ground.open("building", "2号楼", "370811015001001", managed_by=ground[self.THERE], by=by)
        assert refused.value.status == 403 and ground["370811015001001001"].managed_by is None

    def test_what_it_has_may_stay(self, ground):
        there = ground.open("estate", "谭口花园", "370811111260", code=self.THERE)
        ground.open("building", "2号楼", "370811015001001", code="B2", managed_by=there)
        by = clerk(ground["370811015"].path, "tree")
        values = {"managed_by": there, "households": 12}
        commands.set_facts(place=ground["B2"], values=values, version=1, by=by, at=AT)
        assert ground["B2"].households == 12

    def test_not_a_retired_one(self, ground):
        ground.retire("370811015001701")
        with pytest.raises(TreeRefused, match="已停用"):
            ground.open("building", "2号楼", "370811015001001", managed_by=ground["370811015001701"])


def test_no_phone_gets_into_the_ledger(ground):
    ground.rename("370811015001001", "临河网格", basis="张三 13812345678 来电")
    entry = Entry.objects.filter(event="place.renamed").latest("pk")
    assert "12345" not in entry.payload["basis"] and entry.payload["basis"].endswith("5678 来电")
