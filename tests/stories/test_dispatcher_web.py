"""A street dispatcher's day on plain pages: accept and dispatch in one form, the other ways, two at once."""

from __future__ import annotations

import datetime as dt

import pytest

from cases.models import Case
from ledger import clock
from ledger.models import Entry
from tests import builders
from tests.pages import Reader

pytestmark = pytest.mark.django_db


def test_the_list_begins_with_what_is_most_urgent(town):
    builders.a_case(text="早来的。", when=clock.now() - dt.timedelta(hours=5))
    builders.a_case(text="晚来的。", when=clock.now() - dt.timedelta(hours=1))
    builders.a_case(text="特急的。", when=clock.now() - dt.timedelta(minutes=5), urgency="critical")
    desk = Reader("jiedao").open("/desk/")
    at = [desk.text.index(words) for words in ("特急的", "早来的", "晚来的")]
    assert at == sorted(at) and desk.says("待受理 3")


def test_on_to_the_next_one(town):
    first = builders.a_case(text="先来的。", when=clock.now() - dt.timedelta(hours=3))
    second = builders.a_case(text="后来的。", when=clock.now() - dt.timedelta(hours=2))
    desk = Reader("jiedao").open("/desk/")
    assert desk.form("dispatch-form").fields["next"] == [second.number]
    desk.send("dispatch-form", assisting=[f"TS02-{town.STREET}"])
    first.refresh_from_db()
    assert first.status == "assigned" and first.open_parts == 1
    assert f"case={second.number}" in desk.path and desk.says("已受理并派遣", "后来的")


def test_another_item_proposes_another_unit(town):
    case = builders.a_case()
    desk = Reader("jiedao").open(f"/desk/?case={case.number}&item=0601")
    form = desk.form("dispatch-form")
    assert form.fields["item"] == ["0601"] and form.fields["organisation"] != ["GV24"]
    assert (
        Reader("jiedao", htmx=True)
        .open(f"/desk/?case={case.number}&item=0601")
        .text.lstrip()
        .startswith("<title")
    )


def test_a_refusal_keeps_the_form_as_it_was(town):
    case = builders.walk(builders.a_case(item=""), "escalate", by="shequ")
    desk = Reader("jiedao").open(f"/desk/?case={case.number}")
    assert desk.says("上呼理由", "本级没有执法权。", "还没有选定小项")
    desk.send("dispatch-form", organisation="", item="0610")
    assert desk.status == 422 and desk.says("请填写“主办单位”", "受理与派遣")
    assert desk.form("dispatch-form").fields["item"] == ["0610"]
    case.refresh_from_db()
    assert case.status == "received"
    desk.send("dispatch-form", organisation="GV24")
    case.refresh_from_db()
    assert case.status == "assigned"


def test_two_dispatchers_at_once(town):
    case = builders.a_case()
    one = Reader("jiedao").open(f"/desk/?case={case.number}")
    other = Reader("jiedao2").open(f"/desk/?case={case.number}")
    one.send("dispatch-form", organisation="GV24")
    other.send("dispatch-form", organisation=f"TS02-{town.STREET}")
    assert other.status == 409 and other.says("刚被别人改过", "现在的", "待签收")
    case.refresh_from_db()
    assert case.holder.code == "GV24"
    assert Entry.objects.filter(event="case.assigned").count() == 1


def test_a_stale_move_shows_both_texts(town):
    case = builders.a_case("in_hand", through=("accept", "dispatch", "sign"))
    clerk = Reader("bumen").open(f"/cases/{case.number}/")
    builders.walk(case, "transfer", by="bumen2")
    clerk.send("resolve", result="我写了很久的办结说明。")
    assert clerk.status == 409 and clerk.says("我写了很久的办结说明。", "您写的", "现在的", "待签收")


@pytest.mark.parametrize(
    ("move", "values", "status", "says"),
    [
        ("reject", {"ground": "lawsuit", "instead": "请按诉讼程序。", "told": "1"}, "rejected", "已不予受理"),
        ("hand_down", {"reason": "社区的事。"}, "received", "已下交"),
        ("escalate", {"reason": "街道没有执法权。"}, "received", "已上呼"),
        ("ask", {"question": "哪个单元？", "channel": "phone"}, "awaiting_info", "已要求补充"),
        ("accept", {}, "accepted", "已受理"),
    ],
)
def test_the_other_moves_beside_the_form(town, move, values, status, says):
    case = builders.a_case()
    desk = Reader("jiedao").open(f"/desk/?case={case.number}").send(move, **values)
    assert desk.status == 200 and desk.says(says) and desk.path.startswith("/desk/")
    case.refresh_from_db()
    assert case.status == status


def test_the_caller_was_not_told(town):
    case = builders.a_case()
    desk = Reader("jiedao").open(f"/desk/?case={case.number}")
    desk.send("reject", ground="lawsuit", instead="请按诉讼程序。")
    assert desk.status == 422 and desk.says("先告知反映人", "受理与派遣") and "请按诉讼程序。" in desk.text


def test_one_matter_twice_is_merged(town):
    elder = builders.a_case(text="外墙被喷了。")
    case = builders.a_case(text="外墙又被喷了。", caller={"name": "另一位", "phone": "13905370000"})
    desk = Reader("jiedao").open(f"/desk/?case={case.number}")
    assert desk.says("附近相似", elder.number)
    merge = next(form for form in desk.forms if form.action.endswith("/merge/"))
    desk.send(merge)
    case.refresh_from_db()
    assert case.status == "merged" and case.merged_into_id == elder.pk
    assert Reader("jiedao").open(f"/cases/{elder.number}/").says("外墙被喷了", "外墙又被喷了", "第 2 次反映")


def test_a_reason_opens_the_number_once(town):
    case = builders.a_case(text="找我 13905371234。")
    desk = Reader("jiedao").open(f"/cases/{case.number}/")
    assert desk.says("孟**", "139****1234") and "13905371234" not in desk.text
    desk.send("reveal", reason="")
    assert desk.status == 422 and "13905371234" not in desk.text
    desk.send("reveal", reason="回电核实地址")
    assert desk.status == 200 and desk.says("孟庆芳") and "13905371234" in desk.text
    assert Entry.objects.filter(event="case.revealed").count() == 1
    assert "13905371234" not in desk.open(f"/cases/{case.number}/").text
    on_desk = Reader("jiedao").open(f"/desk/?case={case.number}").send("reveal", reason="核实")
    assert on_desk.path.startswith("/desk/") and "13905371234" in on_desk.text


def test_why_this_deadline(town):
    case = builders.a_case()
    desk = Reader("jiedao").open(f"/cases/{case.number}/clocks/resolve/why/")
    assert desk.says("为什么是这个时限", "到期时刻")
    assert desk.open(f"/cases/{case.number}/clocks/nonsense/why/").status == 404


def test_all_cases_by_filter_words_and_number(town):
    case = builders.a_case()
    builders.a_case(text="楼道堆物。", item="0502")
    desk = Reader("jiedao").open(f"/cases/?q={case.number.lower()}")
    assert desk.path == f"/cases/{case.number}/"
    assert desk.open("/cases/?q=外墙").says("外墙") and not desk.says("楼道堆物。")
    assert desk.open("/cases/?item=0502&status=open").says("条件", "楼道堆物", "共 1 件")
    assert desk.open("/cases/?q=gyg").says("共 2 件")
    assert desk.open("/cases/?status=nonsense").status == 400
    assert desk.open("/cases/?q=%00&cursor=%00x&kind=problem").status == 200
    assert Reader("linju").open("/cases/?q=外墙").says("没有工单")


def test_relocate_by_name_and_reclassify(town):
    case = builders.a_case()
    desk = (
        Reader("jiedao").open(f"/cases/{case.number}/").send("relocate", place="第二网格", reason="在隔壁。")
    )
    case.refresh_from_db()
    assert desk.says("“改地点”已记下") and case.place.code == town.GRID_2
    desk.send("relocate", place="第一网格", reason="还是不对。")
    assert desk.status == 422 and desk.says("请填编码", town.GRID)
    desk.send("reclassify", item="0601", reason="是垃圾。")
    case.refresh_from_db()
    assert case.item.code == "0601"


def test_a_number_keeps_no_more_than_its_count(town):
    assert Case.objects.count() == 0
    assert Reader("jiedao").open("/desk/").says("都受理了")
