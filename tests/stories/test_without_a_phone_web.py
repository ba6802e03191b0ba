"""An old woman without a phone, from beginning to end: a neighbour reports for her, a desk finds her case by name and
building, the text to the neighbour's phone is lost, the grid worker answers at the door with her signature, a desk reads
the answer aloud, and she rates by the digits. Nothing of her or the neighbour stands in any text, entry or log."""

from __future__ import annotations

import logging
import re

import pytest
from django.core.cache import cache

from cases import missing
from cases.models import Attachment, Call, Case, NoticeDelivery
from cases.notices import outgoing_texts, sending
from ledger import clock, post
from ledger.models import Entry
from tests import town as small_town
from tests.builders import a_move, walk
from tests.cases.notices.sent import a_gateway, make_due
from tests.cases.voices_of_callers import ratings
from tests.pages import Reader, photo
from tests.receivers import http_receiver

pytestmark = pytest.mark.django_db
SHE, NEIGHBOUR, PHONE = "钱玉兰", "冯守田", "13905379876"
SAID = "楼道灯不亮三天了，老人只好摸黑下楼。"


@pytest.fixture(autouse=True)
def by_day(monkeypatch):
    cache.clear()
    monkeypatch.setattr(outgoing_texts.quiet, "until", lambda hours, at: None)


def go_out() -> None:
    post.deliver_pending()
    make_due()  # each move lies a minute after the last
    sending.send_due()


def test_she_is_heard_answered_and_asked(town, caplog):
    caplog.set_level(logging.DEBUG)
    with http_receiver(*[(200, b'{"code": "0", "id": "m-%d"}' % n) for n in range(1, 9)]) as gateway:
        a_gateway(gateway.url)
        case = the_neighbour_reports()
        the_desk_finds_it(case)
        case = the_work_is_done_and_the_text_lost(case)
        the_grid_worker_goes_to_the_door(case)
        the_desk_reads_it_aloud(case)
        digits = she_rates_by_the_digits(case, [one.json["content"] for one in gateway.got])
        texts = "\n".join(one.body.decode() for one in gateway.got)
    entries = "\n".join(f"{one.event} {one.payload} {one.actor_role}" for one in Entry.objects.all())
    for secret in (SHE, NEIGHBOUR, "摸黑", digits):
        assert secret not in entries + caplog.text
    for secret in (SHE, NEIGHBOUR, "摸黑"):
        assert secret not in texts
    assert PHONE not in entries + caplog.text


def the_neighbour_reports() -> Case:
    page = Reader().open(f"/report/?place={small_town.BUILDING}")
    form = next(one for one in page.forms if "caller_phone" in one.fields)
    page.send(
        form,
        text=SAID,
        caller_phone=PHONE,
        caller_name=NEIGHBOUR,
        for_person=SHE,
        contact_by="sms",
        action=None,
    )
    call = Call.objects.select_related("caller", "case").get()
    assert (call.caller.for_person, call.caller.name, call.reporter_id) == (SHE, NEIGHBOUR, None)
    go_out()
    return call.case


def looked_for(username: str, **by: str) -> Reader:
    """The desk's search, by the form that has these fields."""
    page = Reader(username).open("/search/phone/")
    form = next(one for one in page.forms if by.keys() <= one.fields.keys())
    return page.send(form, **by)


def the_desk_finds_it(case: Case) -> None:
    asked = {"name": SHE, "place": small_town.BUILDING}
    assert not looked_for("jiedao", **asked, reason="").says(case.number)
    found = looked_for("jiedao", **asked, reason="progress")
    assert found.says(case.number) and SHE not in found.text
    assert not looked_for("linju", **asked, reason="progress").says(case.number)
    noted = Entry.objects.filter(event="account.phone_searched").order_by("pk").first()
    assert noted is not None and noted.payload["reason"] == "progress" and noted.payload["found"] == 1


def the_work_is_done_and_the_text_lost(case: Case) -> Case:
    case = walk(Case.objects.get(pk=case.pk), "accept", item="0601")
    case = walk(case, "start", "resolve", by="shequ")
    a_move(case, "answer", when=case.last_at, by="shequ", channel="sms", told="楼道灯已换好，请放心下楼。")
    go_out()
    row = NoticeDelivery.objects.get(case=case, event="text.answered")
    assert missing.hear(pk=row.pk, receipt="not_arrived", at=clock.now())
    post.deliver_pending()
    return Case.objects.get(pk=case.pk)


def the_grid_worker_goes_to_the_door(case: Case) -> None:
    todo = Reader("wangge").open("/todo/")
    assert todo.says("代访") and case.number in todo.text and SHE not in todo.words
    page = Reader("wanggezhang").open(f"/cases/{case.number}/moves/answer/")
    form = next(one for one in page.forms if one.action.endswith("/moves/answer/"))
    assert form.fields["told"] == ["楼道灯已换好，请放心下楼。"]
    page.send(form, channel="visit")
    assert Case.objects.get(pk=case.pk).status == "resolved"  # nothing showed that somebody stood there
    page.send(form, files={"attachments": photo()}, channel="visit")
    case = Case.objects.get(pk=case.pk)
    assert case.status == "answered" and case.door_since is None
    assert Attachment.objects.get(case=case, kind="signature")
    assert Call.objects.get(case=case).told_channel == "visit"
    go_out()


def the_desk_reads_it_aloud(case: Case) -> None:
    """She comes by with the slip: the code, said as people say it, leads to what she was told."""
    code = Call.objects.get(case=case).tracking_code
    aloud = " ".join("零幺二三四五六七八九"[int(n)] for n in code)
    page = looked_for("jiedao", code=aloud, reason="progress")
    assert page.says(case.number)
    assert page.open(f"/cases/{case.number}/").says("楼道灯已换好，请放心下楼。")


def she_rates_by_the_digits(case: Case, texts: list[str]) -> str:
    """The digits came to the neighbour's phone; she says them, he types."""
    digits = next(found[1] for text in reversed(texts) if (found := re.search(r"评价码 (\d{6})", text)))
    code = Call.objects.get(case=case).tracking_code
    page = Reader().open("/track/").send("track", code=code, tail=PHONE[-4:])
    assert SHE not in page.text and NEIGHBOUR not in page.text
    form = next(one for one in page.forms if one.action.endswith("/rate/"))
    page.send(form, step="good", solved="yes", rating_code=digits)
    rated = ratings().get(case=case)
    assert (rated.step, rated.solved) == ("good", "yes")
    return digits
