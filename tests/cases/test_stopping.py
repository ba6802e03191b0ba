"""退订 said aloud: a desk of the street or above enters it with a reason, and takes it back; no number in any entry."""

from __future__ import annotations

import json

import pytest

from cases.models import Call, NoticeDelivery, OptOut
from cases.notices import opting_out, sending
from cases.queries import detail
from cases.refusals import MoveRefused
from ledger import clock, post
from ledger.models import Entry
from tests.builders import a_fact, a_move
from tests.cases.notices.sent import a_case
from tests.cases.walking import fresh
from tests.clients import Api
from tests.pages import Reader

PHONE, WHY = "13905371234", "电话里说不要再发短信"


def the_call(case) -> Call:
    return Call.objects.select_related("caller", "case").get(case=case)


def stop(case, name: str = "stop_texts", by: str = "jiedao", call: int | None = None):
    return a_fact(fresh(case), name, by=by, when=clock.now(), call=call or the_call(case).pk, reason=WHY)


def refused(kind: str, *args, **how) -> str:
    with pytest.raises(MoveRefused) as refusal:
        stop(*args, **how)
    assert refusal.value.kind == kind
    return str(refusal.value)


@pytest.fixture
def case(town, settings):
    settings.DEMO = True
    return a_case(through=("accept", "dispatch", "sign"))


def send_all() -> list[str]:
    post.deliver_pending()
    sending.send_due()
    return list(
        NoticeDelivery.objects.filter(state="sent", call__isnull=False)
        .order_by("pk")
        .values_list("event", flat=True)
    )


def test_no_text_goes_out_any_more_until_it_is_taken_back(case):
    stop(case)
    assert opting_out.has_opted_out(f"+86{PHONE}") and opting_out.is_stopped(PHONE)
    assert send_all() == []
    stop(case, "resume_texts")
    assert not opting_out.has_opted_out(PHONE) and not opting_out.is_stopped(PHONE)
    a_move(fresh(case), "ask", when=clock.now(), by="bumen")
    assert send_all() == ["text.asked"]


def test_an_answer_that_had_to_go_so_is_told_at_the_door(case):
    stop(case)
    a_move(
        a_move(fresh(case), "resolve", when=clock.now()),
        "answer",
        when=clock.now(),
        by="bumen",
        channel="sms",
    )
    send_all()
    assert NoticeDelivery.objects.get(event="text.answered").error == "opted_out"
    assert (
        NoticeDelivery.objects.get(event="text.rate").state == "needless"
    )  # its secret goes nowhere, and is wiped
    assert not NoticeDelivery.objects.exclude(sealed="").exists()


def test_it_is_an_entry_without_the_number(case):
    stop(case)
    stop(case, "resume_texts", by="zhiban")
    found = Entry.objects.filter(event__startswith="case.texts_").order_by("pk")
    assert [(entry.event, entry.payload) for entry in found] == [
        ("case.texts_stopped", {"call": the_call(case).pk}),
        ("case.texts_resumed", {"call": the_call(case).pk}),
    ]
    kept = json.dumps(
        [list(OptOut.objects.values()), [entry.payload for entry in Entry.objects.all()]], default=str
    )
    assert PHONE not in kept and "孟庆芳" not in kept


@pytest.mark.parametrize(
    "by", ["wangge", "wanggezhang", "shequ", "bumen", "lingdao", "ducha", "admin", "shenji"]
)
def test_below_the_street_and_beside_the_desks_nobody_may(case, by):
    refused("not_yours", case, by=by)
    assert not OptOut.objects.exists()


def test_the_districts_desk_may(case):
    stop(case, by="quji")
    assert OptOut.objects.count() == 1


def test_what_cannot_be_is_said(case, town):
    refused("not_ready", case, "resume_texts")
    stop(case)
    assert "已经退订" in refused("not_ready", case)
    other = a_case(caller={"name": "李四", "phone": "05372212345"})
    assert "没有留手机号" in refused("not_ready", other)
    assert "没有留手机号" in refused("not_ready", other, call=the_call(case).pk)  # of another case


def test_one_number_is_one_caller_whatever_the_case(case, town):
    again = a_case(caller={"name": "小孟", "phone": f"+86 {PHONE}"})
    stop(case)
    assert "已经退订" in refused("not_ready", again)
    stop(again, "resume_texts")
    assert not opting_out.is_stopped(PHONE)


def test_of_a_confidential_matter_it_is_done_without_seeing_who(town, settings):
    settings.DEMO = True
    guarded = a_case(confidential=True, item="")
    page = Reader("jiedao").open(f"/cases/{guarded.number}/")
    assert 'id="move-stop_texts"' in page.text and "…1234" not in page.text and "孟" not in page.text
    stop(guarded)
    assert opting_out.is_stopped(PHONE)


def test_it_stands_on_the_callers_card_with_its_undoing(case):
    page = Reader("jiedao").open(f"/cases/{case.number}/")
    assert (
        page.says("退订短信")
        and 'href="#move-stop_texts"' in page.text
        and 'id="move-stop_texts"' in page.text
    )
    stop(case)
    page = Reader("jiedao").open(f"/cases/{case.number}/")
    assert page.says("已退订短信") and 'id="move-resume_texts"' in page.text
    assert 'id="move-stop_texts"' not in page.text
    seen = Reader("bumen").open(f"/cases/{case.number}/")
    assert seen.says("已退订短信") and "resume_texts" not in seen.text


def test_the_interface_says_and_does_the_same(case):
    api = Api("jiedao")
    sent = {"call": the_call(case).pk, "reason": WHY}
    assert api.post(f"/api/v1/cases/{case.number}/facts/stop_texts/", sent).status_code == 201
    shown = api.get(f"/api/v1/cases/{case.number}/").json()
    assert shown["calls"][0]["caller"]["texts_stopped"] is True
    assert Api("shequ").post(f"/api/v1/cases/{case.number}/facts/resume_texts/", sent).status_code == 403
    assert Api("linju").post(f"/api/v1/cases/{case.number}/facts/resume_texts/", sent).status_code == 404


def test_the_card_names_the_language(town, settings):
    settings.DEMO = True
    case = a_case(caller={"name": "Ann", "phone": PHONE, "language": "en"})
    opened = detail.open_case(town.actor("jiedao"), case.number)
    shown = detail.page(town.actor("jiedao"), opened, clock.now())
    assert str(shown["calls"][0]["texts"]["language"]) == "英语"
