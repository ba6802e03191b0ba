"""The offer to join on the form of a new call, with and without script."""

from __future__ import annotations

import pytest

from cases.models import Call, Case
from cases.queries import likely
from tests.builders import a_case
from tests.cases.web.test_phone import Outbox
from tests.pages import Reader
from tests.town import GRID

SAID = "1号楼北侧外墙被喷了涂料，字很大，麻烦清理。"


@pytest.fixture(autouse=True)
def weighed_anew():
    likely.forget()
    yield
    likely.forget()


@pytest.fixture
def case(town):
    return a_case(text=SAID, when=_today())


def _today():
    from ledger import clock

    return clock.now()


def asked(person: Reader, **sent) -> Reader:
    form = person.open("/calls/new/").form("call-form")
    return person.send(form, text="外墙上喷的涂料还在，1号楼北侧", place=GRID, item="0610", **sent)


def test_without_script_a_button_asks(case):
    person = asked(Reader("wangge"), action="similar")
    assert person.status == 200 and person.says("可能已经有人报过") and person.says("同一地点，同一小项")
    form = person.form("call-form")
    person.send(form, join=case.number, action="take", caller_phone="13805375678")
    assert person.says("您这条并在一起办") and Case.objects.count() == 1 and Call.objects.count() == 2


def test_while_typing_a_fragment_comes(case):
    reader = Reader("jiedao").open("/calls/new/")
    sent = {name: values[0] for name, values in reader.form("call-form").fields.items() if values}
    answer = reader.client.post(
        "/calls/similar/",
        {**sent, "text": SAID, "place_q": "第一网格", "place_found": GRID, "item": "0610"},
    )
    words = answer.content.decode()
    assert (
        answer.status_code == 200 and case.number in words and 'id="likely"' in words and "<html" not in words
    )
    assert (
        "没有找到"
        in reader.client.post(
            "/calls/similar/", {**sent, "text": "路灯不亮了一排", "place_found": GRID}
        ).content.decode()
    )


def test_a_refused_join_keeps_what_was_typed(case):
    Case.objects.filter(pk=case.pk).update(status="closed")
    person = asked(Reader("wangge"), join=case.number, action="take")
    assert person.status == 409 and person.says("请另立一件") and person.says("外墙上喷的涂料还在")
    assert Case.objects.count() == 1


def test_not_joined_and_settled_at_once(case):
    person = asked(Reader("wangge"), join=case.number, action="settle", result="好了")
    assert person.status == 422 and person.says("由它的承办单位办结") and Call.objects.count() == 1


def test_a_wrongly_joined_call_is_split_out_on_its_page(case):
    person = asked(Reader("wangge"), action="similar")
    person.send(person.form("call-form"), join=case.number, action="take", caller_phone="13805375678")
    lead = Reader("zhiban").open(f"/cases/{case.number}/")
    assert lead.says("2 人反映")
    form = lead.form("facts/split")
    lead.send(form, call=str(Call.objects.latest("pk").pk), reason="不是同一处。")
    own = Case.objects.latest("pk")
    assert lead.says(f"已拆出，另立为 {own.number}") and not lead.says("2 人反映")


class TestFromAPhoneWithoutASignal:
    """What was open when last read may have ended when the form arrives: nothing is lost, and it is said."""

    SENT = {
        "text": "外墙上喷的涂料还在",
        "place": GRID,
        "item": "0610",
        "idempotency_key": "k1",
        "join_else": "own",
    }

    def test_joined_where_it_is_still_open(self, case):
        answer = Outbox("wangge").send(**self.SENT, join=case.number)
        assert answer.status_code == 200 and Case.objects.count() == 1 and Call.objects.count() == 2
        assert case.number in answer.json()["url"]

    def test_its_own_where_that_has_ended(self, case):
        Case.objects.filter(pk=case.pk).update(status="closed")
        box = Outbox("wangge")
        answer = box.send(**self.SENT, join=case.number)
        own = Case.objects.latest("id")
        assert own.pk != case.pk and own.number in answer.json()["url"] and own.calls.count() == 1
        shown = box.client.get("/my/").content.decode()
        assert f"您选的 {case.number} 已经不能并入，已另立一件：{own.number}" in shown
        assert box.send(**self.SENT, join=case.number).json() == answer.json() and Case.objects.count() == 2

    def test_what_is_wrong_otherwise_is_refused(self, case):
        answer = Outbox("wangge").send(**{**self.SENT, "text": ""}, join=case.number)
        assert answer.status_code == 422 and Call.objects.count() == 1
