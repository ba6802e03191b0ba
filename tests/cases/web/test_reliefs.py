"""Relief over plain pages: asked with its effect shown, found in the queue, answered, told."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from cases.models import Case, Relief
from ledger import clock
from ledger.clock import LOCAL
from tests import builders
from tests.cases.reliefs.filing import answered, asked
from tests.clients import statements
from tests.pages import Reader, photo

pytestmark = pytest.mark.django_db
WORDS = {"reason": "须请检测机构。", "measure": "已围挡。", "told": "已电话告知。"}


def in_hand(**call) -> Case:
    return builders.a_case(through=("accept", "dispatch", "sign"), when=clock.now(), **call)


def test_an_extension_from_the_case_to_the_answer(town):
    case = in_hand()
    clerk = Reader("bumen").open(f"/cases/{case.number}/")
    assert clerk.says("申请延期", "申请挂账", "申请剔除")
    assert f"/cases/{case.number}/reliefs/new/extension/" in clerk.text
    clerk.open(f"/cases/{case.number}/reliefs/new/extension/")
    assert clerk.says(
        "批准后会怎样", "办结时限", "仍计入，按新时限判", "延期率", "0/1", "1/1", "承诺时间不变"
    )
    assert clerk.says("由观音阁街道指挥中心批复")
    clerk.send("extension", ground="complex", **{**WORDS, "told": ""})
    assert clerk.status == 422 and clerk.says("怎样告知反映人的") and "须请检测机构。" in clerk.text
    clerk.send("extension", ground="complex", **WORDS)
    assert clerk.status == 200 and clerk.says("延期申请已提出", "待批复", "延长 2 日", "时钟照走")

    desk = Reader("jiedao").open("/reliefs/")
    assert desk.says("待批复 1", "延长 2 日", "情况复杂", "区综合执法局")
    desk.open(f"/cases/{case.number}/reliefs/1/")
    assert desk.says("须请检测机构。", "已围挡。", "批准", "不批准", "仍计入")
    desk.send("refuse", reason="")
    assert desk.status == 422 and desk.says("不批准的理由")
    desk.send("grant", reason="同意，抓紧。")
    assert desk.status == 200 and desk.says("延期申请已批准", "批准后的时限", "同意，抓紧。")
    assert Reader("jiedao").open("/reliefs/").says("没有等您批的申请")
    assert Reader("jiedao").open("/reliefs/?tab=answered").says("已批准")
    clerk.open(f"/cases/{case.number}/")
    assert clerk.says("延期：申请获批准", "最多批准延期 1 次")
    assert Reader("bumen").open("/reliefs/").says("我单位提出的", "已批准")


def test_a_hold_with_its_proof_and_its_end(town):
    case = in_hand()
    clerk = Reader("bumen").open(f"/cases/{case.number}/reliefs/new/hold/")
    assert clerk.says("挂账期间不计", "挂账率")
    until = (clock.now() + dt.timedelta(days=8)).astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M")
    sent = {**WORDS, "ground": "weather", "until": until, "next_step": "雨停后施工。"}
    clerk.send("hold", **sent)
    assert clerk.status == 422 and clerk.says("凭据")
    clerk.send("hold", {"attachments": photo()}, **sent)
    assert clerk.status == 200 and clerk.says("挂账申请已提出")
    desk = Reader("jiedao").open(f"/cases/{case.number}/reliefs/1/")
    assert re.search(r"<img[^>]+attachments", desk.text)
    desk.send("grant")
    assert Case.objects.get(pk=case.pk).status == "on_hold"
    assert desk.says("复核", "继续挂账", "结束挂账")
    desk.send("end", reason="天晴了。")
    assert desk.says("挂账已结束") and Case.objects.get(pk=case.pk).status == "in_hand"


def test_an_exclusion_leaves_every_figure(town):
    case = in_hand()
    clerk = Reader("bumen").open(f"/cases/{case.number}/reliefs/new/exclusion/")
    assert clerk.says("退出分子和分母", "剔除率", "由督查员批复")
    clerk.send("exclusion", {"attachments": photo()}, ground="force_majeure", **WORDS)
    assert clerk.says("剔除申请已提出")
    assert Reader("jiedao").open("/reliefs/").says("没有等您批的申请")
    official = Reader("ducha").open("/reliefs/")
    assert official.says("待批复 1", "不可抗力")
    official.open(f"/cases/{case.number}/reliefs/1/").send("grant")
    assert Case.objects.get(pk=case.pk).excluded


def test_after_the_deadline_the_page_says_so(town):
    case = builders.a_case(through=("accept", "dispatch", "sign"), when=clock.now() - dt.timedelta(days=3))
    clerk = Reader("bumen").open(f"/cases/{case.number}/")
    assert clerk.says("办结时限已过，不能再申请延期")
    clerk.open(f"/cases/{case.number}/reliefs/new/extension/")
    assert clerk.status == 200 and clerk.says("办结时限已过")
    assert not [form for form in clerk.forms if "reliefs" in form.action]


def test_who_may_not_answer_reads_why(town):
    relief = asked(in_hand())
    page = Reader("ducha").open(f"/cases/{relief.case.number}/reliefs/1/")
    assert page.says("这份申请由观音阁街道指挥中心批复。")
    page = Reader("bumen").open(f"/cases/{relief.case.number}/reliefs/1/")
    assert page.says("撤回申请")
    page.send("withdraw")
    assert page.says("延期申请已撤回") and Relief.objects.get().state == "withdrawn"


def test_an_answer_that_comes_second(town):
    relief = asked(in_hand())
    desk = Reader("jiedao").open(f"/cases/{relief.case.number}/reliefs/1/")
    answered(relief, by="zhiban")
    desk.send("grant")
    assert desk.status == 409 and desk.says("已批准")


def test_addresses_that_are_none(town):
    case = in_hand()
    clerk = Reader("bumen")
    for path in ("new/holiday/", "9/", "x/", "1/bless/"):
        assert clerk.open(f"/cases/{case.number}/reliefs/{path}").status in (404, 405)


def test_the_queue_does_not_grow_with_its_rows(town):
    desk = Reader("jiedao").open("/reliefs/")
    asked(in_hand())
    desk.open("/reliefs/")
    with statements() as found:
        desk.open("/reliefs/")
    before = len(found)
    for _n in range(6):
        asked(in_hand())
    with statements() as found:
        desk.open("/reliefs/")
    assert len(found) <= before <= 8, "\n".join(found)


def test_the_pages_of_one_relief_stay_within_their_share(town):
    relief = asked(in_hand())
    for username, path in (
        ("jiedao", f"/cases/{relief.case.number}/reliefs/1/"),
        ("bumen", f"/cases/{in_hand().number}/reliefs/new/extension/"),
    ):
        reader = Reader(username).open(path)
        with statements() as found:
            reader.open(path)
        assert len(found) <= 11, (path, len(found), "\n".join(found))


def test_the_share_opens_to_its_cases(town):
    relief = asked(in_hand())
    answered(relief)
    in_hand()
    official = Reader("lingdao")
    today = clock.local_date(clock.now())
    days = f"&from={today - dt.timedelta(days=1)}&to={today}"
    assert official.open(f"/cases/?figure=extended&part=numerator{days}").says("共 1 件", relief.case.number)
    assert official.open(f"/cases/?figure=extended&part=denominator{days}").says("共 2 件")
