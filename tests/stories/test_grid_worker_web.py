"""A grid worker's day on plain pages: log, settle, call upward, supply, verify, tell, walk the grid."""

from __future__ import annotations

import re

import pytest

from cases.models import Attachment, Case, Round
from parties import directory
from tests import builders
from tests.pages import Reader, photo

pytestmark = pytest.mark.django_db


def latest() -> Case:
    return Case.objects.latest("id")


def test_a_line_of_text_is_enough(town):
    worker = Reader("wangge").open("/")
    assert worker.path == "/calls/new/"
    assert worker.form("call-form").fields["place"] == [town.GRID]
    worker.send("call-form", text="楼下垃圾没人收。", action="take")
    case = latest()
    assert worker.path == f"/calls/{case.number}/taken/"
    assert (case.origin, case.channel, case.place.code) == ("resident", "app", town.GRID)
    assert worker.open("/my/").says("办理中 1", "楼下垃圾没人收")


def test_a_photo_alone_is_enough_and_nothing_is_not(town):
    worker = Reader("wangge").open("/calls/new/")
    worker.send("call-form", action="take", origin="patrol")
    assert worker.status == 422 and worker.says("留一样就行") and not Case.objects.exists()
    worker.send("call-form", {"attachments": photo()}, action="take", origin="patrol", item="0601")
    case = latest()
    assert case.origin == "patrol" and case.attachments.count() == 1
    assert not worker.says("请把查询码告诉居民")


def test_settled_on_the_spot_in_one_form(town):
    worker = Reader("wangge").open("/calls/new/")
    worker.send("call-form", text="两家为楼道吵起来。", item="0301", result="当面说和了。", action="settle")
    case = latest()
    assert (case.status, case.resolved_level) == ("resolved", "grid")
    assert worker.says("已就地办结")


def test_settling_wants_its_photo_and_takes_nothing_without(town):
    worker = Reader("wangge").open("/calls/new/")
    worker.send(
        "call-form", text="门口一袋垃圾。", item="0601", result="捡走了。", origin="patrol", action="settle"
    )
    assert worker.status == 422 and worker.says("要有照片") and not Case.objects.exists()
    assert "门口一袋垃圾。" in worker.text and "捡走了。" in worker.text
    worker.send("call-form", {"attachments": photo()}, item="0601", action="settle")
    assert latest().status == "resolved" and latest().attachments.get().seq == 2
    # the photo alone, without a word: it proves the result, the item speaks for the call
    worker.open("/calls/new/").send(
        "call-form",
        {"attachments": photo()},
        item="0601",
        result="捡走了。",
        origin="patrol",
        action="settle",
    )
    assert latest().status == "resolved" and latest().title == "暴露垃圾"


def test_a_refused_form_keeps_its_photos(town):
    worker = Reader("wangge").open("/calls/new/")
    worker.send("call-form", {"attachments": photo()}, caller_phone="12", action="take")
    assert worker.status == 422 and worker.says("电话号码不对", "材料已经传好")
    form = worker.form("call-form")
    worker.send("call-form", caller_phone="13905371234", action="take")
    assert latest().attachments.count() == 1 and Attachment.objects.count() == 1
    # a browser that morphs the page still holds the picture and sends it again
    worker.open("/calls/new/").send("call-form", {"attachments": photo()}, caller_phone="12", action="take")
    worker.send("call-form", {"attachments": photo()}, caller_phone="13905371234", action="take")
    assert latest().attachments.count() == 1
    # one that was used meanwhile, and what is no id, is refused in words
    form.fields["idempotency_key"] = ["another"]
    assert worker.send(form, caller_phone="13905371234", action="take").status == 422
    form.fields["attachments"] = ["nonsense"]
    assert worker.send(form, {"attachments": photo()}, idempotency_key="third", action="settle").status == 422


def test_a_refused_form_keeps_its_choices(town):
    worker = Reader("wangge").open("/calls/new/")
    worker.send(
        "call-form", item="0708", urgency="urgent", caller_phone="12", text="有人烧树叶。", action="take"
    )
    fields = worker.form("call-form").fields
    assert (fields["item"], fields["urgency"], fields["text"]) == (["0708"], ["urgent"], ["有人烧树叶。"])


def test_a_double_click_acts_once(town):
    worker = Reader("wangge").open("/calls/new/")
    form = worker.form("call-form")
    for _click in range(2):
        worker.send(form, {"attachments": photo()}, text="井盖坏了。", action="take")
        assert worker.status == 200 and "/taken/" in worker.path
    assert Case.objects.count() == 1 and Attachment.objects.count() == 1
    form.fields["text"] = ["另一件事。"]
    assert worker.send(form, action="take").status == 422 and Case.objects.count() == 1


def test_a_settled_double_click_acts_once(town):
    worker = Reader("wangge").open("/calls/new/")
    form = worker.form("call-form")
    for _click in range(2):
        worker.send(form, text="吵架。", item="0301", result="说和了。", action="settle")
        assert worker.status == 200
    assert Case.objects.count() == 1


def test_another_place_by_name_initials_and_code(town):
    worker = Reader("jiedao").open("/calls/new/?place_q=pps")
    assert worker.form("call-form").fields["place"] == [""]  # a desk says where
    assert worker.says("琵琶山社区")
    worker.send("call-form", text="路灯坏了。", place_q="琵琶山社区居委会", channel="visit", action="take")
    assert (latest().place.code, latest().channel) == (town.COMMUNITY_2, "visit")
    worker.open("/calls/new/").send("call-form", text="路灯坏了。", place_q="第一网格", action="take")
    assert (
        worker.status == 422 and worker.says("请选一个") and worker.form("call-form").choices["place_found"]
    )
    worker.send("call-form", place_found=town.GRID_3, action="take")
    assert latest().place.code == town.GRID_3
    worker.open("/calls/new/").send("call-form", text="x", place_q="没有这里", action="find")
    assert worker.status == 200 and worker.says("没找到") and ">x</textarea>" in worker.text


def test_outside_of_ones_grid_is_refused_in_words(town):
    worker = Reader("wangge").open("/calls/new/")
    worker.send("call-form", text="对面街上。", place=town.OTHER_GRID, action="take")
    assert worker.status == 403 and worker.says("不在您负责的范围内") and "对面街上。" in worker.text


def test_what_waits_for_me(town):
    assert Reader("wangge").open("/todo/").says("都办完了")
    asked = builders.a_case("awaiting_info", through=("accept", "ask"))
    patrol = builders.a_case("resolved", caller=None, origin="patrol")
    told = builders.a_case("resolved")
    worker = Reader("wangge").open("/todo/")
    assert worker.says("要我办 3", "去补充", "去核查", "去告知", "请说明具体位置。")
    worker.open(f"/cases/{asked.number}/").send("supply", answer="在北侧。")
    assert worker.says("已补充")
    worker.open(f"/cases/{patrol.number}/").send("verify", text="看过了，干净。")
    assert worker.status == 200, worker.words
    worker.open(f"/cases/{told.number}/").send("answer", told="洗干净了。", channel="visit")
    assert worker.says("已反馈")
    assert worker.open("/todo/").says("都办完了")


def test_not_done_goes_back_to_the_last_holder(town):
    patrol = builders.a_case("resolved", caller=None, origin="patrol")
    worker = Reader("wangge").open(f"/cases/{patrol.number}/")
    worker.send("rework", {"attachments": photo()}, reason="北侧没洗。")
    patrol.refresh_from_db()
    assert (patrol.status, patrol.reworks) == ("in_hand", 1)
    assert worker.open(f"/cases/{patrol.number}/").says("北侧没洗。", "返工")


def test_upward_and_back_to_the_list(town):
    case = builders.a_case(item=builders.GRID_ITEM)
    worker = Reader("wangge").open(f"/cases/{case.number}/?back=/my/")
    worker.send("escalate", reason="要社区出面。")
    assert worker.path == "/my/" and worker.says("已上呼")


def test_what_is_in_my_hands_waits_for_me(town):
    """Taken up by somebody outdoors, or a part that the own committee was asked for."""
    case = builders.a_case("in_hand", through=("accept", "start"), item=builders.GRID_ITEM)
    Case.objects.filter(pk=case.pk).update(holder_account_id=town.account("wangge").pk)
    page = Reader("wangge").open("/todo/")
    assert page.says("经办", "在您手上", "去办理") and not Reader("wangge2").open("/todo/").says("在您手上")
    desk = next(unit for unit in map(directory.by_id, town.actor("wangge").units) if unit is not None)
    helped = builders.a_case("accepted", text="要社区一起办的。")
    builders.walk(helped, "dispatch", assisting=[desk.code])
    assert Reader("wangge").open("/todo/").says("协办", "要社区一起办的")


def test_a_round_is_one_tap(town):
    worker = Reader("wangge").open("/grid/")
    assert worker.says("巡查走访", "1号楼", "还没去过")
    worker.send("rounds", go=f"patrol:{town.BUILDING}")
    assert worker.path.startswith("/grid/") and worker.says("1号楼：巡查已记下。")
    worker.send(
        "rounds", {"attachments": photo()}, go="visit", place=town.BUILDING, text="见到孟庆芳 13905371234"
    )
    assert worker.says("1号楼：走访已记下。") and Round.objects.count() == 2
    cover = worker.open(f"/rounds/?place={town.GRID}")
    assert cover.says("最近的巡查走访", "139****1234") and "13905371234" not in cover.text
    picture = Attachment.objects.get(round__isnull=False)
    assert worker.open(f"/attachments/{picture.pk}/").status == 200
    assert Reader("wanggezhang").open(f"/attachments/{picture.pk}/").status == 200
    assert Reader("linju").open(f"/attachments/{picture.pk}/").status == 404


def test_a_refused_round_keeps_its_words(town):
    worker = Reader("wangge").open("/grid/")
    worker.send("rounds", {"attachments": photo()}, go="patrol:nowhere", text="写了的还在")
    assert worker.status == 422 and worker.says("没有编码为“nowhere”的地点") and "写了的还在" in worker.text
    assert worker.form("rounds").fields["attachments"]
    assert worker.send("rounds", go="", text="x").status == 422 and not Round.objects.exists()
    assert (
        Reader("lingdao").open("/grid/").status == 200
        and "巡查到此" not in Reader("lingdao").open("/grid/").text
    )


def test_a_call_begins_from_a_round(town):
    worker = Reader("wangge").open("/grid/")
    url = re.search(r'href="(/calls/new/[^"]*origin=patrol[^"]*)"', worker.text)[1].replace("&amp;", "&")
    form = worker.open(url).form("call-form")
    assert form.fields["origin"] == ["patrol"] and form.fields["place"] == [town.GRID]


def test_my_grid(town):
    builders.a_case(place=town.BUILDING)
    worker = Reader("wangge").open("/grid/")
    assert worker.says("第一网格", "在办", "1号楼", "在办 1 件")
    assert worker.open(f"/grid/?place={town.BUILDING}").says("1号楼")
    assert worker.open(f"/grid/?place={town.OTHER_GRID}").status == 404
    assert worker.open("/grid/?place=%00&show=x").status == 200
    assert Reader("louzhang").open("/grid/").says("1号楼")


def test_large_type_and_english(town):
    worker = Reader("wangge").open("/calls/new/")
    token = worker.forms[0].fields["csrfmiddlewaretoken"][0]
    assert re.fullmatch(r"\w+", token)
    preferences = next(form for form in worker.forms if form.action == "/preferences/")
    worker.send(preferences, elder="1", next="/calls/new/")
    assert worker.path == "/calls/new/" and re.search(r'<html[^>]*class="[^"]*elder', worker.text)
