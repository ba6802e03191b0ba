"""A worker that is killed while a gateway has its request: a text goes out once, or somebody is told that nobody knows."""

from __future__ import annotations

import datetime as dt
import os
import signal

import pytest

from cases import missing, receipts
from cases.models import Case, NoticeDelivery
from cases.notices import failures, outgoing_texts, sending
from cases.notices.channels import http
from cases.queries import deliveries
from ledger import clock, post
from ledger.clock import LOCAL
from tests import town as small_town
from tests.builders import a_move
from tests.cases.notices.sent import A_GATEWAY, a_case, a_gateway, make_due
from tests.cases.sweeper import process
from tests.receivers import Held, dropped, http_receiver, silent

TAKEN = (200, b'{"code": "0", "id": "m-1"}')
KEYED = A_GATEWAY["body"]
UNKEYED = '{"mobile": "{phone}", "content": "{text}", "template": "{template_id}"}'
SCRIPT = """
import sys, django
django.setup()
from django.db import connection
host, name = sys.argv[1:]
connection.settings_dict.update(HOST=host, NAME=name)
from cases import tasks
print(tasks.send_notices())
"""


def awake() -> list[str]:
    """Quiet hours that are not now, also for a process of its own."""
    local = clock.now().astimezone(LOCAL)
    return [f"{local + dt.timedelta(hours=6):%H}:00", f"{local + dt.timedelta(hours=7):%H}:00"]


def the_text() -> NoticeDelivery:
    return NoticeDelivery.objects.select_related("case", "endpoint").get(event="text.received")


def by_hand() -> list[NoticeDelivery]:
    """What stands in the failure list of who keeps the gateway."""
    return list(deliveries.rows_in(failures.visible(small_town.actor("admin"), clock.now()), "given_up"))


@pytest.mark.django_db(transaction=True)
class TestKilled:
    def killed_in_the_middle(self, held: Held, url: str, body: str) -> None:
        small_town.plant()
        a_gateway(url, body=body, quiet=awake())
        a_case()
        post.deliver_pending()
        worker = process(SCRIPT)
        try:
            assert held.came.wait(60), "the request never came"
        finally:
            os.kill(worker.pid, signal.SIGKILL)
            worker.communicate(timeout=30)
        assert worker.returncode == -signal.SIGKILL
        held.go.set()

    def test_a_gateway_that_knows_the_key_gets_the_same_text_again(self):
        """It has it once: by the key it knows the second for the first."""
        held = Held(TAKEN)
        with http_receiver(held, TAKEN) as gateway:
            self.killed_in_the_middle(held, gateway.url, KEYED)
            assert the_text().state == "waiting" and sending.send_due() == 0  # its lease is not over
            make_due(3)
            done = process(SCRIPT)
            assert done.communicate(timeout=60)[0].strip() == "1" and done.returncode == 0
            assert the_text().state == "sent"
            assert len(gateway.got) == 2
            assert (
                len({(one.json["id"], one.json["mobile"], one.json["content"]) for one in gateway.got}) == 1
            )

    def test_another_is_sent_nothing_twice_and_somebody_is_told(self):
        held = Held(TAKEN)
        with http_receiver(held, TAKEN) as gateway:
            self.killed_in_the_middle(held, gateway.url, UNKEYED)
            make_due(3)
            done = process(SCRIPT)
            done.communicate(timeout=60)
            assert done.returncode == 0 and len(gateway.got) == 1
            row = the_text()
            assert (row.state, row.error, row.sealed) == ("given_up", "unsure", "")
            [shown] = by_hand()
            assert "不确定" in deliveries.row_of(shown)["why"]
            # who looked after it may send it again, knowing that
            by = small_town.actor("admin")
            assert failures.act(by=by, at=clock.now(), name="again", ids=[row.pk]) == 1
            assert sending.send_due() == 1 and the_text().state == "sent" and len(gateway.got) == 2

    def test_killed_before_the_request_it_is_sent_once(self):
        small_town.plant()
        with http_receiver(TAKEN) as gateway:
            a_gateway(gateway.url, body=UNKEYED, quiet=awake())
            a_case()
            post.deliver_pending()
            assert len(sending.take(clock.now())) == 1  # and never heard of again
            make_due(3)
            assert sending.send_due() == 1 and len(gateway.got) == 1 and the_text().state == "sent"


CERTAIN = [500, 503, 429, (200, b'{"code": "7"}'), (400, b"")]  # somebody said no
UNSURE = [dropped, silent, 502, 504, (200, b"<html>"), (200, b"{"), (200, b'{"id": "m"}'), (200, b"\xff\xfe")]


@pytest.fixture
def try_once(monkeypatch):
    """One round of sending; patient, but with a gateway that says nothing."""
    monkeypatch.setattr(outgoing_texts.quiet, "until", lambda hours, at: None)

    def send(answer=None) -> None:
        with monkeypatch.context() as patched:
            if answer is silent:
                patched.setattr(http, "PATIENCE", 0.3)
            sending.send_due()

    return send


class TestNoAnswer:
    """What a gateway may do to a request: with our key it is tried again, without it only after a clear no."""

    @pytest.mark.parametrize("answer", [*CERTAIN, *UNSURE])
    def test_with_the_key_it_is_tried_again_by_the_same(self, town, try_once, answer):
        with http_receiver(answer, TAKEN) as gateway:
            a_gateway(gateway.url, body=KEYED)
            a_case()
            post.deliver_pending()
            try_once(answer)
            assert the_text().state == "failed"
            make_due()
            try_once()
            assert the_text().state == "sent" and len({one.json["id"] for one in gateway.got}) == 1

    @pytest.mark.parametrize("answer", CERTAIN)
    def test_without_it_after_a_clear_no(self, town, try_once, answer):
        with http_receiver(answer, TAKEN) as gateway:
            a_gateway(gateway.url, body=UNKEYED)
            a_case()
            post.deliver_pending()
            try_once(answer)
            assert (the_text().state, the_text().out_since) == ("failed", None)
            make_due()
            try_once()
            assert the_text().state == "sent" and len(gateway.got) == 2

    @pytest.mark.parametrize("answer", UNSURE)
    def test_and_else_not_at_all(self, town, try_once, answer):
        with http_receiver(answer, TAKEN) as gateway:
            a_gateway(gateway.url, body=UNKEYED)
            a_case()
            post.deliver_pending()
            try_once(answer)
            make_due()
            try_once()
            assert (the_text().state, the_text().error) == ("given_up", "unsure") and len(gateway.got) == 1

    def test_where_nothing_listens_nothing_left(self, town, try_once):
        with http_receiver(TAKEN) as gateway:
            url = gateway.url
        a_gateway(url, body=UNKEYED)
        a_case()
        post.deliver_pending()
        try_once()
        assert (the_text().state, the_text().error) == ("failed", "connect")

    def test_an_answer_that_may_not_have_come_is_told_at_the_door(self, town, try_once):
        with http_receiver(TAKEN, dropped) as gateway:
            a_gateway(gateway.url, body=UNKEYED)
            case = a_case(through=("accept", "dispatch", "sign", "resolve"))
            post.deliver_pending()
            try_once()
            a_move(case, "answer", when=clock.now(), by="bumen", channel="sms")
            post.deliver_pending()
            try_once()
            missing.sweep(clock.now())
            case = Case.objects.get(pk=case.pk)
            assert case.status == "resolved" and case.answer_at_door


class TestReceiptBeforeTheAnswer:
    def test_it_counts_once_the_text_bears_the_name(self, town, try_once):
        reads = {"receipt_id_at": "msgid", "receipt_state_at": "stat", "receipt_good": ["DELIVRD"]}

        def hasty(handler) -> None:
            receipts.take(one, {"msgid": "m-1", "stat": "DELIVRD"}, clock.now())
            receipts.take(one, {"msgid": "m-1", "stat": "DELIVRD"}, clock.now())
            held(handler)

        held = Held(TAKEN)
        held.go.set()
        with http_receiver(hasty) as gateway:
            one = a_gateway(gateway.url, **reads)
            a_case()
            post.deliver_pending()
            try_once()
            assert the_text().receipt == "awaited"
            assert missing.sweep(clock.now()) == 1 and the_text().receipt == "arrived"
            assert missing.sweep(clock.now() + dt.timedelta(days=2)) == 0
