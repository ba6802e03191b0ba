"""Signing at the door: what is drawn with a finger becomes a picture among the form's files, and stands with the
answer."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models import F

from cases.models import Attachment, Call, Case
from ledger import clock
from tests.browser.visitor import PHONE, Visitor
from tests.builders import a_case
from tests.config.product import eventually

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WAYS = ("accept", "dispatch", "sign", "resolve")


@pytest.fixture
def case(town) -> Case:
    """As after a text that did not arrive (tests/cases/test_missing.py walks there)."""
    case = a_case(through=WAYS, when=clock.now() - dt.timedelta(hours=1))
    Case.objects.filter(pk=case.pk).update(door_since=F("last_at"))
    Call.objects.filter(case=case).update(told="外墙已清洗完毕。", missed_at=case.last_at)
    return case


def test_a_finger_signs_and_the_answer_stands(case, served, browser):
    guest = Visitor(browser, served.url, "wanggezhang", viewport=PHONE)
    guest.open(f"/cases/{case.number}/moves/answer/")
    page = guest.page
    assert page.input_value("#m-answer-told") == "外墙已清洗完毕。"
    pad = page.locator("[data-sign] canvas")
    pad.scroll_into_view_if_needed()
    page.click("[data-sign] button:not([data-again])")  # nothing drawn: nothing is added
    assert page.locator("[data-thumbs] figure").count() == 0
    box = pad.bounding_box()
    page.mouse.move(box["x"] + 30, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 160, box["y"] + 70, steps=5)
    page.mouse.up()
    page.click("[data-sign] button:not([data-again])")
    page.wait_for_selector("[data-thumbs] figure img")
    page.click("form[action$='/moves/answer/'] button[type=submit]")
    eventually(lambda: Case.objects.get(pk=case.pk).status == "answered", 30)
    kept = Attachment.objects.get(case=case, kind="signature")
    assert kept.width == 680 and Call.objects.get(case=case).told_channel == "visit"
    guest.check()


def test_what_is_said_at_the_door_without_a_network_goes_with_the_answer(case, served, browser):
    """The recorder of the new call: pressed and let go, played back, kept with the form until there is a network."""
    guest = Visitor(browser, served.url, "wanggezhang", viewport=PHONE)
    guest.open(f"/cases/{case.number}/moves/answer/")
    page = guest.page
    page.locator("[data-speak]:not([hidden])").wait_for()
    guest.context.set_offline(True)
    page.focus("[data-speak]")
    page.keyboard.press("Enter")
    page.locator("[data-speak][aria-pressed=true]").wait_for()
    page.wait_for_timeout(1200)  # so long is what is said
    page.keyboard.press("Enter")
    page.locator("[data-thumbs] .ph.sound audio").wait_for()
    assert page.evaluate("() => document.querySelector('#m-answer-attachments').files[0].type").startswith(
        "audio/"
    )
    page.click("form[action$='/moves/answer/'] button[type=submit]")
    page.locator("[data-outbox] [data-waiting], [data-outbox] li").first.wait_for()
    assert Case.objects.get(pk=case.pk).status == "resolved"
    guest.context.set_offline(False)
    eventually(lambda: Case.objects.get(pk=case.pk).status == "answered", 60)
    kept = Attachment.objects.exclude(kind="photo").get(case=case)
    assert kept.kind == "voice" and kept.size > 0 and Call.objects.get(case=case).told_channel == "visit"
