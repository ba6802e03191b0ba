"""The whole way of one matter over plain pages: worker → street → department → told → the resident looks."""

from __future__ import annotations

import re

import pytest

from cases.models import Case
from ledger.models import Entry
from tests.pages import Reader, photo

pytestmark = pytest.mark.django_db
PHONE = "13905371234"


def number_in(path: str) -> str:
    return re.search(r"[A-Z]+\d{8}-\d{4}", path)[0]


def test_from_call_to_answer(town):
    worker = Reader("wangge").open("/calls/new/")
    worker.send(
        "call-form",
        {"attachments": photo()},
        text=f"1号楼外墙被喷了涂料，找我 {PHONE}。",
        item="0610",
        caller_name="孟庆芳",
        caller_phone=PHONE,
        action="take",
    )
    assert worker.status == 200 and worker.says("登记好了", "请把查询码告诉居民")
    assert PHONE not in worker.text
    number = number_in(worker.path)
    code = Case.objects.get(number=number).calls.get().tracking_code
    assert code[:4] in worker.text

    desk = Reader("jiedao").open("/desk/")
    assert desk.says("待受理 1", "外墙", "受理并派遣", "为什么是它")
    assert PHONE not in desk.text and "孟庆芳" not in desk.text
    form = desk.form("dispatch-form")
    assert form.fields["organisation"] == ["GV24"] and form.fields["item"] == ["0610"]
    desk.send("dispatch-form", assisting=None)
    assert desk.status == 200 and desk.path.startswith("/desk/") and desk.says("已受理并派遣", "都受理了")
    assert [entry.event for entry in Entry.objects.filter(subject_kind="case").order_by("seq")] == [
        "case.received",
        "case.accepted",
        "case.assigned",
    ]

    clerk = Reader("bumen").open("/queue/?tab=sign")
    assert clerk.says("待签收 1", number)
    clerk.open(f"/cases/{number}/").send("sign")
    assert clerk.says("已签收", "办理中")
    clerk.send("resolve", result="外墙已清洗。")
    assert clerk.status == 422 and clerk.says("要有照片") and "外墙已清洗。" in clerk.text
    clerk.send("resolve", {"attachments": photo()})
    assert clerk.status == 200 and clerk.says("已办结")

    desk.open(f"/cases/{number}/").send("answer", told="墙面已洗净，请您看看。", channel="phone")
    assert desk.status == 200 and desk.says("已反馈")
    worker.open("/my/?tab=told")
    assert worker.says("已反馈") and number in worker.text

    resident = Reader().open("/track/")
    resident.send("track", code=code, tail="1234")
    assert resident.status == 200 and resident.path == f"/track/{code}/"
    assert resident.says("已反馈", "墙面已洗净，请您看看。", "观音阁街道")
    for staff in ("刘志强", "吴国栋", "李建国", PHONE):
        assert staff not in resident.text
    assert resident.open(f"/track/{code}/slip/").says("登记凭条", number, "孟**", "139****1234")


def test_a_wrong_department_sends_it_back_and_the_desk_hears(town):
    from tests import builders

    case = builders.a_case("assigned")
    clerk = Reader("bumen").open(f"/cases/{case.number}/")
    clerk.send("decline", ground="not_our_duty", organisation="GV25", reason="属市政。")
    assert clerk.status == 200 and clerk.says("已退单")
    assert Reader("bumen").open("/queue/?tab=returned").says("已退单 1")
    desk = Reader("jiedao").open("/desk/?tab=disputes")
    assert desk.says("退单与争议 1", "退单 1 次")
    form = desk.form("dispatch-form")
    assert "accept" not in form.action and form.fields["organisation"] == [""]
    assert desk.says("它刚退过单", "退单理由", "不属本单位职责", "认为应由区审批局办", "属市政。")
    desk.send("dispatch-form", organisation="IN02", assisting=None)
    assert desk.status == 422 and desk.says("不在您的派遣范围内", "请上呼")
    desk.send("dispatch-form", organisation=f"TS02-{town.STREET}")
    assert desk.says("已派遣")
    assert Reader("zhongdui").open("/queue/").says("待签收 1")


def test_an_assisting_unit_has_its_own_part(town):
    from tests import builders

    case = builders.a_case("accepted")
    desk = Reader("jiedao").open(f"/desk/?tab=accepted&case={case.number}")
    desk.send("dispatch-form", organisation="GV24", assisting=[f"TS02-{town.STREET}"])
    assert desk.says("已派遣"), desk.words
    lead = Reader("bumen").open(f"/cases/{case.number}/").send("sign")
    assert lead.says("的协办还没有办完")
    squad = Reader("zhongdui").open("/queue/?tab=assist")
    assert squad.says("协办 1", case.number)
    squad.open(f"/cases/{case.number}/").send("sign")
    assert squad.says("已签收") and squad.open("/queue/").says("协办 1")
    squad.open(f"/cases/{case.number}/").send("resolve", result="围挡已撤。")
    assert squad.says("已办结") and not squad.open("/queue/").says("协办 1")
    assert lead.open(f"/cases/{case.number}/").says("协办办结", "围挡已撤。", "已办完")
    assert not lead.says("的协办还没有办完")


def test_the_desk_lets_an_assisting_unit_go(town):
    from tests import builders

    case = builders.walk(builders.a_case("accepted"), "dispatch", assisting=[f"TS02-{town.STREET}"])
    desk = Reader("jiedao").open(f"/cases/{case.number}/")
    form = desk.form("release_part")
    assert form.fields["organisation"] == [f"TS02-{town.STREET}"]
    desk.send("release_part")
    assert desk.says("已免办") and not [one for one in desk.forms if "release_part" in one.action]


def test_the_head_names_who_does_it(town):
    from tests import builders

    case = builders.a_case("assigned")
    head = Reader("fuzeren").open(f"/cases/{case.number}/")
    assert "bumen2" in head.form("assign").choices["person"]
    head.send("assign", person="bumen2")
    assert head.says("“分派到人”已记下", "分派到人", "→ 梁超")
    assert head.send("assign", person="jiedao").status == 422 and head.says("不在承办单位")
    assert Reader("bumen2").open("/queue/").says("我")
