"""The demo's tray: what would have gone out, nothing of what only the caller may know for who is signed in."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client, override_settings

from cases import texting
from cases.models import Call, NoticeDelivery
from cases.notices import outgoing_texts, sending
from ledger import clock, post
from parties.models import Account
from tests.cases.notices.sent import a_case
from tests.cases.test_texting import everything_stored
from tests.clients import Api

CODE = "482913"


@pytest.fixture
def case(town, settings):
    settings.DEMO = True
    case = a_case()
    post.deliver_pending()
    call = Call.objects.select_related("caller", "case").get(case=case)
    with transaction.atomic():
        texting.send(call=call, kind="rate", fields={"rating_code": CODE}, at=clock.now())
    sending.send_due()
    return case


def shown(username: str = "", address: str = "/tray/") -> str:
    client = Client()
    if username:
        client.force_login(Account.objects.get(username=username))
    return client.get(address).content.decode()


def test_it_says_that_nothing_left_and_shows_the_newest_first(case):
    said = shown()
    assert "一条也没有发出去" in said and said.index("请您评价") < said.index("已收到")
    assert "139****1234" in said and "13905371234" not in said


def test_the_resident_reads_the_code_and_no_staff_does(case):
    assert CODE in shown()
    for username in ("wangge", "jiedao", "admin", "shenji"):
        assert CODE not in shown(username)
    assert CODE not in everything_stored()


def test_who_is_signed_in_sees_the_own_cases_only(case):
    assert "139****1234" in shown("wangge") and "139****1234" not in shown("linju")


def test_sealed_with_another_key_it_stays_masked(case, settings):
    NoticeDelivery.objects.update(sealed="gAAAAA")
    assert outgoing_texts.texts.HIDDEN in shown()


def test_the_interface_gives_the_same_masked(case):
    got = Api("jiedao").get("tray/")
    assert got.status_code == 200 and CODE not in got.content.decode()
    assert [row["kind"] for row in got.json()["results"]] == ["rate", "received"]


def test_outside_the_demo_there_is_none(case):
    with override_settings(DEMO=False):
        assert Client().get("/tray/").status_code == 404


def test_its_statements_do_not_grow(case, django_assert_max_num_queries):
    row = NoticeDelivery.objects.filter(event="text.received").get()
    for n in range(20):
        NoticeDelivery.objects.create(
            channel="sms", call=row.call, case=row.case, event=row.event, facts={"seq": n + 1}, at=row.at,
            next_at=row.at, state="sent",
        )  # fmt: skip
    with django_assert_max_num_queries(4):
        assert shown().count("139****1234") == 22
