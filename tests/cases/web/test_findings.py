"""认定 on screen: the list, one finding, the forms of unit and supervisor; and what they cost."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from cases.findings import commands
from cases.models import Clock, Finding
from ledger import clock, post
from tests.builders import a_case, a_move
from tests.cases.web.test_budgets import cost
from tests.pages import Reader

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def late(n: int = 1, *, days: float = 1) -> list[Finding]:
    """So many cases signed late within the last hours, each with its draft."""
    for i in range(n):
        start = clock.now() - dt.timedelta(days=days + 3) + dt.timedelta(minutes=i)
        case = a_case("assigned", when=start, text=f"第{i}件。")
        due = Clock.objects.get(case=case, stage="sign").due_at
        a_move(case, "sign", when=due + HOUR)
    while post.deliver_pending():
        pass
    Finding.objects.update(state_by=clock.now() + HOUR)
    return list(Finding.objects.order_by("pk"))


def test_the_way_of_one(town):
    (row,) = late()
    clerk = Reader("bumen").open("/findings/")
    assert clerk.says("迟响应 · 区综合执法局", "签收，超时 1 小时", "待陈述"), clerk.words
    clerk.open(f"/findings/{row.pk}/")
    assert clerk.says("应在此前", "实际", "系统按时钟起草", row.case.number)
    supervisor = Reader("ducha").open(f"/findings/{row.pk}/")
    assert supervisor.says("单位陈述后或期限过后才能认定") and supervisor.text.count("认定的理由") == 1
    clerk.send("state", statement="系统停机，电话 13905371234 可证。")
    assert clerk.status == 200 and clerk.says("陈述已交给督查。", "系统停机", "139****1234")
    supervisor.open("/findings/")
    assert supervisor.says("已陈述，待认定", "按单位")
    supervisor.open(f"/findings/{row.pk}/").send("confirm", reason="停机未报备。")
    assert supervisor.status == 200 and supervisor.says("已认定", "停机未报备。", "冯静")
    assert supervisor.open("/findings/?state=confirmed").says("迟响应")
    assert not supervisor.open("/findings/").says("第 1–1 件")


def test_the_callers_name_is_masked(town):
    (row,) = late()
    clerk = Reader("bumen").open(f"/findings/{row.pk}/")
    clerk.send("state", statement="已联系孟庆芳。")
    assert clerk.says("已联系孟**。") and "孟庆芳" not in clerk.text
    page = Reader("ducha").open(f"/findings/{row.pk}/")
    page.send("drop", reason="孟庆芳认可。")
    assert page.says("孟**认可。") and "孟庆芳" not in page.text


def test_a_refusal_keeps_what_was_typed(town):
    (row,) = late()
    clerk = Reader("bumen").open(f"/findings/{row.pk}/")
    clerk.send("state", statement="   ")
    assert clerk.status == 422 and clerk.says("请写明陈述。")


def test_late_for_the_statement(town):
    (row,) = late()
    clerk = Reader("bumen").open(f"/findings/{row.pk}/")
    Finding.objects.update(state_by=clock.now() - HOUR)
    clerk.send("state", statement="其实……")
    assert clerk.status == 422 and clerk.says("陈述的期限已过。")
    assert Reader("ducha").open(f"/findings/{row.pk}/").says("未陈述，待认定", "认定的理由")


def test_filters(town):
    late()
    page = Reader("ducha")
    assert page.open("/findings/?kind=late_response&organisation=GV24").says("迟响应 · 区综合执法局")
    assert page.open("/findings/?kind=no_response").says("这样筛选没有认定")
    assert page.open("/findings/?organisation=区综合执法局").says("迟响应 · 区综合执法局")
    assert page.open("/findings/?organisation=没有").status == 400
    assert page.open("/findings/?kind=x").status == 400


def test_empty_says_what_comes(town):
    assert Reader("ducha").open("/findings/").says("这里没有认定", "没有等着认定的。")


def test_why_is_that_round(town):
    (row,) = late()
    page = Reader("ducha").open(f"/cases/{row.case.number}/clocks/sign/why/?part=0&round=1")
    assert page.status == 200 and page.says("签收")
    assert page.open(f"/cases/{row.case.number}/clocks/sign/why/?part=0&round=2").status == 404


def test_pages_cost_the_same_for_many(town):
    late(2)
    few = cost("ducha", "/findings/")
    late(55)
    page = Reader("ducha").open("/findings/")
    assert page.says("第 1–50 件，共 57 件")
    many = cost("ducha", "/findings/")
    assert len(many) == len(few) <= 6, many
    assert len(cost("bumen", "/findings/")) <= 6
    onward = page.text.split('rel="next"')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
    assert page.open(f"/findings/{onward}").says("第 51–57 件")
    row = Finding.objects.first()
    assert len(cost("ducha", f"/findings/{row.pk}/")) <= 6


def test_a_sensitive_matter_keeps_its_words(town):
    (row,) = late()
    row.case.sensitive = True
    row.case.save(update_fields=["sensitive"])
    page = Reader("ducha").open("/findings/")
    assert not page.says("第0件") and page.says("建筑外立面不洁")
    assert Reader("bumen").open(f"/findings/{row.pk}/").says("第0件")


def test_the_notice_leads_there(town):
    (row,) = late()
    inbox = Reader("bumen").open("/notices/")
    assert inbox.says("“迟响应”待认定，您单位可以陈述")
    told = re.search(r'class="rowlink dated" href="([^"]+)"', inbox.text)
    assert told and inbox.open(told[1]).path == f"/findings/{row.pk}/"


def test_commands_and_page_say_the_same(town):
    (row,) = late()
    assert set(commands.ACTS) == set(commands.SAID)
    supervisor = Reader("ducha").open(f"/findings/{row.pk}/")
    assert [form.action.rsplit("/", 2)[1] for form in supervisor.forms if "/findings/" in form.action] == [
        "drop"
    ]


def test_a_supervisor_drafts_one(town):
    case = a_case(through=("accept", "dispatch", "sign"))
    page = Reader("ducha").open(f"/cases/{case.number}/")
    assert page.says("没有认定。", "起草认定")
    assert not Reader("lingdao").open(f"/cases/{case.number}/").says("起草认定")
    page.open(f"/cases/{case.number}/finding/")
    page.send("finding", kind="buck_passing", organisation="GV24", words=" ")
    assert page.status == 422 and page.says("请写明理由。")
    page.send("finding", kind="buck_passing", organisation="GV25", words="推来推去")
    assert page.status == 422 and page.says("请选经办过这件工单的单位。")
    page.send("finding", kind="buck_passing", organisation="GV24", words="三次推给环卫，电话 13905371234。")
    assert page.status == 200 and page.says("推诿", "139****1234", "冯静", "您起草的，须由别人认定")
    row = Finding.objects.get()
    assert (row.kind, row.rule, row.organisation.code) == ("buck_passing", "", "GV24")
    assert Reader("bumen").open(f"/findings/{row.pk}/").says("单位的陈述", "三次推给环卫")
    other = Reader("ducha2").open(f"/findings/{row.pk}/").send("drop", reason="查无此事。")
    assert other.says("未予认定", "查无此事。", "谢芸")
