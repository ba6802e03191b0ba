"""随手拍: a resident reports without an account."""

from __future__ import annotations

import hashlib
import re

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile

from cases.models import Attachment, Call
from cases.web import report
from tests import town as places
from tests.clients import Api, statements
from tests.pages import Reader, photo

pytestmark = pytest.mark.django_db


def send(reader: Reader | None = None, **values):
    reader = reader or Reader()
    reader.open(f"/report/?place={places.GRID}")
    return reader.send(
        next(form for form in reader.forms if form.action == "/report/"),
        **{"text": "单元门关不上", "caller_phone": "13800001234", "action": "send", **values},
    )


class TestReporting:
    def test_from_a_scanned_sticker_to_the_progress(self, town):
        page = send(files={"attachments": photo()})
        call = Call.objects.get()
        assert page.path == f"/track/{call.tracking_code}/?new=1"
        assert page.says("收到了，一天内受理", "单元门关不上")
        assert (call.channel, call.origin, call.reporter_id) == ("wechat", "resident", None)
        assert call.caller.phone == "13800001234" and call.case.status == "received"
        assert Attachment.objects.get().case_id == call.case_id
        assert page.open("/track/").status == 200  # the pair is asked again elsewhere

    def test_sent_twice_is_one(self, town):
        reader = Reader().open(f"/report/?place={places.GRID}")
        form = next(form for form in reader.forms if form.action == "/report/")
        for _n in range(2):
            reader.send(form, text="单元门关不上", caller_phone="13800001234", action="send")
        assert Call.objects.count() == 1

    def test_for_somebody_else_and_in_confidence(self, town):
        send(for_person="隔壁王奶奶", contact_by="visit", confidential="1")
        call = Call.objects.get()
        assert call.caller.for_person == "隔壁王奶奶" and call.caller.contact_by == "visit"
        assert call.case.confidential

    def test_without_a_name_nobody_is_asked_for_one(self, town):
        page = send(caller_phone="")
        assert page.status == 422 and page.says("不想留就勾“不留名”") and not Call.objects.exists()
        send(caller_phone="", caller_anonymous="1")
        assert Call.objects.get().caller.anonymous

    def test_the_place_is_found_by_name(self, town):
        reader = Reader().open(f"/report/?place_q={places.GRID}")
        assert reader.status == 200 and places.GRID in reader.text
        nowhere = send(place="", place_q="没有这样的地方")
        assert nowhere.status == 422 and nowhere.says("请说在哪里")
        send(place="", place_q=places.GRID)
        assert Call.objects.get().case.place.code == places.GRID

    def test_a_place_that_is_no_more(self, town):
        assert Reader().open("/report/?place=000000").status == 200


class TestHostile:
    @pytest.mark.parametrize(
        "text", ["<script>alert(1)</script>", "‮דבר", "🚧" * 50, "字" * 3990, "\x00断", "{{ 7|add:1 }}"]
    )
    def test_words_are_words(self, town, text):
        page = send(text=text)
        assert page.status in (200, 422) and "<script>alert" not in page.text
        case = Call.objects.get().case
        shown = Reader("jiedao").open(f"/cases/{case.number}/")
        assert shown.status == 200 and "<script>alert" not in shown.text

    def test_a_text_longer_than_any_letter(self, town):
        assert send(text="长" * 30_000).status == 422 and not Call.objects.exists()

    @pytest.mark.parametrize("data", [b"PK\x03\x04" + b"\0" * 400, b"GIF89a", b"", b"<svg onload=alert(1)>"])
    def test_what_is_no_picture(self, town, data):
        page = send(files={"attachments": SimpleUploadedFile("a.jpg", data, "image/jpeg")})
        assert page.status in (200, 422) and not Attachment.objects.exists()

    def test_nobody_elses_file_is_taken_along(self, town):
        kept = Api("wangge").photo()
        assert send(attachments=kept).status == 422 and not Call.objects.exists()


class TestFlood:
    @pytest.fixture(autouse=True)
    def few(self, settings):
        rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "report": "2/hour"}
        settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
        cache.clear()

    def solved(self, page: Reader) -> dict[str, str]:
        task = re.search(r'name="work" value="([^"]+)"', page.text)[1]
        bits = int(re.search(r'data-work="(\d+)"', page.text)[1])
        for number in range(1 << 24):
            digest = int.from_bytes(hashlib.sha256(f"{task}:{number}".encode()).digest(), "big")
            if digest >> (256 - bits) == 0:
                return {"work": task, "work_done": str(number)}
        raise AssertionError("no number found")

    def test_beyond_its_share_an_address_works_first(self, town, monkeypatch):
        monkeypatch.setattr(report, "EASIEST", 8)
        for _n in range(2):
            assert send().status == 200
        asked = send()
        assert asked.status == 429 and asked.says("请等手机算几秒") and Call.objects.count() == 2
        assert "单元门关不上" in asked.text  # what was typed is still there
        done = self.solved(asked)
        assert send(**done).status == 200 and Call.objects.count() == 3
        assert send(**done).status == 429, "one piece of work pays once"
        assert send(work=done["work"], work_done="x").status == 429
        assert send(work="made:up:task", work_done="1").status == 429
        assert Call.objects.count() == 3

    def test_the_more_it_sends_the_harder(self):
        assert [report._work(over)["bits"] for over in (1, 2, 4, 64, 10**6)] == [14, 15, 16, 20, 20]


def test_cost(town):
    reader = Reader().open(f"/report/?place={places.GRID}")
    with statements() as found:
        reader.open(f"/report/?place={places.GRID}")
    assert len(found) <= 3, found
