"""The tree of places as admins edit it without script: every form a step of the draft, nothing done before it is
published, everything refused in a sentence."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.test import Client

from cases.queries import place_tree
from cases.web.tree import past
from grid import commands, drafts, kinds, outline
from grid.models import Draft, Place
from ledger import clock
from parties import commands as parties
from tests import town as people
from tests.clients import statements
from tests.pages import BACKEND, Form, Reader
from tests.town import STREET

pytestmark = pytest.mark.django_db


def a(kind: str, n: int = 0, **more) -> Place:
    return Place.objects.filter(kind=kind, retired_at=None, **more).order_by("code")[n]


def at_place(place: Place) -> Reader:
    reader = Reader("admin").open(f"/tree/{place.code}/")
    assert reader.status == 200
    return reader


def step(reader: Reader, command: str) -> Form:
    """The panel's form of one command."""
    return next(form for form in reader.forms if form.fields.get("command") == [command])


def acts(reader: Reader, do: str) -> Form:
    return next(form for form in reader.forms if ("do", do) in form.buttons or form.fields.get("do") == [do])


def draft() -> Draft:
    return Draft.objects.get(status="open")


class TestWho:
    def test_only_who_may_change_the_tree(self, town):
        for who in ("jiedao", "lingdao", "bumen", "wangge", "shenji"):
            assert Reader(who).open("/tree/").status == 403, who
        assert Reader("admin").open("/tree/").status == 200

    def test_a_streets_admin_stays_in_the_street(self, town):
        street = Place.objects.get(code=STREET)
        outside = Place.objects.get(code="370811111260")
        at = clock.now()
        posting = parties.post(
            by=people.SYSTEM, at=at, account=town.account("lingdao"), role="admin", place=street, since=at
        )
        if posting.confirmed_at is None:
            parties.confirm_posting(by=people.SYSTEM, at=at, posting=posting)
        reader = Reader("lingdao")
        assert reader.open("/tree/").status == 200
        assert reader.open(f"/tree/{outside.code}/").status == 404
        rows = json.loads(Reader("lingdao").open("/tree/rows/").text)["rows"]
        assert rows[0][3] == STREET
        assert {row[3] for row in rows} == set(
            Place.objects.filter(path__startswith=street.path, retired_at=None).values_list("code", flat=True)
        )
        assert Reader("lingdao").open(f"/tree/rows/?under={outside.code}").status == 404
        assert json.loads(Reader("lingdao").open(f"/tree/find/?q={outside.name}").text)["hits"] == []


class TestReading:
    def test_the_page_costs_the_same_for_any_place(self, town):
        client = Client()
        client.force_login(people.account("admin"), BACKEND)
        found = []
        for place in (a("street"), a("community"), a("grid")):
            client.get(f"/tree/{place.code}/")
            with statements() as sent:
                client.get(f"/tree/{place.code}/", headers={"HX-Request": "true"})
            found.append(len(sent))
        assert max(found) <= 22 and max(found) - min(found) <= 2, found

    def test_everything_live_is_in_the_outline_once_and_after_what_is_above(self, town):
        answer = json.loads(Reader("admin").open("/tree/rows/").text)
        seen = set()
        top = answer["rows"][0]
        for pk, above, kind, _code, _name, _homes, _deeper, _estate in answer["rows"]:
            assert pk not in seen and (above in seen or pk == top[0]), kind
            seen.add(pk)
        assert seen == set(
            Place.objects.filter(retired_at=None, path__contains=f"/{top[0]}/").values_list("pk", flat=True)
        )
        assert answer["total"] == len(seen) and answer["cut"] == ""
        worker = people.account("wangge").person.name
        assert any(worker in words for words in answer["staff"].values())

    def test_a_tree_too_large_is_cut_at_a_kind(self, town):
        top = a("district")
        found = outline.outline([top.path], most=6)
        rows = json.loads(found.rows)
        assert found.total > len(rows) and found.cut in kinds.KINDS
        cut = [row for row in rows if row[2] == found.cut]
        assert any(row[6] for row in cut)  # there is more below, to be asked for
        below = json.loads(outline.outline([Place.objects.get(pk=cut[0][0]).path]).rows)
        assert below[0][0] == cut[0][0]

    def test_finds_by_name_code_and_initials(self, town):
        grid = a("grid")
        for typed in (grid.name, grid.code, grid.name_initials):
            hits = json.loads(Reader("admin").open(f"/tree/find/?q={typed}").text)["hits"]
            assert grid.code in [hit["code"] for hit in hits], typed
            assert all(hit["path"][-1] == hit["id"] for hit in hits)
        assert Reader("admin").open(f"/tree/?q={grid.code}").says(grid.name)


class TestDraft:
    def test_a_form_is_a_step_and_changes_nothing_yet(self, town):
        place = a("grid")
        reader = at_place(place)
        reader.send(step(reader, "rename"), name="新名网格")
        assert reader.status == 200 and reader.says("新名网格", "存入草稿")
        place.refresh_from_db()
        assert place.name != "新名网格" and len(draft().steps) == 1

    def test_every_command_by_its_form_checked_and_published(self, town):
        community = a("community")
        grids = list(Place.objects.filter(parent=community, kind="grid", retired_at=None).order_by("code"))
        other = a("community", 1, parent=community.parent)
        for place, command, values in (
            (grids[0], "rename", {"name": "甲网格"}),
            (grids[0], "recode", {"code": "370811999999001"}),
            (community, "open", {"kind": "grid", "name": "新设网格"}),
            (grids[1], "move", {"parent": other.code}),
        ):
            reader = at_place(place)
            reader.send(step(reader, command), **values)
            assert reader.status == 200, reader.words[:400]
        assert len(draft().steps) == 4
        reader = Reader("admin").open("/tree/draft/")
        assert reader.says("甲网格", "370811999999001", "新设网格", other.name)
        form = acts(reader, "publish")
        reader.send(form, do="publish", basis="济任政办发〔2026〕9号", effective_on="")
        assert reader.status == 200 and reader.says("已发布，共 4 处改动")
        for place in (grids[0], grids[1]):
            place.refresh_from_db()
        assert (grids[0].name, grids[0].code) == ("甲网格", "370811999999001")
        assert grids[1].parent_id == other.pk
        assert Place.objects.filter(name="新设网格", parent=community).exists()

    def test_merge_split_retire_and_restore_by_their_forms(self, town):
        community = a("community")
        grids = list(Place.objects.filter(parent=community, kind="grid", retired_at=None).order_by("code"))
        reader = at_place(grids[1])
        reader.send(step(reader, "merge"), target=grids[0].code)
        assert len(draft().steps) == 1, reader.words[:300]
        reader = at_place(community)
        form = step(reader, "split")
        below = form.fields["below"]
        given = ["2", "3", *["1"] * (len(below) - 2)]
        reader.send(form, names="东社区\n西社区\n\n南社区", to=given)
        parts = draft().steps[-1]["args"]["parts"]
        assert [part["name"] for part in parts] == ["东社区", "西社区", "南社区"], reader.words[:300]
        assert [part["children"] for part in parts] == [below[2:], below[:1], below[1:2]]

    def test_a_search_finds_the_retired(self, town):
        grid = a("grid")
        why = {"by": people.SYSTEM, "at": clock.now()}
        place = commands.open_place(kind="building", name="旧仓库楼", parent=grid, **why)
        commands.retire_place(place=place, version=1, successor=grid, basis="试", **why)
        found = Reader("admin").client.get("/tree/find/", {"q": "旧仓库楼"}).json()
        assert [one["code"] for one in found["gone"]] == [place.code] and found["retired"] == 1
        assert Reader("admin").open("/tree/?q=旧仓库楼").says("旧仓库楼 已停用")

    def test_an_estate_is_split_by_its_buildings(self, town):
        community = a("community")
        grid = a("grid", parent=community)
        why = {"by": people.SYSTEM, "at": clock.now()}
        estate = commands.open_place(kind="estate", name="试苑", parent=community, **why)
        mine = {"kind": "building", "parent": grid, "managed_by": estate, **why}
        one, two = (commands.open_place(name=name, **mine) for name in ("试1号楼", "试2号楼"))
        reader = at_place(estate)
        form = step(reader, "split")
        assert form.fields["below"] == [one.code, two.code]
        refused = reader.send(form, names="东苑\n西苑", to=["1", "3"])
        assert refused.status == 422 and refused.says("可是只写了 2 个名称") and "东苑" in refused.text
        reader = at_place(estate)
        reader.send(step(reader, "split"), names="东苑\n西苑", to=["1", "2"])
        reader = Reader("admin").open("/tree/draft/")
        reader.send(acts(reader, "publish"), do="publish", basis="试", effective_on="")
        assert reader.status == 200, reader.words[:400]
        two.refresh_from_db()
        assert two.managed_by.name == "西苑"

    def test_undone_where_nothing_depends_on_it(self, town):
        place = a("grid")
        before = place.name
        reader = at_place(place)
        reader.send(step(reader, "rename"), name="错名")
        reader = Reader("admin").open("/tree/draft/")
        reader.send(acts(reader, "publish"), do="publish", basis="试")
        reader = Reader("admin").open("/tree/published/")
        assert reader.says("试", "错名")
        reader.open(f"/tree/published/?undo={Draft.objects.get().pk}")
        assert reader.says("撤回后会这样", before)
        place.refresh_from_db()
        assert place.name == "错名"
        reader.send(acts(reader, "undo"), do="undo", basis=" ")
        assert reader.status == 422 and Draft.objects.count() == 1
        reader.open(f"/tree/published/?undo={Draft.objects.get().pk}")
        reader.send(acts(reader, "undo"), do="undo", basis="另有决定")
        place.refresh_from_db()
        assert reader.status == 200 and place.name == before
        assert Draft.objects.latest("pk").basis == "另有决定"

    def test_a_colleague_sees_who_published_and_may_take_it_back(self, town):
        place = a("grid")
        made = drafts.open_draft(by=people.SYSTEM, at=clock.now(), basis="街道办会议")
        step_ = {"place": place.code, "name": "错名"}
        made = drafts.add(made, command="rename", args=step_, by=people.SYSTEM, at=clock.now())
        made = drafts.publish(made, by=people.SYSTEM, at=clock.now())
        Draft.objects.filter(pk=made.pk).update(author_id=people.account("lingdao").pk)
        reader = Reader("admin").open("/tree/published/")
        assert reader.says("街道办会议", people.account("lingdao").person.name)
        reader.open(f"/tree/published/?undo={made.pk}")
        reader.send(acts(reader, "undo"), do="undo", basis="更正")
        place.refresh_from_db()
        assert place.name != "错名" and Draft.objects.latest("pk").undoes_id == made.pk

    def test_scheduled_for_a_midnight_and_recalled(self, town):
        place = a("grid")
        before = place.name
        reader = at_place(place)
        reader.send(step(reader, "rename"), name="后天的名")
        day = clock.today() + dt.timedelta(days=2)
        reader = Reader("admin").open("/tree/draft/")
        reader.send(acts(reader, "publish"), do="publish", basis="试", effective_on=day.isoformat())
        assert reader.says(f"已排定，{day} 零点生效")
        place.refresh_from_db()
        assert place.name == before
        reader = Reader("admin").open("/tree/published/")
        reader.send(acts(reader, "recall"), do="recall")
        assert draft().steps[0]["args"]["name"] == "后天的名"


class TestFacts:
    def test_the_form_sends_only_what_was_changed(self, town):
        estate = commands.open_place(
            by=people.SYSTEM,
            at=clock.now(),
            kind="estate",
            name="试苑",
            parent=a("community"),
            households=1200,
        )
        reader = at_place(estate)
        form = step(reader, "set_facts")
        assert form.fields["households"] == ["1200"]  # as a number is typed, not as it is shown
        reader.send(form, households="1,250", aliases="甲苑、乙苑", management="owners")
        assert reader.status == 200, reader.words[:400]
        args = draft().steps[-1]["args"]
        assert args == {
            "place": estate.code, "households": 1250, "aliases": ["甲苑", "乙苑"], "management": "owners"
        }  # fmt: skip
        assert reader.says("试苑 · 别名、户数、物业方式")
        reader = Reader("admin").open("/tree/draft/")
        reader.send(acts(reader, "publish"), do="publish", basis="试")
        reader = at_place(estate)
        assert reader.says("业主自管", "1,250", "甲苑", "改资料")
        reader.send(step(reader, "set_facts"), households="")
        assert draft().steps[-1]["args"] == {"place": estate.code, "households": None}

    def test_a_building_finds_its_estate_by_name(self, town):
        community, grid = a("community"), a("grid", parent=a("community"))
        why = {"by": people.SYSTEM, "at": clock.now()}
        estate = commands.open_place(kind="estate", name="独名苑", parent=community, **why)
        building = commands.open_place(kind="building", name="独名1号楼", parent=grid, **why)
        reader = at_place(building)
        reader.send(step(reader, "set_facts"), managed_by="独名苑", lon="116.58", lat="35.41", datum="GCJ-02")
        args = draft().steps[-1]["args"]
        assert args["managed_by"] == estate.code and args["datum"] == "GCJ-02" and args["lat"] == 35.41

    @pytest.mark.parametrize(
        ("sent", "says"),
        [
            ({"households": "很多"}, "户数要填整数"),
            ({"households": "²"}, "户数要填整数"),
            ({"lon": "东经"}, "经度要填度数"),
            ({"lon": "nan"}, "经度要填度数"),
            ({"managed_by": "没有这里"}, "没找到“没有这里”"),
            ({}, "没有变化"),
        ],
    )
    def test_nonsense_is_refused_in_a_sentence(self, town, sent, says):
        reader = at_place(a("grid"))
        reader.send(step(reader, "set_facts"), **sent)
        assert reader.status == 422 and reader.says(says) and not Draft.objects.exists()

    def test_not_over_what_somebody_changed_meanwhile(self, town):
        place = a("grid")
        reader = at_place(place)
        why = {"by": people.SYSTEM, "at": clock.now()}
        commands.set_facts(place=place, values={"households": 7}, version=place.version, **why)
        reader.send(step(reader, "set_facts"), households="9")
        assert reader.status == 409 and reader.says("刚被他人改过")

    def test_households_are_leaves_that_open(self, town):
        why = {"by": people.SYSTEM, "at": clock.now()}
        building = commands.open_place(kind="building", name="试1号楼", parent=a("grid"), **why)
        reader = at_place(building)
        form = step(reader, "open")
        assert {"unit", "household"} <= set(form.choices["kind"])
        reader.send(form, kind="household", name="101室")
        reader = Reader("admin").open("/tree/draft/")
        reader.send(acts(reader, "publish"), do="publish", basis="试")
        home = Place.objects.get(name="101室")
        rows = json.loads(Reader("admin").open(f"/tree/rows/?under={building.code}").text)["rows"]
        assert [row[0] for row in rows] == [building.pk, home.pk]
        assert Reader("admin").open(f"/tree/{building.code}/").says("101室")
        reader = at_place(home)
        assert reader.says("户", "试1号楼") and not any(
            form.fields.get("command") == ["open"] for form in reader.forms
        )


class TestMany:
    def test_several_at_once_into_one_or_a_new_one(self, town):
        community = a("community")
        grids = list(Place.objects.filter(parent=community, kind="grid", retired_at=None).order_by("code"))
        reader = at_place(grids[0])
        form = step(reader, "merge")
        assert set(form.choices["also"]) == {grid.code for grid in grids[1:]}
        reader.send(form, also=[grids[1].code], target=grids[1].code)
        assert draft().steps[-1]["args"] == {"places": [grids[0].code], "target": grids[1].code}
        reader.send(step(reader, "merge"), also=[grids[1].code], name="合并后的网格")
        reader = Reader("admin").open("/tree/draft/")
        reader.send(next(f for f in reader.forms if f.fields.get("n") == ["1"]))
        reader.send(acts(reader, "publish"), do="publish", basis="试")
        assert reader.status == 200, reader.words[:400]
        new = Place.objects.get(name="合并后的网格")
        for grid in grids[:2]:
            grid.refresh_from_db()
            assert grid.successions.get().new == new

    def test_either_a_place_or_a_name(self, town):
        reader = at_place(a("grid"))
        assert reader.send(step(reader, "merge")).status == 422
        reader = at_place(a("grid"))
        assert reader.send(step(reader, "merge"), target=a("grid", 1).code, name="甲").status == 422
        assert not Draft.objects.exists()

    def test_all_steps_of_one_post_or_none(self, town):
        grid = a("grid")
        good = {"command": "rename", "args": {"place": grid.code, "name": "甲"}}
        bad = {"command": "rename", "args": {"place": "没有", "name": "乙"}}
        client = Client()
        client.force_login(people.account("admin"), BACKEND)
        sent = {"do": "add", "steps": json.dumps([good, bad])}
        assert client.post("/tree/draft/", sent).status_code == 422
        assert not Draft.objects.exists()


class TestRetired:
    @pytest.fixture
    def gone(self, town):
        community = a("community")
        grids = list(Place.objects.filter(parent=community, kind="grid", retired_at=None).order_by("code"))
        why = {"by": people.SYSTEM, "at": clock.now()}
        commands.merge_places(places=[grids[1]], versions=[grids[1].version], target=grids[0], **why)
        return grids

    def test_listed_with_the_successor_and_restored(self, town, gone):
        reader = Reader("admin").open("/tree/retired/")
        assert reader.says(gone[1].name, gone[0].name, "承接")
        reader.send(next(form for form in reader.forms if form.fields.get("place") == [gone[1].code]))
        assert reader.path == "/tree/retired/" and reader.says("恢复已在草稿里")
        assert draft().steps[-1]["command"] == "restore"
        reader = Reader("admin").open("/tree/draft/")
        reader.send(acts(reader, "publish"), do="publish", basis="试")
        gone[1].refresh_from_db()
        assert gone[1].is_live and Reader("admin").open("/tree/retired/").says("没有停用的地点")

    def test_found_by_name_code_and_initials_and_told_beside_the_search(self, town, gone):
        for typed in (gone[1].name, gone[1].code, gone[1].name_initials):
            assert Reader("admin").open(f"/tree/retired/?q={typed}").says(gone[1].code), typed
        assert Reader("admin").open("/tree/retired/?q=没有这里").says("换个说法")
        found = json.loads(Reader("admin").open(f"/tree/find/?q={gone[1].name}").text)
        assert found["retired"] == 1

    def test_paged_in_a_fixed_number_of_statements(self, town, gone):
        client = Client()
        client.force_login(people.account("admin"), BACKEND)
        client.get("/tree/retired/")
        with statements() as few:
            client.get("/tree/retired/")
        why = {"by": people.SYSTEM, "at": clock.now()}
        for n in range(60):
            place = commands.open_place(kind="building", name=f"拆{n}号楼", parent=gone[0], **why)
            commands.retire_place(place=place, version=1, successor=gone[0], **why)
        client.get("/tree/retired/")
        with statements() as many:
            client.get("/tree/retired/")
        assert len(many) <= len(few) + 1 and len(few) <= 9, (len(few), len(many))
        reader = Reader("admin").open("/tree/retired/?page_size=50")
        assert reader.says("拆59号楼") and not reader.says("拆5号楼")
        link = next(part for part in reader.text.split('href="') if "cursor=" in part).split('"')[0]
        second = Reader("admin").open("/tree/retired/" + link.replace("&amp;", "&"))
        assert second.says("拆5号楼", gone[1].name)
        assert Reader("admin").open("/tree/retired/?cursor=xx").status == 200

    def test_not_another_streets(self, town, gone):
        tops = [Place.objects.get(code="370811111260")]
        assert list(place_tree.retired(tops)) == []


class TestRefusals:
    def test_keeps_what_was_typed_and_says_why(self, town):
        place = a("grid")
        reader = at_place(place)
        reader.send(step(reader, "move"), parent="没有这个地方")
        assert reader.status == 422 and reader.says("没找到“没有这个地方”这个地点")
        assert not Draft.objects.exists()

    def test_a_name_that_fits_several_asks_for_the_code(self, town):
        reader = at_place(a("grid"))
        reader.send(step(reader, "move"), parent="社区")
        assert reader.status == 422 and reader.says("请填编号")

    def test_publishing_wants_a_basis_and_a_draft_that_was_checked(self, town):
        place = a("grid")
        reader = at_place(place)
        reader.send(step(reader, "rename"), name="甲")
        checked = Reader("admin").open("/tree/draft/")
        assert checked.send(acts(checked, "publish"), do="publish", basis=" ").status == 422
        form = acts(checked, "publish")
        again = at_place(place)
        again.send(step(again, "rename"), name="乙")
        assert checked.send(form, do="publish", basis="试").status == 409
        assert checked.says("请再核对一遍")

    def test_what_others_changed_meanwhile_is_named(self, town):
        place = a("grid")
        reader = at_place(place)
        reader.send(step(reader, "rename"), name="甲")
        commands.rename_place(
            place=place, name="别人起的名", version=place.version, by=people.SYSTEM, at=clock.now()
        )
        reader = Reader("admin").open("/tree/draft/")
        assert reader.says("已被他人改动")
        reader.send(acts(reader, "refresh"))
        assert reader.status == 200 and not reader.says("已被他人改动")

    @pytest.mark.parametrize(
        "sent",
        [
            {"do": "add", "command": "drop_table"},
            {"do": "add", "steps": "{"},
            {"do": "add", "steps": "[]"},
            {"do": "add", "steps": json.dumps([{"command": "move", "args": {"place": ["x"], "parent": 3}}])},
            {"do": "add", "steps": "[" * 100_000},
            {
                "do": "add",
                "steps": json.dumps([{"command": "rename", "args": {"place": "#²", "name": "甲"}}]),
            },
            {
                "do": "add",
                "steps": json.dumps([{"command": "rename", "args": {"place": STREET, "name": "\0"}}]),
            },
            {
                "do": "add",
                "steps": '[{"command": "open", "args": {"kind": "grid", "name": "甲", "lon": NaN}}]',
            },
            {"do": "drop", "n": "²"},
            {"do": "publish"},
            {"do": "undo", "draft": "99999999999999999999"},
            {"do": "nothing"},
            {},
        ],
    )
    def test_nonsense(self, town, sent):
        client = Client()
        client.force_login(people.account("admin"), BACKEND)
        assert client.post("/tree/draft/", sent).status_code in (400, 404, 409, 422)
        assert not Draft.objects.filter(status="published").exists()

    def test_hostile_names_stand_inert(self, town):
        reader = at_place(a("grid"))
        reader.send(step(reader, "rename"), name="<script>alert(1)</script>'\"")
        assert "<script>alert" not in reader.text
        assert "<script>alert" not in Reader("admin").open("/tree/draft/").text


class TestPast:
    def test_as_it_was_on_a_day_and_what_became_of_it(self, town):
        grid = Place.objects.get(code=people.GRID)
        was = grid.name
        commands.rename_place(
            place=grid, name="今天的名", version=grid.version, by=people.SYSTEM, at=clock.now()
        )
        day = clock.today() - dt.timedelta(days=1)
        reader = Reader("admin").open(f"/tree/past/?day={day}&at={people.COMMUNITY}")
        assert reader.status == 200 and reader.says(was, "今天的名", "改名")
        today = Reader("admin").open(f"/tree/past/?day={clock.today()}&at={people.COMMUNITY}")
        assert today.says("今天的名") and today.says("到今天没有变化")

    def test_what_left_since_is_told(self, town, monkeypatch):
        grid = Place.objects.get(code=people.GRID_2)
        commands.move_place(
            place=grid,
            parent=Place.objects.get(code=people.COMMUNITY_2),
            version=grid.version,
            by=people.SYSTEM,
            at=clock.now(),
        )
        day = clock.today() - dt.timedelta(days=1)
        reader = Reader("admin").open(f"/tree/past/?day={day}&at={people.COMMUNITY}")
        assert reader.says("划转", "已划出")
        into = Reader("admin").open(f"/tree/past/?day={day}&at={people.COMMUNITY_2}")
        assert into.says("划转") and not into.says("已划出")
        monkeypatch.setattr(past, "MOST_CHANGES", 0)
        assert Reader("admin").open(f"/tree/past/?day={day}&at={people.COMMUNITY}").says("变化太多")

    def test_two_days_any_place_and_paged(self, town):
        grid = Place.objects.get(code=people.GRID)
        why = {"by": people.SYSTEM}
        now = clock.now()
        for n, name in enumerate(("前天的名", "昨天的名", "今天的名")):
            grid.refresh_from_db()
            at = now - dt.timedelta(days=2 - n)
            commands.rename_place(place=grid, name=name, version=grid.version, at=at, **why)
        days = [clock.today() - dt.timedelta(days=n) for n in (2, 1)]
        reader = Reader("admin").open(f"/tree/past/?day={days[0]}&until={days[1]}&at={people.COMMUNITY}")
        assert reader.says("前天的名 → 昨天的名") and not reader.says("今天的名")
        swapped = Reader("admin").open(f"/tree/past/?day={days[1]}&until={days[0]}&at={people.COMMUNITY}")
        assert swapped.says("前天的名 → 昨天的名")
        for n in range(60):
            commands.open_place(kind="building", name=f"新{n}号楼", parent=grid, at=now, **why)
        reader = Reader("admin").open(f"/tree/past/?day={days[1]}&at={people.GRID}")
        assert reader.says("61") and reader.text.count("新设") >= 40
        link = next(part for part in reader.text.split('href="') if "cursor=" in part).split('"')[0]
        second = Reader("admin").open("/tree/past/" + link.replace("&amp;", "&"))
        assert second.status == 200 and second.text.count("号楼") >= 11
        assert Reader("admin").open(f"/tree/past/?day={days[1]}&at={people.GRID}&cursor=xx").status == 200

    def test_the_tree_of_then_opens_as_deep_as_one_likes(self, town):
        grid = Place.objects.get(code=people.GRID)
        why = {"by": people.SYSTEM, "at": clock.now() - dt.timedelta(days=3)}
        building = commands.open_place(kind="building", name="旧1号楼", parent=grid, **why)
        commands.recode_place(
            place=building, code="B-NEW", version=1, by=people.SYSTEM, at=clock.now() - dt.timedelta(hours=1)
        )
        day = clock.today() - dt.timedelta(days=2)
        reader = Reader("admin").open(f"/tree/past/?day={day}&at={building.code}")
        assert reader.says("旧1号楼", grid.name, building.code)
        beside = Place.objects.filter(parent=grid.parent, kind="grid").exclude(pk=grid.pk).first()
        assert reader.says(beside.name)  # what stood beside it on every level
        rows = Reader("admin").open(f"/tree/past/?day={day}&at={grid.code}&branch=1").text
        assert "旧1号楼" in rows and "<html" not in rows

    def test_a_day_before_it_was_there_and_nonsense(self, town):
        assert Reader("admin").open("/tree/past/?day=2020-01-01").says("那一天还没有这个地点")
        assert Reader("admin").open("/tree/past/?day=昨天").status == 400
        assert Reader("admin").open("/tree/past/?at=000000").status == 404
