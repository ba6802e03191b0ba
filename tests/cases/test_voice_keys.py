"""The key to a caller's voice: never stored, never shown, dead after a few tries, nobody's of ours."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction

from cases import own_calls, voice_keys
from cases.models import Call, NoticeDelivery, VoiceKey
from cases.refusals import MoveRefused
from tests import builders
from tests.cases.voices_of_callers import sent_to

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def tray(settings):
    settings.DEMO = True  # texts leave into the tray


@pytest.fixture
def call(town) -> Call:
    return builders.a_case().calls.select_related("case", "caller").get()


def send(call: Call, minutes: int = 0) -> bool:
    with transaction.atomic():
        return voice_keys.send(call=call, kind="code", at=call.received_at + dt.timedelta(minutes=minutes))


def refused(call: Call, typed: str) -> str:
    with pytest.raises(MoveRefused) as refusal:
        voice_keys.prove(call=call, typed=typed)
    assert refusal.value.status == 422 and "rating_code" in refusal.value.fields
    return str(refusal.value.sentence)


def test_the_digits_of_the_last_message_prove(call):
    assert send(call)
    first = sent_to(call)
    assert len(first) == 6 and first.isdigit()
    voice_keys.prove(call=call, typed=f" {first[:3]} {first[3:]} ")
    assert send(call, 1)
    voice_keys.prove(call=call, typed=sent_to(call))
    if first != sent_to(call):
        refused(call, first)


def test_what_is_kept_says_nothing_without_the_installations_key(call, settings):
    send(call)
    code = sent_to(call)
    assert code not in str([*VoiceKey.objects.values(), *NoticeDelivery.objects.values()])
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 10
    voice_keys.prove(call=call, typed=code)  # a key that was changed is still known
    settings.SECRET_KEY_FALLBACKS = []
    refused(call, code)


def test_five_wrong_tries_and_it_is_dead(call):
    send(call)
    code = sent_to(call)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _n in range(voice_keys.MOST_WRONG - 1):
        assert "不对" in refused(call, wrong)
    assert "作废" in refused(call, wrong) and "作废" in refused(call, code)
    send(call, 1)
    voice_keys.prove(call=call, typed=sent_to(call))


def test_nothing_typed_and_nothing_sent(call):
    assert "请填" in refused(call, " ") and "不对" in refused(call, "000000")
    assert not VoiceKey.objects.exists()


def test_a_few_a_day(call):
    assert [send(call, n) for n in range(7)] == [True] * 5 + [False] * 2
    assert send(call, 24 * 60 + 10)


def test_the_browser_that_reported(call, town):
    cookie = voice_keys.give_to_browser(call=call, at=call.received_at)
    assert len(cookie) >= 30 and cookie not in str([*VoiceKey.objects.values()])
    voice_keys.prove(call=call, cookie=cookie)
    other = builders.a_case(text="另一件").calls.get()
    assert not voice_keys.holds(other, cookie) and not voice_keys.holds(call, cookie[:-1])


def test_no_phone_of_ours(town):
    person = town.account("wangge").person
    person.phone = "+86 139 0000 7777"
    person.save(update_fields=["phone"])
    own = builders.a_case(caller={"name": "自己", "phone": "13900007777"}).calls.get()
    assert not voice_keys.may_be_sent(own) and not send(own)
    assert not NoticeDelivery.objects.exists()
    neighbour = builders.a_case(by="jiedao", caller={"name": "邻居", "phone": "13900007777"}).calls.get()
    assert voice_keys.may_be_sent(neighbour)  # he neither took it nor handled it
    case = builders.walk(
        builders.a_case(by="jiedao", item=builders.GRID_ITEM, caller={"phone": "13900007777"}),
        "settle",
        by="wangge",
    )
    assert not voice_keys.may_be_sent(case.calls.get())


def test_a_call_without_a_phone_or_taken_back(town):
    visited = builders.a_case(caller={"name": "李四", "contact_by": "visit"}).calls.get()
    assert not voice_keys.may_be_sent(visited)
    call = builders.a_case().calls.get()
    own_calls.withdraw(call=call, reason="好了", at=call.received_at + dt.timedelta(hours=1))
    assert not voice_keys.may_be_sent(Call.objects.get(pk=call.pk))
