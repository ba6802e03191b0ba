"""What a gateway tells us: known by its address, signed where it can, taken once."""

from __future__ import annotations

import json

import pytest
from django.core.cache import cache
from django.test import Client

from cases import missing, receipts
from cases.models import Call, Case, Endpoint, NoticeDelivery
from cases.notices import opting_out, outgoing_texts, sending
from cases.notices.channels.webhook import signature
from ledger import clock
from tests.cases.notices.sent import a_case, a_gateway
from tests.cases.test_missing import answered, fresh, the_answer
from tests.cases.test_texting import PHONE, plan, the_text
from tests.receivers import http_receiver

READS = {
    "receipt_id_at": "msgid",
    "receipt_state_at": "stat",
    "receipt_good": ["DELIVRD"],
    "receipt_bad": ["UNDELIV"],
    "reply_phone_at": "mobile",
    "reply_words_at": "content",
    "nonce": "n1",
}


@pytest.fixture
def gateway(town, monkeypatch):
    monkeypatch.setattr(outgoing_texts.quiet, "until", lambda hours, at: None)
    with http_receiver((200, b'{"code": "0", "id": "m-1"}')) as found:
        yield a_gateway(found.url, **READS)


def tell(one: Endpoint, data, token: str = "", **headers):
    address = receipts.address(one)[len("http://127.0.0.1:8000") :]
    if token:
        address = address.replace(receipts.token(one), token)
    return Client().post(address, json.dumps(data), content_type="application/json", headers=headers)


def test_who_does_not_know_the_address_finds_nothing(gateway):
    assert tell(gateway, {}, token="x" * 32).status_code == 404
    old = receipts.token(gateway)
    gateway.gateway["nonce"] = "n2"
    assert receipts.token(gateway) != old


def test_not_arrived_sends_somebody_to_the_door_once(gateway):
    case = answered()
    NoticeDelivery.objects.exclude(pk=the_answer(case).pk).update(remote_id="m-0")
    assert tell(gateway, {"msgid": "m-1", "stat": "BUFFERED"}).json() == {"heard": 0, "opted_out": 0}
    assert tell(gateway, {"msgid": "m-1", "stat": "UNDELIV"}).json()["heard"] == 1
    assert fresh(case).door_since is not None
    assert tell(gateway, {"msgid": "m-1", "stat": "DELIVRD"}).json()["heard"] == 0
    assert the_answer(case).receipt == "not_arrived"


def test_a_list_of_receipts_and_what_is_no_receipt(gateway):
    Endpoint.objects.update(gateway={**gateway.gateway, "receipt_list_at": "list"})
    answered()
    many = {
        "list": [{"msgid": "m-1", "stat": "DELIVRD"}, "?", None, {"msgid": ["m"], "stat": {}}, {"stat": "x"}]
    }
    assert tell(gateway, many).json()["heard"] == 1
    for strange in ([], {}, "x", None, 7, {"list": {}}, {"list": [[[]]]}):
        assert tell(gateway, strange).status_code in (200, 400)


def test_the_receipt_of_another_gateway_is_none_of_ours(gateway):
    case = answered()
    other = a_gateway("http://127.0.0.1:9/", "GV24", **READS)
    assert tell(other, {"msgid": "m-1", "stat": "UNDELIV"}).json()["heard"] == 0
    assert fresh(case).status == "answered"


def test_signed_lately_and_not_twice(gateway):
    Endpoint.objects.update(gateway={**gateway.gateway, "receipt_signed": True})
    body = json.dumps({"msgid": "m-9", "stat": "DELIVRD"})
    stamp = str(int(clock.now().timestamp()))
    good = {"X-Huying-Timestamp": stamp, "X-Huying-Signature": signature("s3cret", stamp, body.encode())}
    assert tell(gateway, json.loads(body)).status_code == 403
    assert tell(gateway, json.loads(body), **good).status_code == 200
    assert tell(gateway, json.loads(body), **good).status_code == 403  # replayed
    assert tell(gateway, {"msgid": "m-8", "stat": "DELIVRD"}, **good).status_code == 403  # another body
    old = str(int(stamp) - 600)
    late = {"X-Huying-Timestamp": old, "X-Huying-Signature": signature("s3cret", old, body.encode())}
    assert tell(gateway, json.loads(body), **late).status_code == 403


@pytest.mark.parametrize("word", ["退订", "TD", " t ", "退订。"])
def test_who_wants_no_texts_gets_none(gateway, word):
    assert tell(gateway, {"mobile": PHONE, "content": word}).json()["opted_out"] == 1
    assert opting_out.has_opted_out("+86 139 0537 1234") and not opting_out.has_opted_out("13905375678")
    assert PHONE not in str(list(opting_out.OptOut.objects.values()))
    call = Call.objects.select_related("caller", "case").get(case=a_case())
    plan(call)
    sending.send_due()
    assert the_text().state == "needless"
    tell(gateway, {"mobile": PHONE, "content": "恢复订阅"})
    assert not opting_out.has_opted_out(PHONE)


def test_an_answer_to_who_wants_no_texts_is_brought_to_the_door(gateway):
    opting_out.opt_out(PHONE, clock.now())
    case = answered()
    missing.sweep(clock.now())
    assert the_answer(case).error == "opted_out" and Case.objects.get(pk=case.pk).door_since is not None


class TestTheDoor:
    """Who may say something there, how often, and what is told of what is not ours."""

    @pytest.fixture
    def rates(self, settings):
        known = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]

        def limit(**rates: str) -> None:
            settings.REST_FRAMEWORK = {
                **settings.REST_FRAMEWORK,
                "DEFAULT_THROTTLE_RATES": {**known, **rates},
            }

        cache.clear()
        yield limit
        cache.clear()

    def test_who_guesses_addresses_is_slowed(self, gateway, rates):
        rates(anon="3/day")
        assert [tell(gateway, {}, token="x" * 32).status_code for _n in range(4)] == [404, 404, 404, 429]
        assert tell(gateway, {}).status_code == 200  # the gateway itself is another

    def test_a_gateway_that_raves_is_slowed_and_no_other(self, gateway, rates):
        rates(receipts="2/day")
        other = a_gateway("http://127.0.0.1:9/", "GV24", **READS)
        assert [tell(gateway, {}).status_code for _n in range(3)] == [200, 200, 429]
        assert tell(other, {}).status_code == 200

    def test_what_is_unknown_late_or_said_before_looks_alike(self, gateway):
        answered()
        assert tell(gateway, {"msgid": "m-1", "stat": "DELIVRD"}).json()["heard"] == 1
        silence = {"heard": 0, "opted_out": 0}
        for said in (
            {"msgid": "m-1", "stat": "DELIVRD"},
            {"msgid": "nobody", "stat": "DELIVRD"},
            {"msgid": "m-1"},
        ):
            answer = tell(gateway, said)
            assert (answer.status_code, answer.json()) == (200, silence)

    def test_another_gateways_token_opens_nothing(self, gateway):
        other = a_gateway("http://127.0.0.1:9/", "GV24", **READS)
        assert tell(gateway, {}, token=receipts.token(other)).status_code == 404

    @pytest.mark.parametrize("stamp", ["", "x", "9" * 12, "9" * 400, "-1", "１２３"])
    def test_a_stamp_that_is_none(self, gateway, stamp):
        Endpoint.objects.update(gateway={**gateway.gateway, "receipt_signed": True})
        said = {"msgid": "m-1", "stat": "DELIVRD"}
        headers = {"X-Huying-Timestamp": stamp.encode().decode("latin-1"), "X-Huying-Signature": "sha256=00"}
        assert tell(gateway, said, **headers).status_code == 403

    def test_too_much_and_too_deep_and_not_json(self, gateway):
        address = receipts.address(gateway)[len("http://127.0.0.1:8000") :]
        for body, status in (
            (b"[" * 100_000, 400),
            (b'"' + b"x" * 1_100_000 + b'"', 413),
            (b"{", 400),
            (b"\xff", 400),
        ):
            assert Client().post(address, body, content_type="application/json").status_code == status
        assert Client().get(address).status_code == 405

    def test_of_a_thousand_at_once_no_more_than_a_batch_is_read(self, gateway):
        many = [{"mobile": f"139{n:08d}", "content": "退订"} for n in range(receipts.MOST + 5)]
        assert tell(gateway, many).json()["opted_out"] == receipts.MOST
