"""What the phone needs to work without a network, and how a form that waited there is answered."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.test import Client

from cases.models import Call
from cases.web import phone
from config.home import PROJECT
from ledger import clock
from tests import builders, town
from tests.pages import Reader, photo

pytestmark = pytest.mark.django_db

TEMPLATES = PROJECT / "templates"


def shell_of(answer) -> dict:
    return json.loads(re.search(r"self\.SHELL = (\{.*?\});", answer.content.decode())[1])


class Outbox:
    """What outbox.js sends: the form's own fields, asked for data."""

    def __init__(self, username: str) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.client.force_login(town.account(username), "parties.backends.PostingsBackend")
        self.who = self.client.get("/outbox/").json()

    def send(self, path: str = "/calls/new/", **entries):
        return self.client.post(
            path,
            {"csrfmiddlewaretoken": self.who["csrf"], **entries},
            headers={"Accept": "application/json", "X-CSRFToken": self.who["csrf"]},
        )


class TestWorker:
    def test_it_keeps_what_the_phones_pages_load(self, town):
        answer = Client().get("/sw.js")
        assert answer.headers["Content-Type"].startswith("text/javascript")
        assert answer.headers["Cache-Control"] == "no-cache"
        told = shell_of(answer)
        assert static("js/service_worker.js") in answer.content.decode()
        for name in (*phone.LOOK, *(f"js/{one}.js" for one in phone.SCRIPTS)):
            assert finders.find(name), name
            assert static(name) in told["files"]
        assert told["pages"] == ["/calls/new/", "/todo/", "/my/", "/grid/"] and told["offline"] == "/offline/"

    def test_no_page_of_the_phone_loads_more(self):
        shown = [*(TEMPLATES / "cases" / "field").glob("*.html")]
        shown += [TEMPLATES / "base.html", TEMPLATES / "layouts" / "field.html"]
        shown += [TEMPLATES / "components" / "outbox_scripts.html"]
        asked = {one for page in shown for one in re.findall(r"'(js/\w+\.js)'", page.read_text())}
        assert asked and asked <= {f"js/{one}.js" for one in phone.SCRIPTS} | {"js/photo_box.js"}

    def test_the_version_is_that_of_the_files(self, town, monkeypatch):
        before = shell_of(Client().get("/sw.js"))["version"]
        assert shell_of(Client().get("/sw.js"))["version"] == before
        monkeypatch.setattr(phone, "SCRIPTS", phone.SCRIPTS[1:])
        assert shell_of(Client().get("/sw.js"))["version"] != before


def test_manifest(town):
    told = Client().get("/manifest.webmanifest").json()
    assert told["name"] == "呼应" and told["display"] == "standalone" and told["start_url"] == "/"
    assert {icon["sizes"] for icon in told["icons"]} == {"any", "192x192", "512x512"}
    assert 'rel="manifest"' in Reader("wangge").open("/my/").text


def test_the_page_without_a_network_knows_nobody(town):
    for reader in (Reader("wangge"), Reader()):
        page = reader.open("/offline/")
        assert page.status == 200 and page.says("现在没有网") and "data-me" not in page.text


class TestWhoSends:
    def test_name_token_and_time(self, town):
        told = Outbox("wangge").who
        assert told["me"] and told["me"] in Reader("wangge").open("/my/").text
        assert told["me"] != Outbox("wanggezhang").who["me"]
        assert abs(dt.datetime.fromisoformat(told["now"]) - clock.now()) < dt.timedelta(minutes=1)

    def test_nobody(self, town):
        answer = Client().get("/outbox/")
        assert answer.status_code == 302 and "/login/" in answer.headers["Location"]


class TestSending:
    def test_taken(self, town):
        answer = Outbox("wangge").send(
            text="井盖松了", place=town.GRID, idempotency_key="k1", attachments=photo()
        )
        number = Call.objects.get().case.number
        assert answer.status_code == 200 and answer.json() == {"url": f"/calls/{number}/taken/"}

    def test_sent_again_with_the_phones_time_it_is_the_same_call(self, town):
        """The first answer was lost; only a later sending tells when it was logged."""
        box = Outbox("wangge")
        first = box.send(text="井盖松了", place=town.GRID, idempotency_key="k1")
        earlier = (clock.now() - dt.timedelta(minutes=5)).isoformat()
        again = box.send(text="井盖松了", place=town.GRID, idempotency_key="k1", captured_at=earlier)
        assert again.json() == first.json() and Call.objects.count() == 1
        other = box.send(text="另一句话", place=town.GRID, idempotency_key="k1")
        assert other.status_code == 422 and Call.objects.count() == 1

    def test_logged_earlier(self, town):
        then = clock.now() - dt.timedelta(hours=5)
        Outbox("wangge").send(
            text="井盖松了", place=town.GRID, idempotency_key="k1", captured_at=then.isoformat()
        )
        call = Call.objects.get()
        assert call.captured_at == call.called_at == then < call.received_at

    def test_refused_in_one_sentence(self, town):
        answer = Outbox("wangge").send(text="", place=town.GRID, idempotency_key="k1")
        told = answer.json()
        assert answer.status_code == 422 and answer.headers["Content-Type"] == "application/problem+json"
        assert told["detail"] == told["errors"]["text"] == "文字、照片、录音，留一样就行。"

    def test_a_move_too(self, town):
        case = builders.a_case("assigned")
        box, url = Outbox("bumen"), f"/cases/{case.number}/moves/sign/"
        assert box.send(url, version=case.version, idempotency_key="k2").json()["url"]
        stale = box.send(url, version=case.version, idempotency_key="k3")
        assert stale.status_code == 409 and stale.json()["detail"]

    def test_out_of_scope(self, town):
        case = builders.a_case("assigned")
        answer = Outbox("linju").send(f"/cases/{case.number}/moves/sign/", version=1, idempotency_key="k2")
        assert answer.status_code == 404 and answer.json()["detail"]
