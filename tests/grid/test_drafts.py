"""Many changes that take effect together: built on each other, checked by the real thing, all or nothing."""

from __future__ import annotations

import datetime as dt

import pytest

from grid import drafts, finding, history
from grid.errors import TreeRefused
from grid.models import Draft, Place, PlacePast
from ledger import reading
from ledger.models import Entry
from tests.grid.ground import AT, SYSTEM, assert_sound, clerk

COMMUNITY, COMMUNITY_2, STREET = "370811015001", "370811015002", "370811015"
LATER = AT + dt.timedelta(hours=1)


def refused(call, *args, status=422, **kwargs) -> TreeRefused:
    with pytest.raises(TreeRefused) as caught:
        call(*args, **kwargs)
    assert caught.value.status == status, caught.value.sentence
    return caught.value


class Desk:
    """A draft and its owner, with the tiresome arguments filled in."""

    def __init__(self, by=SYSTEM, at=LATER, **more) -> None:
        self.why = {"by": by, "at": at}
        self.draft = drafts.open_draft(basis="济任政办发〔2026〕3号", **self.why | more)

    def add(self, command: str, **args) -> int:
        self.draft = drafts.add(self.draft, command=command, args=args, **self.why)
        return self.draft.steps[-1]["n"]

    def check(self):
        return drafts.check(self.draft, **self.why)

    def publish(self, **more) -> Draft:
        self.draft = drafts.publish(self.draft, **self.why | more)
        return self.draft

    def undo(self, **more) -> Draft:
        return drafts.undo(self.draft, **self.why | more)


def picture() -> dict[str, tuple]:
    """code → (name, code above, live) of the whole tree."""
    rows = Place.objects.select_related("parent", "superior")
    return {p.code: (p.name, p.above.code if p.above else None, p.is_live) for p in rows}


def reshaped(desk: Desk) -> None:
    """A new community takes over the two that were, and a grid changes hands."""
    n = desk.add("open", kind="community", name="新铺社区居民委员会", parent=STREET, code="370811015009")
    desk.add("merge", places=[COMMUNITY, COMMUNITY_2], target=f"~{n}")
    desk.add("move", place="370811111260001", parent=f"~{n}")
    desk.add("rename", place="370811015001002", name="新铺第二网格")


class TestChecking:
    def test_it_shows_every_step_and_writes_nothing(self, ground):
        desk = Desk()
        reshaped(desk)
        before, entries = picture(), Entry.objects.count()
        checked = desk.check()
        assert [change.n for change in checked.changes] == [1, 2, 3, 4] and checked.is_publishable
        assert checked.changes[0].sentence == "在“观音阁街道”下新设社区/村“新铺社区居民委员会”"
        assert {impact.subject for impact in checked.impacts} == {"places"}
        assert picture() == before and Entry.objects.count() == entries
        assert not PlacePast.objects.exists()

    def test_what_cannot_be_is_said_and_the_rest_is_looked_at(self, ground):
        desk = Desk()
        desk.add("move", place=COMMUNITY, parent="370811015001001")
        desk.add("rename", place=COMMUNITY_2, name="甲社区")
        checked = desk.check()
        assert [one.n for one in checked.blocking] == [1]
        assert checked.changes[0].problem and checked.changes[1].sentence
        refused(desk.publish)
        assert ground[COMMUNITY_2].name != "甲社区"


class TestPublishing:
    def test_all_of_it(self, ground):
        desk = Desk()
        reshaped(desk)
        publication = desk.publish()
        assert publication.status == "published" and publication.published_at == LATER
        new = ground["370811015009"]
        assert ground["370811015001001"].parent_id == new.pk == ground["370811111260001"].parent_id
        assert finding.by_code(COMMUNITY) == new == finding.by_code(COMMUNITY_2)
        assert_sound()
        entry = reading.timeline("draft", publication.pk)[-1]
        assert entry.event == "draft.published" and entry.path == ground[STREET].path
        assert reading.timeline("place", new.pk)[0].payload["draft"] == publication.pk

    def test_nothing_of_it_where_one_step_cannot_be(self, ground):
        desk = Desk()
        desk.add("rename", place=COMMUNITY_2, name="甲社区")
        desk.add("retire", place=COMMUNITY)
        before = picture()
        assert "第 2 步" in refused(desk.publish).sentence
        assert picture() == before and Draft.objects.get().status == "open"

    def test_not_over_somebody_elses_change(self, ground):
        desk = Desk()
        desk.add("rename", place=COMMUNITY, name="甲社区")
        ground.rename(COMMUNITY, "乙社区", at=LATER)
        refusal = refused(desk.publish, status=409)
        assert "乙社区" in refusal.sentence and "更名" in refusal.sentence
        assert desk.check().blocking[0].status == 409
        desk.draft = drafts.refresh(desk.draft, **desk.why)
        desk.publish()
        assert ground[COMMUNITY].name == "甲社区"

    def test_its_own_earlier_steps_are_not_in_its_way(self, ground):
        desk = Desk()
        desk.add("rename", place=COMMUNITY, name="甲社区")
        desk.add("move", place=COMMUNITY, parent="370811111")
        desk.publish()
        assert ground[COMMUNITY].version == 3

    def test_an_empty_one_is_nothing(self, ground):
        refused(Desk().publish)


class TestUndoing:
    def test_takes_everything_back(self, ground):
        before = picture()
        desk = Desk()
        reshaped(desk)
        publication = desk.publish()
        undone = desk.undo()
        assert undone.undoes == publication and undone.status == "published"
        after = picture()
        assert after.pop("370811015009")[2] is False
        assert after == before
        assert finding.by_code(COMMUNITY) == ground[COMMUNITY]
        assert_sound()
        refused(desk.undo, status=409)

    def test_not_where_something_since_depends_on_it(self, ground):
        desk = Desk()
        desk.add("rename", place=COMMUNITY, name="甲社区")
        desk.publish()
        ground.move(COMMUNITY, "370811111", at=LATER)
        assert "改上级" in refused(desk.undo, status=409).sentence

    def test_not_where_somebody_moved_in(self, ground):
        desk = Desk()
        desk.add("open", kind="grid", name="新网格", parent=COMMUNITY, code="NEW")
        desk.publish()
        ground.open("building", "新楼", "NEW")
        assert "下面还有 1 个" in refused(desk.undo, status=409).sentence

    def test_a_split(self, ground):
        before = picture()
        desk = Desk()
        desk.add(
            "split",
            place=COMMUNITY,
            parts=[
                {"name": "东社区", "children": ["370811015001001", "370811015001701"]},
                {"name": "西社区", "children": ["370811015001002"]},
            ],
        )
        desk.add("rename", place="~1.2", name="西苑社区")
        desk.publish()
        assert ground["370811015001002"].parent.name == "西苑社区"
        desk.undo()
        after = {code: row for code, row in picture().items() if code in before}
        assert after == before
        assert finding.by_code(ground["370811015001002"].parent.code) == ground[COMMUNITY]
        assert_sound()


class TestEditing:
    def test_a_step_that_others_use_stays(self, ground):
        desk = Desk()
        n = desk.add("open", kind="grid", name="甲", parent=COMMUNITY)
        desk.add("open", kind="building", name="乙", parent=f"~{n}")
        refused(drafts.drop, desk.draft, n, **desk.why)
        refused(drafts.arrange, desk.draft, [2, 1], **desk.why)
        draft = drafts.drop(desk.draft, 2, **desk.why)
        assert [step["n"] for step in drafts.drop(draft, n, **desk.why).steps] == []

    def test_edited_in_place(self, ground):
        desk = Desk()
        n = desk.add("rename", place=COMMUNITY, name="甲社区")
        desk.draft = drafts.edit(desk.draft, n, args={"place": COMMUNITY, "name": "乙社区"}, **desk.why)
        desk.publish()
        assert ground[COMMUNITY].name == "乙社区"
        refused(drafts.edit, desk.draft, n, args={"place": COMMUNITY, "name": "丙"}, status=409, **desk.why)

    @pytest.mark.parametrize(
        ("command", "args", "status"),
        [
            ("fly", {}, 400),
            ("rename", {"place": COMMUNITY}, 422),
            ("rename", {"place": "NOWHERE", "name": "甲"}, 422),
            ("rename", {"place": "~7", "name": "甲"}, 422),
            ("rename", {"place": COMMUNITY, "name": 7}, 422),
            ("rename", {"place": COMMUNITY, "name": "甲", "colour": "red"}, 422),
            ("merge", {"places": COMMUNITY, "target": COMMUNITY_2}, 422),
            ("split", {"place": COMMUNITY, "parts": [{"title": "甲"}]}, 422),
        ],
    )
    def test_what_cannot_be_read(self, ground, command, args, status):
        desk = Desk()
        refused(drafts.add, desk.draft, command=command, args=args, status=status, **desk.why)

    def test_a_streets_admin_stays_in_the_street(self, ground):
        here = clerk(ground[STREET].path, "tree")
        desk = Desk(by=here)
        desk.add("rename", place=COMMUNITY, name="甲社区")
        with pytest.raises(TreeRefused) as caught:
            desk.add("move", place=COMMUNITY, parent="370811111")
        assert caught.value.status == 403
        refused(drafts.open_draft, by=clerk(ground["37"].path, "take"), at=AT, status=403)
        assert list(drafts.of(here)) == [desk.draft] and not drafts.of(clerk("/1/", "tree")).exclude(
            author_id=7
        )


class TestScheduled:
    DAY = dt.date(2026, 11, 4)

    def test_it_waits_for_its_midnight(self, ground):
        desk = Desk(effective_on=self.DAY)
        desk.add("rename", place=COMMUNITY, name="甲社区")
        assert desk.publish().status == "scheduled" and ground[COMMUNITY].name != "甲社区"
        assert drafts.due(LATER) == []
        midnight = dt.datetime(2026, 11, 3, 16, 0, tzinfo=dt.UTC)
        assert drafts.due(midnight) == [desk.draft]
        assert desk.publish(at=midnight).status == "published" and ground[COMMUNITY].name == "甲社区"
        assert history.states(dt.date(2026, 11, 3))[ground[COMMUNITY].pk].name == "前铺社区居民委员会"
        assert history.states(self.DAY)[ground[COMMUNITY].pk].name == "甲社区"

    def test_what_is_blocked_is_not_scheduled(self, ground):
        desk = Desk(effective_on=self.DAY)
        desk.add("retire", place=COMMUNITY)
        refused(desk.publish)

    def test_recalled_discarded_failed(self, ground):
        desk = Desk(effective_on=self.DAY)
        desk.add("rename", place=COMMUNITY, name="甲社区")
        desk.publish()
        assert drafts.recall(desk.draft, **desk.why).status == "open"
        desk.publish()
        failed = drafts.fail(desk.draft, "不行", **desk.why)
        assert (failed.status, failed.problem) == ("open", "不行")
        assert drafts.discard(failed, **desk.why).status == "discarded"
        refused(desk.publish, status=409)

    def test_not_for_a_day_that_is_over(self, ground):
        refused(drafts.open_draft, by=SYSTEM, at=AT, effective_on=dt.date(2026, 11, 2))


class TestWhatNoStepCarries:
    """What the database would choke on is refused as the step is written down."""

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("households", 2**31),
            ("households", -1),
            ("households", 1.5),
            ("residents", 10**400),
            ("residents", True),
            ("lon", float("nan")),
            ("lon", 180.5),
            ("lat", float("-inf")),
            ("lat", -90.01),
            ("name", "甲\0乙"),
            ("name", "甲\ud800"),
            ("aliases", ["甲\0"]),
            ("aliases", ["甲" * 121]),
            ("boundary", {"type": "Polygon", "coordinates": [[[float("nan"), 1]]]}),
            ("boundary", {"type": "Polygon", "\0": []}),
            ("managed_by", "#²"),
            ("managed_by", "#" + "9" * 30),
            ("managed_by", "\0"),
            ("\ud800", "甲"),
        ],
    )
    def test_is_told(self, ground, field, value):
        desk = Desk()
        args = {"kind": "building", "name": "2号楼", "parent": "370811015001001"} | {field: value}
        refusal = refused(drafts.add, desk.draft, command="open", args=args, **desk.why)
        refusal.sentence.encode()
        assert refusal.sentence and Draft.objects.get(pk=desk.draft.pk).steps == []

    def test_nor_in_the_parts_of_a_split(self, ground):
        parts = [{"name": "甲"}, {"name": "乙", "boundary": {"type": "\0"}}]
        refusal = refused(Desk().add, "split", place="370811015001002", parts=parts)
        assert "parts" in refusal.fields

    def test_the_edges_are_fine(self, ground):
        desk = Desk()
        desk.add(
            "open", kind="building", name="2号楼", parent="370811015001001", code="370811015001001002",
            households=0, residents=2**31 - 1, lon=180, lat=-90.0,
        )  # fmt: skip
        desk.publish()
        assert ground["370811015001001002"].residents == 2**31 - 1
