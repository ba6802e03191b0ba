"""Deadline pages: rows, proposal and second person, 行业时限, the tester, planning open clocks again."""

from __future__ import annotations

import datetime as dt

import pytest

from cases.models import Clock, Policy
from cases.web.rules import replan
from ledger import clock
from ledger.models import Entry
from tests import builders
from tests.cases.web.rules.sending import send
from tests.clients import statements
from tests.pages import Reader

pytestmark = pytest.mark.django_db

NEW = "/rules/policies/new/"
FIELDS = {"stage": "sign", "amount": "2", "unit": "work_hour", "anchor": "stage", "basis": "区政府令第 3 号"}


def propose(username: str = "admin", **more) -> Reader:
    return send(username, NEW, **{**FIELDS, "since": clock.today().isoformat(), **more})


def test_the_home_of_an_admin(town):
    page = Reader("admin").open("/")
    assert page.status == 200 and page.path == "/rules/"
    assert page.says("工作日历", "时限规则")


def test_propose_and_confirm(town):
    page = propose()
    assert page.status == 200 and page.says("这条是您提出的") and "确认施行" not in page.text
    row = Policy.objects.get(confirmed_at=None)
    path = f"/rules/policies/{row.pk}/"
    assert send("admin", path, action="confirm").status == 403
    assert Reader("admin2").open(path).says("确认施行")
    assert Reader("admin2").open("/rules/policies/?tab=waiting").text.count("<tr>") == 2
    assert send("admin2", path, action="confirm").says("已确认")
    assert Reader("admin").open("/rules/policies/?tab=past").says("平台默认")
    assert send("admin", path, action="end", until=(clock.today() + dt.timedelta(days=3)).isoformat()).says(
        "待确认"
    )
    assert send("admin2", path, action="confirm_end").says("起失效")


def test_a_ladder_of_its_own(town):
    page = propose(
        tell_warned=["holder"],
        tell_breached=["holder", "head"],
        after="1",
        after_unit="work_day",
        tell_after=["supervisor"],
    )
    assert page.says("超时再过 1 个工作日 仍未完成时告诉：督查员")
    row = Policy.objects.get(confirmed_at=None)
    assert row.ladder == [
        {"on": "warned", "tell": ["holder"]},
        {"on": "breached", "tell": ["holder", "head"]},
        {"on": "breached", "after": [1, "work_day"], "tell": ["supervisor"]},
    ]
    assert propose(stage="verify", after="1").status == 422


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"basis": ""}, "依据"),
        ({"amount": "-1"}, "大于零"),
        ({"since": "2020-01-01"}, "不能早于今天"),
        ({"since": "x"}, "请填日期"),
        ({"stage": "<b>"}, "没有这个选项"),
    ],
)
def test_refusals_are_sentences(town, fields, sentence):
    page = propose(**fields)
    assert (
        page.status == 422 and page.says(sentence) and "<b>" not in page.text.split("没有这个选项")[-1][:20]
    )


def test_the_auditor_only_looks(town):
    row = Policy.objects.earliest("pk")
    for path in (
        "/rules/",
        "/rules/policies/",
        NEW,
        f"/rules/policies/{row.pk}/",
        "/rules/policies/adopt/",
        "/rules/replan/?stage=sign",
    ):
        assert Reader("shenji").open(path).status == 200
        assert Reader("bumen").open(path).status == 403
    assert propose("shenji").status == 403


def test_adopting_many(town):
    page = Reader("admin").open("/rules/policies/adopt/")
    assert page.says("已采用", "未采用")
    done = send(
        "admin",
        "/rules/policies/adopt/",
        codes=["0601", "0610"],
        basis="任城城管〔2026〕1号",
        since=clock.today().isoformat(),
    )
    assert done.says("已提出 2 条") and Policy.objects.filter(confirmed_at=None).count() == 2
    assert send("admin", "/rules/policies/adopt/", since=clock.today().isoformat(), basis="x").status == 422


class TestTester:
    PATH = "/rules/policies/test/?asked=1&at=2026-11-25T16:00"

    def test_who_wins_and_why_the_others_lost(self, town):
        page = Reader("admin").open(f"{self.PATH}&item=0610&urgency=critical&place={town.GRID}")
        assert page.says("2026-11-25（周三）17:00")  # a critical case is signed within the hour
        assert page.says("它没有写紧急程度，写了的先用")
        assert page.says("2026-11-26（周四）16:00")  # accept: one day
        assert page.says("不设时限")  # contact, arrive, secure

    @pytest.mark.parametrize(
        "rest",
        [
            "&place=没有的地方",
            "&at=",
            "&at=9999-99-99",
            "&at=0001-01-01T00:00",
            "&item=%00&kind=<u>&organisation=x",
        ],
    )
    def test_strange_questions(self, town, rest):
        page = Reader("admin").open(
            self.PATH.replace("&at=2026-11-25T16:00", "") + rest if "&at=" in rest else self.PATH + rest
        )
        assert page.status in (200, 422) and "<u>" not in page.text


class TestReplan:
    def test_it_is_shown_then_done_once(self, town):
        case = builders.a_case("assigned")
        closed = builders.a_case("in_hand", through=("accept", "dispatch", "sign"))
        before = Clock.objects.get(case=case, stage="sign")
        propose(since=clock.today().isoformat(), amount="1")
        row = Policy.objects.get(confirmed_at=None)
        assert Reader("admin").open("/rules/replan/?stage=sign").says("都已是现在的规则")
        send("admin2", f"/rules/policies/{row.pk}/", action="confirm")
        page = Reader("admin").open("/rules/replan/?stage=sign")
        assert (
            case.number in page.text and page.says("将重新推算 1 个时限") and closed.number not in page.text
        )
        assert send("admin", "/rules/replan/", stage="sign").says("重新推算了 1 个时限")
        after = Clock.objects.get(case=case, stage="sign")
        assert after.due_at < before.due_at and after.rule["amount"] == 1
        entries = Entry.objects.filter(event="clock.replanned")
        assert [entry.subject_id for entry in entries] == [case.pk]
        assert send("admin", "/rules/replan/", stage="sign").says("重新推算了 0 个时限")
        assert entries.count() == 1
        assert Reader("jiedao").open(f"/cases/{case.number}/").says("时限重新推算")

    def test_what_would_not_change_stands_in_nobodys_way(self, town, monkeypatch):
        """Only what changes counts against the most that is done in one go, however many fall due before it."""
        monkeypatch.setattr(replan, "MOST", 1)
        for _n in range(2):
            builders.a_case("assigned")  # due first, and as it should be
        late = [builders.a_case("assigned", kind="complaint") for _n in range(2)]
        propose(since=clock.today().isoformat(), amount="1", kind="complaint")
        row = Policy.objects.get(confirmed_at=None)
        send("admin2", f"/rules/policies/{row.pk}/", action="confirm")
        page = Reader("admin").open("/rules/replan/?stage=sign")
        assert page.says("将重新推算 1 个时限", "一次只看最先到期的")
        for _n in late:
            assert send("admin", "/rules/replan/", stage="sign").says("重新推算了 1 个时限")
        done = Clock.objects.filter(stage="sign", rule__amount=1).values_list("case_id", flat=True)
        assert set(done) == {case.pk for case in late}

    def test_nobody_else(self, town):
        assert send("shenji", "/rules/replan/", stage="sign").status == 403


def test_costs_do_not_grow(town):
    def cost(path: str) -> int:
        reader = Reader("admin").open(path)
        assert reader.status == 200, path
        with statements() as found:
            reader.open(path)
        return len(found)

    few = {
        path: cost(path)
        for path in (
            "/rules/",
            "/rules/policies/",
            "/rules/policies/adopt/",
            "/rules/replan/?stage=sign",
            TestTester.PATH,
        )
    }
    for kind in ("problem", "complaint", "dispute", "enquiry"):
        propose(kind=kind)
    for _n in range(4):
        builders.a_case("assigned")
    for path, before in few.items():
        assert cost(path) == before <= 8, (path, before, cost(path))
