"""Texts to callers: planned in the outbox, sent by the unit's gateway or into the demo's tray, never with a trace."""

from __future__ import annotations

import json

import pytest
from django.db import connection, transaction
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import receipts, texting
from cases.models import Call, Caller, NoticeDelivery
from cases.notices import failures, sending, texts
from cases.queries import deliveries
from cases.refusals import MoveRefused
from ledger import clock
from tests.cases.notices.sent import a_case, a_gateway, make_due
from tests.receivers import http_receiver

PHONE = "13905371234"


@pytest.fixture
def gateway_side():
    with http_receiver((200, b'{"code": "0", "id": "m-1"}')) as found:
        yield found


@pytest.fixture(autouse=True)
def by_day(monkeypatch):
    monkeypatch.setattr(sending.outgoing_texts.quiet, "until", lambda hours, at: None)


def a_call(phone: str = PHONE, **how) -> Call:
    case = a_case(caller={"name": "孟庆芳", "phone": phone}, **how)
    return Call.objects.select_related("caller", "case").get(case=case)


def plan(call: Call, kind: str = "received", **how) -> NoticeDelivery | None:
    with transaction.atomic():
        return texting.send(call=call, kind=kind, at=clock.now(), **how)


def the_text() -> NoticeDelivery:
    return NoticeDelivery.objects.get(call__isnull=False)


def everything_stored() -> str:
    """All rows of all tables of the cases, as text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
        )
        tables = [name for (name,) in cursor.fetchall() if name.startswith(("cases_", "ledger_"))]
        rows = []
        for table in tables:
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')  # names of our own tables
            rows += [row for (row,) in cursor.fetchall()]
    return "\n".join(rows)


class TestPlanning:
    def test_without_gateway_nothing_is_planned_and_send_says_so(self, town):
        assert not plan(a_call()) and not NoticeDelivery.objects.filter(call__isnull=False).exists()

    @pytest.mark.parametrize("phone", ["", "0537-2212345", "+4915112345678", "05372212345"])
    @override_settings(DEMO=True)
    def test_only_a_mobile_number_gets_texts(self, town, phone):
        case = a_case(caller={"name": "孟庆芳", "phone": phone} if phone else {"name": "孟庆芳"})
        assert not plan(Call.objects.select_related("caller", "case").get(case=case))

    @override_settings(DEMO=True)
    def test_one_entry_is_told_once(self, town):
        call = a_call()
        assert plan(call, entry_id=7) and plan(call, entry_id=7) and plan(call, "withdrawn", entry_id=7)
        assert NoticeDelivery.objects.filter(call=call).count() == 2

    @override_settings(DEMO=True)
    def test_a_secret_is_neither_forgotten_nor_given_where_none_is(self, town):
        with pytest.raises(ValueError):
            plan(a_call(), "rate")
        with pytest.raises(ValueError):
            plan(a_call(), "received", fields={"rating_code": "482913"})


class TestByGateway:
    def test_number_and_words_are_put_in_when_it_is_sent(self, town, gateway_side):
        a_gateway(gateway_side.url)
        call = a_call()
        assert plan(call)
        assert PHONE not in json.dumps(NoticeDelivery.objects.filter(call=call).values().first(), default=str)
        sending.send_due()
        [got] = gateway_side.got
        assert got.json["mobile"] == PHONE and got.headers["authorization"] == "Bearer s3cret"
        assert got.json["content"].startswith("【呼应】已收到您反映的")
        assert " ".join([call.tracking_code[:4], call.tracking_code[4:8]]) in got.json["content"]
        row = the_text()
        assert (row.state, row.remote_id, row.receipt) == ("sent", "m-1", "awaited")

    def test_the_secret_is_sealed_until_it_has_left_and_wiped_then(self, town, gateway_side, caplog):
        a_gateway(gateway_side.url)
        assert plan(a_call(), "rate", fields={"rating_code": "482913"})
        assert the_text().sealed and "482913" not in everything_stored()
        gateway_side.answers = [
            500,
            (200, b'{"code": "9", "msg": "no 482913"}'),
            (200, b'{"code": "0", "id": "m"}'),
        ]
        for _n in range(2):
            sending.send_due()
            assert the_text().state == "failed" and "482913" not in everything_stored()
            make_due()
        sending.send_due()
        assert "482913" in gateway_side.got[-1].json["content"]
        assert the_text().state == "sent" and the_text().sealed == ""
        assert "482913" not in everything_stored() + caplog.text


class TestInTheirLanguage:
    """Receipt, question, interim and final answer, the secret of the rating, the word that no more will come."""

    @pytest.mark.parametrize("kind", list(texts.KINDS))
    def test_every_kind_of_text_has_its_words(self, town, gateway_side, kind):
        a_gateway(gateway_side.url, templates={})
        call = a_call()
        Caller.objects.filter(call=call).update(language="en")
        secret = {"rating_code": "482913"} if texts.KINDS[kind].secrets else {}
        assert plan(Call.objects.select_related("caller", "case").get(pk=call.pk), kind, fields=secret)
        sending.send_due()
        content = gateway_side.got[-1].json["content"].removeprefix("【呼应】")
        row = the_text()
        assert (row.language, row.instead_of) == ("en", "")
        assert row.segments == texts.segments(gateway_side.got[-1].json["content"]) >= 1
        assert call.tracking_code[:4] in content and "外墙" not in content

    def test_without_a_template_in_it_it_falls_back_and_says_so(self, town, gateway_side):
        a_gateway(
            gateway_side.url, templates={"received": "SMS_1", "withdrawn": "SMS_2", "withdrawn.en": "SMS_3"}
        )
        call = a_call()
        Caller.objects.filter(call=call).update(language="en")
        call = Call.objects.select_related("caller", "case").get(pk=call.pk)
        assert plan(call) and plan(call, "withdrawn")
        sending.send_due()
        got = {one.json["template"]: one.json["content"] for one in gateway_side.got}
        assert set(got) == {"SMS_1", "SMS_3"} and "已收到" in got["SMS_1"]
        rows = {
            row.event: row
            for row in NoticeDelivery.objects.filter(call=call).select_related("case", "endpoint")
        }
        assert (rows["text.received"].language, rows["text.received"].instead_of) == ("zh-hans", "en")
        assert (rows["text.withdrawn"].language, rows["text.withdrawn"].instead_of) == ("en", "")
        seen = deliveries.rows_in(failures.visible(town.actor("admin"), clock.now()), "sent")
        said = {row.event: deliveries.row_of(row)["left_as"] for row in seen}
        assert "网关没有英语模板" in said["text.received"]
        assert "网关没有" not in said["text.withdrawn"]

    @pytest.mark.parametrize("language", ["", "zh-hans", "en"])
    def test_a_call_keeps_it(self, town, language):
        case = a_case(caller={"name": "Ann", "phone": PHONE, "language": language})
        assert Caller.objects.get(call__case=case).language == language

    @pytest.mark.parametrize("language", ["de", "en\x00", 7, ["en"]])
    def test_one_that_nobody_speaks_here_is_refused(self, town, language):
        with pytest.raises(MoveRefused) as refusal:
            a_case(caller={"phone": PHONE, "language": language})
        assert refusal.value.status == 422

    @settings(max_examples=60)
    @given(text=st.text(max_size=400), signature=st.sampled_from(["", "呼应"]))
    def test_segments_are_those_of_the_network(self, text, signature):
        whole = texts.signed(text, signature)
        n, units = texts.segments(whole), len(whole.encode("utf-16-le", "surrogatepass")) // 2
        assert n == 1 or (n - 1) * (153 if whole.isascii() else 67) < units <= n * (
            153 if whole.isascii() else 67
        )
        assert (n == 1) == (units <= (160 if whole.isascii() else 70))


class TestTheLastText:
    def test_who_wants_no_more_hears_so_once_and_in_the_own_language(self, town, gateway_side):
        one = a_gateway(
            gateway_side.url, templates={}, reply_phone_at="from", reply_words_at="said", receipts=True
        )
        a_case(caller={"name": "Ann", "phone": PHONE, "language": "en"})
        for _n in range(2):
            receipts.take(one, {"from": f"+86{PHONE}", "said": "STOP"}, clock.now())
        [row] = NoticeDelivery.objects.filter(event="text.stopped")
        sending.send_due()
        row.refresh_from_db()
        assert (row.state, row.language) == ("sent", "en") and len(gateway_side.got) == 1

    def test_a_number_that_never_called_is_kept_and_told_nothing(self, town, gateway_side):
        one = a_gateway(gateway_side.url, reply_phone_at="from", reply_words_at="said")
        assert receipts.take(one, {"from": PHONE, "said": "退订"}, clock.now())["opted_out"] == 1
        assert not NoticeDelivery.objects.exists()
