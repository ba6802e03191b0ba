"""The channels against real receivers: what they send, what they take for a yes, and what they never do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import override_settings

from cases.notices.channels import Message, Target, Undelivered, dingtalk, guard, http, mail, webhook, wecom
from ledger import clock
from tests.receivers import dripping, endless, http_receiver, mail_receiver, silent

MESSAGE = Message(
    key="9b2f7f0e-5d0e-4c1b-9f0f-1a2b3c4d5e6f",
    event="case.assigned",
    kind="assigned",
    urgency="urgent",
    number="RGGY20261123-0001",
    words="【紧急】RGGY20261123-0001 新派来，待签收：建筑外立面不洁（前铺社区）",
    link="https://huying.example/cases/RGGY20261123-0001/",
    at=clock.now(),
    mentions=("wuguodong",),
)
YES = (200, b'{"errcode":0,"errmsg":"ok"}')


def error_of(call) -> tuple[str, str]:
    with pytest.raises(Undelivered) as caught:
        call()
    return caught.value.error, caught.value.detail


class TestWebhook:
    def test_what_a_program_gets(self):
        with http_receiver(204) as receiver:
            webhook.send(MESSAGE, Target(receiver.url + "in?team=7", "tell-nobody"))
        [got] = receiver.got
        assert got.path == "/in?team=7"
        assert got.json == {
            "id": MESSAGE.key,
            "event": "case.assigned",
            "kind": "assigned",
            "urgency": "urgent",
            "number": "RGGY20261123-0001",
            "text": MESSAGE.words,
            "link": MESSAGE.link,
            "at": MESSAGE.at.isoformat(),
        }
        assert got.headers["x-huying-delivery"] == MESSAGE.key
        stamp = got.headers["x-huying-timestamp"]
        assert abs(int(stamp) - clock.now().timestamp()) < 5
        right = hmac.new(b"tell-nobody", stamp.encode() + b"." + got.body, hashlib.sha256).hexdigest()
        assert got.headers["x-huying-signature"] == f"sha256={right}"
        assert b"tell-nobody" not in got.body

    def test_without_a_secret_it_is_not_signed(self):
        with http_receiver() as receiver:
            webhook.send(MESSAGE, Target(receiver.url))
        assert "x-huying-signature" not in receiver.got[0].headers

    @pytest.mark.parametrize("status", [400, 401, 404, 410, 429, 500, 503])
    def test_everything_but_2xx_is_a_no(self, status):
        with http_receiver(status) as receiver:
            assert error_of(lambda: webhook.send(MESSAGE, Target(receiver.url))) == ("status", str(status))

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_a_redirect_is_not_followed(self, status):
        with http_receiver(status) as receiver:
            assert error_of(lambda: webhook.send(MESSAGE, Target(receiver.url))) == ("redirect", str(status))
        assert [got.path for got in receiver.got] == ["/"]


class TestBots:
    def test_wecom(self):
        with http_receiver(YES) as receiver:
            wecom.send(MESSAGE, Target(receiver.url + "cgi-bin/webhook/send?key=abc"))
        content = f"{MESSAGE.words}\n{MESSAGE.link}"
        assert receiver.got[0].json == {
            "msgtype": "text",
            "text": {"content": content, "mentioned_list": ["wuguodong"]},
        }

    def test_dingtalk_with_its_signature(self):
        with http_receiver(YES) as receiver:
            dingtalk.send(MESSAGE, Target(receiver.url + "robot/send?access_token=abc", "SEC000"))
        [got] = receiver.got
        asked = parse_qs(urlsplit(got.path).query)
        assert asked["access_token"] == ["abc"] and set(asked) == {"access_token", "timestamp", "sign"}
        again = dingtalk.signed("https://x/", "SEC000", int(asked["timestamp"][0]))
        assert parse_qs(urlsplit(again).query)["sign"] == asked["sign"]
        assert got.json["at"] == {"atUserIds": ["wuguodong"], "isAtAll": False}
        assert got.json["text"]["content"].startswith("@wuguodong 【紧急】")

    def test_how_dingtalk_wants_it_signed(self):
        """HMAC-SHA-256 over `timestamp\\nsecret` by the secret, base64, percent-coded."""
        url = dingtalk.signed("https://oapi.example/robot/send?access_token=t", "SEC", 1577262236757)
        said = hmac.new(b"SEC", b"1577262236757\nSEC", hashlib.sha256).digest()
        assert base64.b64decode(parse_qs(urlsplit(url).query)["sign"][0]) == said
        assert dingtalk.signed("https://oapi.example/x", "", 1) == "https://oapi.example/x"

    @pytest.mark.parametrize("send", [wecom.send, dingtalk.send])
    def test_a_bot_says_no_with_200(self, send):
        with http_receiver((200, b'{"errcode":310000,"errmsg":"sign not match"}')) as receiver:
            assert error_of(lambda: send(MESSAGE, Target(receiver.url))) == (
                "rejected",
                "310000 sign not match",
            )

    @pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b"null", "错".encode("gbk")])
    def test_an_answer_that_is_none(self, body):
        with http_receiver((200, body)) as receiver:
            assert error_of(lambda: wecom.send(MESSAGE, Target(receiver.url)))[0] == "answer"


class TestBadReceivers:
    def test_an_endless_answer_is_read_to_a_limit(self):
        with http_receiver(endless) as receiver:
            assert len(http.post(receiver.url, b"{}", {})) == http.MOST

    def test_one_that_says_nothing(self, monkeypatch):
        monkeypatch.setattr(http, "PATIENCE", 0.2)
        with http_receiver(silent) as receiver:
            assert error_of(lambda: http.post(receiver.url, b"{}", {}))[0] == "timeout"

    def test_one_that_drips(self, monkeypatch):
        monkeypatch.setattr(http, "IN_ALL", 0.5)
        begun = time.monotonic()
        with http_receiver(dripping) as receiver:
            assert error_of(lambda: http.post(receiver.url, b"{}", {}))[0] == "timeout"
        assert time.monotonic() - begun < 3

    def test_nobody_there(self):
        with http_receiver() as receiver:
            pass
        assert error_of(lambda: http.post(receiver.url, b"{}", {}))[0] == "connect"

    def test_plain_http_where_tls_is_expected(self):
        with http_receiver() as receiver:
            url = receiver.url.replace("http:", "https:")
            assert error_of(lambda: http.post(url, b"{}", {}))[0] == "tls"


class TestGuard:
    @pytest.mark.parametrize(
        "address",
        [
            "", "huying", "ftp://host/", "file:///etc/passwd", "gopher://host/", "//host/", "http://", "http:///x",
            "http://user:pw@host/", "http://host:99999/", "http://[::1", "http://ho st/", "http://host/\r\nX: y",
            "http://主机/", "javascript:alert(1)",
        ],
    )  # fmt: skip
    def test_what_is_no_address(self, address):
        assert error_of(lambda: guard.parts(address))[0] == "address"

    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1", "127.9.9.9", "localhost", "[::1]", "169.254.169.254", "[fe80::1]", "0.0.0.0", "[::]",
            "224.0.0.1", "[::ffff:127.0.0.1]", "[::ffff:169.254.169.254]", "2130706433", "0x7f.1",
        ],
    )  # fmt: skip
    @override_settings(TESTING=False, DEMO=False)
    def test_the_house_itself_and_its_neighbourhood(self, host):
        assert error_of(lambda: guard.judge(f"http://{host}/latest/meta-data/"))[0] == "refused"

    @override_settings(TESTING=False, DEMO=False)
    def test_an_intranet_may_be_called(self):
        assert guard.judge("http://10.1.2.3:8080/in").ip == "10.1.2.3"

    @override_settings(NOTICE_HOSTS=["10.1.0.0/16", "localhost", ".gov.example"])
    def test_with_a_list_only_those(self):
        assert guard.judge("http://10.1.2.3/").port == 80
        assert guard.judge("https://localhost/").port == 443
        assert error_of(lambda: guard.judge("http://10.2.0.1/")) == ("refused", "10.2.0.1")
        assert error_of(lambda: guard.judge("http://127.0.0.1/"))[0] == "refused"

    def test_a_name_nobody_knows(self):
        assert error_of(lambda: guard.judge("http://nowhere.invalid/"))[0] == "resolve"

    def test_the_connection_goes_to_what_was_judged(self, monkeypatch):
        """A name that is somebody else's by the time of the call: the second answer is never asked for."""
        with http_receiver() as receiver:
            judged = guard.judge(receiver.url)
            monkeypatch.setattr(http, "judge", lambda _address: judged)
            http.post(receiver.url.replace("127.0.0.1", "rebound.invalid"), b"{}", {})
        assert len(receiver.got) == 1


class TestMail:
    @pytest.fixture
    def post(self):
        with mail_receiver() as post:
            with override_settings(
                EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
                EMAIL_HOST="127.0.0.1",
                EMAIL_PORT=post.port,
                DEFAULT_FROM_EMAIL="呼应 <huying@renqu.example>",
            ):
                yield post

    def test_a_letter(self, post):
        mail.send(MESSAGE, Target("wu@renqu.example"))
        [(to, letter)] = post.letters
        assert to == "wu@renqu.example" and letter["To"] == "wu@renqu.example"
        assert letter["Subject"].strip() == MESSAGE.words
        assert letter["Message-ID"] == f"<{MESSAGE.key}@renqu.example>"
        assert letter["Auto-Submitted"] == "auto-generated"
        assert letter.get_content().split() == [*MESSAGE.words.split(), MESSAGE.link]

    def test_the_same_letter_has_the_same_name_at_every_try(self, post):
        post.failing = True
        assert error_of(lambda: mail.send(MESSAGE, Target("wu@renqu.example"))) == ("mail", "451")
        post.failing = False
        mail.send(MESSAGE, Target("wu@renqu.example"))
        mail.send(MESSAGE, Target("wu@renqu.example"))
        assert len({letter["Message-ID"] for _to, letter in post.letters}) == 1

    def test_an_address_nobody_has(self, post):
        post.refuse = ("gone@renqu.example",)
        assert error_of(lambda: mail.send(MESSAGE, Target("gone@renqu.example"))) == ("address", "550")

    def test_no_server(self):
        with override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=1
        ):
            assert error_of(lambda: mail.send(MESSAGE, Target("wu@renqu.example")))[0] == "connect"

    @override_settings(MAIL_READY=False)
    def test_where_none_is_set_up(self):
        assert error_of(lambda: mail.send(MESSAGE, Target("wu@renqu.example")))[0] == "no_mail"


def test_messages_are_json_that_any_reader_takes():
    assert json.loads(json.dumps(webhook.body_of(MESSAGE)))["text"] == MESSAGE.words
