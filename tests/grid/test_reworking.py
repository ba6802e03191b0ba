"""Facts of a standing place, several into a new one, and the return of a split one: as steps, and taken back."""

from __future__ import annotations

import datetime as dt
import io

import pytest

from grid import commands, drafts, finding, history, importing, sheet_changes, sheets
from grid.commands import Part
from grid.errors import TreeRefused
from grid.models import Draft, Place, PlaceName
from ledger.actor import Actor, Grant
from ledger.models import Entry
from tests.grid.ground import AT, SYSTEM, Ground, assert_sound
from tests.grid.test_drafts import COMMUNITY, COMMUNITY_2, LATER, STREET, Desk, picture, refused

BUILDING, ESTATE = "370811015001001001", "370811015001701"
WHY = {"by": SYSTEM, "at": LATER}


def carried(code: str) -> dict:
    place = Place.objects.select_related("managed_by").get(code=code)
    return {
        "aliases": place.aliases, "households": place.households, "residents": place.residents,
        "estate": place.managed_by.code if place.managed_by else None, "way": place.management,
        "centre": (place.lon, place.lat), "from": place.valid_from,
    }  # fmt: skip


class TestFacts:
    def test_set_told_and_taken_back(self, ground):
        before = carried(BUILDING)
        desk = Desk()
        desk.add(
            "set_facts", place=BUILDING, aliases=["锦绣一号"], households=48, residents=131, managed_by=ESTATE,
            lon=116.5872, lat=35.4151, valid_from="2019-05-01",
        )  # fmt: skip
        checked = desk.check()
        assert checked.is_publishable and carried(BUILDING) == before
        assert "户数" in checked.changes[0].sentence
        desk.publish()
        now = carried(BUILDING)
        assert now["estate"] == ESTATE and now["households"] == 48 and now["centre"] == (116.5872, 35.4151)
        assert finding.search("锦绣一号")[0].code == BUILDING
        told = history.timeline(ground[BUILDING])[0]
        assert told.label == "改资料" and "户数 – → 48" in told.sentence and "锦绣一号" not in told.sentence
        entry = Entry.objects.get(event="place.facts_set")
        assert "锦绣一号" not in str(entry.payload)  # of names the ledger keeps only how many
        desk.undo()
        assert carried(BUILDING) == before and finding.search("锦绣一号") == []

    def test_null_clears_one(self, ground):
        place = ground[ESTATE]
        commands.set_facts(place=place, values={"households": 90, "management": "none"}, version=1, **WHY)
        desk = Desk()
        desk.add("set_facts", place=ESTATE, households=None, management=None)
        desk.publish()
        assert carried(ESTATE)["households"] is None and carried(ESTATE)["way"] == ""
        desk.undo()
        assert carried(ESTATE)["households"] == 90 and carried(ESTATE)["way"] == "none"

    def test_coordinates_of_another_datum_are_turned(self, ground):
        desk = Desk()
        desk.add("set_facts", place=BUILDING, lon=116.5872, lat=35.4151, datum="GCJ-02")
        desk.publish()
        lon, lat = carried(BUILDING)["centre"]
        assert 0.001 < abs(lon - 116.5872) < 0.01 and 0.0001 < abs(lat - 35.4151) < 0.01
        assert ground[BUILDING].datum == "CGCS2000"  # in which its boundary is kept, if it gets one

    @pytest.mark.parametrize(
        ("code", "values", "field"),
        [
            (BUILDING, {"lon": 116.5}, "lat"),
            (BUILDING, {"managed_by": COMMUNITY}, "managed_by"),
            (ESTATE, {"managed_by": ESTATE}, "managed_by"),
            (BUILDING, {"management": "none"}, "management"),
            (BUILDING, {"valid_from": "2019-13-01"}, "valid_from"),
            (BUILDING, {"households": None}, None),
        ],
    )
    def test_what_does_not_fit(self, ground, code, values, field):
        desk = Desk()
        desk.add("set_facts", place=code, **values)
        told = refused(desk.publish)
        assert field is None or field in told.fields

    def test_not_into_a_retired_estate(self, ground):
        ground.retire(ESTATE)
        desk = Desk()
        desk.add("set_facts", place=BUILDING, managed_by=ESTATE)
        assert "已停用" in refused(desk.publish).sentence

    def test_something_must_be_said(self, ground):
        assert refused(Desk().add, "set_facts", place=BUILDING).fields
        assert refused(Desk().add, "set_facts", place=BUILDING, households=-1).fields


class TestIntoANewOne:
    def test_merged_and_taken_back(self, ground):
        before = picture()
        desk = Desk()
        desk.add("merge", places=[COMMUNITY, COMMUNITY_2], name="新铺社区居民委员会")
        n = desk.draft.steps[-1]["n"]
        desk.add("move", place="370811111260001", parent=f"~{n}")
        assert desk.check().is_publishable and picture() == before
        desk.publish()
        new = Place.objects.get(name="新铺社区居民委员会")
        assert new.kind == "community" and new.above == ground["370811015"]
        for code in (COMMUNITY, COMMUNITY_2):
            assert finding.by_code(code) == new
        assert ground["370811111260001"].parent == new and ground["370811015001001"].parent == new
        assert_sound()
        desk.undo()
        assert {code: one for code, one in picture().items() if code != new.code} == before
        assert not Place.objects.get(pk=new.pk).is_live
        assert_sound()

    def test_a_dry_run_tells_the_same_and_leaves_nothing(self, ground):
        places = [ground[COMMUNITY], ground[COMMUNITY_2]]
        given = {"places": places, "versions": [1, 1], "name": "新铺社区", **WHY}
        before = picture()
        shown = commands.merge_places(dry_run=True, **given)
        assert picture() == before and shown.dry_run
        done = commands.merge_places(**given)
        assert [(one.subject, one.count) for one in done.impacts] == [
            (one.subject, one.count) for one in shown.impacts
        ]

    def test_one_or_the_other(self, ground):
        given = {"places": [ground[COMMUNITY]], "versions": [1], **WHY}
        for into in ({}, {"name": "甲", "target": ground[COMMUNITY_2]}):
            refused(commands.merge_places, **given, **into)


class TestSplitRestoredAndUndone:
    def test_a_split_place_comes_back_and_goes_again(self, ground):
        place = ground[COMMUNITY]
        grids = [ground["370811015001001"], ground["370811015001002"], ground[ESTATE]]
        split = commands.split_place(
            place=place, version=1, parts=[Part("东社区", tuple(grids[:1])), Part("西社区", tuple(grids[1:]))], **WHY
        )  # fmt: skip
        before = picture()
        heirs = [new.pk for new in finding.heirs(place.pk)]
        assert heirs == [new.pk for new in split.opened]
        desk = Desk(at=LATER + dt.timedelta(hours=1))
        desk.add("restore", place=COMMUNITY)
        desk.publish()
        assert ground[COMMUNITY].is_live
        desk.undo()
        assert picture() == before and [new.pk for new in finding.heirs(place.pk)] == heirs
        assert_sound()

    def test_an_estates_buildings_go_back_to_their_parts(self, ground):
        two = ground.open("building", "锦绣花园2号楼", "370811015001001", managed_by=ground[ESTATE])
        one = ground[BUILDING]
        commands.set_facts(place=one, values={"managed_by": ground[ESTATE]}, version=1, **WHY)
        parts = [Part("锦绣东苑", (one,)), Part("锦绣西苑", (two,))]
        commands.split_place(place=ground[ESTATE], version=1, parts=parts, **WHY)

        def whose() -> list[str]:
            return [Place.objects.get(pk=pk).managed_by.name for pk in (one.pk, two.pk)]

        desk = Desk(at=LATER + dt.timedelta(hours=1))
        desk.add("restore", place=ESTATE)
        desk.publish()
        assert whose() == ["锦绣花园", "锦绣花园"]
        desk.undo()
        assert whose() == ["锦绣东苑", "锦绣西苑"]
        again = Desk(at=LATER + dt.timedelta(hours=2))  # and once more, after an undone return
        again.add("restore", place=ESTATE)
        again.publish()
        assert whose() == ["锦绣花园", "锦绣花园"]
        again.undo()
        assert whose() == ["锦绣东苑", "锦绣西苑"]


class TestSheets:
    """What a sheet changes on standing places is looked at by doing it, and then one publication."""

    HEAD = "编码,名称,上级编码,类型\n"

    def rows(self, *lines: str) -> list:
        return sheets.read_text(self.HEAD + "\n".join(lines))

    def test_the_dry_run_goes_through_every_change(self, ground):
        rows = self.rows(
            "370811015009,新铺社区居民委员会,370811015,社区",
            "370811015001001,前铺第一网格,370811015009,网格",
            "370811015002,枇杷山社区居民委员会,370811015,社区",
        )
        before = picture()
        report = importing.load(rows, dry_run=True, **WHY)
        assert picture() == before and report.problems == [] and report.unseen == 0
        assert [(n, one.subject) for n, one in report.consequences] == [(3, "places")]
        importing.load(rows, **WHY)
        publication = Draft.objects.get()
        assert publication.status == "published" and [step["command"] for step in publication.steps] == [
            "open",
            "move",
            "rename",
        ]
        assert ground["370811015001001"].parent.code == "370811015009"
        drafts.undo(publication, **WHY)
        assert ground["370811015002"].name == "琵琶山社区居民委员会"
        assert ground["370811015001001"].parent.code == COMMUNITY
        assert PlaceName.objects.filter(kind="code", value="370811015009").count() == 0
        assert_sound()

    def test_what_only_doing_shows_is_a_problem_of_its_row(self, ground):
        """Two places that change under each other: row by row each looks fine."""
        rows = self.rows(
            "370811015001002,前铺第二网格,370811015001,网格",
            "370811015003,南池片区,370811015001,片区",
            "370811015001001,前铺第一网格,370811015003,网格",
        )
        ground.open("section", "南池片区", "370811015002", code="370811015003")
        report = importing.load(rows, dry_run=True, **WHY)
        assert report.problems == []
        ground.rename("370811015001001", "甲")
        with pytest.raises(TreeRefused):
            importing.load(rows, expected=report.fingerprint(), **WHY)


def test_retired_into_several(ground):
    place = ground["370811015001002"]
    heirs = [Ground()["370811015001001"], Ground().open("grid", "前铺第三网格", COMMUNITY)]
    commands.retire_place(place=place, version=1, successors=heirs, by=SYSTEM, at=AT)
    assert finding.heirs(place.pk) == heirs


class TestCounts:
    """What a merge makes of the numbers that the places carry."""

    def test_added_up_where_all_have_them_told_and_taken_back(self, ground):
        for code, households in ((COMMUNITY, 120), (COMMUNITY_2, 80)):
            values = {"households": households, **({"residents": 9} if code == COMMUNITY else {})}
            commands.set_facts(place=ground[code], values=values, version=1, **WHY)
        desk = Desk()
        desk.add("merge", places=[COMMUNITY_2], target=COMMUNITY)
        said = [one.sentence for one in desk.check().impacts if one.subject == "counts"]
        assert "120 → 200" in said[0] and "仍是 9" in said[1] and ground[COMMUNITY_2].name in said[1]
        desk.publish()
        assert (carried(COMMUNITY)["households"], carried(COMMUNITY)["residents"]) == (200, 9)
        labels = [one.label for one in history.timeline(ground[COMMUNITY])]
        assert "并来" in labels and "改资料" in labels
        desk.undo()
        assert carried(COMMUNITY)["households"] == 120
        assert "并来" not in [one.label for one in history.timeline(ground[COMMUNITY])]
        assert_sound()

    def test_a_new_one_has_what_its_parts_had(self, ground):
        for code in (COMMUNITY, COMMUNITY_2):
            commands.set_facts(place=ground[code], values={"households": 50}, version=1, **WHY)
        desk = Desk()
        desk.add("merge", places=[COMMUNITY, COMMUNITY_2], name="新铺社区", code="NEW")
        desk.publish()
        assert carried("NEW")["households"] == 100
        told = [one.sentence for one in history.timeline(ground["NEW"]) if one.label == "并来"]
        assert len(told) == 2 and all("并来“" in one for one in told)
        desk.undo()
        assert_sound()

    def test_nothing_known_nothing_said(self, ground):
        desk = Desk()
        desk.add("merge", places=[COMMUNITY_2], target=COMMUNITY)
        assert not [one for one in desk.check().impacts if one.subject in ("counts", "boundaries")]


class TestASheetTakenBack:
    """What a sheet opened goes too, while nothing has come to depend on it."""

    SHEET = (
        "编码,名称,上级编码,类型\n"
        f"{COMMUNITY}88,八八网格,{COMMUNITY},网格\n"
        f"{COMMUNITY}88001,八号楼,{COMMUNITY}88,楼栋\n"
        f"{COMMUNITY},新甲社区,{STREET},社区\n"
    )

    @pytest.fixture
    def admin(self, ground):
        grant = Grant("admin", frozenset({"tree"}), place_path=Place.objects.get(code=STREET).path)
        return Actor(id=7, person_id=7, role="admin", grants=(grant,))

    def load(self, admin, text: str = "") -> Draft:
        rows = sheets.read(io.BytesIO((text or self.SHEET).encode()))
        importing.load(rows, by=admin, at=AT, basis="试")
        return Draft.objects.get(undoes=None)

    def test_opened_ones_are_ended_and_the_rest_is_as_before(self, ground, admin):
        before = Place.objects.get(code=COMMUNITY).name
        done = self.load(admin)
        assert [step["command"] for step in done.steps] == ["open", "open", "rename"]
        drafts.undo(done, by=admin, at=LATER, basis="更正")
        assert Place.objects.get(code=COMMUNITY).name == before
        gone = Place.objects.filter(code__startswith=f"{COMMUNITY}88")
        assert gone.count() == 2 and not any(place.is_live for place in gone)

    def test_not_when_somebody_has_built_on_it(self, ground, admin):
        done = self.load(admin)
        above = Place.objects.get(code=f"{COMMUNITY}88")
        commands.open_place(kind="building", name="九号楼", parent=above, by=admin, at=LATER)
        with pytest.raises(TreeRefused) as refused:
            drafts.undo(done, by=admin, at=LATER, basis="更正")
        assert refused.value.status == 409 and "在用的地点" in refused.value.sentence
        assert Place.objects.get(code=f"{COMMUNITY}88001").is_live

    def test_a_sheet_that_only_opens_is_a_publication_too(self, ground, admin):
        done = self.load(admin, "\n".join(self.SHEET.splitlines()[:3]))
        assert len(done.steps) == 2
        drafts.undo(done, by=admin, at=LATER, basis="更正")
        assert not Place.objects.get(code=f"{COMMUNITY}88").is_live

    def test_too_many_to_be_ended_are_refused_in_a_sentence(self, ground, admin, monkeypatch):
        monkeypatch.setattr(sheet_changes, "MOST_TAKEN_BACK", 1)
        done = self.load(admin)
        with pytest.raises(TreeRefused, match="太多"):
            drafts.undo(done, by=admin, at=LATER, basis="更正")
        assert Place.objects.get(code=f"{COMMUNITY}88").is_live
