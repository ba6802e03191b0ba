"""Gateways of texts: any that speaks HTTP, set up on a page; what is wrong is said beside its field."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from cases.models import Call, Endpoint
from cases.notices import gateway_edits, gateways, outgoing_texts, sending
from cases.notices.channels import sms
from cases.refusals import MoveRefused
from ledger import clock
from ledger.models import Entry
from parties.models import Account
from tests import town as small_town
from tests.cases.notices.sent import a_case
from tests.cases.test_texting import PHONE, plan, the_text
from tests.clients import Api
from tests.receivers import http_receiver

ORG = "QF-370811"


@pytest.fixture(autouse=True)
def by_day(monkeypatch):
    monkeypatch.setattr(outgoing_texts.quiet, "until", lambda hours, at: None)


def opened(address: str, **how) -> Endpoint:
    by = small_town.actor("admin", clock.now())
    how = {"name": "移动网关", "signature": "呼应", **how}
    return gateway_edits.open_gateway(by=by, at=clock.now(), organisation=ORG, address=address, **how)


def one_text(**how) -> None:
    plan(Call.objects.select_related("caller", "case").get(case=a_case(**how)))
    sending.send_due()


def faults(**how) -> dict:
    with pytest.raises(MoveRefused) as refusal:
        opened("http://127.0.0.1:9/send", **how)
    return refusal.value.fields


class TestAnyGateway:
    def test_by_address_alone(self, town):
        with http_receiver(200) as side:
            opened(
                side.url + "?to={phone}&msg={text}&k={secret}",
                form="query",
                method="GET",
                body="",
                secret="a b&c",
            )
            one_text()
            asked = parse_qs(urlsplit(side.got[0].path).query)
        assert asked["to"] == [PHONE] and asked["k"] == ["a b&c"] and asked["msg"][0].startswith("【呼应】")
        assert the_text().state == "sent" and the_text().receipt == ""

    def test_as_a_form(self, town):
        with http_receiver(200) as side:
            opened(side.url, form="form", body="mobile={phone}&content={text}&sign={signature}")
            one_text()
        assert parse_qs(side.got[0].body.decode())["mobile"] == [PHONE]
        assert side.got[0].headers["content-type"] == "application/x-www-form-urlencoded"

    def test_by_its_own_templates(self, town):
        with http_receiver(200) as side:
            opened(
                side.url,
                body='{"t": "{template_id}", "p": {params}, "to": ["{phone}"]}',
                templates="received=SMS_1",
            )
            one_text()
        got = json.loads(side.got[0].body)
        assert got["t"] == "SMS_1" and got["to"] == [PHONE] and got["p"]["matter"].startswith("您反映的")

    def test_a_no_is_a_no_and_nothing_of_the_answer_is_kept_but_its_code(self, town):
        answer = json.dumps({"code": 9, "msg": f"bad number {PHONE}"}).encode()
        with http_receiver((200, answer)) as side:
            opened(side.url, ok_at="code", ok="0, 200")
            one_text()
        assert (the_text().state, the_text().error, the_text().detail) == ("failed", "rejected", "9")

    @pytest.mark.parametrize("answer", [b"", b"ok", b"[]", b'{"code": null}', b'{"code": {"a": 1}}'])
    def test_an_answer_that_cannot_be_read(self, town, answer):
        with http_receiver((200, answer)) as side:
            opened(side.url, ok_at="code", ok="0")
            one_text()
            assert (the_text().error, the_text().detail) == ("unsure", "answer")

    def test_words_cannot_break_out_of_their_place(self):
        said = '"}, {"mobile": "1", {secret} \\ \n'
        filled = sms.fill('{"c": "{text}", "s": "{secret}"}', {"text": said, "secret": "k"}, sms.in_json)
        assert json.loads(filled) == {"c": said, "s": "k"}

    def test_the_nearest_above_the_desk(self, town):
        opened("http://127.0.0.1:9/")
        street = opened("http://127.0.0.1:9/", name="街道的", is_on=True)
        Endpoint.objects.filter(pk=street.pk).update(organisation=small_town.org("JD-370811015"))
        assert gateways.of(a_case()).pk == street.pk
        Endpoint.objects.filter(pk=street.pk).update(is_on=False)
        assert gateways.of(a_case()).pk != street.pk

    def test_its_rate_is_kept(self, town, monkeypatch):
        rested = []
        monkeypatch.setattr(outgoing_texts.time, "sleep", lambda seconds: rested.append(seconds))
        with http_receiver(200) as side:
            one = opened(side.url, per_minute=1)
            for _n in range(2):
                plan(Call.objects.select_related("caller", "case").get(case=a_case()))
            assert sending.send_due(seconds=30) == 1 and not rested  # the next minute is past its time
            Endpoint.objects.filter(pk=one.pk).update(free_at=clock.now())
            assert sending.send_due(seconds=30) == 1
        assert len(side.got) == 2


class TestSettingUp:
    def test_what_is_wrong_stands_beside_its_field(self, town):
        assert "body" in faults(body='{"a": {text}}')
        assert "body" in faults(body='{"a": "{phon}"}')
        assert "ok" in faults(ok_at="code")
        assert "receipts" in faults(receipts=True)
        assert "secret" in faults(receipt_signed=True)
        assert "headers" in faults(headers="no colon")
        assert "templates" in faults(templates="unknown=1")
        assert "per_minute" in faults(per_minute="many")
        assert "quiet_from" in faults(quiet_from="25:00")
        assert "form" in faults(form="xml") and "receipts" in faults(receipts="yes")
        with pytest.raises(MoveRefused):
            opened("http://169.254.1.1/")
        assert not Endpoint.objects.exists()

    def test_address_and_key_are_sealed_and_never_given_out(self, town):
        one = opened("http://127.0.0.1:9/secretpath?u=user", secret="s3cr3t-key", headers="X-Key: {secret}")
        assert "secretpath" not in one.address and "s3cr3t-key" not in json.dumps(one.gateway) + one.secret
        client = Client()
        client.force_login(Account.objects.get(username="admin"))
        said = (
            client.get("/notices/gateways/").content.decode()
            + Api("admin").get("notices/gateways/").content.decode()
        )
        assert "移动网关" in said and "secretpath" not in said and "s3cr3t-key" not in said
        assert "secretpath" not in str(list(Entry.objects.values_list("payload", flat=True)))

    def test_the_form_opens_changes_and_turns_off(self, town):
        client = Client()
        client.force_login(Account.objects.get(username="admin"))
        form = {**{name: value for name, value in gateway_edits.START.items() if not isinstance(value, bool)},
                "organisation": ORG, "name": "一号", "address": "http://127.0.0.1:9/"}  # fmt: skip
        assert client.post("/notices/gateways/", form).status_code == 302
        one = Endpoint.objects.get()
        answer = client.post(
            f"/notices/gateways/{one.pk}/change/", {**form, "name": "二号", "address": "", "per_minute": "7"}
        )
        assert answer.status_code == 302
        changed = Endpoint.objects.get()
        assert (changed.name, changed.gateway["per_minute"], changed.address) == ("二号", 7, one.address)
        assert (
            client.post(f"/notices/gateways/{one.pk}/change/", {**form, "per_minute": "x"}).status_code == 422
        )
        client.post(f"/notices/gateways/{one.pk}/off/")
        assert not Endpoint.objects.get().is_on
        assert client.get("/notices/channels/").content.decode().count("二号") == 0

    def test_the_interface_changes_one_thing_and_leaves_the_rest(self, town):
        one = opened("http://127.0.0.1:9/", headers="X-A: b", ok_at="code", ok="0")
        got = Api("admin").raw("PATCH", f"notices/gateways/{one.pk}/", json.dumps({"per_minute": 5}))
        assert got.status_code == 200 and got.json()["per_minute"] == 5 and got.json()["headers"] == "X-A: b"
        assert got.json()["ok"] == "0"

    def test_trying_it_out(self, town):
        with http_receiver(200, 500) as side:
            one = opened(side.url)
            assert Api("admin").post(f"notices/gateways/{one.pk}/test/", {"phone": PHONE}).json()["taken"]
            refused = Api("admin").post(f"notices/gateways/{one.pk}/test/", {"phone": PHONE}).json()
            assert not refused["taken"] and "500" in refused["why"]
            assert Api("admin").post(f"notices/gateways/{one.pk}/test/", {"phone": "1"}).status_code == 422
        assert PHONE not in str(list(Entry.objects.values_list("payload", flat=True)))
