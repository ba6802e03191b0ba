"""Sheets in the browser: hand in, read, confirm; out again; the stickers of a street."""

import gzip
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from kombu.exceptions import OperationalError

from config.celery import TIMETABLE
from grid import sheets, uploads
from grid.commands import rename_place
from grid.models import Place, Upload
from ledger import clock
from parties.tasks import finish_sheets, work_on_sheet
from parties.web import sheets as web

HEAD = "编码,名称,上级编码,类型,户数\n"


def client(town, username: str) -> Client:
    found = Client()
    found.force_login(town.account(username), "parties.backends.PostingsBackend")
    return found


def hand_in(browser: Client, text: str, name: str = "表.csv"):
    file = SimpleUploadedFile(name, text.encode())
    return browser.post("/places/sheets/", {"file": file, "basis": "任政〔2026〕1号"}, follow=True)


def test_a_sheet_is_looked_at_then_done(town):
    admin = client(town, "admin")
    place = Place.objects.get(code=town.GRID)
    text = (
        HEAD
        + f"{town.GRID},新名字网格,{place.parent.code},网格,321\n{town.GRID}077,77号楼,{town.GRID},楼栋,\n"
    )
    answer = hand_in(admin, text)
    assert answer.status_code == 200
    words = answer.content.decode()
    assert "更名 1" in words and "新增 1" in words and "改资料 1" in words
    upload = Upload.objects.get()
    assert upload.state == "checked"
    place.refresh_from_db()
    assert place.name != "新名字网格"
    answer = admin.post(f"/places/sheets/{upload.pk}/", follow=True)
    assert "已全部写入" in answer.content.decode()
    place.refresh_from_db()
    assert (place.name, place.households) == ("新名字网格", 321)
    upload.refresh_from_db()
    assert (upload.state, bytes(upload.content)) == ("done", b"")
    versions = place.version
    admin.post(f"/places/sheets/{upload.pk}/")
    work_on_sheet(pk=str(upload.pk))
    place.refresh_from_db()
    assert place.version == versions


def test_a_confirmed_sheet_does_only_what_was_shown(town):
    admin = client(town, "admin")
    place = Place.objects.get(code=town.GRID)
    hand_in(admin, HEAD + f"{town.GRID},新名字网格,{place.parent.code},网格,\n")
    rename_place(place=place, name="同事改的名", version=place.version, by=town.SYSTEM, at=town.MONDAY)
    upload = Upload.objects.get()
    answer = admin.post(f"/places/sheets/{upload.pk}/")
    assert answer.status_code == 409
    assert "核对之后有人改过，请再核对一遍。" in answer.content.decode()
    assert "确认写入" in answer.content.decode()
    place.refresh_from_db()
    assert place.name == "同事改的名"


def test_every_problem_is_shown_and_nothing_is_offered(town):
    admin = client(town, "admin")
    answer = hand_in(admin, HEAD + "x y,甲,370811,街道,\n370811999,,370811,街道,\n370811998,乙,999,街道,三\n")
    words = answer.content.decode()
    for number in ("2", "3", "4"):
        assert f'<td class="r num">{number}</td>' in words
    assert "确认写入" not in words
    upload = Upload.objects.get()
    assert len(upload.report["problems"]) == 4
    assert uploads.of(town.actor("admin")) == [upload]


def test_what_is_no_sheet_is_refused(town):
    admin = client(town, "admin")
    answer = hand_in(admin, "a,b\n1,2\n")
    assert "缺少列" in answer.content.decode()
    assert admin.post("/places/sheets/", {"basis": ""}).status_code == 422


def test_a_long_one_is_left_to_the_worker(town, monkeypatch):
    sent = []
    monkeypatch.setattr(web.work_on_sheet, "delay", lambda **words: sent.append(words))
    monkeypatch.setattr(web, "AT_ONCE", 10)
    answer = hand_in(client(town, "admin"), HEAD + f"{town.GRID}077,77号楼,{town.GRID},楼栋,\n")
    assert "<progress" in answer.content.decode()
    assert 'hx-trigger="every 2s"' in answer.content.decode()
    assert len(sent) == 1
    work_on_sheet(**sent[0])
    assert Upload.objects.get().state == "checked"


def test_what_is_packed_is_never_unpacked_while_one_waits(town, monkeypatch):
    sent = []
    monkeypatch.setattr(web.work_on_sheet, "delay", lambda **words: sent.append(words))
    admin = client(town, "admin")
    packed = gzip.compress((HEAD + f"{town.GRID}077,77号楼,{town.GRID},楼栋,\n").encode())
    admin.post("/places/sheets/", {"file": SimpleUploadedFile("x.csv.gz", packed)})
    upload = Upload.objects.get()
    assert (upload.state, len(sent)) == ("checking", 1)
    work_on_sheet(**sent[0])
    admin.post(f"/places/sheets/{upload.pk}/")
    assert len(sent) == 2 and Upload.objects.get().state == "applying"
    work_on_sheet(**sent[1])
    assert Upload.objects.get().state == "done"


def test_without_a_broker_it_waits_for_beat(town, monkeypatch):
    def dead(**words):
        raise OperationalError("no broker")

    monkeypatch.setattr(web.work_on_sheet, "delay", dead)
    monkeypatch.setattr(web, "AT_ONCE", 10)
    answer = hand_in(client(town, "admin"), HEAD + f"{town.GRID}077,77号楼,{town.GRID},楼栋,\n")
    assert answer.status_code == 200 and "<progress" in answer.content.decode()
    with clock.frozen(clock.now() + 2 * uploads.WAIT):
        assert finish_sheets() == 1
        assert finish_sheets() == 0
    assert Upload.objects.get().state == "checked"
    assert "parties.finish_sheets" in {name for name, *_rest in TIMETABLE}


def test_another_admin_does_not_see_it(town):
    hand_in(client(town, "admin"), HEAD + f"{town.GRID}077,77号楼,{town.GRID},楼栋,\n")
    pk = Upload.objects.get().pk
    Upload.objects.update(author_id=0)
    assert client(town, "admin").get(f"/places/sheets/{pk}/").status_code == 404


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_goes_out_comes_back_without_a_change(town, form, monkeypatch):
    sent = []
    monkeypatch.setattr(web.work_on_sheet, "delay", lambda **words: sent.append(words))
    admin = client(town, "admin")
    answer = admin.get("/places/sheets/export/", {"root": town.STREET, "form": form})
    content = b"".join(answer.streaming_content)
    assert sheets.read_bytes(content)[0].code == town.STREET
    file = SimpleUploadedFile(f"x.{form}", content)
    answer = admin.post("/places/sheets/", {"file": file}, follow=True)
    assert len(sent) == (form == "xlsx")  # what has to be unpacked is the worker's
    for words in sent:
        work_on_sheet(**words)
        answer = admin.get(answer.redirect_chain[-1][0])
    assert "没有要改的" in answer.content.decode()
    assert admin.get("/places/sheets/export/", {"root": "nowhere"}).status_code == 404


def test_the_stickers_are_a_pdf(town):
    admin = client(town, "admin")
    answer = admin.get(f"/places/{town.STREET}/stickers.pdf")
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF")
    assert io.BytesIO(answer.content)


def test_a_sheet_of_commands_becomes_a_draft(town):
    admin = client(town, "admin")
    head = "操作,编码,名称\n"
    file = SimpleUploadedFile("x.csv", f"{head}改名,{town.GRID},一号\n".encode())
    answer = admin.post("/places/sheets/", {"file": file}, follow=True)
    assert answer.redirect_chain[-1][0] == "/tree/draft/"
    assert "一号" in answer.content.decode()
    bad = SimpleUploadedFile("x.csv", f"{head}飞,{town.GRID},一号\n".encode())
    answer = admin.post("/places/sheets/", {"file": bad})
    assert answer.status_code == 422
    assert '<td class="r num">2</td>' in answer.content.decode()
