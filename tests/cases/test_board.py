"""The public board: who keeps it, what may stand on it, and that nobody can be known from it."""

from __future__ import annotations

import datetime as dt

import pytest

from cases import board, board_places
from cases.figures.values import Value
from cases.models import Attachment, BoardCard, Case
from cases.queries import board as queries
from cases.refusals import MoveRefused
from ledger.models import Entry
from parties.gate import OutOfScope
from tests import town as towns
from tests.builders import CALLER, a_case, a_photo
from tests.clients import Api, is_problem, statements
from tests.pages import Reader

pytestmark = pytest.mark.django_db
STEPS = [{"on": "2026-11-01", "words": "选好位置", "done": True}, {"words": "装灯", "done": False}]
BOARD = f"/board/{towns.COMMUNITY}/"


def write(by="shequ", **given) -> BoardCard:
    said = {"kind": "wish", "title": "加两盏路灯", "steps": STEPS, **given}
    return board.write(
        by=towns.actor(by), at=towns.MONDAY, place=board_places.community(towns.COMMUNITY), **said
    )


def done(**case) -> Case:
    return a_case(at="answered", **case)


def photo_of(case: Case) -> str:
    return str(Attachment.objects.filter(case=case).latest("seq").pk)


def release(case: Case, by="jiedao", **given) -> BoardCard:
    said = {"title": "北侧墙面洗干净了", "after": photo_of(case), "looked": True, **given}
    return board.release(by=towns.actor(by), at=case.last_at, case=case, **said)


def refused(act, *fields, as_="not_ready", **given) -> None:
    with pytest.raises(MoveRefused) as found:
        act(**given)
    assert found.value.kind == as_ and set(fields) <= set(found.value.fields), found.value.fields


class TestCards:
    def test_written_read_changed_and_taken_off(self, town):
        row = write()
        shown = queries.card(row)
        assert (shown["done"], shown["all"], shown["percent"]) == (1, 2, 50)
        assert [step["on"] for step in shown["steps"]] == [dt.date(2026, 11, 1), None]
        row = write(pk=row.pk, version=1, title="加三盏路灯")
        refused(write, as_="stale", pk=row.pk, version=1)
        board.retire(by=town.actor("shequ"), at=town.MONDAY, pk=row.pk, place=row.place, version=2)
        assert queries.cards(row.place) == []
        events = Entry.objects.filter(subject_kind="board_card", subject_id=row.pk).order_by("seq")
        assert [one.event for one in events] == [
            "board.card_written",
            "board.card_written",
            "board.card_retired",
        ]
        assert "路灯" not in str([one.payload for one in events])

    @pytest.mark.parametrize("by", ["wangge", "bumen", "lingdao", "admin", "linju"])
    def test_others_do_not_write(self, town, by):
        refused(write, as_="not_yours", by=by)

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"title": ""}, "title"),
            ({"title": "找王大爷 13905371234"}, "title"),
            ({"title": "3单元501室的灯"}, "title"),
            ({"kind": "done"}, "kind"),
            ({"steps": []}, "steps"),
            ({"steps": "装灯"}, "steps"),
            ({"steps": [{"words": "装灯", "on": "明天"}]}, "steps"),
            ({"steps": [{"words": "x" * 61}]}, "steps"),
            ({"steps": [{"words": "装灯"}] * 9}, "steps"),
        ],
    )
    def test_what_is_not_written(self, town, given, field):
        refused(write, field, **given)
        assert not BoardCard.objects.exists()

    def test_sent_twice_is_one(self, town):
        assert write(request_key="k", body_hash="h") == write(request_key="k", body_hash="h")
        refused(write, request_key="k", body_hash="other")

    def test_a_place_below_leads_to_its_community(self, town):
        assert board_places.community(town.BUILDING).code == town.COMMUNITY
        for code in (town.STREET, "nothing", ""):
            with pytest.raises(OutOfScope):
                board_places.community(code)


class TestReleasing:
    def test_a_sentence_and_pictures_of_the_case(self, town):
        case = done()
        row = release(case)
        assert (row.kind, row.case, row.place.code) == ("done", case, town.COMMUNITY)
        entry = Entry.objects.get(event="board.card_written")
        assert entry.payload["case"] == case.pk and entry.payload["photos"] == [photo_of(case)]
        refused(release, as_="stale", case=case)
        board.retire(by=town.actor("shequ"), at=case.last_at, pk=row.pk, place=row.place, version=1)
        assert board.shown(row.pk, "after") is None
        assert release(case).pk != row.pk

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"title": "麻烦清理1号楼外墙被喷了涂料，已办"}, "title"),  # the caller's own words
            ({"title": f"{CALLER['name']}说的墙洗好了"}, "title"),
            ({"title": f"电话 {CALLER['phone']}"}, "title"),
            ({"after": ""}, "after"),
            ({"after": "nonsense"}, "after"),
            ({"looked": False}, "looked"),
        ],
    )
    def test_what_would_tell_of_somebody(self, town, given, field):
        refused(release, field, case=done(), **given)
        assert not BoardCard.objects.exists()

    def test_no_picture_of_another_case(self, town):
        refused(release, "before", case=done(), before=a_photo(town.actor("jiedao")))

    def test_not_before_it_is_done_nor_what_is_between_people(self, town):
        photo = a_photo(town.actor("wangge"))
        refused(release, case=a_case(attachments=[photo]), after=photo)
        refused(release, case=done(kind="complaint"))
        refused(release, case=done(confidential=True))

    @pytest.mark.parametrize("by", ["wangge", "bumen", "linju", "shenji", "admin"])
    def test_others_do_not_release(self, town, by):
        refused(release, as_="not_yours", case=done(), by=by)


class TestTheBoard:
    def test_without_an_account_and_without_a_caller(self, town):
        case = done(text="我是孟庆芳，住3单元501，外墙脏了", caller=CALLER)
        release(case)
        write()
        page = Reader().open(BOARD)
        assert page.status == 200 and page.says("前铺社区", "北侧墙面洗干净了", "加两盏路灯", "2 步办了 1 步")
        for secret in (CALLER["name"], CALLER["phone"], "1234", "501", "外墙脏了", case.number):
            assert secret not in page.words, secret
        assert page.says("不足 5 件，不列"), "one case says too much of one caller"

    def test_a_picture_is_given_out_while_it_stands_there(self, town):
        api = Api("bumen")
        case = done()
        kept = api.photo()
        Attachment.objects.filter(pk=kept).update(case=case, seq=1)
        row = release(case, after=kept)
        url = f"/board/photos/{row.pk}/after/"
        got = Reader().open(url)
        assert got.status == 200 and got.body.startswith(b"\xff\xd8")
        assert Reader().open(url + "?small=1").status == 200
        assert Reader().open(f"/board/photos/{row.pk}/before/").status == 404
        assert Reader().open(f"/board/photos/{row.pk}/case/").status == 404
        board.retire(by=town.actor("jiedao"), at=case.last_at, pk=row.pk, place=row.place, version=1)
        assert Reader().open(url).status == 404

    def test_figures_of_few_are_not_shown(self):
        assert queries._shown(Value(4, 4)) is None
        assert queries._shown(Value(4, 5)) == {"num": 4, "den": 5, "percent": 80.0}

    def test_cost(self, town):
        write()
        release(done())
        Reader().open(BOARD)
        reader = Reader()
        with statements() as found:
            assert reader.open(BOARD).status == 200
        assert len(found) <= 6, found

    def test_the_report_leads_there(self, town):
        leads = f"/board/{town.BUILDING}/"
        assert leads in Reader().open(f"/report/?place={town.BUILDING}").text
        assert Reader().open(leads).says("前铺社区")
        assert "/board/" not in Reader().open("/report/").text


class TestPages:
    def test_a_clerk_keeps_it(self, town):
        page = Reader("shequ").open("/board/")
        assert page.path == f"{BOARD}edit/"
        form = next(form for form in page.forms if "words1" in form.fields)
        page.send(
            form, kind="project", title="修健身角", words1="选址", on1="2026-11-02", done1="1", words2="施工"
        )
        row = BoardCard.objects.get()
        assert row.steps == [
            {"on": "2026-11-02", "words": "选址", "done": True},
            {"on": "", "words": "施工", "done": False},
        ]
        page.open(f"{BOARD}edit/?edit={row.pk}")
        form = next(form for form in page.forms if "words1" in form.fields)
        assert form.fields["words2"] == ["施工"]
        page.send(form, done2="1")
        row.refresh_from_db()
        assert row.version == 2 and row.steps[1]["done"]
        off = next(form for form in page.forms if ("action", "retire") in form.buttons)
        assert page.send(off, action="retire").status == 200
        assert "修健身角" not in Reader().open(BOARD).text

    def test_only_the_steps_there_are_and_one_more(self, town):
        def rows():
            form = next(form for form in page.forms if "words1" in form.fields)
            return form, [form.fields[f"words{n}"][0] for n in range(1, 9) if f"words{n}" in form.fields]

        page = Reader("shequ").open(f"{BOARD}edit/")
        assert rows()[1] == [""]
        page.send(rows()[0], title="修健身角", words1="选址", done1="1", action="add")
        assert page.status == 200 and rows()[1] == ["选址", ""]
        page.send(rows()[0], words2="施工", action="add")
        page.send(rows()[0], words3="验收", action="up3")
        assert rows()[1] == ["选址", "验收", "施工", ""]
        page.send(rows()[0], action="down1")
        form, said = rows()
        assert (
            said == ["验收", "选址", "施工", ""]
            and form.fields["done2"] == ["1"]
            and "done1" not in form.fields
        )
        page.send(form, action="look")
        assert page.says("居民看到的样子", "3 步办了 1 步", "33%") and rows()[1] == said
        assert not BoardCard.objects.exists(), "nothing is written until it is put there"
        page.send(rows()[0])
        assert [step["words"] for step in BoardCard.objects.get().steps] == said[:3]
        page.send(rows()[0], title="又一条", action="down9")
        assert page.status == 200 and rows()[1] == [""]

    def test_no_more_than_eight_steps(self, town):
        write(steps=[{"words": f"第{n}步"} for n in range(8)])
        page = Reader("shequ").open(f"{BOARD}edit/?edit={BoardCard.objects.get().pk}")
        assert "words8" in page.text and "words9" not in page.text

    def test_a_sheet_for_the_stairwell(self, town):
        page = Reader("shequ").open(f"{BOARD}edit/")
        assert f"{BOARD}poster/" in page.text
        sheet = Reader().open(f"{BOARD}poster/")
        assert sheet.says(
            "前铺社区", f"http://testserver{BOARD}", f"http://testserver/report/?place={town.COMMUNITY}"
        )
        assert sheet.text.count("<svg") >= 2 and Reader().open(f"/board/{town.STREET}/poster/").status == 404

    def test_somebody_was_faster(self, town):
        row = release(done())
        page, other = Reader("shequ").open(f"{BOARD}edit/"), Reader("jiedao").open(f"{BOARD}edit/")
        for reader in (page, other):
            off = next(form for form in reader.forms if ("action", "retire") in form.buttons)
            reader.send(off, action="retire")
        row.refresh_from_db()
        assert page.status == 200 and other.status == 404 and row.version == 2

    def test_what_was_typed_stays(self, town):
        page = Reader("shequ").open(f"{BOARD}edit/")
        form = next(form for form in page.forms if "words1" in form.fields)
        page.send(form, kind="wish", title="打 13905371234", words1="选址")
        assert page.status == 422 and 'value="打 13905371234"' in page.text and 'value="选址"' in page.text

    def test_a_desk_releases_from_the_case(self, town):
        case = done()
        page = Reader("jiedao").open(f"/cases/{case.number}/")
        assert f"/cases/{case.number}/board/" in page.text
        page.open(f"/cases/{case.number}/board/")
        said = {"title": "北侧墙面洗干净了", "after": photo_of(case)}
        page.send("board", action="look", **said | {"title": "打 13905371234"})
        assert page.status == 422 and 'value="打 13905371234"' in page.text
        page.send("board", action="look", **said)
        assert page.says("居民看到的样子") and f"/attachments/{photo_of(case)}/?small=1" in page.text
        assert not BoardCard.objects.exists(), "looking puts nothing there"
        page.send("board", action="back")
        assert 'value="北侧墙面洗干净了"' in page.text and page.forms[-1].fields["after"] == [photo_of(case)]
        page.send("board", action="look")
        page.send("board", action="release")
        assert page.status == 422 and page.says("居民看到的样子", "请先看清照片上认不出人")
        page.send("board", action="release", looked="1")
        row = BoardCard.objects.get()
        assert page.status == 200 and f"/board/photos/{row.pk}/after/?small=1" in page.text
        page.send("board", action="retire")
        assert not BoardCard.objects.filter(retired_at=None).exists()
        assert "/board/" not in Reader("jiedao").open(f"/cases/{a_case().number}/").text


def test_the_same_by_the_interface(town):
    api, path = Api("shequ"), f"board/{town.COMMUNITY}/"
    made = api.post(path, {"kind": "wish", "title": "加两盏路灯", "steps": STEPS}, key="k1")
    assert made.status_code == 201 and made.json()["version"] == 1
    assert (
        api.post(path, {"kind": "wish", "title": "加两盏路灯", "steps": STEPS}, key="k1").json()
        == made.json()
    )
    card = f"{path}{made.json()['id']}/"
    put = api.put(card, {"kind": "wish", "title": "加三盏路灯", "steps": STEPS, "version": 1})
    assert put.status_code == 200 and put.json()["title"] == "加三盏路灯"
    is_problem(api.put(card, {"kind": "wish", "title": "四盏", "steps": STEPS, "version": 1}), 409)
    assert [one["title"] for one in api.get(path).json()] == ["加三盏路灯"]
    assert api.raw("DELETE", f"{card}?version=2").status_code == 204
    case = done()
    body = {"title": "北侧墙面洗干净了", "after": photo_of(case), "looked": True}
    assert Api("jiedao").post(f"cases/{case.number}/board/", body).status_code == 201
    is_problem(Api("jiedao").post(f"cases/{case.number}/board/", body), 409)
